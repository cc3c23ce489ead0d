"""The worked examples of the EPC Tag Data Standard, both ways, and the tables that go with it."""

from __future__ import annotations

import csv
import json
import re
from typing import Any

import pytest

from assetctl.domain.epc.classify import classify
from assetctl.domain.epc.codec import Epc, decode, encode, parse_tag_uri
from assetctl.domain.epc.fields import Prefixed, Text
from assetctl.domain.epc.schemes import SCHEMES
from assetctl.domain.epc.variable import ENCODINGS, integer_bits
from assetctl.domain.epcis.gs1 import canonical
from tests.conftest import SHARED

FOLDER = SHARED / "vectors" / "rfid"
VECTORS = FOLDER / "tds_e3_vectors.csv"
ROWS = (
    list(csv.DictReader(VECTORS.read_text(encoding="utf-8").splitlines()))
    if VECTORS.exists()
    else []
)

pytestmark = [
    pytest.mark.outside,
    pytest.mark.skipif(not ROWS, reason="the outside test data is not here"),
]
each = pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['source']} {row['scheme']}")


def words(digits: str) -> str:
    """Return digits filled up to whole words; the examples are filled up to what they like."""
    bare = digits.rstrip("0")
    return bare.ljust(-(-len(bare) // 4) * 4, "0")


def test_the_examples_are_there() -> None:
    assert len(ROWS) >= 45
    assert len({row["scheme"] for row in ROWS}) >= 35


@each
def test_an_example_is_read(row: dict[str, str]) -> None:
    number = decode(row["hex"])
    assert number.scheme == row["scheme"]
    assert number.filter == int(row["filter"] or 0)
    assert number.uri == row["pure_identity"]
    assert number.tag_uri == row["tag_uri"]
    assert number.prefix == ("" if not row["gcp_len"] else number.values[0])
    assert len(number.prefix) == int(row["gcp_len"] or 0)
    if row["element_string"]:
        assert number.element_string == row["element_string"]
    for name, value in [part.split("=", 1) for part in row["bare_identifier"].split(";") if part]:
        if name not in ("serial", "cpiserial", "hostname", "expDate"):
            assert value in "".join(value for _, value in number.elements)
    if row["scheme"].endswith("++"):
        assert row["digital_link"].startswith(f"https://{number.values[-1]}/")


@each
def test_an_example_is_written(row: dict[str, str]) -> None:
    number = decode(row["hex"])
    made = encode(number)
    assert words(made) == words(row["hex"])
    assert decode(made) == number
    if row["tag_uri"]:
        assert encode(parse_tag_uri(row["tag_uri"])) == made


@each
def test_an_example_is_known_as_gs1(row: dict[str, str]) -> None:
    meaning = classify(row["hex"])
    assert (meaning.kind, meaning.scheme, meaning.bits) == (
        "gs1", row["scheme"], 4 * len(row["hex"])
    )  # fmt: skip


@each
def test_identity_and_element_string_agree(row: dict[str, str]) -> None:
    """What EPCIS makes of the pure identity is what the element string says."""
    number = decode(row["hex"])
    link = canonical(number.uri).removeprefix("https://id.gs1.org")
    if not number.elements or not number.uri:
        return
    said = "".join(f"/{ai}/{value.replace('/', '%2F')}" for ai, value in number.elements)
    assert link == said


PLUS = {
    "GIAI+": ("952114132a/b",), "GRAI+": ("09521141123454", "32a/b"),
    "SGTIN+": ("79521141123453", "32a/b"), "SSCC+": ("095201234567891235",),
    "SGLN+": ("9521141123454", "32a/b"), "GSRN+": ("952114112345678906",),
    "GSRNP+": ("952114112345678906",), "GDTI+": ("9521141123454", "5678"),
    "CPI+": ("95211415PQ7/Z43", "12345"), "SGCN+": ("9521141678909", "04711"),
    "ITIP+": ("095211411234540102", "rif981"),
    "DSGTIN+": ("17", "220630", "79521141123453", "32a/b"),
    "GIAI++": ("952114132a/b", "id.example.com"),
    "GRAI++": ("09521141123454", "32a/b", "id.example.com"),
}  # fmt: skip


@pytest.mark.parametrize("scheme", PLUS)
def test_an_example_without_a_partition_is_made_of_its_keys(scheme: str) -> None:
    (row,) = (one for one in ROWS if one["scheme"] == scheme)
    made = Epc(scheme=scheme, values=PLUS[scheme], filter=int(row["filter"]))
    assert words(encode(made)) == words(row["hex"])


def test_every_example_without_a_partition_is_among_them() -> None:
    assert {row["scheme"] for row in ROWS if "+" in row["scheme"]} == set(PLUS)


# --- tables of the standard ----------------------------------------------------------------------


def table(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def test_lengths_in_bits_are_those_of_table_b() -> None:
    columns = "bcdfge"
    rows = table("TDT_TableB.json")["rows"]
    for row in rows:
        length = int(row["a"])
        for column, encoding in zip(columns, ENCODINGS, strict=True):
            assert encoding.bits(length) == int(row[column]), (length, column)
        assert integer_bits(length) == int(row["b"])


def test_characters_are_those_of_table_e() -> None:
    for row, encoding in zip(table("TDT_TableE.json")["rows"], ENCODINGS, strict=True):
        allowed = {chr(code) for code in range(128) if re.fullmatch(row["f"], chr(code))}
        assert encoding.allowed == allowed, row["c"]


@pytest.mark.parametrize("name", ["GIAI-96", "GIAI-202", "GRAI-96", "GRAI-170"])
def test_partitions_are_those_of_the_standard(name: str) -> None:
    scheme = table(f"tdt_{name}.json")["tdt:epcTagDataTranslation"]["scheme"]
    (binary,) = (level for level in scheme["level"] if level["type"] == "BINARY")
    prefixed = SCHEMES[name].fields[0]
    assert isinstance(prefixed, Prefixed)
    met = set()
    for option in binary["option"]:
        digits = int(option["optionKey"])
        met.add(digits)
        made = encode(
            Epc(scheme=name, values=("9" * digits, *_filling(prefixed, digits, SCHEMES[name])))
        )
        bits = f"{int(made, 16):0{len(made) * 4}b}"
        assert bits.startswith(binary["prefixMatch"])
        prefix = next(f for f in option["field"] if "prefix" in f["name"].lower())
        assert int(bits[14 : 14 + prefix["bitLength"]], 2) == int("9" * digits)
        assert int(bits[11:14], 2) == 12 - digits
        after = prefixed.after(digits)
        if isinstance(after, Text):
            assert after.most == 30 - digits
    assert met == set(range(6, 13))


def _filling(prefixed: Prefixed, digits: int, scheme: Any) -> tuple[str, ...]:
    after = prefixed.after(digits)
    reference = "9" * getattr(after, "digits", 1)
    return (reference, *("1" for _ in scheme.fields[1:]))
