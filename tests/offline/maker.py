"""A small log of its own, and dossiers and folders of tiles made from it, to test the verifier.

It is made from `domain` alone, entry by entry, so that a test can record what the program would
refuse: signatures of revoked keys, snapshots that lie, chains that fork.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assetctl.domain import chain, merkle
from assetctl.domain.checkpoint import Checkpoint, TlogProof
from assetctl.domain.note import (
    COSIGNATURE,
    Note,
    Signature,
    VerifierKey,
    cosignature,
    cosigned_text,
    verifier_key,
)

ORIGIN = "warehouse.test/log/1"
SUBJECT = "asset:K7M29QXD4F"
TILE = 256
FREE = {"README.txt", "verify.py", "timeline.html", "timeline.pdf"}
"""Members of a dossier in which nothing is proven."""


def private(seed: str) -> Ed25519PrivateKey:
    """Return a key that is always the same for the same word."""
    return Ed25519PrivateKey.from_private_bytes(sha256(seed.encode()).digest())


def public(seed: str) -> bytes:
    """Return its public half."""
    return private(seed).public_key().public_bytes_raw()


def instant(second: int) -> str:
    """Return an instant of a made-up day."""
    return f"2026-11-23T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.000000Z"


@dataclass
class Book:
    """A log as it grows: its entries in sealed order, and what is disclosed of them."""

    origin: str = ORIGIN
    witnesses: Sequence[str] = ()
    quorum: str = "none"
    log_key: str = "log"
    entries: list[bytes] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)
    disclosures: list[tuple[int, str]] = field(default_factory=list)
    files: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    lie: list[dict[str, Any]] | None = None
    """What snapshots say the log was like at any size, if that is not the truth."""

    def __post_init__(self) -> None:
        if not self.entries:
            genesis = chain.genesis_entry(
                origin=self.origin, nonce=bytes(32), vkey=str(self.vkey)
            )  # fmt: skip
            self.entries.append(genesis)
            self.subjects.append("")

    @property
    def vkey(self) -> VerifierKey:
        """The key of the log."""
        return verifier_key(self.origin, public(self.log_key))

    @property
    def leaves(self) -> list[bytes]:
        """The leaf hash of every entry."""
        return [chain.leaf_hash(one) for one in self.entries]

    def add(
        self, subject: str, kind: str, data: Mapping[str, Any] | None = None, /, *,
        personal: Mapping[str, str] | None = None, key: str = "", **more: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """Record an entry; `key` signs it as an operator does; `more` overrides fields."""
        indexes = [at for at, one in enumerate(self.subjects) if one == subject]
        before = chain.leaf_hash(self.entries[indexes[-1] if indexes else 0])
        number = len(self.entries)
        fields: dict[str, Any] = {
            "_": chain.EVENT, "actor": "0001", "at": instant(number), "data": dict(data or {}),
            "id": f"{number:032x}", "kind": kind, "n": len(indexes) + 1, "p": chain.b64(before),
            "rec": instant(number), "req": f"{number:032x}", "st": "desk-1", "subject": subject,
        }  # fmt: skip
        for path, value in (personal or {}).items():
            salt = sha256(f"{number}{path}".encode()).digest()
            self.disclosures.append((number, chain.disclosure(salt, path, value)))
        if personal:
            mine = [text for at, text in self.disclosures if at == number]
            fields["sd"] = sorted(chain.disclosure_digest(one) for one in mine)
        fields |= more
        if key:
            fields["by"] = key
            fields["sig"] = act_signature(fields, key)
        self.entries.append(chain.canonical(fields))
        self.subjects.append(subject)
        return fields

    def add_key(self, code: str, party: str = "0002", purpose: str = "operator") -> None:
        """Record the key of an operator or a station."""
        data = {"algorithm": "ed25519", "party": party, "public": public(code).hex(),
                "purpose": purpose}  # fmt: skip
        self.add(f"key:{code}", "key.created", data)

    def attach(self, subject: str, content: bytes, role: str = "photo") -> str:
        """Record a file; return its hash."""
        digest = sha256(content).hexdigest()
        self.files[digest] = (content, role)
        data = {"byte_count": len(content), "media_type": "image/png", "role": role,
                "sha256": digest}  # fmt: skip
        self.add(subject, "asset.attached", data, personal={"title": "正面照片"})
        return digest

    def state(self, size: int) -> list[dict[str, Any]]:
        """Return the leaves of a snapshot of the first so many entries."""
        if self.lie is not None:
            return self.lie
        heads: dict[str, tuple[int, bytes]] = {}
        for subject, entry in zip(self.subjects[1:size], self.entries[1:size], strict=True):
            n = heads.get(subject, (0, b""))[0] + 1
            heads[subject] = (n, chain.leaf_hash(entry))
        ordered = sorted(heads.items(), key=lambda one: one[0].encode())
        return [{"a": subject, "h": chain.b64(leaf), "n": n} for subject, (n, leaf) in ordered]

    def snapshot(self, size: int | None = None, **more: Any) -> None:
        """Record a snapshot of all subjects, of the log as it is or as it was."""
        at = len(self.entries) if size is None else size
        told = [chain.leaf_hash(chain.canonical(one)) for one in self.state(at)]
        root = chain.b64(merkle.tree_root(told))
        self.add("log", "log.snapshot_taken", {"count": len(told), "root": root, "size": at} | more)

    def head(self, size: int | None = None) -> Checkpoint:
        """Return what a checkpoint says of the first so many entries."""
        leaves = self.leaves[: len(self.entries) if size is None else size]
        return Checkpoint(origin=self.origin, size=len(leaves), root=merkle.tree_root(leaves))

    def checkpoint(self, size: int | None = None) -> Note:
        """Return it signed by the log and cosigned by the witnesses."""
        text = str(self.head(size))
        signatures = [sign(self.vkey, self.log_key, text)]
        for name in self.witnesses:
            key = verifier_key(f"witness.test/{name}", public(name), COSIGNATURE)
            signed = private(name).sign(cosigned_text(text.encode(), 1_795_000_000))
            signatures.append(cosignature(key, 1_795_000_000, signed))
        return Note(text, tuple(signatures))

    def policy(self) -> str:
        """Return whom to believe."""
        lines = [f"log {self.vkey}"]
        for name in self.witnesses:
            key = verifier_key(f"witness.test/{name}", public(name), COSIGNATURE)
            lines.append(f"witness {name} {key}")
        return "\n".join([*lines, f"quorum {self.quorum}", ""])

    def proof(self, index: int) -> str:
        """Return the proof that an entry stands in the log as it is."""
        leaves = self.leaves
        ranges = merkle.inclusion_ranges(index, len(leaves))
        proof = tuple(merkle.tree_root(leaves[start:end]) for start, end in ranges)
        return str(TlogProof(index=index, proof=proof, note=self.checkpoint()))


def sign(key: VerifierKey, seed: str, text: str) -> Signature:
    """Return the signature of a log under the text of a checkpoint."""
    value = private(seed).sign(text.encode())
    return Signature(name=key.name, key_id=key.key_id, value=value)


def act_signature(fields: Mapping[str, Any], key: str) -> str:
    """Return the signature of an operator under an entry that names his key."""
    bare = {name: one for name, one in fields.items() if name not in ("n", "p", "rec", "sig")}
    return chain.b64(private(key).sign(b"assetctl/act@1\n" + chain.canonical(bare)))


# --- dossiers ------------------------------------------------------------------------------------


def dossier(book: Book, subject: str = SUBJECT, keys: Sequence[str] = ()) -> dict[str, bytes]:
    """Return the members of a dossier about a subject, as docs/dossier.md has them."""
    members = {
        "README.txt": "材料包说明 / about this dossier\n".encode(),
        "verify.py": b"raise SystemExit('the verifier of a dossier is never run')\n",
        "checkpoint": str(book.checkpoint()).encode(),
        "policy": book.policy().encode(),
        "timeline.html": b"<html></html>\n",
        "timeline.pdf": b"%PDF-1.7\n",
    }
    _put(members, book, 0, "genesis", "genesis")
    mine = _put_chain(members, book, subject, "entries", "proofs")
    for code in keys:
        _put_chain(members, book, f"key:{code}", f"keys/{code}", f"keys/{code}")
    given = [text for at, text in book.disclosures if at in mine]
    if given:
        members["disclosures.txt"] = "".join(f"{text}\n" for text in given).encode()
    has_snapshot = _put_snapshot(members, book, subject)
    listed = []
    for digest, (content, role) in book.files.items():
        members[f"files/{digest}.png"] = content
        listed.append({"name": f"files/{digest}.png", "role": role, "sha256": digest})
    about = {
        "_": "assetctl/dossier@1", "entries": len(mine), "files": listed, "made": instant(86_399),
        "origin": book.origin, "size": len(book.entries), "snapshot": has_snapshot,
        "subject": subject,
    }  # fmt: skip
    return {"dossier.json": chain.canonical(about)} | members


def _put(members: dict[str, bytes], book: Book, index: int, entry: str, proof: str) -> None:
    members[f"{entry}.json"] = book.entries[index]
    members[f"{proof}.tlog-proof"] = book.proof(index).encode()


def _put_chain(
    members: dict[str, bytes], book: Book, subject: str, entry: str, proof: str
) -> list[int]:
    indexes = [at for at, one in enumerate(book.subjects) if one == subject]
    for n, index in enumerate(indexes, 1):
        _put(members, book, index, f"{entry}/{n:06}", f"{proof}/{n:06}")
    return indexes


def _put_snapshot(members: dict[str, bytes], book: Book, subject: str) -> bool:
    found = [at for at, one in enumerate(book.entries) if b'"kind":"log.snapshot_taken"' in one]
    if not found:
        return False
    _put(members, book, found[-1], "snapshot", "snapshot")
    told = book.state(chain.parse_entry("log", 1, book.entries[found[-1]])["data"]["size"])
    index = [one["a"] for one in told].index(subject)
    leaves = [chain.leaf_hash(chain.canonical(one)) for one in told]
    ranges = merkle.inclusion_ranges(index, len(leaves))
    proof = [chain.b64(merkle.tree_root(leaves[start:end])) for start, end in ranges]
    complete = {"index": index, "leaf": told[index], "proof": proof}
    members["completeness.json"] = chain.canonical(complete)
    return True


def pack(members: Mapping[str, bytes], path: Path) -> Path:
    """Write members into a ZIP file; return where it is."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    path.write_bytes(buffer.getvalue())
    return path


def sample(**more: Any) -> Book:
    """Return a log in which one asset has a life, with everything that a dossier can hold."""
    book = Book(**more)
    book.add_key("op-2")
    book.add(SUBJECT, "asset.registered", {"holder": "U1", "name": "台式计算机", "place": "W1"})
    book.add("party:0002", "party.added", {"party_kind": "person"},
             personal={"person_name": "测试甲"})  # fmt: skip
    book.add(SUBJECT, "asset.checked_out", {"doc": "借〔2026〕1号", "holder": "0002"},
             personal={"note": "带电源"}, key="op-2", actor="0002")  # fmt: skip
    book.attach(SUBJECT, b"\x89PNG made up")
    book.snapshot()
    book.add(SUBJECT, "asset.checked_in", {"holder": "U1", "place": "W1"}, at=instant(1))
    book.add("place:W2", "place.added", {"name": "二号公物仓", "place_kind": "warehouse"})
    return book


# --- folders of tiles ----------------------------------------------------------------------------


def write_log(book: Book, folder: Path) -> Path:
    """Write a log as tiles, with what lies beside them; return the folder."""
    write_tiles(book.entries, folder)
    (folder / "checkpoint").write_text(str(book.checkpoint()), encoding="utf-8")
    (folder / "policy").write_text(book.policy(), encoding="utf-8")
    if book.disclosures:
        lines = "".join(f"{text}\n" for _, text in book.disclosures)
        (folder / "disclosures.txt").write_text(lines, encoding="utf-8")
    return folder


def write_tiles(entries: Sequence[bytes], folder: Path) -> None:
    """Write entries as tiles and bundles, by the plain definition of C2SP tlog-tiles."""
    leaves, size = [merkle.leaf_hash(one) for one in entries], len(entries)
    level, hashes = 0, leaves
    while hashes:
        for start in range(0, len(hashes), TILE):
            _write_tile(folder, level, start // TILE, hashes[start : start + TILE])
        width = TILE ** (level + 1)
        hashes = [merkle.tree_root(leaves[one * width : (one + 1) * width])
                  for one in range(size // width)]  # fmt: skip
        level += 1
    framed = [len(one).to_bytes(2, "big") + one for one in entries]
    for start in range(0, size, TILE):
        _write_tile(folder, "entries", start // TILE, framed[start : start + TILE])


def _write_tile(folder: Path, level: int | str, n: int, parts: Sequence[bytes]) -> None:
    assert n < 1000, "tests that need longer paths use the exporter"
    name = f"tile/{level}/{n:03}" + (f".p/{len(parts)}" if len(parts) < TILE else "")
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(b"".join(parts))
