"""RFC 6962 trees: roots, inclusion and consistency, and which subtrees a proof is made of.

A leaf is `H(0x00 || entry)`, a node `H(0x01 || left || right)`, the empty tree `H("")`; a tree of n
leaves splits at the largest power of two below n (RFC 6962, 2.1). Nothing here knows where hashes
are kept: a proof is planned as ranges of leaves, and whoever holds the hashes fills them in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

from assetctl.errors import ProofInvalidError
from assetctl.i18n import N_, Phrase

Digest = Callable[[bytes], bytes]
"""A hash function from bytes to 32 bytes."""

Range = tuple[int, int]
"""Leaves from the first to before the second: a subtree of RFC 6962."""

SIZE = 32
"""Bytes of a hash."""

_LEAF = b"\x00"
_NODE = b"\x01"


def sha256(data: bytes) -> bytes:
    """Return the SHA-256 of some bytes."""
    return hashlib.sha256(data).digest()


def sm3(data: bytes) -> bytes:
    """Return the SM3 (GB/T 32905) of some bytes; by `cryptography` where OpenSSL lacks it."""
    try:
        return hashlib.new("sm3", data).digest()
    except ValueError:
        from cryptography.hazmat.primitives.hashes import SM3, Hash

        hasher = Hash(SM3())
        hasher.update(data)
        return hasher.finalize()


DIGESTS: dict[str, Digest] = {"sha256": sha256, "sm3": sm3}
"""The hash functions a tree can be built with; entries are chained by SHA-256 in any case."""


def leaf_hash(entry: bytes, digest: Digest = sha256) -> bytes:
    """Return the hash of an entry as a leaf."""
    return digest(_LEAF + entry)


def node_hash(left: bytes, right: bytes, digest: Digest = sha256) -> bytes:
    """Return the hash of a node above two others."""
    return digest(_NODE + left + right)


class Frontier:
    """A tree as it grows: the roots of its perfect subtrees, the largest first."""

    __slots__ = ("_digest", "roots", "size")

    def __init__(self, digest: Digest = sha256) -> None:
        self._digest = digest
        self.roots: list[bytes] = []
        self.size = 0

    def append(self, leaf: bytes) -> None:
        """Add one leaf."""
        roots, size = self.roots, self.size
        roots.append(leaf)
        while size & 1:
            right = roots.pop()
            roots[-1] = self._digest(_NODE + roots[-1] + right)
            size >>= 1
        self.size += 1

    def root(self) -> bytes:
        """Return the root of the tree so far."""
        return fold(self.roots, self._digest)


def fold(roots: Sequence[bytes], digest: Digest = sha256) -> bytes:
    """Return the root above perfect subtrees that stand side by side, the largest first."""
    if not roots:
        return digest(b"")
    root = roots[-1]
    for left in reversed(roots[:-1]):
        root = digest(_NODE + left + root)
    return root


def tree_root(leaves: Iterable[bytes], digest: Digest = sha256) -> bytes:
    """Return the root of a tree of leaf hashes."""
    row = list(leaves)
    if not row:
        return digest(b"")
    while len(row) > 1:
        # A node without a right neighbour goes up as it is: that is where the tree splits.
        odd = row[len(row) & ~1 :]
        pairs = zip(row[::2], row[1::2], strict=False)
        if digest is sha256:  # without the call, of which there is one a leaf
            row = [hashlib.sha256(_NODE + left + right).digest() for left, right in pairs] + odd
        else:
            row = [digest(_NODE + left + right) for left, right in pairs] + odd
    return row[0]


def perfect(span: Range) -> list[tuple[int, int]]:
    """Return a subtree as perfect ones, the largest first: level and index at that level each.

    A perfect subtree of level l and index i has the leaves from i * 2^l to before (i + 1) * 2^l.
    """
    start, end = span
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Return the subtrees whose roots prove leaf `index` in a tree of `size`, the nearest first.

    Raises:
        ProofInvalidError: there is no such leaf.
    """
    if not 0 <= index < size:
        reason = Phrase(N_("leaf {index} is not in a tree of {size}"), index=index, size=size)
        raise ProofInvalidError(reason=reason)
    found: list[Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """Return the subtrees whose roots prove that a tree of `new` begins with one of `old`.

    From an empty tree, and to a tree of the same size, nothing needs to be proven.

    Raises:
        ProofInvalidError: the older tree is the larger one.
    """
    if not 0 <= old <= new:
        reason = Phrase(N_("a tree of {new} cannot follow one of {old}"), old=old, new=new)
        raise ProofInvalidError(reason=reason)
    if old in (0, new):
        return []
    found: list[Range] = []
    start, end, whole = 0, new, True
    while old < end:
        middle = start + _split(end - start)
        if old <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start, whole = middle, False
    if not whole:
        found.append((start, end))
    return found[::-1]


def check_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes,
    digest: Digest = sha256,
) -> None:  # fmt: skip
    """Check that `leaf` stands at `index` in the tree of `size` with this root (RFC 9162, 2.1.3.2).

    Raises:
        ProofInvalidError: it does not, or the proof is not of the right form.
    """
    if not 0 <= index < size:
        reason = Phrase(N_("leaf {index} is not in a tree of {size}"), index=index, size=size)
        raise ProofInvalidError(reason=reason)
    _must_be_hashes((leaf, root, *proof))
    value = leaf
    for step, is_left in _climb(index, size - 1, proof):
        value = node_hash(step, value, digest) if is_left else node_hash(value, step, digest)
    if value != root:
        raise ProofInvalidError(reason=Phrase(N_("the proof leads to another root")))


def check_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes],
    digest: Digest = sha256,
) -> None:  # fmt: skip
    """Check that the newer tree begins with the older one (RFC 9162, 2.1.4.2).

    Raises:
        ProofInvalidError: it does not, or the proof is not of the right form.
    """
    if not 0 <= old <= new:
        reason = Phrase(N_("a tree of {new} cannot follow one of {old}"), old=old, new=new)
        raise ProofInvalidError(reason=reason)
    _must_be_hashes((old_root, new_root, *proof))
    if old in (0, new):
        _check_trivial(old, new, old_root, new_root, proof, digest)
        return
    steps = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not steps:
        raise ProofInvalidError(reason=Phrase(N_("the proof is too short")))
    position, last = old - 1, new - 1
    while position & 1:
        position >>= 1
        last >>= 1
    older = newer = steps[0]
    for step, is_left in _climb(position, last, steps[1:]):
        if is_left:
            older, newer = node_hash(step, older, digest), node_hash(step, newer, digest)
        else:
            newer = node_hash(newer, step, digest)
    if older != old_root:
        raise ProofInvalidError(reason=Phrase(N_("the proof does not begin at the older root")))
    if newer != new_root:
        raise ProofInvalidError(reason=Phrase(N_("the proof leads to another root")))


def _climb(position: int, last: int, proof: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Give each hash of a proof on the way up, and whether it stands on the left."""
    for step in proof:
        if last == 0:
            raise ProofInvalidError(reason=Phrase(N_("the proof is too long")))
        is_left = bool(position & 1) or position == last
        while is_left and position and not position & 1:
            position >>= 1
            last >>= 1
        yield step, is_left
        position >>= 1
        last >>= 1
    if last:
        raise ProofInvalidError(reason=Phrase(N_("the proof is too short")))


def _check_trivial(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes], digest: Digest
) -> None:
    if proof:
        raise ProofInvalidError(reason=Phrase(N_("the proof is too long")))
    if old == new and old_root != new_root:
        raise ProofInvalidError(reason=Phrase(N_("two roots are given for one size")))
    if old == 0 and old_root != digest(b""):
        raise ProofInvalidError(reason=Phrase(N_("the proof does not begin at the older root")))
    if new == 0 and new_root != digest(b""):
        raise ProofInvalidError(reason=Phrase(N_("the proof leads to another root")))


def _must_be_hashes(values: Iterable[bytes]) -> None:
    for value in values:
        if len(value) != SIZE:
            reason = Phrase(N_("a hash of {count} bytes"), count=len(value))
            raise ProofInvalidError(reason=reason)


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1
