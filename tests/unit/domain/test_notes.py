"""Signed notes: the examples of the specification, and every form that must not pass for one."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain.note import (
    COSIGNATURE,
    ED25519,
    MAX_NOTE,
    OTHER,
    SM2_SM3,
    Note,
    Signature,
    VerifierKey,
    cosignature,
    cosigned_text,
    from_b64,
    parse_key,
    parse_note,
    parse_signatures,
    to_b64,
    verifier_key,
    verify,
)
from assetctl.errors import NoteInvalidError
from tests.conftest import SHARED
from tests.logs import Signer

SPECS = SHARED / "vectors" / "c2sp-specs"
outside = pytest.mark.skipif(not SPECS.exists(), reason="the C2SP specifications are not here")

# The example of C2SP signed-note.
KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
# The example of C2SP tlog-cosignature; its keys are not published.
COSIGNED = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBI"
    "fZ+qnA==\n"
)

A = Signer("a.example/log", 1)
W = Signer("w.example/one", 2, COSIGNATURE)
TEXT = "log\n1\nroot\n"


def signed(*signers: Signer, text: str = TEXT) -> Note:
    return Note(text, tuple(one.sign(text) for one in signers))


def refused(text: str) -> str:
    """Return why a text is no note."""
    with pytest.raises(NoteInvalidError) as caught:
        parse_note(text)
    return str(caught.value.facts["reason"])


# --- the examples --------------------------------------------------------------------------


def test_the_example_of_the_specification_verifies() -> None:
    note, key = parse_note(NOTE), parse_key(KEY)
    assert note.text == "This is an example message.\n"
    assert (key.name, key.kind, key.key_id.hex()) == ("example.com/foo", ED25519, "530d903a")
    (one,) = verify(note, [key])
    assert (one.key, one.time) == (key, None)
    assert (str(note), str(key)) == (NOTE, KEY)


@pytest.mark.outside
@outside
def test_the_examples_stand_in_the_specifications() -> None:
    assert f"```\n{NOTE}```" in (SPECS / "signed-note.md").read_text()
    assert f"```\n{COSIGNED}```" in (SPECS / "tlog-cosignature.md").read_text()


@pytest.mark.outside
@outside
def test_every_note_printed_in_the_specifications_is_one() -> None:
    blocks = [
        block
        for name in ("signed-note", "tlog-checkpoint", "tlog-cosignature")
        for block in re.findall(
            r"^```\n(.*?\n)```$", (SPECS / f"{name}.md").read_text(), re.M | re.S
        )
    ]
    notes = [parse_note(block) for block in blocks if "\n— " in block]
    assert len(notes) == 4
    assert [str(note) for note in notes] == [block for block in blocks if "\n— " in block]
    # The poem has an empty line of its own: the last one splits.
    assert notes[0].text.count("\n") == 4
    assert notes[0].text.endswith(":\n\ned è subito sera.\n")


def test_the_example_cosignature_names_its_time() -> None:
    note = parse_note(COSIGNED)
    log, witness = note.signatures
    assert (log.name, log.key_id.hex(), len(log.value)) == (
        "example.com/behind-the-sofa", "033de0ae", 64,
    )  # fmt: skip
    assert (witness.name, witness.key_id.hex()) == ("witness.example.com/w1", "8d66cf3f")
    assert int.from_bytes(witness.value[:8], "big") == 1679315147
    assert len(witness.value) == 8 + 64
    assert str(note) == COSIGNED


def test_what_a_witness_signs() -> None:
    # The worked message of C2SP tlog-cosignature.
    assert cosigned_text(parse_note(COSIGNED).text.encode(), 1679315147) == (
        b"cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
        b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )


# --- round trips ---------------------------------------------------------------------------

_NAMES = st.text(
    st.characters(min_codepoint=0x21, exclude_categories=["Cs", "Zs", "Zl", "Zp"],
                  exclude_characters="+\x85"),
    min_size=1, max_size=20,
)  # fmt: skip
_SIGNATURES = st.builds(
    Signature, name=_NAMES, key_id=st.binary(min_size=4, max_size=4),
    value=st.binary(min_size=1, max_size=80),
)  # fmt: skip
_TEXTS = st.text(
    st.characters(min_codepoint=0x20, exclude_categories=["Cs"], include_characters="\n"),
    max_size=80,
)


@given(_TEXTS, st.lists(_SIGNATURES, min_size=1, max_size=5))
def test_a_note_is_what_it_was_made_of(text: str, signatures: list[Signature]) -> None:
    note = Note(text + "\n", tuple(signatures))
    again = parse_note(str(note))
    assert again == note
    assert str(again) == str(note)


@given(_NAMES, st.integers(0, 2**32))
def test_a_key_is_what_it_was_made_of(name: str, seed: int) -> None:
    for kind in (ED25519, COSIGNATURE):
        key = Signer(name, seed, kind).key
        assert parse_key(str(key)) == key


@given(st.binary(max_size=100))
def test_base64_is_read_back(data: bytes) -> None:
    assert from_b64(to_b64(data)) == data


@given(st.text(max_size=120))
def test_nothing_breaks_the_parsers(text: str) -> None:
    for parse in (parse_note, parse_key, parse_signatures, from_b64):
        for one in (text, NOTE + text, NOTE[:40] + text + NOTE[40:], KEY + text, text + KEY):
            try:
                parse(one)
            except NoteInvalidError:
                continue


@given(st.integers(0, len(NOTE) - 1), st.characters(exclude_categories=["Cs"]))
def test_a_note_with_another_character_verifies_no_more(place: int, character: str) -> None:
    changed = NOTE[:place] + character + NOTE[place + 1 :]
    if changed == NOTE:
        return
    try:
        signed_by = verify(parse_note(changed), [parse_key(KEY)])
    except NoteInvalidError:
        return
    assert signed_by == ()


# --- the form of a note --------------------------------------------------------------------


def test_the_last_empty_line_splits() -> None:
    note = parse_note(NOTE.replace("an example", "an\n\n\nexample\n"))
    assert note.text == "This is an\n\n\nexample\n message.\n"
    assert len(note.signatures) == 1
    # Also where what stands above looks like signatures.
    twice = parse_note(NOTE + "\n" + NOTE.rpartition("\n\n")[2])
    assert twice.text == NOTE
    assert len(twice.signatures) == 1


def test_a_text_may_be_one_empty_line() -> None:
    assert parse_note("\n" + NOTE[NOTE.index("\n\n") + 1 :]).text == "\n"


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", "\n\n", "text\n", "text\n\n", NOTE.rstrip("\n"), NOTE + "\n", NOTE + "x\n",
        NOTE.replace("\n\n", "\n"), NOTE.replace("\n\n", "\n \n"), NOTE[NOTE.index("—") :],
        NOTE.replace("\n", "\r\n"), NOTE.replace("\n\n", "\r\n\r\n"),
        NOTE.replace("\n\n", "\n\r\n"),
        NOTE.replace("\n", "\r"), NOTE.replace("\n\n", "\u2028\u2028"), NOTE + "\x00",
        NOTE.replace("—", "-"), NOTE.replace("—", "–"), NOTE.replace("— ", "—"),
        NOTE.replace("— ", "—  "), NOTE.replace("— ", "—\u00a0"), NOTE.replace("— ", "\ufeff— "),
        NOTE.replace("foo ", "foo  "), NOTE.replace("foo ", "foo\u00a0"),
        NOTE.replace("example.com/foo ", " "),
        NOTE.replace("foo ", "fo o "), NOTE.replace("foo", "f+o"), NOTE.replace("foo", "f\u3000o"),
        NOTE.replace("foo", "f\u0085o"), NOTE[:-1] + " \n", NOTE[:-1] + " more\n",
    ],
)  # fmt: skip
def test_what_is_no_note(text: str) -> None:
    refused(text)


@pytest.mark.parametrize("code", [*range(0x0A), *range(0x0B, 0x20)])
def test_no_control_character_but_the_newline(code: int) -> None:
    for place in (0, 5, NOTE.index("foo"), len(NOTE) - 4):
        refused(NOTE[:place] + chr(code) + NOTE[place:])
        with pytest.raises(NoteInvalidError):
            parse_signatures("— a" + chr(code) + "b Uw2QOkn8srU=\n")
        with pytest.raises(NoteInvalidError):
            verifier_key(f"a{chr(code)}b", bytes([9] * 32))


@pytest.mark.parametrize("place", [3, NOTE.index("foo")])
def test_a_note_is_text(place: int) -> None:
    # What comes of bytes that are no UTF-8 where somebody reads them with surrogateescape.
    refused(NOTE[:place] + "\udcff" + NOTE[place:])
    with pytest.raises(NoteInvalidError):
        verifier_key("\udcff", bytes([9] * 32))
    with pytest.raises(NoteInvalidError):
        parse_key(KEY.replace("foo", "fo\udcff"))


def test_a_note_has_a_longest_length_in_bytes() -> None:
    line = NOTE[NOTE.index("\n\n") + 1 :]
    for character, size in (("x", 1), ("好", 3)):
        fitting = (MAX_NOTE - len(line.encode()) - 1) // size
        assert parse_note(character * fitting + "\n" + line).text == character * fitting + "\n"
        assert "longer" in refused(character * (fitting + size) + "\n" + line)


@pytest.mark.parametrize(("count", "passes"), [(1, True), (16, True), (64, True), (65, False)])
def test_how_many_may_sign(count: int, passes: bool) -> None:
    lines = "".join(
        str(Signer(f"s{number}.example", number + 1).sign(TEXT)) for number in range(count)
    )
    if passes:
        assert len(parse_note(f"{TEXT}\n{lines}").signatures) == count
    else:
        assert "more than 64" in refused(f"{TEXT}\n{lines}")


@pytest.mark.parametrize(
    "answer", ["", "\n", "\n\n", "nonsense\n", NOTE, "— a Uw2QOkn8srU=", "— a Uw2QOkn8srU=\n\n",
               "\n— a Uw2QOkn8srU=\n", "— a Uw2QOkn8srU=\r\n", "— a Uw2QOkn8srU= \n",
               "— a Uw2QOg==\n", "— a Uw2Q\n", "— a+b Uw2QOkn8srU=\n", " — a Uw2QOkn8srU=\n"],
)  # fmt: skip
def test_what_is_no_answer_of_a_witness(answer: str) -> None:
    with pytest.raises(NoteInvalidError):
        parse_signatures(answer)


# --- base64 --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "QQ", "QQ=", "QQ===", "Q", "QR==", "QUJ=", "=QQ=", "QQ==QQ==", "QQ==\n", " QQ==", "QQ ==",
        "Q\nQ==", "QQ==\x00", "__-_", "-w==", "＋＋＋＋", "ＱＱ＝＝", "QQ\u200b==", "====", "Q===",
        "QQ==AAAA",
    ],
)  # fmt: skip
def test_base64_that_is_not_canonical(text: str) -> None:
    with pytest.raises(NoteInvalidError):
        from_b64(text)
    with pytest.raises(NoteInvalidError):
        parse_signatures(f"— a.example/log {text}\n")
    with pytest.raises(NoteInvalidError):
        parse_key(f"example.com/foo+530d903a+{text}")


# --- who has signed ------------------------------------------------------------------------


def test_unknown_keys_are_passed_over() -> None:
    stranger = Signer(A.key.name, 9)  # the same name, another id
    note = signed(stranger, A, W)
    assert [one.key for one in verify(note, [A.key])] == [A.key]
    assert [one.key for one in verify(note, [W.key])] == [W.key]
    assert verify(note, []) == ()
    # The same id under another name is unknown too, however bad it is.
    odd = Signature(name="other.example", key_id=A.key.key_id, value=b"bad")
    assert [one.key for one in verify(Note(TEXT, (odd, *signed(A).signatures)), [A.key])] == [A.key]


def test_a_bad_signature_of_a_known_key_spoils_the_note() -> None:
    good = signed(A, W)
    bad = Signature(name=A.key.name, key_id=A.key.key_id, value=bytes(64))
    with pytest.raises(NoteInvalidError, match=r"a\.example/log does not hold"):
        verify(Note(TEXT, (bad, good.signatures[1])), [A.key, W.key])
    with pytest.raises(NoteInvalidError):
        verify(Note(TEXT.replace("1", "2"), good.signatures), [A.key])
    assert [one.key for one in verify(Note(TEXT, (bad, good.signatures[1])), [W.key])] == [W.key]


@pytest.mark.parametrize("cut", [0, 1, 63, 65, 72])
def test_a_signature_has_its_length(cut: int) -> None:
    value = (A.sign(TEXT).value + bytes(8))[:cut]
    with pytest.raises(NoteInvalidError):
        verify(Note(TEXT, (Signature(name=A.key.name, key_id=A.key.key_id, value=value),)), [A.key])


def test_a_key_signs_once() -> None:
    for again in (A.sign(TEXT), Signature(name=A.key.name, key_id=A.key.key_id, value=bytes(64))):
        with pytest.raises(NoteInvalidError):
            verify(Note(TEXT, (A.sign(TEXT), again)), [A.key])
    # Of a stranger nobody asks how often.
    assert verify(Note(TEXT, (W.sign(TEXT), W.sign(TEXT), A.sign(TEXT))), [A.key])[0].key == A.key


def test_two_keys_of_one_name_and_id_are_refused() -> None:
    twin = _Twin(name=A.key.name, kind=ED25519, public=Signer("x", 7).key.public)
    with pytest.raises(NoteInvalidError, match="same id"):
        verify(signed(A), [A.key, twin])
    assert len(verify(signed(A), [A.key, A.key])) == 1


class _Twin(VerifierKey):
    """A key made to have the id of another, which costs an attacker some seconds."""

    __slots__ = ()

    @property
    def key_id(self) -> bytes:
        return A.key.key_id


def test_a_signature_of_one_kind_is_none_of_the_other() -> None:
    log = Signer(A.key.name, 1, COSIGNATURE)
    assert log.key.key_id != A.key.key_id
    swapped = Signature(name=A.key.name, key_id=A.key.key_id, value=log.sign(TEXT).value)
    with pytest.raises(NoteInvalidError):
        verify(Note(TEXT, (swapped,)), [A.key])
    swapped = Signature(name=A.key.name, key_id=log.key.key_id, value=A.sign(TEXT).value)
    with pytest.raises(NoteInvalidError):
        verify(Note(TEXT, (swapped,)), [log.key])


@pytest.mark.parametrize(
    ("time", "holds"),
    [(0, True), (1, True), (1_790_000_000, True), (2**63 - 1, True), (2**63, False),
     (2**64 - 1, False)],
)  # fmt: skip
def test_the_time_of_a_cosignature(time: int, holds: bool) -> None:
    note = Note(TEXT, (W.sign(TEXT, time),))
    if holds:
        assert verify(note, [W.key])[0].time == time
    else:
        with pytest.raises(NoteInvalidError):
            verify(note, [W.key])


def test_the_time_of_a_cosignature_cannot_be_changed() -> None:
    one = W.sign(TEXT, 1_790_000_000)
    later = cosignature(W.key, 1_790_000_001, one.value[8:])
    with pytest.raises(NoteInvalidError):
        verify(Note(TEXT, (later,)), [W.key])


def test_more_signatures_are_added_once() -> None:
    note = signed(A).with_signatures([W.sign(TEXT, 5), W.sign(TEXT, 6), A.sign(TEXT)])
    assert [one.name for one in note.signatures] == [A.key.name, W.key.name]
    assert verify(note, [A.key, W.key])[1].time == 5


# --- keys ----------------------------------------------------------------------------------

_P = 2**255 - 19


def _small_order() -> list[bytes]:
    """Return every 32-byte form of a point whose order divides 8, the canonical ones first.

    The curve is -x² + y² = 1 + d·x²·y² (RFC 8032): y is 1, -1, 0, or one of the two that solve
    d·y⁴ + 2·y² = 1 (then the double has y = 0).
    """
    d = -121665 * pow(121666, -1, _P) % _P
    square = _root((1 + d) % _P)
    squares = [(-1 + square) * pow(d, -1, _P) % _P, (-1 - square) * pow(d, -1, _P) % _P]
    eighth = [_root(one) for one in squares if pow(one, (_P - 1) // 2, _P) == 1]
    ys = [1, _P - 1, 0, *(y for one in eighth for y in (one, _P - one))]
    forms = [y + sign * 2**255 for y in ys for sign in (0, 1)]
    forms += [y + _P + sign * 2**255 for y in ys if y + _P < 2**255 for sign in (0, 1)]
    return [form.to_bytes(32, "little") for form in forms]


def _root(square: int) -> int:
    """Return a square root modulo 2²⁵⁵ - 19."""
    root = pow(square, (_P + 3) // 8, _P)
    if root * root % _P != square:
        root = root * pow(2, (_P - 1) // 4, _P) % _P
    assert root * root % _P == square
    return root


def test_the_forms_of_small_order_are_those_that_everybody_lists() -> None:
    forms = {form.hex() for form in _small_order()}
    assert len(forms) == 14
    assert forms >= {
        "0100000000000000000000000000000000000000000000000000000000000000",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    }


@pytest.mark.parametrize("public", [pytest.param(one, id=one.hex()) for one in _small_order()])
@pytest.mark.parametrize("kind", [ED25519, COSIGNATURE])
def test_no_key_is_of_small_order(public: bytes, kind: int) -> None:
    with pytest.raises(NoteInvalidError, match="anybody"):
        verifier_key("a.example/log", public, kind)
    key = VerifierKey(name="a.example/log", kind=kind, public=public)
    with pytest.raises(NoteInvalidError, match="anybody"):
        parse_key(str(key))


@pytest.mark.parametrize("above", range(19))
def test_no_key_is_written_in_a_second_way(above: int) -> None:
    with pytest.raises(NoteInvalidError):
        verifier_key("a.example/log", (_P + above).to_bytes(32, "little"))


@pytest.mark.parametrize(
    "text",
    [
        "", "+", "++", KEY[:-1], KEY + "=", KEY + "\n", " " + KEY, KEY + " ", "\ufeff" + KEY + "=",
        KEY.replace("530d903a", "530D903A"), KEY.replace("530d903a", "530d903b"),
        KEY.replace("530d903a", "530d903"), KEY.replace("530d903a", "0530d903a"),
        KEY.replace("530d903a", ""), KEY.replace("530d903a", "５30d903a"),
        KEY.replace("foo", "bar"), KEY.replace("example.com/foo", ""), KEY.replace("foo", "f oo"),
        KEY.replace("foo", "f\u2003oo"), KEY.replace("+A", "+B"), KEY.replace("+530d903a+", " "),
        "example.com/foo+530d903a+", "example.com/foo+530d903a+AQ==", KEY.replace("k", "l"),
    ],
)  # fmt: skip
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(NoteInvalidError):
        parse_key(text)


@pytest.mark.parametrize("count", [0, 1, 31, 33, 64])
def test_a_key_has_its_length(count: int) -> None:
    with pytest.raises(NoteInvalidError, match="bytes"):
        verifier_key("a.example/log", bytes([9]) * count)
    for kind in (ED25519, COSIGNATURE):
        with pytest.raises(NoteInvalidError):
            parse_key(str(VerifierKey(name="a", kind=kind, public=bytes([9]) * count)))


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\tb", "a\nb", "\u00a0", "a\u2028"])
def test_what_is_no_name_of_a_key(name: str) -> None:
    with pytest.raises(NoteInvalidError):
        verifier_key(name, A.key.public)


POINT = bytes.fromhex(
    "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
"""The public key of the example in GB/T 32918.5."""


def test_a_key_of_the_national_algorithm_is_told_by_its_identifier() -> None:
    point = POINT
    key = VerifierKey(name="a.example/log/sm3", kind=OTHER, identifier=SM2_SM3, public=point)
    assert parse_key(str(key)) == key
    assert base64.b64decode(str(key).split("+", 2)[2]) == b"\xff" + SM2_SM3 + point
    note = Note(TEXT, (Signature(name=key.name, key_id=key.key_id, value=b"s" * 64),))
    assert verify(note, [key]) == ()
    seen = []

    def check(by: VerifierKey, text: bytes, value: bytes) -> None:
        seen.append((by, text, value))

    (one,) = verify(note, [key], {SM2_SM3: check})
    assert (one.key, one.time) == (key, None)
    assert seen == [(key, TEXT.encode(), b"s" * 64)]


@pytest.mark.parametrize(
    "public",
    [b"", b"\x04" + bytes(63), b"\x04" + bytes(65), b"\x02" + bytes(64), POINT[:-1] + b"\x12"],
)
def test_a_key_of_the_national_algorithm_is_a_point(public: bytes) -> None:
    key = VerifierKey(name="a", kind=OTHER, identifier=SM2_SM3, public=public)
    with pytest.raises(NoteInvalidError):
        parse_key(str(key))


@pytest.mark.parametrize("kind", [0, 2, 5, 6, 0xFA])
def test_a_known_key_of_an_unknown_kind_cannot_be_passed_over(kind: int) -> None:
    key = parse_key(str(VerifierKey(name="a", kind=kind, public=b"some key")))
    note = Note(TEXT, (Signature(name="a", key_id=key.key_id, value=b"x" * 64),))
    with pytest.raises(NoteInvalidError, match="kind"):
        verify(note, [key])
    assert verify(signed(A), [key, A.key])[0].key == A.key


def test_the_id_is_of_name_kind_and_key() -> None:
    key = A.key
    ids = {
        one.key_id
        for one in (key, Signer("b.example/log", 1).key, Signer(key.name, 2).key,
                    Signer(key.name, 1, COSIGNATURE).key)
    }  # fmt: skip
    assert len(ids) == 4
