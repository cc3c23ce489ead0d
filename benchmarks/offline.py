"""The verifier that is one file, over an exported log, against merely parsing and hashing it."""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from hashlib import sha256
from io import StringIO
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assetctl.domain.note import Note, Signature, verifier_key
from assetctl.domain.policy import Policy
from assetctl.offline import verify
from assetctl.reads.log import head_of
from assetctl.reads.tiles import log_files
from assetctl.store.engine import Store
from benchmarks.registers import new_register
from benchmarks.timing import Row, cost_of, in_turns, per_second, rows_of
from benchmarks.verifying import live


def offline(folder: Path, *, quick: bool) -> list[Row]:
    """Check an exported log of 1,000 things that were lent over and over."""
    register = new_register(folder / "home", assets=1000)
    live(register, loans=2 if quick else 20)
    out = folder / "log"
    size = _export(register.url, out)
    pairs = in_turns(
        lambda: cost_of(lambda: _verify(out)), lambda: cost_of(lambda: _parse(out)),
        5 if quick else 11,
    )  # fmt: skip
    return rows_of(
        f"verify.py over {size:,} entries against parsing and hashing them", pairs,
        show=per_second(size), speed=False, at_most=3.0, goal_on=("cpu",),
    )  # fmt: skip


def _export(url: str, out: Path) -> int:
    """Write the log with a key of our own; return its size."""
    store, private = Store(url), Ed25519PrivateKey.generate()
    with store.reading() as connection:
        head = head_of(connection)
        key = verifier_key(head.origin, private.public_key().public_bytes_raw())
        value = private.sign(str(head).encode())
        note = Note(str(head), (Signature(name=key.name, key_id=key.key_id, value=value),))
        files = {"checkpoint": str(note), "policy": str(Policy(logs=(key,)))}
        for name, data in log_files(connection, head):
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (out / name).write_bytes(data)
    store.close()
    for name, text in files.items():
        (out / name).write_text(text, encoding="utf-8")
    return head.size


def _verify(out: Path) -> None:
    with redirect_stdout(StringIO()) as said:
        if verify.main([str(out), "--lang", "en"]):
            raise RuntimeError(said.getvalue())


def _parse(out: Path) -> None:
    for path in sorted((out / "tile" / "entries").rglob("*")):
        data, at = path.read_bytes() if path.is_file() else b"", 0
        while at < len(data):
            end = at + 2 + int.from_bytes(data[at : at + 2], "big")
            entry = data[at + 2 : end]
            json.loads(entry)
            sha256(b"\x00" + entry).digest()
            at = end
