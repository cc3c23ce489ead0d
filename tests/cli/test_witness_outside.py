"""What a witness signs, judged by programs of other people: aics-tlog and dnsid."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from assetctl.domain import merkle
from assetctl.domain.checkpoint import TlogProof
from assetctl.domain.note import COSIGNATURE, Note, parse_signatures, verify
from assetctl.domain.policy import parse_policy
from assetctl.store.witness import Witness, make_witness
from tests.logs import Log, Signer

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-outside" / "bin" / "python"
NOW = 1_790_000_000
NAME = "audit.example/w1"

pytestmark = [
    pytest.mark.outside,
    pytest.mark.skipif(
        not PYTHON.exists(),
        reason="no outside verifiers: sh tools/install-outside-verifiers.sh (Python 3.12 or newer)",
    ),
]

DNSID = """
import json, sys
from dnsid.c2sp_tlog.policy import parse_c2sp_policy_file
from dnsid.c2sp_tlog.proof import verify_c2sp_tlog_proof

given = json.load(sys.stdin)
try:
    policy = parse_c2sp_policy_file(given["policy"])
    verify_c2sp_tlog_proof(
        given["entry"].encode(), given["proof"], policy, scope="public", now_ms=given["now"] * 1000
    )
except Exception as error:
    print(json.dumps({"ok": False, "why": str(error)}))
else:
    print(json.dumps({"ok": True}))
"""
AICS = """
import json, sys
from aics_tlog.checkpoint import checkpoint_from_note
from aics_tlog.cosign import cosignature_vkey, sign_cosignature
from aics_tlog.note import format_vkey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

given = json.load(sys.stdin)
key = Ed25519PrivateKey.from_private_bytes(bytes([7] * 32))
head, note = checkpoint_from_note(given["note"])
_, line = sign_cosignature(key, given["name"], given["now"], head.origin, head.size, head.root)
note = type(note)(note.text, (*note.signatures, line))
vkey = format_vkey(cosignature_vkey(given["name"], key.public_key()))
print(json.dumps({"vkey": vkey, "note": note.serialise()}))
"""


def judged(code: str, **given: object) -> Any:
    """Run a program of others in its own environment; return what it says."""
    done = subprocess.run(
        [PYTHON, "-c", code], input=json.dumps(given), capture_output=True, text=True, check=True,
        timeout=60,
    )  # fmt: skip
    return json.loads(done.stdout)


def aics(note: Note | str, log: Log, witness: str, folder: Path) -> int:
    """Return how `aics-tlog verify-checkpoint` ends."""
    file = folder / "note"
    file.write_text(str(note), encoding="utf-8")
    return subprocess.run(
        [PYTHON, "-m", "aics_tlog", "verify-checkpoint", "--note", file, "--log-key", log.vkey,
         "--witness-key", witness, "--quorum", "1", "--origin", log.origin],
        capture_output=True, check=False, timeout=60,
    ).returncode  # fmt: skip


@pytest.fixture
def log() -> Log:
    return Log().grow(40)


@pytest.fixture
def witness(tmp_path: Path, log: Log) -> Witness:
    return make_witness(tmp_path / "w", NAME, [log.key])


def cosigned(witness: Witness, log: Log, old: int, new: int) -> Note:
    lines = witness.add_checkpoint(log.request(old, new), NOW)
    return log.note(new).with_signatures(parse_signatures(lines))


def test_aics_tlog_accepts_a_cosigned_checkpoint_and_no_other(
    tmp_path: Path, witness: Witness, log: Log
) -> None:
    first, second = cosigned(witness, log, 0, 9), cosigned(witness, log, 9, 40)
    key = str(witness.key)
    assert aics(first, log, key, tmp_path) == 0
    assert aics(second, log, key, tmp_path) == 0
    assert aics(log.note(40), log, key, tmp_path) != 0
    moved = Note(log.note(40).text, (*log.note(40).signatures, first.signatures[1]))
    assert aics(moved, log, key, tmp_path) != 0
    assert aics(second, log, str(Signer(NAME, 9, COSIGNATURE).key), tmp_path) != 0


def test_what_aics_tlog_cosigns_is_accepted_here(log: Log) -> None:
    made = judged(AICS, note=str(log.note(9)), name="other.example/w", now=NOW)
    policy = parse_policy(f"log {log.vkey}\nwitness w {made['vkey']}\nquorum w\n")
    key = policy.witnesses["w"].key
    *lines, line = made["note"].splitlines(keepends=True)
    note = log.note(9).with_signatures(parse_signatures(line))
    assert str(note) == "".join([*lines, line])
    assert [one.time for one in verify(note, [log.key, key])] == [None, NOW]


def test_dnsid_accepts_a_proof_under_our_policy_and_no_other(witness: Witness, log: Log) -> None:
    note = cosigned(witness, log, 0, 40)
    others = [Signer(f"w{n}.example", 20 + n, COSIGNATURE) for n in range(2)]
    lines = "".join(f"witness w{n} {one.key}\n" for n, one in enumerate(others))
    policy = (
        f"log {log.vkey}\nwitness audit {witness.key}\n{lines}group g 2 audit w0 w1\nquorum g\n"
    )
    policy = str(parse_policy(policy))
    proof = tuple(
        merkle.tree_root(log.leaves[start:end]) for start, end in merkle.inclusion_ranges(23, 40)
    )

    def verdict(note: Note, entry: str = "23", index: int = 23) -> bool:
        text = str(TlogProof(index=index, proof=proof, note=note))
        said = judged(DNSID, policy=policy, proof=text, entry=entry, now=NOW + 60)
        return bool(said["ok"])

    enough = note.with_signatures([others[1].sign(note.text, NOW)])
    assert verdict(enough)
    assert not verdict(note), "one witness of three"
    assert not verdict(enough, entry="24")
    assert not verdict(enough, index=22)
    forged = log.fork(30, 40).note(40)
    assert not verdict(Note(forged.text, (*forged.signatures, *enough.signatures[1:])))
