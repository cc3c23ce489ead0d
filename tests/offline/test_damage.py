"""Every sort of damage to a dossier is found, and the place is named.

The program's own check of dossiers shares no line with the verifier: what it refuses, the verifier,
which is stricter, must refuse as well.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assetctl.domain import chain, merkle
from assetctl.domain.bundle import check_bundle
from assetctl.domain.policy import parse_policy
from assetctl.errors import AssetctlError
from tests.offline.conftest import Checker
from tests.offline.maker import FREE, SUBJECT, Book, dossier, instant, pack, sample

Members = dict[str, bytes]


@pytest.fixture(scope="module")
def members() -> Members:
    return dossier(sample(witnesses=("a",)), keys=["op-2"])


def canonical(fields: object) -> bytes:
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def changed(data: bytes, /, **fields: object) -> bytes:
    """Return canonical JSON with some fields changed; None takes a field out."""
    told = json.loads(data) | fields
    return canonical({name: one for name, one in told.items() if one is not None})


# --- single bytes --------------------------------------------------------------------------------


def test_every_covered_member_is_covered_everywhere(
    members: Members, tmp_path: Path, check: Checker
) -> None:
    """Some forty places of each member, the first and last bytes among them, one bit each."""
    draw = random.Random(20261124)
    for name, data in members.items():
        places = {0, len(data) - 1, *draw.sample(range(len(data)), min(40, len(data)))}
        for place in sorted(places):
            bent = bytearray(data)
            bent[place] ^= 1 << draw.randrange(8)
            found = check(pack(members | {name: bytes(bent)}, tmp_path / "d.zip"))
            if name in FREE or (name == "dossier.json" and _is_made(data, bytes(bent))):
                assert found.code == 0, (name, place)
            elif name != "policy" or not _believes_the_same(data, bytes(bent)):
                assert found.code in (3, 7), (name, place, bytes(bent))


def _is_made(data: bytes, bent: bytes) -> bool:
    """Return whether only the day on which it was made differs, which is not proven."""
    try:
        return changed(data, made="x") == canonical(json.loads(bent) | {"made": "x"})
    except ValueError:
        return False


def _believes_the_same(data: bytes, bent: bytes) -> bool:
    """Return whether a policy differs only in what it calls a witness."""
    try:
        policies = [parse_policy(one.decode()) for one in (data, bent)]
    except (AssetctlError, ValueError):
        return False
    one, two = ((p.logs, [w.key for w in p.witnesses.values()], p.quorum) for p in policies)
    return one == two


@settings(max_examples=150, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(data=st.data())
def test_what_the_program_refuses_the_verifier_refuses(
    data: st.DataObject, members: Members, tmp_path: Path, check: Checker
) -> None:
    covered = sorted(members.keys() - FREE - {"policy"})
    name = data.draw(st.sampled_from(covered))
    bent = bytearray(members[name])
    for _ in range(data.draw(st.integers(1, 3))):
        bent[data.draw(st.integers(0, len(bent) - 1))] = data.draw(st.integers(0, 255))
    damaged = members | {name: bytes(bent)}
    found = check(pack(damaged, tmp_path / "d.zip"))
    assert found.code or is_accepted(damaged), (name, bytes(bent))
    if name in ("checkpoint", "genesis.json") or name.startswith(("entries", "files")):
        assert (found.code == 0) is is_accepted(damaged), (name, bytes(bent), found.text)


def is_accepted(members: Members) -> bool:
    """Return whether the program's own check of dossiers accepts one."""
    try:
        check_bundle(members, parse_policy(members["policy"].decode()), source="test")
    except AssetctlError:
        return False
    return True


# --- whole members -------------------------------------------------------------------------------


def test_a_member_that_is_gone_is_named(members: Members, tmp_path: Path, check: Checker) -> None:
    for name in members.keys() - FREE - {"disclosures.txt"}:
        rest = {one: data for one, data in members.items() if one != name}
        found = check(pack(rest, tmp_path / "d.zip"))
        assert found.code in (3, 7), name
        code, place = found.wrong
        if name == "dossier.json":
            continue  # then it is taken for a log
        if name.startswith("keys") and name.endswith(".json"):
            assert (code, place) == ("no_key", "entries/000002.json")
        elif name.startswith("entries"):
            # Entries are numbered without a gap, so it is the last one that is looked for.
            assert code in ("missing", "field", "stray"), (name, place)
        else:
            assert (code, place) == ("missing", name)


def test_a_member_that_belongs_to_nothing_is_named(
    members: Members, tmp_path: Path, check: Checker
) -> None:
    for name in ("entries/000005.txt", "files/" + "0" * 64 + ".png", "notes.txt",
                 "proofs/000005.tlog-proof", "keys/op-2/000002.tlog-proof"):  # fmt: skip
        found = check(pack(members | {name: b"x"}, tmp_path / "d.zip"))
        assert found.wrong == ("stray", name)


def test_members_that_change_places(members: Members, tmp_path: Path, check: Checker) -> None:
    pairs = [
        ("entries/000001.json", "entries/000002.json"),
        ("proofs/000001.tlog-proof", "proofs/000002.tlog-proof"),
        ("genesis.json", "snapshot.json"), ("genesis.tlog-proof", "snapshot.tlog-proof"),
        ("entries/000003.json", "keys/op-2/000001.json"),
    ]  # fmt: skip
    for one, two in pairs:
        mixed = members | {one: members[two], two: members[one]}
        code, place = check(pack(mixed, tmp_path / "d.zip")).wrong
        assert place.partition(".")[0].rpartition("/")[2] in one + two, (one, two, place)
        assert code in ("proof", "field")


# --- fields --------------------------------------------------------------------------------------

ENTRY = "entries/000002.json"


@pytest.mark.parametrize(
    ("name", "fields", "code"),
    [
        (ENTRY, {"actor": "0003"}, "proof"), (ENTRY, {"st": None}, "proof"),
        (ENTRY, {"data": {"holder": "0003"}}, "proof"), (ENTRY, {"new": 1}, "proof"),
        ("dossier.json", {"_": "assetctl/dossier@2"}, "field"),
        ("dossier.json", {"subject": "asset:0000000000"}, "field"),
        ("dossier.json", {"origin": "other.test/log"}, "field"),
        ("dossier.json", {"size": 8}, "field"), ("dossier.json", {"size": "9"}, "field"),
        ("dossier.json", {"entries": 3}, "field"), ("dossier.json", {"entries": 5}, "field"),
        ("dossier.json", {"entries": True}, "field"), ("dossier.json", {"entries": None}, "field"),
        ("dossier.json", {"snapshot": False}, "stray"), ("dossier.json", {"snapshot": 1}, "field"),
        ("dossier.json", {"files": []}, "stray"), ("dossier.json", {"files": [7]}, "field"),
        ("dossier.json", {"files": None}, "field"),
        ("completeness.json", {"index": 1}, "proof"), ("completeness.json", {"index": -1}, "field"),
        ("completeness.json", {"index": 2**52}, "proof"),
        ("completeness.json", {"proof": []}, "proof"),
        ("completeness.json", {"proof": ["AAAA"]}, "form"),
        ("completeness.json", {"proof": [3]}, "form"),
        ("completeness.json", {"leaf": {}}, "field"),
        ("completeness.json", {"leaf": None}, "field"),
    ],
)  # fmt: skip
def test_a_changed_field_is_found(
    name: str, fields: dict[str, Any], code: str, members: Members, tmp_path: Path,
    check: Checker,
) -> None:  # fmt: skip
    damaged = members | {name: changed(members[name], **fields)}
    found = check(pack(damaged, tmp_path / "d.zip"))
    assert found.wrong[0] == code, found.text


@pytest.mark.parametrize(
    "change",
    [
        {"role": "invoice"}, {"sha256": "0" * 64}, {"name": "files/x.png"}, {"name": "checkpoint"},
        {"name": "../policy"}, {"role": None},
    ],
)  # fmt: skip
def test_a_changed_list_of_files_is_found(
    change: dict[str, Any], members: Members, tmp_path: Path, check: Checker
) -> None:
    listed = json.loads(members["dossier.json"])["files"]
    one = {name: value for name, value in (listed[0] | change).items() if value is not None}
    damaged = members | {"dossier.json": changed(members["dossier.json"], files=[one])}
    assert check(pack(damaged, tmp_path / "d.zip")).wrong[0] in ("file", "missing", "field")


def test_a_file_is_not_the_one_that_was_recorded(
    members: Members, tmp_path: Path, check: Checker
) -> None:
    name = next(one for one in members if one.startswith("files/"))
    damaged = members | {name: members[name] + b"\n"}
    assert check(pack(damaged, tmp_path / "d.zip")).wrong == ("file", name)


@pytest.mark.parametrize(
    ("find", "put", "code"),
    [
        (b"tlog-proof@v1", b"tlog-proof@v2", "form"), (b"index ", b"index 0", "form"),
        (b"index ", b"index +", "form"), (b"\n\n", b"\n", "form"),
        (b"\nindex", b"\r\nindex", "form"),
        (b"index 4", b"index 99999999999999999999999", "form"), (b"index 4", b"index 3", "proof"),
        (b"index 4", b"index 40", "proof"),
        (b"\nindex", b"\nextra AAAA\nextra AAAA\nindex", "form"),
    ],
)  # fmt: skip
def test_proofs_of_another_form(
    find: bytes, put: bytes, code: str, members: Members, tmp_path: Path, check: Checker
) -> None:
    name = "proofs/000002.tlog-proof"
    assert find in members[name]
    damaged = members | {name: members[name].replace(find, put, 1)}
    assert check(pack(damaged, tmp_path / "d.zip")).wrong == (code, name)


def test_extra_data_in_a_proof_is_passed_over(
    members: Members, tmp_path: Path, check: Checker
) -> None:
    name = "proofs/000002.tlog-proof"
    damaged = members | {name: members[name].replace(b"\nindex", b"\nextra QUJD\nindex", 1)}
    assert check(pack(damaged, tmp_path / "d.zip")).code == 0


def test_a_proof_with_one_hash_too_many_or_too_few(
    members: Members, tmp_path: Path, check: Checker
) -> None:
    name = "proofs/000001.tlog-proof"
    head, _, note = members[name].partition(b"\n\n")
    lines = head.split(b"\n")
    for wrong in (lines[:-1], [*lines, lines[-1]], lines[:2], [*lines[:2], *lines[:1:-1]]):
        damaged = members | {name: b"\n".join(wrong) + b"\n\n" + note}
        assert check(pack(damaged, tmp_path / "d.zip")).wrong == ("proof", name)


# --- lies that the log itself tells --------------------------------------------------------------

Lie = Callable[[Book], object]


def verdict_on(lie: Lie, tmp_path: Path, check: Checker) -> tuple[str, str]:
    """Return what is wrong with a dossier of a log in which something untrue was recorded."""
    book = sample()
    lie(book)
    told = dossier(book, keys=["op-2"])
    assert not is_accepted(told), "the program's own check accepts it"
    return check(pack(told, tmp_path / "d.zip")).wrong


MORE = "entries/000005.json"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"n": 6}, "field"), ({"n": 4}, "field"), ({"n": True}, "field"), ({"n": "5"}, "field"),
        ({"p": chain.b64(bytes(32))}, "field"), ({"p": None}, "field"),
        ({"_": "assetctl/event@2"}, "field"),
    ],
)  # fmt: skip
def test_an_entry_out_of_its_chain(
    fields: dict[str, Any], code: str, tmp_path: Path, check: Checker
) -> None:
    def lie(book: Book) -> None:
        book.add(SUBJECT, "asset.moved", {"place": "W2"}, **fields)

    assert verdict_on(lie, tmp_path, check) == (code, MORE)


def test_an_instant_that_is_none(tmp_path: Path, check: Checker) -> None:
    for at in ("2026-11-23", "2026-11-23T00:00:00Z", 5, "2026-11-23T00:00:00.000000Z\n"):
        book = sample()
        book.add(SUBJECT, "asset.moved", {"place": "W2"}, at=at)
        assert check(pack(dossier(book, keys=["op-2"]), tmp_path / "d.zip")).wrong == (
            "field",
            MORE,
        )
    book = sample()
    book.add(SUBJECT, "asset.moved", {"place": "W2"}, at="2026-99-99T99:99:99.999999Z")
    assert check(pack(dossier(book, keys=["op-2"]), tmp_path / "d.zip")).code == 0


def test_the_entry_of_another_subject(tmp_path: Path, check: Checker) -> None:
    def lie(book: Book) -> None:
        book.add(SUBJECT, "asset.moved", {"place": "W2"}, subject="asset:0000000000")

    assert verdict_on(lie, tmp_path, check) == ("field", MORE)


def record_snapshot(book: Book, told: list[dict[str, Any]], size: int) -> None:
    """Record that the log had these subjects at a size, true or not."""
    leaves = [chain.leaf_hash(chain.canonical(one)) for one in told]
    root = chain.b64(merkle.tree_root(leaves))
    book.add("log", "log.snapshot_taken", {"count": len(told), "root": root, "size": size})
    book.lie = told


def test_a_snapshot_that_passes_over_an_entry(tmp_path: Path, check: Checker) -> None:
    def lie(book: Book) -> None:
        told = book.state(9)
        book.add(SUBJECT, "asset.moved", {"place": "W2"})
        record_snapshot(book, told, 10)

    assert verdict_on(lie, tmp_path, check) == ("order", "proofs/000005.tlog-proof")


def test_a_snapshot_that_counts_what_came_later(tmp_path: Path, check: Checker) -> None:
    assert verdict_on(lambda book: record_snapshot(book, book.state(9), 5), tmp_path, check) == (
        "order", "proofs/000003.tlog-proof",
    )  # fmt: skip


def test_a_snapshot_of_a_log_that_is_yet_to_come(tmp_path: Path, check: Checker) -> None:
    def lie(book: Book) -> None:
        record_snapshot(book, book.state(9), 40)

    assert verdict_on(lie, tmp_path, check)[0] == "order"


# --- disclosures ---------------------------------------------------------------------------------


def test_disclosures_that_are_none(members: Members, tmp_path: Path, check: Checker) -> None:
    lines = members["disclosures.txt"].split(b"\n")[:-1]
    strange = chain.disclosure(bytes(32), "note", "x").encode()
    name = "disclosures.txt"
    for wrong, verdict in (
        ([*lines, strange], ("stray", f"{name}:3")), ([*lines, lines[0]], ("stray", f"{name}:3")),
        ([*lines, b"!"], ("form", f"{name}:3")), ([*lines, b""], ("form", f"{name}:3")),
        ([chain.b64(b"[1,2]").encode()], ("form", f"{name}:1")),
        ([chain.b64(b"[" * 50_000).encode()], ("form", f"{name}:1")),
        ([lines[0] + b"=", lines[1]], ("form", f"{name}:1")),
        ([lines[0], "é".encode()], ("form", f"{name}:2")),
    ):  # fmt: skip
        damaged = members | {name: b"".join(one + b"\n" for one in wrong)}
        assert check(pack(damaged, tmp_path / "d.zip")).wrong == verdict
    torn = members | {name: members[name][:-1]}
    assert check(pack(torn, tmp_path / "d.zip")).wrong == ("form", name)
    fewer = members | {name: lines[0] + b"\n"}
    found = check(pack(fewer, tmp_path / "d.zip"))
    assert found.code == 0
    assert "erased" in found.codes["not_proven"]


def test_what_is_disclosed_cannot_fool_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from assetctl.offline import verify

    book = Book()
    bad = "\x1b[2J\x07\u202e\u2028好"
    book.add(SUBJECT, "asset.registered", {"place": "\x9b1m" + "W" * 400},
             personal={"note\x1b": bad}, actor="\x1b]0;owned\x07")  # fmt: skip
    assert verify.main([str(pack(dossier(book), tmp_path / "d.zip")), "--lang", "zh"]) == 0
    text = capsys.readouterr().out
    assert "好" in text
    assert not {one for one in text if one != "\n" and not one.isprintable()}
    assert 290 < text.count("W") <= 300, "cut short"


# --- signatures of operators ---------------------------------------------------------------------


def signed(tmp_path: Path, check: Checker, book: Book, keys: list[str]) -> tuple[object, ...]:
    """Return what is wrong, or else the codes, of a dossier with one more signed entry."""
    found = check(pack(dossier(book, keys=keys), tmp_path / "d.zip"))
    return found.wrong if found.code else tuple(sorted(found.codes["not_proven"]))


def test_signatures_that_do_not_hold(tmp_path: Path, check: Checker) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"sig": chain.b64(bytes(64)), "by": "op-2"}, "signature"),
        ({"sig": chain.b64(bytes(63)), "by": "op-2"}, "form"), ({"by": "op-2"}, "form"),
        ({"sig": chain.b64(bytes(64))}, "field"), ({"sig": 7, "by": "op-2"}, "form"),
        ({"sig": chain.b64(bytes(64)), "by": "op-9"}, "no_key"),
        ({"sig": chain.b64(bytes(64)), "by": ["op-2"]}, "field"),
    ]  # fmt: skip
    for fields, code in wrong:
        book = sample()
        book.add(SUBJECT, "asset.moved", {"place": "W2"}, actor="0002", **fields)
        assert signed(tmp_path, check, book, ["op-2"]) == (code, MORE)


def test_what_is_signed_cannot_be_moved_to_another_entry(tmp_path: Path, check: Checker) -> None:
    book = sample()
    first = book.add(SUBJECT, "asset.moved", {"place": "W2"}, key="op-2", actor="0002")
    for change in ({"data": {"place": "W3"}}, {"actor": "0001"}, {"at": instant(5)}, {"for": "U1"}):
        other = sample()
        fields = first | change
        other.add(SUBJECT, "asset.moved", **{
            name: fields[name] for name in ("data", "actor", "at", "id", "req", "by", "sig")
        } | {name: one for name, one in fields.items() if name == "for"})  # fmt: skip
        code, place = signed(tmp_path, check, other, ["op-2"])
        assert (code, place) in (("signature", MORE), ("no_key", MORE))


def test_whose_key_it_is(tmp_path: Path, check: Checker) -> None:
    book = sample()
    book.add(SUBJECT, "asset.moved", {"place": "W2"}, key="op-2", actor="0003")
    assert signed(tmp_path, check, book, ["op-2"]) == ("no_key", MORE), "somebody else's"
    book = sample()
    book.add_key("st-1", party="desk-1", purpose="station")
    book.add(SUBJECT, "asset.moved", {"place": "W2"}, key="st-1", actor="0003")
    assert isinstance(signed(tmp_path, check, book, ["op-2", "st-1"]), tuple)
    assert "unsigned" in signed(tmp_path, check, book, ["op-2", "st-1"])
    book = sample()
    book.add_key("t-1", party="0002", purpose="tag")
    book.add(SUBJECT, "asset.moved", {"place": "W2"}, key="t-1", actor="0002")
    assert signed(tmp_path, check, book, ["op-2", "t-1"]) == ("no_key", MORE), "a key for tags"
    book = sample()
    book.add(SUBJECT, "asset.moved", {"place": "W2"}, key="op-3", actor="0002")
    book.add_key("op-3")
    assert signed(tmp_path, check, book, ["op-2", "op-3"]) == ("no_key", MORE), "made later"


def test_a_revoked_key(tmp_path: Path, check: Checker) -> None:
    """What it signs from then on holds and does not count; that is said, and nothing is broken."""
    book = sample()
    since = instant(1000)
    data = {"doc": "函1", "from": since, "reason": "lost"}
    book.add("key:op-2", "key.revoked", data, rec=instant(2000), at=instant(2000))
    early: dict[str, Any] = {"at": instant(500), "rec": instant(600)}
    for times, counts in (
        (early, True), ({"at": since, "rec": since}, False), ({"at": instant(1500)}, False),
        ({"at": instant(10), "rec": instant(2000)}, False),
    ):  # fmt: skip
        one = Book(entries=list(book.entries), subjects=list(book.subjects),
                   disclosures=list(book.disclosures), files=dict(book.files))  # fmt: skip
        one.add(SUBJECT, "asset.moved", {"place": "W2"}, key="op-2", actor="0002",
                **({"rec": instant(1500)} | times))  # fmt: skip
        found = check(pack(dossier(one, keys=["op-2"]), tmp_path / "d.zip"))
        assert found.code == 0, found.text
        assert ("revoked" not in found.codes["not_proven"]) is counts
        assert (f"{SUBJECT} 5 does not count" in found.text) is not counts
