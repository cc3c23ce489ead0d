"""Programs of other people, in an environment of their own, and how they are asked."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.offline.conftest import pythons

ROOT = Path(__file__).parents[2]
OUTSIDE = ROOT / ".venv-outside" / "bin" / "python"
SCRIPT = "tools/install-outside-verifiers.sh"
_HAS_BOTH = "import aics_tlog, dnsid.c2sp_tlog"
_IS_ABLE = "import sys; sys.exit(sys.version_info < (3, 12))"

AUDIT = """
import json, sys
from aics_tlog import FileSystemTileReader, audit_tiles, parse_vkey, verify_checkpoint
from aics_tlog import inclusion_proof_from_tiles, consistency_proof_from_tiles, verify_consistency
from aics_tlog import read_entry, verify_leaf_inclusion, tree_root_from_tiles
from aics_tlog.checkpoint import checkpoint_from_note

given = json.load(sys.stdin)
try:
    head, note = checkpoint_from_note(open(given["folder"] + "/checkpoint", "rb").read())
    assert verify_checkpoint(note, parse_vkey(given["vkey"])).ok, "the checkpoint is not signed"
    reader = FileSystemTileReader(given["folder"])
    report = audit_tiles(reader, head.size, head.root)
    for index in given["indexes"]:
        proof = inclusion_proof_from_tiles(reader, index, head.size)
        entry = read_entry(reader, index, head.size)
        assert verify_leaf_inclusion(entry, index, head.size, proof, head.root)
    for old in given["olds"]:
        root = tree_root_from_tiles(reader, old, head.size)
        proof = consistency_proof_from_tiles(reader, old, head.size)
        assert verify_consistency(old, head.size, root, head.root, proof)
    said = {"ok": True, "size": report.size, "tiles": report.tiles, "bundles": report.bundles}
except Exception as error:
    said = {"ok": False, "why": f"{type(error).__name__}: {error}"}
print(json.dumps(said))
"""
"""aics-tlog looks at every tile and bundle, and proves entries and older sizes from them."""

PROOF = """
import json, sys
from dnsid.c2sp_tlog.policy import parse_c2sp_policy_file
from dnsid.c2sp_tlog.proof import verify_c2sp_tlog_proof

given = json.load(sys.stdin)
try:
    policy = parse_c2sp_policy_file(given["policy"])
    verify_c2sp_tlog_proof(bytes.fromhex(given["entry"]), given["proof"], policy,
                           scope=given["scope"], now_ms=given["now"] * 1000)
    said = {"ok": True}
except Exception as error:
    said = {"ok": False, "why": f"{type(error).__name__}: {error}"}
print(json.dumps(said))
"""
"""dnsid verifies a proof file under a policy."""

BUILD = """
import json, sys
from aics_tlog import Checkpoint, MerkleTree, sign_checkpoint
from aics_tlog.tiles import write_tiles
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

given = json.load(sys.stdin)
entries = [bytes.fromhex(one) for one in given["entries"]]
write_tiles(entries, given["folder"])
key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(given["seed"]))
head = Checkpoint(given["origin"], len(entries), MerkleTree(entries).root())
note = sign_checkpoint(head, key, given["origin"])
open(given["folder"] + "/checkpoint", "wb").write(note.to_bytes())
print(json.dumps({"ok": True}))
"""
"""aics-tlog builds tiles and signs a checkpoint."""


def outside_python(needed: str = _HAS_BOTH) -> Path:
    """Return a Python that runs the line `needed`; make the environment if it is not there.

    Skips the test, with the reason, where that cannot be done.
    """
    lock = ROOT / ".stamps" / "outside.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # tests run in several processes
        if not _ends_well(OUTSIDE, needed):
            able = [one for one in pythons() if _ends_well(one, _IS_ABLE)]
            if not able:
                pytest.skip("the programs of others need Python 3.12 or newer")
            subprocess.run(
                ["sh", SCRIPT, able[0]], cwd=ROOT, capture_output=True, check=False, timeout=300,
                env=os.environ | {"PIP_RETRIES": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
            )  # fmt: skip
            if not _ends_well(OUTSIDE, needed):
                pytest.skip(f"what this needs cannot be installed here: {needed}")
    return OUTSIDE


def judged(python: Path, code: str, **given: object) -> Any:
    """Run a program of others in its own environment; return what it says."""
    done = subprocess.run(
        [python, "-I", "-c", code], input=json.dumps(given), capture_output=True, text=True,
        check=True, timeout=120,
    )  # fmt: skip
    return json.loads(done.stdout)


def _ends_well(python: Path, code: str) -> bool:
    if not python.exists():
        return False
    done = subprocess.run([python, "-c", code], capture_output=True, check=False, timeout=60)
    return done.returncode == 0
