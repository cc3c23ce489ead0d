"""Verifier keys of signed notes, against the worked example of the specification."""

from __future__ import annotations

import base64
import re

import pytest

from assetctl.domain.note import verifier_key
from tests.conftest import SHARED

SPEC = SHARED / "vectors" / "c2sp-specs" / "signed-note.md"


def rebuilt(vkey: str) -> str:
    """Return the verifier key made anew from the name and the key in another one."""
    name, _key_id, key = vkey.split("+", 2)
    raw = base64.b64decode(key)
    assert raw[:1] == b"\x01"
    return str(verifier_key(name, raw[1:]))


def test_the_example_key_gets_its_id() -> None:
    example = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    assert rebuilt(example) == example


@pytest.mark.outside
@pytest.mark.skipif(not SPEC.exists(), reason="the C2SP specifications are not beside the project")
def test_every_key_in_the_specification_gets_its_id() -> None:
    keys = re.findall(r"^ {4}(\S+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+)$", SPEC.read_text(), re.MULTILINE)
    assert keys
    assert [rebuilt(key) for key in keys] == keys


def test_name_and_key_both_enter_the_id() -> None:
    first = verifier_key("a.example/log", bytes([9] * 32)).key_id
    assert first != verifier_key("b.example/log", bytes([9] * 32)).key_id
    assert first != verifier_key("a.example/log", bytes([10] * 32)).key_id
