"""GS1 keys: check digits, and every EPC form as the one Digital Link that stands for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain.epcis.gs1 import canonical, check_digit, key_of


@pytest.mark.parametrize(
    ("body", "digit"),
    [
        # GS1 General Specifications 7.9: a GTIN-13, a GLN, an SSCC, a GTIN-14.
        ("629104150021", "3"), ("061414100777", "6"), ("10614141234567890", "8"),
        ("1061414107346", "4"), ("000000000000", "0"),
    ],
)  # fmt: skip
def test_check_digits_are_those_of_the_specification(body: str, digit: str) -> None:
    assert check_digit(body) == digit


@given(st.from_regex(r"[0-9]{7,17}", fullmatch=True), st.integers(0, 16), st.integers(1, 9))
def test_a_wrong_digit_is_noticed(body: str, place: int, shift: int) -> None:
    place %= len(body)
    other = str((int(body[place]) + shift) % 10)
    assert check_digit(body) != check_digit(body[:place] + other + body[place + 1 :])


FORMS = {
    "urn:epc:id:sgtin:0614141.107346.2017": "01/10614141073464/21/2017",
    "urn:epc:id:sgtin:4012345.066666.A(1)": "01/04012345666663/21/A%281%29",
    "urn:epc:id:sscc:0614141.1234567890": "00/106141412345678908",
    "urn:epc:id:sgln:0614141.07346.1234": "414/0614141073467/254/1234",
    "urn:epc:id:sgln:0614141.00777.0": "414/0614141007776",
    "urn:epc:id:sgln:123456789012..0": "414/1234567890128",
    "urn:epc:id:pgln:0614141.00777": "417/0614141007776",
    "urn:epc:id:grai:4012345.55555.987": "8003/04012345555554987",
    "urn:epc:id:giai:4000001.111": "8004/4000001111",
    "urn:epc:id:giai:4000001.A:1": "8004/4000001A%3A1",
    "urn:epc:id:gsrn:0614141.0000010253": "8018/061414100000102534",
    "urn:epc:id:gsrnp:0614141.0000010253": "8017/061414100000102534",
    "urn:epc:id:gdti:0614141.00001.1618034": "253/06141410000121618034",
    "urn:epc:id:cpi:0614141.5PQ7-Z43.12345": "8010/06141415PQ7-Z43/8011/12345",
    "urn:epc:id:ginc:0614141.xyz47": "401/0614141xyz47",
    "urn:epc:id:gsin:0614141.123456789": "402/06141411234567890",
    "urn:epc:id:sgcn:4012345.67890.04711": "255/401234567890104711",
    "urn:epc:id:itip:4012345.012345.01.02.987": "8006/040123451234560102/21/987",
    "urn:epc:id:upui:1234567.098765.51qIgY": "01/01234567987651/235/51qIgY",
    "urn:epc:class:lgtin:4012345.012345.998877": "01/04012345123456/10/998877",
    "urn:epc:idpat:sgtin:4012345.066666.*": "01/04012345666663",
    "urn:epc:idpat:grai:4000001.11111.*": "8003/04000001111114",
    "urn:epc:idpat:itip:4012345.012345.01.02.*": "8006/040123451234560102",
    "https://example.com/giai/4000001111": "8004/4000001111",
    "https://shop.example/some/path/01/4012345123456/10/L1/21/S1?17=261231": (
        "01/04012345123456/21/S1"
    ),
    "http://example.com/gtin/614141234561": "01/00614141234561",
    "https://id.gs1.org/414/0614141073467/254/1234": "414/0614141073467/254/1234",
    "https://id.gs1.org/01/04012345123456/22/2A": "01/04012345123456",
}


@pytest.mark.parametrize(("given_uri", "path"), FORMS.items())
def test_every_form_has_one_canonical_link(given_uri: str, path: str) -> None:
    assert canonical(given_uri) == f"https://id.gs1.org/{path}"


@pytest.mark.parametrize("given_uri", FORMS)
def test_the_canonical_link_stays_as_it_is(given_uri: str) -> None:
    link = canonical(given_uri)
    if "%" not in link:  # what a link may hold only in another form is not looked at again
        assert canonical(link) == link


@pytest.mark.parametrize(
    "uri",
    [
        "urn:epc:id:sgtin:0614141.10734.2017", "urn:epc:id:sgtin:0614141.107346",
        "urn:epc:id:sscc:0614141.1234567890.1", "urn:epc:id:sgln:0614141.07346",
        "urn:epc:id:giai:4000001.", "urn:epc:id:giai:40.1", "urn:epc:id:nothing:4000001.1",
        "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8", "http://transaction.acme.com/po/12345678",
        "https://example.com/01/123", "https://example.com/8004/", "geo:47.5,11.1",
        "https://example.com/01/04012345123456/21", "https://example.com", "x", "",
    ],
)  # fmt: skip
def test_other_uris_are_left_alone(uri: str) -> None:
    assert canonical(uri) == uri
    assert key_of(uri) == ("", "")


def test_a_key_is_told_only_where_it_stands_alone() -> None:
    assert key_of("urn:epc:id:giai:4000001.111") == ("8004", "4000001111")
    assert key_of("https://id.gs1.org/414/0614141073467/254/1234") == ("", "")


@given(st.text(max_size=60) | st.from_regex(r"urn:epc:(id|class|idpat):[a-z]{4,5}:[!-~]{0,40}"))
def test_any_text_has_a_form(text: str) -> None:
    assert canonical(canonical(text)) or not text
