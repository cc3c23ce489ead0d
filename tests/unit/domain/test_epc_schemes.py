"""Every EPC scheme: what is written comes back the same, and what would not is refused by name."""

from __future__ import annotations

import string
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assetctl.domain.epc import fields, variable
from assetctl.domain.epc.characters import BASE64, CODE_40, GS1_39, GS1_82
from assetctl.domain.epc.codec import Epc, decode, encode, parse_tag_uri
from assetctl.domain.epc.fields import Field
from assetctl.domain.epc.host import Host
from assetctl.domain.epc.quick import decode96
from assetctl.domain.epc.schemes import SCHEMES, Scheme
from assetctl.domain.epcis.gs1 import check_digit
from assetctl.errors import EpcError

DIGITS = string.digits
QUICK = {"GIAI-96", "GRAI-96", "GID-96", "SGTIN-96", "SGLN-96", "GDTI-96", "CPI-96"}


def text(characters: object, least: int, most: int) -> st.SearchStrategy[str]:
    return st.text(sorted(characters), min_size=least, max_size=most)  # type: ignore[call-overload]


def _checked(digits: int, checked: int) -> st.SearchStrategy[str]:
    def finish(body: str) -> str:
        return body[: checked - 1] + check_digit(body[: checked - 1]) + body[checked - 1 :]

    return text(DIGITS, digits - 1, digits - 1).map(finish)


def _alphanumeric(least: int, most: int) -> st.SearchStrategy[str]:
    sets = (DIGITS, "0123456789ABCDEF", "0123456789abcdef", BASE64, CODE_40[1:], GS1_82)
    return st.one_of(*(text(one, least, most) for one in sets))


def values_of(field: Field) -> st.SearchStrategy[tuple[str, ...]]:
    """Return everything that may stand in a field."""
    match field:
        case fields.Integer():
            return st.tuples(st.integers(0, 2**field.width - 1).map(str))
        case fields.Digits():
            return st.tuples(text(DIGITS, field.digits, field.digits))
        case fields.Marked():
            return st.tuples(text(DIGITS, 1, field.most))
        case fields.Text():
            return st.tuples(text(GS1_82, 1, field.most))
        case fields.SixBit():
            return st.tuples(text(GS1_39, field.least, field.most))
        case fields.Cage():
            return st.tuples(text(GS1_39 - set("#-/IO"), 5, 6))
        case fields.Zeros():
            return st.just(())
        case fields.Prefixed():
            return st.sampled_from(sorted(fields.PREFIX_BITS)).flatmap(
                lambda digits: st.tuples(
                    text(DIGITS, digits, digits), values_of(field.after(digits))
                ).map(lambda pair: (pair[0], *pair[1]))
            )
        case variable.Fixed():
            return st.tuples(_checked(field.digits, field.checked))
        case variable.Variable():
            return st.tuples(_alphanumeric(field.least, field.most))
        case variable.Delimited():
            return st.tuples(st.tuples(text(DIGITS, 4, 4), _alphanumeric(1, 26)).map("".join))
        case variable.Counted():
            return st.tuples(text(DIGITS, field.least, field.most))
        case variable.Date():
            day = st.dates().map(lambda date: date.strftime("%y%m%d"))
            return st.tuples(st.sampled_from(variable.DATE_KINDS), day)
        case Host():
            names = ["example.com", "id.example.gov", "www.a-b.cn", "ID.EXAMPLE.CN", "x.y.z"]
            return st.tuples(st.sampled_from(names))
    raise TypeError(field)


def numbers_of(scheme: Scheme) -> st.SearchStrategy[Epc]:
    values = st.tuples(*(values_of(field) for field in scheme.fields)).map(
        lambda groups: tuple(value for group in groups for value in group)
    )
    kept = st.integers(0, 2**scheme.filter_bits - 1)
    return st.builds(Epc, scheme=st.just(scheme.name), values=values, filter=kept)


every = st.sampled_from(sorted(SCHEMES)).flatmap(lambda name: numbers_of(SCHEMES[name]))


@pytest.mark.parametrize("name", sorted(SCHEMES))
@settings(max_examples=20)  # of each of 45 schemes
@given(st.data())
def test_what_is_written_comes_back_the_same(name: str, data: st.DataObject) -> None:
    number = data.draw(numbers_of(SCHEMES[name]))
    digits = encode(number)
    assert decode(digits) == decode(digits.lower()) == number
    assert len(digits) % 4 == 0
    if number.tag_uri:
        assert parse_tag_uri(number.tag_uri) == number
    if name in QUICK:
        quick, kept, prefix_digits, *plain = decode96(digits)
        assert (quick, kept, prefix_digits) == (name, number.filter, len(number.prefix))
        assert [int(value or "0") for value in number.values] == plain[: len(number.values)]


@given(every)
def test_a_number_that_was_cut_or_filled_with_ones_is_refused(number: Epc) -> None:
    digits = encode(number)
    cut = digits.rstrip("0")[:-1]
    for wrong in (digits + "0000", digits[:-4] if digits[-4:] != "0000" else cut[: len(cut) // 2]):
        with pytest.raises(EpcError):
            decode(wrong)


@given(st.binary(min_size=1, max_size=62))
def test_whatever_is_read_would_be_written_alike_or_is_refused(raw: bytes) -> None:
    with suppress(EpcError):
        number = decode(raw.hex())
        assert number.followed or decode(encode(number)) == number


@given(st.integers(0, 2**96 - 1), st.sampled_from([0x33, 0x34, 0x35, 0x30, 0x5A]))
def test_the_quick_way_takes_what_the_long_one_takes(low: int, header: int) -> None:
    digits = f"{header:02X}{low:024X}"[:24]
    try:
        expected = decode(digits).scheme
    except EpcError:
        expected = ""
    try:
        found = decode96(digits)[0]
    except EpcError:
        found = ""
    assert found in (expected, "private96")


@pytest.mark.parametrize(
    "wrong", ["", "34", "3476451FD40000000000162", "3476451FD40000000000162E00",
              "3476451FD4 000000000162E", "３476451FD40000000000162E", "0x76451FD40000000000162E",
              "3476451FD4000000_000162E", "3C9C451FD40000000000162E"],
)  # fmt: skip
def test_the_quick_way_takes_no_other_text(wrong: str) -> None:
    with pytest.raises(EpcError):
        decode96(wrong)


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scheme", "values", "field"),
    [
        # What other programs lose without a word: zeros in front, bits that have no room,
        # what stands behind a colon, characters.
        ("GIAI-96", ("9521141", "0005678"), "reference"),
        ("GIAI-96", ("9521141", str(2**58)), "reference"),
        ("GIAI-96", ("0614141", "A:B"), "reference"),
        ("GRAI-96", ("9521141", "12345", "0567"), "serial"),
        ("SGTIN-96", ("9521141", "012345", "007"), "serial"),
        ("SGTIN-96", ("9521141", "012345", str(2**38)), "serial"),
        ("GIAI-96", ("9521141", ""), "reference"),
        ("GIAI-96", ("9521141", "-1"), "reference"),
        ("GIAI-96", ("9521141", "٣"), "reference"),
        ("GIAI-96", ("95211", "5678"), "prefix"),
        ("GIAI-96", ("9521141123456", "5678"), "prefix"),
        ("GIAI-96", ("952114A", "5678"), "prefix"),
        ("GIAI-96", ("9521141",), "parts"),
        ("GIAI-96", ("9521141", "5678", "9"), "parts"),
        ("GIAI-202", ("9521141", "A" * 24), "reference"),
        ("GIAI-202", ("9521141", "物1"), "reference"),
        ("GIAI-202", ("9521141", "A B"), "reference"),
        ("GIAI-202", ("9521141", "A#B"), "reference"),
        ("GIAI-202", ("9521141", "A\0B"), "reference"),
        ("GRAI-96", ("9521141", "1234", "5"), "reference"),
        ("GRAI-96", ("9521141", "123456", "5"), "reference"),
        ("GRAI-170", ("9521141", "12345", "A" * 17), "serial"),
        ("GID-96", ("268435456", "1", "1"), "manager"),
        ("GID-96", ("1", "16777216", "1"), "class"),
        ("GIAI+", ("952A14132",), "giai"),
        ("GIAI+", ("9521",), "giai"),
        ("GIAI+", ("9" * 31,), "giai"),
        ("GRAI+", ("09521141123453", "1"), "grai"),
        ("GRAI+", ("9521141123454", "1"), "grai"),
        ("GRAI+", ("09521141123454", ""), "serial"),
        ("DSGTIN+", ("17", "220631", "79521141123453", "1"), "date"),
        ("DSGTIN+", ("18", "220630", "79521141123453", "1"), "date_kind"),
        ("GIAI++", ("952114132a/b", "no host"), "host"),
        ("SGCN-96", ("9521141", "67890", "1234567890123"), "serial"),
        ("USDOD-96", ("CAGE", "1"), "cage"),
        ("GIAI-97", ("9521141", "1"), "scheme"),
    ],
)
def test_what_would_be_lost_is_refused(scheme: str, values: tuple[str, ...], field: str) -> None:
    with pytest.raises(EpcError) as caught:
        encode(Epc(scheme=scheme, values=values))
    assert caught.value.facts["epc_field"] == field


@pytest.mark.parametrize("number", [-1, 8])
def test_a_filter_has_three_bits(number: int) -> None:
    with pytest.raises(EpcError) as caught:
        encode(Epc(scheme="GIAI-96", values=("9521141", "1"), filter=number))
    assert caught.value.facts["epc_field"] == "filter"


def bits(*parts: tuple[int, int]) -> str:
    """Return pairs of number and width as hexadecimal digits."""
    whole = "".join(f"{number:0{width}b}" for number, width in parts)
    digits = -(-len(whole) // 4)
    return f"{int(whole.ljust(4 * digits, '0'), 2):0{digits}X}"


A, B = ord("A"), ord("B")
_GIAI202 = ((0x38, 8), (0, 3), (5, 3), (9521141, 24))


@pytest.mark.parametrize(
    ("digits", "field"),
    [
        (bits((0x34, 8), (0, 3), (7, 3), (1, 82)), "partition"),
        (bits((0x34, 8), (0, 3), (5, 3), (10**7, 24), (1, 58)), "prefix"),
        (bits((0x33, 8), (0, 3), (5, 3), (1, 24), (10**5, 20), (1, 38)), "reference"),
        (bits((0x33, 8), (0, 3), (0, 3), (1, 40), (1, 4), (1, 38)), "reference"),
        (bits((0x31, 8), (0, 3), (5, 3), (1, 24), (1, 34), (1, 24)), "padding"),
        (bits(*_GIAI202, (A, 7), (0, 157), (1, 4)), "padding"),
        (bits(*_GIAI202, (A, 7), (0, 7), (B, 7), (0, 147)), "padding"),
        (bits(*_GIAI202, (A, 7), (0, 157), (0, 6)) + "1", "padding"),
        (bits(*_GIAI202, (0, 164)), "reference"),
        (bits(*_GIAI202, (1, 7), (0, 157)), "reference"),
        (bits((0x38, 8), (0, 3), (0, 3), (1, 40), *[(A, 7)] * 19, (0, 15)), "reference"),
        ("3476451FD40000000000162E" + "0000", "length"),
        ("3476451FD40000000000", "length"),
        ("34", "length"),
        ("2B" + "0" * 22, "header"),
        ("", "digits"),
        ("34XX", "digits"),
        ("34" * 63, "length"),
        ("FA3952114132D", "giai"),
        ("FA395211A", "giai"),
        ("FA395F", "giai"),
        (bits((0xF1, 8), (3, 4), (0x09521141123454, 56), (7, 3), (1, 5), (1, 8)), "encoding"),
        (bits((0xF1, 8), (3, 4), (0x09521141123454, 56), (0, 3), (1, 5), (12, 4)), "serial"),
        (bits((0xF1, 8), (3, 4), (0x09521141123454, 56), (5, 3), (1, 5), (0, 16)), "serial"),
        (bits((0xF1, 8), (3, 4), (0x09521141123454, 56), (0, 3), (0, 5)), "serial"),
        (bits((0xF1, 8), (3, 4), (0x0952114112345A, 56), (0, 3), (1, 5), (1, 4)), "grai"),
        (bits((0xFB, 8), (3, 4), (7, 4), (0, 16), (0, 56), (0, 3), (1, 5), (1, 4)), "date_kind"),
        (bits((0xFB, 8), (3, 4), (4, 4), (0x2DFF, 16)), "date"),
        (bits((0xEE, 8), (0, 4), (0x952111F, 28), (65, 7), (2, 7)), "host"),
    ],
)
def test_what_no_writer_makes_is_refused(digits: str, field: str) -> None:
    with pytest.raises(EpcError) as caught:
        decode(digits)
    assert caught.value.facts["epc_field"] == field


@pytest.mark.parametrize(
    ("uri", "field"),
    [
        ("urn:epc:id:giai:9521141.5678", "scheme"),
        ("urn:epc:tag:giai-97:0.9521141.5678", "scheme"),
        ("urn:epc:tag:giai+:0.9521141.5678", "scheme"),
        ("urn:epc:tag:giai-96:x.9521141.5678", "filter"),
        ("urn:epc:tag:giai-96:", "filter"),
        ("urn:epc:tag:gid-96:1.2", "parts"),
    ],
)
def test_what_is_no_tag_uri_is_refused(uri: str, field: str) -> None:
    with pytest.raises(EpcError) as caught:
        encode(parse_tag_uri(uri))
    assert caught.value.facts["epc_field"] == field


def test_data_that_follow_are_told_and_not_made_up() -> None:
    plain = encode(Epc(scheme="GIAI+", values=("952114132a/b",)))
    followed = decode(f"FA8{plain[3:]}2110")
    assert followed == Epc(scheme="GIAI+", values=("952114132a/b",), followed=True)
    with pytest.raises(EpcError) as caught:
        encode(followed)
    assert caught.value.facts["epc_field"] == "toggle"


def test_the_all_numeric_giai_that_fills_96_bits() -> None:
    number = Epc(scheme="GIAI+", values=("35012420261100001234",))
    assert encode(number) == "FA035012420261100001234F"
