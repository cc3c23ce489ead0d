"""Checkpoints, what a witness is asked, and proof files: examples, round trips, hostile forms."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain import merkle
from assetctl.domain.checkpoint import (
    MOST_HASHES,
    PROOF,
    Checkpoint,
    Request,
    TlogProof,
    parse_checkpoint,
    parse_number,
    parse_proof,
    parse_request,
)
from assetctl.domain.note import Note, Signature, to_b64
from assetctl.errors import NoteInvalidError
from tests.conftest import SHARED
from tests.logs import Log

SPECS = SHARED / "vectors" / "c2sp-specs"
outside = pytest.mark.skipif(not SPECS.exists(), reason="the C2SP specifications are not here")

# The example of C2SP tlog-witness.
REQUEST = """old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
"""  # noqa: E501
TEXT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
ROOT = "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62"
HASH = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="

NO_NUMBERS = [
    "", "-1", "+1", "01", "00", "-0", "+0", "1_0", " 1", "1 ", "1\n", "1\r", "1.0", "1e3", "0x10",
    "1,000",
    "\u0661", "１", "1\u200b", "²", "১", "\ufeff1", "1\x00", "NaN", "9223372036854775808",
    "18446744073709551616", "99999999999999999999", "9" * 5000,
]  # fmt: skip


def refused(parse: Callable[[str], object], text: str) -> str:
    """Return why a text is not what it should be."""
    with pytest.raises(NoteInvalidError) as caught:
        parse(text)
    return str(caught.value.facts["reason"])


# --- examples ------------------------------------------------------------------------------


def test_the_example_checkpoint() -> None:
    checkpoint = parse_checkpoint(TEXT)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.root.hex() == ROOT
    assert str(checkpoint) == TEXT


def test_the_example_request() -> None:
    request = parse_request(REQUEST)
    assert (request.old, len(request.proof)) == (20852014, 4)
    assert request.proof[0].hex() == (
        "3e544d0abc07a6a846aeea6e7b42fb8316e36cc88a03db5e9afb996430e991ac"
    )
    assert request.note.text == TEXT
    assert [one.key_id.hex() for one in request.note.signatures] == ["033de0ae", "a292ea05"]
    assert str(request) == REQUEST


@pytest.mark.outside
@outside
def test_the_example_request_stands_in_the_specification() -> None:
    text = (SPECS / "tlog-witness.md").read_text()
    block = text.partition("Example request body:\n\n")[2].partition("\n\nThe witness MUST")[0]
    assert re.sub(r"^ {4}", "", block, flags=re.MULTILINE) + "\n" == REQUEST


@pytest.mark.outside
@outside
def test_the_example_proof_of_the_specification_but_for_what_it_leaves_out() -> None:
    text = re.search(r"^```\n(c2sp.*?\n)```$", (SPECS / "tlog-proof.md").read_text(), re.M | re.S)
    assert text is not None
    assert "not base64" in refused(parse_proof, text[1])
    # Its extra data and its signatures are cut short in print; whole ones stand here instead.
    whole = re.sub(r"^extra .*$", "extra cHJpbnRlZA==", text[1], flags=re.MULTILINE)
    whole = re.sub(r"^(— \S+) \S+$", r"\1 hI2DJwAAAAA=", whole, flags=re.MULTILINE)
    proof = parse_proof(whole)
    assert (proof.index, len(proof.proof), len(proof.note.signatures)) == (73894, 5, 4)
    assert parse_checkpoint(proof.note.text).size == 109482
    assert str(proof) == whole.replace("extra cHJpbnRlZA==\n", "")


# --- round trips ---------------------------------------------------------------------------

_HASHES = st.lists(st.binary(min_size=32, max_size=32), max_size=MOST_HASHES).map(tuple)
_SIZES = st.integers(0, 2**63 - 1)
_ORIGINS = st.text(
    st.characters(min_codepoint=0x20, exclude_categories=["Cs"]), min_size=1, max_size=40
)
_CHECKPOINTS = st.builds(
    Checkpoint, origin=_ORIGINS, size=_SIZES, root=st.binary(min_size=32, max_size=32)
)
_NOTES = st.builds(
    lambda one: Note(str(one), (Signature(name="a", key_id=b"1234", value=b"x" * 64),)),
    _CHECKPOINTS,
)


@given(_CHECKPOINTS)
def test_a_checkpoint_is_what_it_was_made_of(checkpoint: Checkpoint) -> None:
    assert parse_checkpoint(str(checkpoint)) == checkpoint


@given(st.builds(Request, old=_SIZES, proof=_HASHES, note=_NOTES))
def test_a_request_is_what_it_was_made_of(request: Request) -> None:
    assert parse_request(str(request)) == request
    assert str(parse_request(str(request))) == str(request)


@given(st.builds(TlogProof, index=_SIZES, proof=_HASHES, note=_NOTES))
def test_a_proof_is_what_it_was_made_of(proof: TlogProof) -> None:
    assert parse_proof(str(proof)) == proof
    assert str(parse_proof(str(proof))) == str(proof)


@given(st.text(max_size=60), st.integers(0, len(REQUEST)))
def test_nothing_breaks_the_parsers(text: str, place: int) -> None:
    for parse in (parse_checkpoint, parse_request, parse_proof, parse_number):
        for one in (text, REQUEST[:place] + text + REQUEST[place:], TEXT[:place] + text):
            try:
                parsed = parse(one)
            except NoteInvalidError:
                continue
            assert str(parsed) == one


@given(st.integers(0, 2**64))
def test_a_number_is_read_back(number: int) -> None:
    if number < 2**63:
        assert parse_number(str(number)) == number
    else:
        refused(parse_number, str(number))


def test_a_proof_file_of_a_real_log() -> None:
    log = Log().grow(70)
    proof = tuple(
        merkle.tree_root(log.leaves[start:end]) for start, end in merkle.inclusion_ranges(41, 70)
    )
    text = str(TlogProof(index=41, proof=proof, note=log.note()))
    assert text.startswith("c2sp.org/tlog-proof@v1\nindex 41\n")
    read = parse_proof(text)
    checkpoint = parse_checkpoint(read.note.text)
    merkle.check_inclusion(read.index, checkpoint.size, log.leaves[41], read.proof, checkpoint.root)


# --- hostile forms -------------------------------------------------------------------------


@pytest.mark.parametrize("number", NO_NUMBERS)
def test_what_is_no_size(number: str) -> None:
    refused(parse_number, number)
    refused(parse_checkpoint, TEXT.replace("20852163", number))
    refused(parse_request, REQUEST.replace("20852014", number))
    refused(parse_request, REQUEST.replace("\n20852163", f"\n{number}").partition("x")[0])
    refused(parse_proof, f"{PROOF}\nindex {number}\n\n{REQUEST.partition(chr(10) * 2)[2]}")


@pytest.mark.parametrize("number", ["0", "1", "9223372036854775807"])
def test_what_is_a_size(number: str) -> None:
    assert parse_checkpoint(TEXT.replace("20852163", number)).size == int(number)
    assert parse_request(REQUEST.replace("20852014", number)).old == int(number)


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", "\n\n\n", TEXT[:-1], TEXT + "\n", TEXT + "extension\n", TEXT + "extension",
        TEXT + "extension\nanother\n", "\n" + TEXT, TEXT.replace("example.com/behind-the-sofa", ""),
        TEXT.replace("\n", "\r\n"), TEXT.replace("\n", "\r"), TEXT.replace("\n20852163", ""),
        TEXT.replace(HASH, ""), TEXT.replace("=", ""), TEXT.replace("=\n", " =\n"),
        TEXT.replace("2I=", "2J="), TEXT.replace("/X", "_X"), TEXT.replace("\nCs", "\n Cs"),
        TEXT.replace(HASH, to_b64(bytes(31))), TEXT.replace(HASH, to_b64(bytes(33))),
        TEXT.replace(HASH, ROOT), TEXT.replace("\n2", "\u2028" + "2"),
        TEXT.replace("\n2", "\x0b" + "2"),
    ],
)  # fmt: skip
def test_what_is_no_checkpoint(text: str) -> None:
    refused(parse_checkpoint, text)


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", "\n\n", "old 0", "old 0\n", "old 0\n\n", REQUEST[:-1], REQUEST + "\n",
        REQUEST.replace("\n\n", "\n", 1), REQUEST.replace("\n\n", "\n \n", 1),
        REQUEST.replace("\n", "\r\n"), REQUEST.replace("old ", "old"),
        REQUEST.replace("old", "OLD"),
        REQUEST.replace("old ", "old  "), REQUEST.replace("old ", "old\t"), " " + REQUEST,
        REQUEST.replace("old ", "size "), "\ufeff" + REQUEST, "\n" + REQUEST, REQUEST[13:],
        REQUEST.replace("\n\nexample", "\nexample").replace("\n", "\n\n", 1),
        REQUEST.replace("/0=", "/0"), REQUEST.replace("/0=", "/1="),
        REQUEST.replace("/6WV", "_6WV"),
        REQUEST.replace("/0=\n", "/0= \n"), REQUEST.replace("\n5+p", "\n\t5+p"),
        REQUEST.replace("5+pK", "5+pKAAAA"), REQUEST.replace("5+pK", ""), REQUEST + "\x00",
        REQUEST.replace("example", "exa\x07mple"), REQUEST.replace("— ", "- "),
        REQUEST.replace("example", "exa\udc80mple"), REQUEST.replace("—", "\u2014\u200b"),
    ],
)  # fmt: skip
def test_what_is_no_request(text: str) -> None:
    refused(parse_request, text)


def test_a_request_may_be_one_for_the_first_signature() -> None:
    text = f"old 0\n\n{TEXT}\n"
    request = parse_request(text)
    assert request.note == Note(TEXT)
    assert str(request) == text
    for bad in (f"old 0\n\n{TEXT}", f"old 0\n\n{TEXT}\n\n", text.replace("sofa", "so\x1bfa"),
                text.replace("sofa", "so\udc80fa"), text.replace("sofa", "sofa\r")):  # fmt: skip
        refused(parse_request, bad)


def test_how_long_a_proof_may_be() -> None:
    rest = REQUEST.partition("\n\n")[2]
    for head, parse in (("old 1", parse_request), (f"{PROOF}\nindex 1", parse_proof)):
        parse(f"{head}\n" + f"{HASH}\n" * MOST_HASHES + f"\n{rest}")
        text = f"{head}\n" + f"{HASH}\n" * (MOST_HASHES + 1) + f"\n{rest}"
        assert "too long" in refused(parse, text)


@pytest.mark.parametrize(
    "head",
    [
        "", PROOF, f"{PROOF}\n{HASH}", f"{PROOF}\nindex", f"{PROOF}\nindex  1",
        f"{PROOF}\nindex\t1",
        f"{PROOF}\nINDEX 1", f"{PROOF} \nindex 1", f" {PROOF}\nindex 1", f"\ufeff{PROOF}\nindex 1",
        f"{PROOF}\r\nindex 1\r", "c2sp.org/tlog-proof@v2\nindex 1", f"{PROOF}\nindex 1\nextra QQ==",
        f"{PROOF}\nextra QQ==", f"{PROOF}\nextra QQ\nindex 1", f"{PROOF}\nextra QR==\nindex 1",
        f"{PROOF}\nextra  QQ==\nindex 1", f"{PROOF}\nextra QQ==\nextra QQ==\nindex 1",
        f"{PROOF}\nindex 1\nindex 2", f"{PROOF}\nindex 1\n{HASH[:-1]}",
        f"{PROOF}\nindex 1\n {HASH}",
    ],
)  # fmt: skip
def test_what_is_no_proof(head: str) -> None:
    refused(parse_proof, f"{head}\n\n{REQUEST.partition(chr(10) * 2)[2]}")


def test_extra_data_is_passed_over() -> None:
    rest = REQUEST.partition("\n\n")[2]
    plain = f"{PROOF}\nindex 1\n{HASH}\n\n{rest}"
    for extra in ("extra QQ==", "extra "):
        proof = parse_proof(plain.replace("index", f"{extra}\nindex"))
        assert proof == parse_proof(plain)
        assert str(proof) == plain
