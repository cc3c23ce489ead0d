"""RFC 6962 trees against published cases, against the definition, and against each other."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetctl.domain import merkle
from assetctl.errors import ProofInvalidError

_VECTORS = Path(__file__).parents[4] / "shared" / "vectors" / "merkle-rfc6962"

# The eight leaves of RFC 6962 implementations' common test tree, and its root at each size.
_ENTRIES = [bytes.fromhex(one) for one in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
_ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def _leaf(number: int) -> bytes:
    return merkle.leaf_hash(number.to_bytes(4, "big"))


def _root_by_definition(leaves: list[bytes]) -> bytes:
    if not leaves:
        return merkle.sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return merkle.node_hash(
        _root_by_definition(leaves[:middle]), _root_by_definition(leaves[middle:])
    )


def _hashes(leaves: list[bytes], ranges: list[merkle.Range]) -> list[bytes]:
    return [_root_by_definition(leaves[start:end]) for start, end in ranges]


def test_the_roots_are_those_that_everybody_publishes() -> None:
    frontier = merkle.Frontier()
    assert frontier.root().hex() == _ROOTS[0]
    for entry, root in zip(_ENTRIES, _ROOTS[1:], strict=True):
        frontier.append(merkle.leaf_hash(entry))
        assert frontier.root().hex() == root


def test_sm3_is_that_of_the_standard() -> None:
    # GB/T 32905-2016, examples 1 and 2.
    assert merkle.sm3(b"abc").hex() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )
    assert merkle.sm3(b"abcd" * 16).hex() == (
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    )


@given(st.integers(0, 130))
def test_a_growing_tree_has_the_root_of_the_definition(size: int) -> None:
    leaves = [_leaf(number) for number in range(size)]
    assert merkle.tree_root(leaves) == _root_by_definition(leaves)


@given(st.data())
def test_a_subtree_is_the_perfect_ones_it_is_made_of(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 300))
    index = data.draw(st.integers(0, size - 1))
    leaves = [_leaf(number) for number in range(size)]
    for start, end in merkle.inclusion_ranges(index, size):
        parts = merkle.perfect((start, end))
        assert next(i << level for level, i in parts) == start
        roots = [_root_by_definition(leaves[i << lv : (i + 1) << lv]) for lv, i in parts]
        assert merkle.fold(roots) == _root_by_definition(leaves[start:end])


@given(st.data())
def test_every_leaf_is_proven_and_no_other(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 200))
    index = data.draw(st.integers(0, size - 1))
    leaves = [_leaf(number) for number in range(size)]
    root = _root_by_definition(leaves)
    proof = _hashes(leaves, merkle.inclusion_ranges(index, size))
    merkle.check_inclusion(index, size, leaves[index], proof, root)
    other = data.draw(st.integers(0, size + 3).filter(lambda one: one != index))
    with pytest.raises(ProofInvalidError):
        merkle.check_inclusion(other, size, leaves[index], proof, root)
    with pytest.raises(ProofInvalidError):
        merkle.check_inclusion(index, size, _leaf(10**6), proof, root)
    with pytest.raises(ProofInvalidError):
        merkle.check_inclusion(index, size, leaves[index], [*proof, root], root)
    for place in range(len(proof)):
        bad = [*proof[:place], bytes(32), *proof[place + 1 :]]
        with pytest.raises(ProofInvalidError):
            merkle.check_inclusion(index, size, leaves[index], bad, root)
        with pytest.raises(ProofInvalidError):
            merkle.check_inclusion(index, size, leaves[index], proof[:place], root)


@given(st.data())
def test_a_tree_continues_each_of_its_beginnings_and_no_fork(data: st.DataObject) -> None:
    new = data.draw(st.integers(0, 200))
    old = data.draw(st.integers(0, new))
    leaves = [_leaf(number) for number in range(new)]
    before, after = _root_by_definition(leaves[:old]), _root_by_definition(leaves)
    proof = _hashes(leaves, merkle.consistency_ranges(old, new))
    merkle.check_consistency(old, new, before, after, proof)
    if old:
        fork = _root_by_definition([_leaf(10**6), *leaves[1:old]])
        with pytest.raises(ProofInvalidError):
            merkle.check_consistency(old, new, fork, after, proof)
        with pytest.raises(ProofInvalidError):
            merkle.check_consistency(old, new, before, bytes(32), proof)
    with pytest.raises(ProofInvalidError):
        merkle.check_consistency(old, new, before, after, [*proof, after])
    for place in range(len(proof)):
        with pytest.raises(ProofInvalidError):
            merkle.check_consistency(old, new, before, after, proof[:place])
        bad = [*proof[:place], bytes(32), *proof[place + 1 :]]
        with pytest.raises(ProofInvalidError):
            merkle.check_consistency(old, new, before, after, bad)


def test_a_tree_cannot_shrink() -> None:
    with pytest.raises(ProofInvalidError):
        merkle.consistency_ranges(3, 2)
    with pytest.raises(ProofInvalidError):
        merkle.check_consistency(3, 2, bytes(32), bytes(32), [])


def _cases(folder: str) -> list[Any]:
    return [
        pytest.param(path, id=str(path.relative_to(_VECTORS)))
        for path in sorted(_VECTORS.glob(f"{folder}/**/*.json"))
    ] or [pytest.param(None, marks=pytest.mark.skip(reason="the published cases are not here"))]


@pytest.mark.outside
@pytest.mark.parametrize("path", _cases("inclusion"))
def test_published_inclusion_proofs(path: Path) -> None:
    case = json.loads(path.read_text())
    given = [base64.b64decode(case[name] or "") for name in ("leafHash", "root")]
    proof = [base64.b64decode(one) for one in case["proof"] or ()]
    try:
        merkle.check_inclusion(case["leafIdx"], case["treeSize"], given[0], proof, given[1])
    except ProofInvalidError:
        assert case["wantErr"]
    else:
        assert not case["wantErr"]


@pytest.mark.outside
@pytest.mark.parametrize("path", _cases("consistency"))
def test_published_consistency_proofs(path: Path) -> None:
    case = json.loads(path.read_text())
    roots = [base64.b64decode(case[name] or "") for name in ("root1", "root2")]
    proof = [base64.b64decode(one) for one in case["proof"] or ()]
    try:
        merkle.check_consistency(case["size1"], case["size2"], roots[0], roots[1], proof)
    except ProofInvalidError:
        assert case["wantErr"]
    else:
        assert not case["wantErr"]
