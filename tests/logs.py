"""A log to test with: it has a key, grows, forks, signs what it is told, proves what holds."""

from __future__ import annotations

from functools import cached_property

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assetctl.domain import merkle
from assetctl.domain.checkpoint import Checkpoint, Request
from assetctl.domain.note import (
    COSIGNATURE,
    ED25519,
    Note,
    Signature,
    VerifierKey,
    cosignature,
    cosigned_text,
    verifier_key,
)


class Signer:
    """A key made from a number, so that every run has the same one."""

    def __init__(self, name: str, seed: int = 1, kind: int = ED25519) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed.to_bytes(32, "big"))
        self.key: VerifierKey = verifier_key(
            name, self._private.public_key().public_bytes_raw(), kind
        )

    def sign(self, text: str, time: int = 1_790_000_000) -> Signature:
        """Sign the text of a note; a witness names the time."""
        if self.key.kind == COSIGNATURE:
            return cosignature(self.key, time, self.raw(cosigned_text(text.encode(), time)))
        return Signature(name=self.key.name, key_id=self.key.key_id, value=self.raw(text.encode()))

    def raw(self, data: bytes) -> bytes:
        """Sign bytes."""
        return self._private.sign(data)


class Log(Signer):
    """A log of numbered entries; `mark` makes the entries of a fork others."""

    def __init__(self, origin: str = "log.example/a", seed: int = 1) -> None:
        super().__init__(origin, seed)
        self.origin = origin
        self.leaves: list[bytes] = []

    def grow(self, size: int, mark: str = "") -> Log:
        """Add entries until there are `size`."""
        for number in range(len(self.leaves), size):
            self.leaves.append(merkle.leaf_hash(f"{mark}{number}".encode()))
        return self

    def fork(self, at: int, size: int) -> Log:
        """Return a log of the same name and key that goes on otherwise from `at`."""
        other = type(self).__new__(type(self))
        other.__dict__ |= self.__dict__ | {"leaves": self.leaves[:at]}
        return other.grow(size, "fork")

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        """Return the head of the log, or what it was at a size."""
        size = len(self.leaves) if size is None else size
        root = merkle.tree_root(self.leaves[:size])
        return Checkpoint(origin=self.origin, size=size, root=root)

    def note(self, size: int | None = None) -> Note:
        """Return a signed checkpoint."""
        text = str(self.checkpoint(size))
        return Note(text, (self.sign(text),))

    def proof(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return the proof that the tree at `new` continues that at `old`."""
        return tuple(
            merkle.tree_root(self.leaves[start:end])
            for start, end in merkle.consistency_ranges(old, new)
        )

    def request(self, old: int, new: int | None = None) -> str:
        """Return the body that asks a witness to cosign the log at `new`."""
        new = len(self.leaves) if new is None else new
        return str(Request(old=old, proof=self.proof(old, new), note=self.note(new)))

    @cached_property
    def vkey(self) -> str:
        """The key as people hand it on."""
        return str(self.key)
