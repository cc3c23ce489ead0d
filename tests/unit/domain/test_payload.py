"""The text on a tag: its grammar, its size, and what its signature refuses."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assetctl.domain.identity import (
    CLASSES,
    CROCKFORD,
    Payload,
    TagKeys,
    asset_id,
    base32,
    digest_code,
    make_payload,
    parse_payload,
    short_form,
    verify_payload,
)
from assetctl.errors import PayloadForeignError, PayloadForgedError, PayloadKeyError

RFC4648 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
QR_ALPHANUMERIC = set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
HOST = "zc.example.gov.cn"
SECRET, OTHER_SECRET = bytes(range(32)), bytes(range(1, 33))
PRIVATE = bytes(range(100, 132))
PUBLIC = Ed25519PrivateKey.from_private_bytes(PRIVATE).public_key().public_bytes_raw()
KEYS = TagKeys({"0": SECRET}, signers={"K": PRIVATE}, verifiers={"K": PUBLIC})
ASSETS = [one for one in map(asset_id, (1, 0x12_3456_789A, 0xFF_FFFF_FFF0)) if one]
ASSET = ASSETS[0]


def signed(*, key: str = "0", asset: str = ASSET, issue: int = 1, tag_class: str = "A") -> str:
    return make_payload(KEYS, key=key, asset=asset, issue=issue, host=HOST, tag_class=tag_class)


def refusal(keys: TagKeys, text: str) -> str:
    """Return the code with which a text is refused; `believed` if it is not."""
    try:
        verify_payload(keys, parse_payload(text))
    except (PayloadForeignError, PayloadForgedError, PayloadKeyError) as error:
        return error.code
    return "believed"


def crockford(raw: bytes) -> str:
    """Return bytes in Crockford's base 32 by way of the one in RFC 4648."""
    plain = base64.b32encode(raw).decode().rstrip("=")
    return plain.translate(str.maketrans(RFC4648, CROCKFORD))


def altered(text: str, start: int) -> list[str]:
    """Return a payload with one character from `start` on changed into each other one."""
    look_alike = {"I": "1", "L": "1", "O": "0"}
    return [
        text[:place] + other + text[place + 1 :]
        for place in range(start, len(text))
        for other in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-./"
        if look_alike.get(other, other) != text[place]
    ]


# --- form -----------------------------------------------------------------------------------


def test_the_signature_is_the_one_that_is_written_down() -> None:
    digest = hmac.new(SECRET, f"v1|A|{ASSET}|3".encode(), hashlib.sha256).digest()
    expected = f"HTTPS://ZC.EXAMPLE.GOV.CN/A/{ASSET}.03{crockford(digest[:10])}"
    assert signed(issue=3) == expected


def test_a_payload_fills_a_29_module_code_exactly_with_the_longest_host() -> None:
    # ISO/IEC 18004, table 7: version 3-M holds 61 alphanumeric characters.
    text = make_payload(KEYS, key="0", asset=ASSET, issue=31, host="x" * 21)
    assert len(text) == 61
    assert set(text) <= QR_ALPHANUMERIC


def test_the_short_form_fits_a_25_module_code() -> None:
    # Version 2-M holds 38.
    short = short_form(signed())
    assert len(short) == 29
    assert parse_payload(short) == parse_payload(signed())


def test_a_key_named_by_a_letter_gives_103_characters() -> None:
    text = signed(key="K")
    signature = text.split(".")[-1][2:]
    assert len(signature) == 103
    raw = Ed25519PrivateKey.from_private_bytes(PRIVATE).sign(f"v1|A|{ASSET}|1".encode())
    assert signature == crockford(raw)
    assert refusal(KEYS, text) == "believed"


def test_a_station_with_only_the_public_half_can_check() -> None:
    station = TagKeys({}, verifiers={"K": PUBLIC})
    assert refusal(station, signed(key="K")) == "believed"


@pytest.mark.parametrize("key", ["0", "K"])
@pytest.mark.parametrize("issue", [1, 10, 31])
@pytest.mark.parametrize("tag_class", sorted(CLASSES))
def test_what_was_made_is_read_back(key: str, issue: int, tag_class: str) -> None:
    text = signed(key=key, issue=issue, tag_class=tag_class)
    payload = parse_payload(text)
    assert (payload.tag_class, payload.subject, payload.key, payload.issue) == (
        tag_class, ASSET, key, issue,
    )  # fmt: skip
    assert payload.is_signed
    verify_payload(KEYS, payload)


@pytest.mark.parametrize(
    "change",
    [
        str.lower,
        lambda text: f"  {text}\r\n",
        lambda text: text.replace("HTTPS", "HTTP"),
        lambda text: text.replace("ZC.EXAMPLE.GOV.CN", "other.example:8443"),
        lambda text: text.replace(ASSET, f"{ASSET[:4]}-{ASSET[4:8]}-{ASSET[8:]}"),
    ],
    ids=["lower case", "blanks around", "http", "another host", "hyphens"],
)
def test_ways_in_which_a_genuine_text_may_arrive(change: object) -> None:
    assert callable(change)
    assert refusal(KEYS, change(signed())) == "believed"


def test_a_typist_may_write_o_for_0_and_i_or_l_for_1() -> None:
    text = next(
        made
        for n in range(1, 32)
        if {"0", "1"} <= set((made := signed(issue=n)).split(".")[-1][2:])
    )
    head, tail = text.rsplit(".", 1)
    for one in "iIlL":
        typed = f"{head}.{tail[:2]}{tail[2:].replace('0', 'o').replace('1', one)}"
        assert refusal(KEYS, typed) == "believed"


@pytest.mark.parametrize("bare", [ASSET, ASSET.lower(), f"https://h/A/{ASSET}"])
def test_a_bare_id_is_read_but_not_believed(bare: str) -> None:
    payload = parse_payload(bare)
    assert (payload.subject, payload.is_signed, payload.issue) == (ASSET, False, 0)
    with pytest.raises(PayloadForgedError):
        verify_payload(KEYS, payload)


@pytest.mark.parametrize(
    "text",
    [
        "(8004)0614141567890",
        "https://id.example.org/8004/0614141567890",
        "HTTPS://EXAMPLE.ORG/some/path/8004/0614141567890",
        "25S0614141567890",
    ],
)
def test_foreign_identifiers_are_known_as_such(text: str) -> None:
    expected = Payload(tag_class="A", subject="0614141567890", scheme="giai")
    assert parse_payload(text) == expected


@pytest.mark.parametrize("form", ["(8004)0614141aB", "https://e.org/8004/0614141aB"])
def test_the_case_of_a_giai_is_kept(form: str) -> None:
    # GS1 General Specifications, figure 7.11-1: AI (8004) takes small letters, and they differ.
    assert parse_payload(form).subject == "0614141aB"


@pytest.mark.parametrize("text", ["(8004)" + "1" * 31, "(8004)", "(8004)12 34", "https://h/8004/"])
def test_a_giai_has_one_to_thirty_characters(text: str) -> None:
    with pytest.raises(PayloadForeignError):
        parse_payload(text)


# --- forgery --------------------------------------------------------------------------------


@pytest.mark.parametrize("asset", ASSETS)
def test_one_character_altered_anywhere_is_refused(asset: str) -> None:
    text = signed(asset=asset, issue=2)
    start = text.index(asset)
    changed = altered(text, start)
    assert len(changed) > 29 * 35
    assert [one for one in changed if refusal(KEYS, one) == "believed"] == []


def test_one_character_altered_anywhere_in_an_ed25519_text_is_refused() -> None:
    text = signed(key="K")
    changed = [one for one in altered(text, text.rindex(".")) if parses(one)]
    assert len(changed) > 103 * 31
    assert [one for one in changed if refusal(KEYS, one) == "believed"] == []


def parses(text: str) -> bool:
    try:
        parse_payload(text)
    except PayloadForeignError:
        return False
    return True


@pytest.mark.parametrize("key", ["0", "K"])
@pytest.mark.parametrize("other", sorted(set(CLASSES) - {"A"}))
def test_the_signature_binds_the_class(key: str, other: str) -> None:
    assert refusal(KEYS, signed(key=key).replace("/A/", f"/{other}/")) == "payload.forged"


@pytest.mark.parametrize("key", ["0", "K"])
def test_the_signature_binds_id_and_issue(key: str) -> None:
    first, second = signed(key=key), signed(key=key, asset=ASSETS[1])
    assert refusal(KEYS, first.replace(ASSETS[0], ASSETS[1])) == "payload.forged"
    assert refusal(KEYS, second.replace(f".{key}1", f".{key}2")) == "payload.forged"


def test_the_short_form_of_another_class_is_not_an_asset() -> None:
    assert refusal(KEYS, short_form(signed(tag_class="P"))) == "payload.forged"


@pytest.mark.parametrize("key", ["0", "K"])
def test_another_key_of_the_same_name_is_refused(key: str) -> None:
    forger = TagKeys({"0": OTHER_SECRET}, signers={"K": OTHER_SECRET})
    forged = make_payload(forger, key=key, asset=ASSET, issue=1, host=HOST)
    assert refusal(KEYS, forged) == "payload.forged"


def test_nothing_is_said_about_a_key_that_is_not_held() -> None:
    for key in ("0", "K"):
        with pytest.raises(PayloadKeyError) as caught:
            verify_payload(TagKeys({"7": SECRET}), parse_payload(signed(key=key)))
        assert caught.value.facts == {"asset_id": ASSET, "key": key}


def test_a_station_cannot_sign_with_a_key_it_lacks() -> None:
    with pytest.raises(KeyError):
        make_payload(TagKeys({}), key="0", asset=ASSET, issue=1, host=HOST)
    with pytest.raises(KeyError):
        make_payload(TagKeys({}, verifiers={"K": PUBLIC}), key="K", asset=ASSET, issue=1, host=HOST)


@pytest.mark.parametrize(
    "tail",
    [
        ".00" + "0" * 16,  # issue 0
        ".0U" + "0" * 16,
        ".01" + "0" * 15,
        ".01" + "0" * 17,
        ".01" + "0" * 103,
        ".K1" + "0" * 16,
        ".01" + "U" * 16,
        ".01",
        ".",
        ".01" + "0" * 16 + "?x=1",
    ],
)
def test_a_malformed_tail_is_foreign(tail: str) -> None:
    for text in (ASSET + tail, f"https://h/A/{ASSET}{tail}"):
        with pytest.raises(PayloadForeignError):
            parse_payload(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00",
        "(8004)1\x1d2",
        "hello",
        "https://",
        "https://h/A/",
        "https://h/X/" + ASSET,
        "https://h/P/" + ASSET,
        "ftp://h/A/" + ASSET,
        "javascript:alert(1)",
        ASSET[:5] + "\x00" + ASSET[5:],
        ASSET + "\u202e",
        "https://h\n/A/" + ASSET,
        "A" * 1_000_000,
        "https://" + "h/" * 50_000 + "8004/",
        "https://h/A/" + "0-" * 100_000,
        ASSET.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
        ASSET.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
        ASSET + ".٠١" + "0" * 16,
        ASSET + ".01" + "０" * 16,
        "=cmd|' /C calc'!A0",
        "\ud800" * 10,
    ],
    ids=lambda text: ascii(text)[:30],
)
def test_hostile_texts_are_foreign(text: str) -> None:
    with pytest.raises(PayloadForeignError):
        parse_payload(text)


# --- base 32 --------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 10, 32, 64])
def test_base_32_agrees_with_rfc_4648(size: int) -> None:
    raw = hashlib.shake_256(bytes([size])).digest(size)
    assert base32(raw) == crockford(raw)


def test_a_content_is_named_by_100_bits_of_its_hash() -> None:
    assert digest_code(b"abc") == crockford(hashlib.sha256(b"abc").digest())[:20]
