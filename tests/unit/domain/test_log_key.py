"""Keys of the log: how an older one answers for a new one."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assetctl.domain.log_key import check_vouched, code_of, vkey_of, vouching_text
from assetctl.domain.note import VerifierKey, verifier_key
from assetctl.errors import NoteInvalidError

OLD, NEW, STRANGE = (Ed25519PrivateKey.from_private_bytes(bytes([n] * 32)) for n in (1, 2, 3))


def vkey(key: Ed25519PrivateKey, name: str = "a.example/log") -> VerifierKey:
    return verifier_key(name, key.public_key().public_bytes_raw())


def vouched(key: Ed25519PrivateKey, text: bytes) -> str:
    return base64.urlsafe_b64encode(key.sign(text)).decode().rstrip("=")


def test_the_bytes_that_are_signed_are_those_of_the_rule() -> None:
    assert vouching_text(vkey(NEW)) == f"assetctl/key@1\n{vkey(NEW)}".encode()
    found = check_vouched(vkey(NEW), vouched(OLD, vouching_text(vkey(NEW))), [vkey(OLD)])
    assert found == vkey(OLD)


def test_one_of_several_keys_is_enough() -> None:
    text = vouched(OLD, vouching_text(vkey(NEW)))
    assert check_vouched(vkey(NEW), text, [vkey(STRANGE), vkey(OLD)]) == vkey(OLD)


@pytest.mark.parametrize(
    "text",
    [
        "", "None", "A", "仓", "=" * 86, "A" * 86,
        vouched(STRANGE, vouching_text(vkey(NEW))),
        vouched(NEW, vouching_text(vkey(NEW))),
        vouched(OLD, vouching_text(vkey(STRANGE))),
        vouched(OLD, vouching_text(vkey(NEW, "b.example/log"))),
        vouched(OLD, str(vkey(NEW)).encode()),
        vouched(OLD, vouching_text(vkey(NEW)) + b"\n"),
        vouched(OLD, vouching_text(vkey(NEW))) + "=",
    ],
)  # fmt: skip
def test_nothing_else_vouches_for_a_key(text: str) -> None:
    with pytest.raises(NoteInvalidError):
        check_vouched(vkey(NEW), text, [vkey(OLD)])


def test_nobody_vouches_where_no_key_is_in_use() -> None:
    with pytest.raises(NoteInvalidError):
        check_vouched(vkey(NEW), vouched(OLD, vouching_text(vkey(NEW))), [])


def test_keys_are_counted_tree_by_tree() -> None:
    assert [code_of("sha256", n) for n in (1, 2, 3)] == ["log", "log-2", "log-3"]
    assert [code_of("sm3", n) for n in (1, 2)] == ["log-sm3", "log-sm3-2"]


def test_a_key_of_an_algorithm_is_one_of_its_form() -> None:
    point = bytes.fromhex(
        "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
        "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
    )
    assert vkey_of("a/sm3", "sm2-sm3", point).public == point
    with pytest.raises(NoteInvalidError):
        vkey_of("a", "ed25519", point)
    with pytest.raises(NoteInvalidError):
        vkey_of("a/sm3", "sm2-sm3", point[1:33])
