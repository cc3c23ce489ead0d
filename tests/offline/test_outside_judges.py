"""What is exported is accepted by programs that are not ours, and refused by them when changed."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from assetctl.domain.checkpoint import parse_checkpoint, parse_proof
from assetctl.domain.note import parse_note
from assetctl.domain.policy import parse_policy
from assetctl.offline import verify
from tests.conftest import Register
from tests.offline.judges import AUDIT, BUILD, PROOF, judged, outside_python
from tests.offline.maker import SUBJECT, Book, dossier, sample

pytestmark = pytest.mark.outside

NOW = 1_795_000_060
"""A minute after the witnesses of `maker` sign."""


@pytest.fixture(scope="session")
def outside() -> Path:
    return outside_python()


@pytest.fixture
def exported(desk: Register, tmp_path: Path) -> Path:
    """A log of two full bundles and more, exported once early and once late."""
    out = tmp_path / "log"
    desk.ok("seal")
    desk.ok("export", "log", "--out", out)
    rows = "\n".join(f"书架{number},A05010201,U1,W1" for number in range(600))
    lines = tmp_path / "list.csv"
    lines.write_text(f"名称,分类代码,权属单位,存放地点\n{rows}\n", encoding="utf-8")
    desk.ok("import", "assets", lines)
    desk.ok("seal")
    desk.ok("export", "log", "--out", out)
    return out


def key_of(folder: Path) -> str:
    return str(parse_policy((folder / "policy").read_text(encoding="utf-8")).logs[0])


def test_aics_tlog_audits_an_exported_log(exported: Path, outside: Path) -> None:
    size = parse_checkpoint(parse_note((exported / "checkpoint").read_text("utf-8")).text).size
    given: dict[str, Any] = {
        "folder": str(exported), "vkey": key_of(exported),
        "indexes": [0, 1, 255, 256, size // 2, size - 1],
        "olds": [1, 255, 256, 257, size // 2, size - 1, size],
    }  # fmt: skip
    found = judged(outside, AUDIT, **given)
    assert found == {"ok": True, "size": size, "tiles": size // 256 + 2, "bundles": size // 256 + 1}
    for name in ("tile/0/000", "tile/0/001", "tile/entries/001", "tile/1/000.p/2", "checkpoint"):
        path = exported / name
        data = path.read_bytes()
        path.write_bytes(data[:40] + bytes([data[40] ^ 1]) + data[41:])
        assert not judged(outside, AUDIT, **given)["ok"], name
        path.write_bytes(data)
    assert judged(outside, AUDIT, **given)["ok"]


def test_the_command_line_of_aics_tlog_reads_the_folder(exported: Path, outside: Path) -> None:
    """As somebody would use it who never heard of assetctl."""
    entry = exported.parent / "entry"
    data = (exported / "tile/entries/000").read_bytes()
    entry.write_bytes(data[2 : 2 + int.from_bytes(data[:2], "big")])
    for file, code in ((entry, 0), (exported / "policy", 1)):
        done = subprocess.run(
            [outside, "-m", "aics_tlog", "verify-inclusion", "--tiles", exported, "--log-key",
             key_of(exported), "--leaf", file, "--index", "0"],
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr


def test_what_aics_tlog_builds_is_proven_by_the_verifier(tmp_path: Path, outside: Path) -> None:
    """The other way round: their tiles and their checkpoint, our verifier."""
    book = Book()
    for number in range(700):
        book.add(f"asset:{number % 9}", "asset.moved", {"place": f"W{number}"})
    book.snapshot()
    book.add(SUBJECT, "asset.registered")
    folder = tmp_path / "log"
    folder.mkdir()
    judged(outside, BUILD, entries=[one.hex() for one in book.entries], folder=str(folder),
           seed=sha256(b"log").hexdigest(), origin=book.origin)  # fmt: skip
    (folder / "policy").write_text(book.policy(), encoding="utf-8")
    assert verify.main([str(folder), "--lang", "en"]) == 0
    shutil.rmtree(folder / "tile" / "1")
    assert verify.main([str(folder), "--lang", "en"]) == 7


def test_dnsid_verifies_the_proofs_of_a_dossier(
    desk: Register, tmp_path: Path, outside: Path
) -> None:
    out = tmp_path / "dossier.zip"
    desk.ok("export", "dossier", desk.register(), "--out", out)
    with zipfile.ZipFile(out) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    # By that program's rules a log without witnesses is for trials only.
    _judge_proofs(members, outside, scope="testnet")


def test_dnsid_verifies_proofs_with_witnesses(outside: Path) -> None:
    book = sample(witnesses=("a", "b"))
    policy = book.policy().replace("quorum none", "group g all a b\nquorum g")
    _judge_proofs(dossier(book) | {"policy": policy.encode()}, outside, scope="public")
    alone = dossier(sample(witnesses=("a",)))
    said = judged(
        outside, PROOF, policy=policy, proof=alone["proofs/000001.tlog-proof"].decode(),
        entry=alone["entries/000001.json"].hex(), scope="public", now=NOW,
    )  # fmt: skip
    assert not said["ok"], "one witness of two"


def _judge_proofs(members: dict[str, bytes], python: Path, *, scope: str) -> None:
    """Have every proof of a dossier judged, and two that were changed."""
    names = [name.removesuffix(".tlog-proof") for name in members if name.endswith(".tlog-proof")]
    assert len(names) >= 3
    given: dict[str, Any] = {"policy": members["policy"].decode(), "scope": scope, "now": NOW}
    for name in names:
        proof = members[f"{name}.tlog-proof"].decode()
        entry = members[f"{name.replace('proofs/', 'entries/')}.json"]
        said = judged(python, PROOF, **given, proof=proof, entry=entry.hex())
        assert said["ok"], (name, said)
    assert not judged(python, PROOF, **given, proof=proof, entry=(entry + b" ").hex())["ok"]
    index = parse_proof(proof).index
    moved = proof.replace(f"index {index}\n", f"index {index + 1}\n")
    assert not judged(python, PROOF, **given, proof=moved, entry=entry.hex())["ok"]
