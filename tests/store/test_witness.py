"""A witness: it signs a log that only grows, and nothing else, whatever it is sent."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assetctl.domain.checkpoint import Checkpoint, Request, parse_checkpoint
from assetctl.domain.merkle import sha256, sm3
from assetctl.domain.note import (
    COSIGNATURE,
    OTHER,
    SM2_SM3,
    Note,
    Signature,
    VerifierKey,
    parse_note,
    parse_signatures,
    verify,
)
from assetctl.errors import (
    AssetctlError,
    InputError,
    JournalBrokenError,
    KeyMissingError,
    LogForkedError,
    LogUnknownError,
    NoteInvalidError,
    PolicyInvalidError,
    SignerSizeError,
    WitnessMissingError,
    WitnessRequestError,
)
from assetctl.store.witness import AGAIN_SECONDS, Witness, make_witness
from tests.logs import Log, Signer

NAME = "audit.example/w1"
NOW = 1_790_000_000


@pytest.fixture
def log() -> Log:
    return Log().grow(40)


@pytest.fixture
def witness(tmp_path: Path, log: Log) -> Witness:
    return make_witness(tmp_path / "w", NAME, [log.key])


def signed(witness: Witness, log: Log, old: int, new: int, now: int = NOW) -> int | None:
    """Have a checkpoint signed; return the time of the signature, which holds."""
    lines = witness.add_checkpoint(log.request(old, new), now)
    (one,) = verify(log.note(new).with_signatures(parse_signatures(lines)), [witness.key])
    return one.time


def newest(witness: Witness, log: Log) -> int | None:
    (seen,) = (one for one in witness.seen() if one.origin == log.origin)
    return seen.checkpoint.size if seen.checkpoint else None


def refused(error: type[AssetctlError], witness: Witness, body: str) -> AssetctlError:
    """Return the refusal of a request that changes nothing."""
    before = {p: p.read_bytes() for p in witness.folder.iterdir() if p.is_file()}
    with pytest.raises(error) as caught:
        witness.add_checkpoint(body, NOW)
    assert type(caught.value) is error
    assert {p: p.read_bytes() for p in witness.folder.iterdir() if p.is_file()} == before
    return caught.value


# --- 200 -----------------------------------------------------------------------------------


def test_a_log_that_grows_is_signed(witness: Witness, log: Log) -> None:
    for old, new in ((0, 1), (1, 1), (1, 2), (2, 7), (7, 8), (8, 40)):
        assert signed(witness, log, old, new, NOW + 100 * new) == NOW + 100 * new
        assert newest(witness, log) == new
    digest = hashlib.sha256(log.origin.encode()).hexdigest()
    published = parse_note(witness.published(digest) or "")
    assert parse_checkpoint(published.text) == log.checkpoint(40)
    assert [one.key for one in verify(published, [log.key, witness.key])] == [log.key, witness.key]
    assert signed(Witness(witness.folder), log, 40, 40, NOW + 9000) == NOW + 9000


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None
)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=6).map(sorted))
def test_any_steps_of_growth_are_signed(tmp_path: Path, sizes: list[int]) -> None:
    log = Log().grow(60)
    folder = tmp_path / "-".join(map(str, sizes))
    witness = make_witness(folder, NAME, [log.key])
    for old, new in zip([0, *sizes], sizes, strict=False):
        signed(witness, log, old, new)
    assert newest(witness, log) == sizes[-1]
    shutil.rmtree(folder)


def test_an_empty_log_is_one(witness: Witness, log: Log) -> None:
    assert signed(witness, log, 0, 0) == NOW
    assert newest(witness, log) == 0
    assert signed(witness, log, 0, 3) == NOW
    fake = Checkpoint(origin=log.origin, size=0, root=bytes(32))
    other = make_witness(witness.folder.parent / "other", NAME, [log.key])
    note = Note(str(fake), (log.sign(str(fake)),))
    refused(LogForkedError, other, str(Request(old=0, proof=(), note=note)))


def test_only_what_a_trusted_key_signed_is_kept_and_published(witness: Witness, log: Log) -> None:
    note = log.note(3)
    strangers = [Signer("x.example", 50).sign(note.text), Signer(log.origin, 51).sign(note.text)]
    old_cosignature = Signer(NAME, 52, COSIGNATURE).sign(note.text)
    crowded = note.with_signatures([*strangers, old_cosignature])
    witness.add_checkpoint(str(Request(old=0, proof=(), note=crowded)), NOW)
    kept = parse_note(witness.published(hashlib.sha256(log.origin.encode()).hexdigest()) or "")
    assert [one.name for one in kept.signatures] == [log.origin, NAME]
    assert verify(kept, [log.key, witness.key])


def test_a_log_may_change_its_key(witness: Witness, log: Log) -> None:
    signed(witness, log, 0, 3)
    new = Signer(log.origin, 77)
    text = str(log.checkpoint(5))
    both = Request(old=3, proof=log.proof(3, 5), note=Note(text, (new.sign(text),)))
    refused(NoteInvalidError, witness, str(both))
    assert witness.trust([new.key]) == (new.key,)
    assert witness.trust([new.key, log.key]) == ()
    witness.add_checkpoint(str(both), NOW)
    assert newest(witness, log) == 5


def test_logs_do_not_know_each_other(witness: Witness, log: Log) -> None:
    other = Log("log.example/b", 2).grow(9, "b")
    witness.trust([other.key])
    signed(witness, log, 0, 30)
    signed(witness, other, 0, 4)
    signed(witness, log, 30, 31)
    signed(witness, other, 4, 9)
    assert (newest(witness, log), newest(witness, other)) == (31, 9)


def test_the_same_again_within_a_minute_is_the_same_line(witness: Witness, log: Log) -> None:
    first = witness.add_checkpoint(log.request(0, 5), NOW)
    size = (witness.folder / "signed").stat().st_size
    for later in (0, 1, AGAIN_SECONDS - 1):
        assert witness.add_checkpoint(log.request(5, 5), NOW + later) == first
    assert (witness.folder / "signed").stat().st_size == size
    # Later, or if the clock was set back, it is a statement about another time.
    for other in (AGAIN_SECONDS, -1):
        assert signed(witness, log, 5, 5, NOW + other) == NOW + other


def test_a_tree_of_the_national_hash(witness: Witness) -> None:
    log = Log("log.example/a/sm3", 5)
    witness.trust([log.key])
    leaves = [sm3(b"\0" + bytes([number])) for number in range(2)]
    first = Checkpoint(origin=log.origin, size=1, root=leaves[0])
    second = Checkpoint(origin=log.origin, size=2, root=sm3(b"\1" + leaves[0] + leaves[1]))
    for old, proof, head in ((0, (), first), (1, (leaves[1],), second)):
        note = Note(str(head), (log.sign(str(head)),))
        witness.add_checkpoint(str(Request(old=old, proof=proof, note=note)), NOW)
    assert newest(witness, log) == 2


# --- what is refused -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("old 3", "old 03"), ("old 3", "old -3"), ("old 3", "old +3"), ("old 3", "old 3 "),
        ("old 3", "old 99999999999999999999"), ("old 3", "old 8"), ("old 3", "old 7000"),
        ("old 3\n", ""), ("old 3\n", "old 3\n" + f"{'A' * 43}=\n" * 64), ("\n", "\r\n"),
        ("\n7\n", "\n07\n"), ("\n7\n", "\n7_0\n"), ("=\n\n—", "=\nextension\n\n—"), ("=", ""),
        ("log.example/a\n", "\n"), ("— ", "- "), ("a\n7", "a\x00\n7"), ("a\n7", "\ud800\n7"),
    ],
)  # fmt: skip
def test_400_malformed(witness: Witness, log: Log, old: str, new: str) -> None:
    signed(witness, log, 0, 3)
    body = log.request(3, 7)
    assert old in body
    refused(WitnessRequestError, witness, body.replace(old, new))


def test_400_no_request_at_all(witness: Witness, log: Log) -> None:
    body = log.request(0, 7)
    for text in ("", "garbage", "\n" * 9, body[:-1], body + "\n", body[6:], body * 2):
        refused(WitnessRequestError, witness, text)


def test_404_before_any_signature_is_looked_at(witness: Witness) -> None:
    stranger = Log("log.example/stranger", 9).grow(3)
    error = refused(LogUnknownError, witness, stranger.request(0))
    assert error.facts == {"origin": "log.example/stranger"}
    unsigned = Request(old=0, proof=(), note=Note(str(stranger.checkpoint())))
    refused(LogUnknownError, witness, str(unsigned))


def test_403_not_signed_by_the_log(witness: Witness, log: Log) -> None:
    note = log.note(3)
    bad = Signature(name=log.origin, key_id=log.key.key_id, value=bytes(64))
    for lines in (
        (), (Signer(log.origin, 9).sign(note.text),), (bad,), (bad, *note.signatures),
        (*note.signatures, *note.signatures), (Log("log.example/b").sign(note.text),),
        (log.sign(note.text + "x"),), (Signer(log.origin, 1, COSIGNATURE).sign(note.text),),
    ):  # fmt: skip
        body = str(Request(old=0, proof=(), note=Note(note.text, lines)))
        refused(NoteInvalidError, witness, body)
    # One good signature and a stranger's bad one will do.
    odd = Signature(name=log.origin, key_id=b"1234", value=b"nonsense")
    witness.add_checkpoint(
        str(Request(old=0, proof=(), note=Note(note.text, (odd, *note.signatures)))), NOW
    )


def test_409_names_the_size(witness: Witness, log: Log) -> None:
    assert refused(SignerSizeError, witness, log.request(2, 3)).facts == {"size": 0}
    signed(witness, log, 0, 10)
    for old, new in ((0, 10), (0, 12), (9, 12), (11, 12), (9, 10), (3, 5), (0, 0)):
        assert refused(SignerSizeError, witness, log.request(old, new)).facts == {"size": 10}


def test_409_a_log_restored_from_an_older_backup(witness: Witness, log: Log) -> None:
    signed(witness, log, 0, 30)
    older = log.fork(20, 26)
    assert refused(SignerSizeError, witness, older.request(20, 26)).facts == {"size": 30}
    # It grows beyond what was seen, and then cannot prove it.
    grown = log.fork(20, 35)
    refused(LogForkedError, witness, grown.request(30, 35))
    assert newest(witness, log) == 30


def test_422_another_history(witness: Witness, log: Log) -> None:
    signed(witness, log, 0, 10)
    fork = log.fork(9, 20)
    error = refused(LogForkedError, witness, fork.request(10, 20))
    assert error.facts["origin"] == log.origin
    refused(LogForkedError, witness, fork.request(10, 10))
    refused(LogForkedError, witness, log.fork(0, 20).request(10, 20))
    assert newest(witness, log) == 10
    assert signed(witness, log, 10, 20) == NOW


def test_422_a_proof_that_does_not_hold(witness: Witness, log: Log) -> None:
    note, good = log.note(20), log.proof(10, 20)
    assert len(good) > 2
    never = str(Request(old=0, proof=good, note=note))
    refused(LogForkedError, witness, never)  # from nothing there is nothing to prove
    signed(witness, log, 0, 10)
    for proof in (
        (), good[1:], good[:-1], (*good, good[0]), good[::-1], (bytes(32), *good[1:]),
        (sha256(b""),) * 63,
    ):  # fmt: skip
        refused(LogForkedError, witness, str(Request(old=10, proof=proof, note=note)))
    refused(LogForkedError, witness, str(Request(old=10, proof=good, note=log.note(10))))
    witness.add_checkpoint(str(Request(old=10, proof=good, note=note)), NOW)


def test_what_the_log_signed_and_did_not_prove_is_kept(witness: Witness, log: Log) -> None:
    signed(witness, log, 0, 10)
    fork = log.fork(9, 10)
    assert witness.refused() == []
    for _ in range(3):
        refused(LogForkedError, witness, fork.request(10, 10))
    (path,) = witness.refused()
    evidence = parse_note(path.read_text())
    assert verify(evidence, [log.key])
    # Two heads of one size, both signed by the log: whoever reads them needs to believe nobody.
    mine = parse_note(witness.published(hashlib.sha256(log.origin.encode()).hexdigest()) or "")
    one, other = parse_checkpoint(mine.text), parse_checkpoint(evidence.text)
    assert (one.origin, one.size) == (other.origin, other.size)
    assert one.root != other.root
    # Of others nothing is kept, and not more than fits.
    refused(NoteInvalidError, witness, log.request(10, 12).replace("/a\n12", "/a\n13"))
    assert len(witness.refused()) == 1


def test_nobody_fills_the_disk_with_forks(witness: Witness, log: Log) -> None:
    signed(witness, log, 0, 1)
    for number in range(210):
        head = Checkpoint(origin=log.origin, size=1, root=sha256(bytes([number])))
        note = Note(str(head), (log.sign(str(head)),))
        with pytest.raises(LogForkedError):
            witness.add_checkpoint(str(Request(old=1, proof=(), note=note)), NOW)
    assert len(witness.refused()) == 200


def test_asking_only_whether_it_would_sign(witness: Witness, log: Log) -> None:
    assert witness.check(log.request(0, 5)) == log.checkpoint(5)
    signed(witness, log, 0, 5)
    assert witness.check(log.request(5, 6)) == log.checkpoint(6)
    before = sorted(witness.folder.rglob("*"))
    with pytest.raises(LogForkedError):
        witness.check(log.fork(4, 9).request(5, 9))
    with pytest.raises(SignerSizeError):
        witness.check(log.request(0, 5))
    assert sorted(witness.folder.rglob("*")) == before
    assert newest(witness, log) == 5


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None
)
@given(st.data())
def test_no_request_that_was_changed_is_signed(
    witness: Witness, log: Log, data: st.DataObject
) -> None:
    if newest(witness, log) is None:
        signed(witness, log, 0, 10)
    body = log.request(10, 25)
    place = data.draw(st.integers(0, len(body) - 1))
    character = data.draw(st.characters(exclude_categories=["Cs"]) | st.just(""))
    changed = body[:place] + character + body[place + 1 :]
    if changed == body:
        return
    try:
        witness.check(changed)
    except AssetctlError:
        return
    # Only the name or id before a signature of nobody may differ, and there is only one signature.
    pytest.fail(f"{changed!r} would be signed")


# --- making one ----------------------------------------------------------------------------


def test_a_witness_is_made_once(tmp_path: Path, log: Log) -> None:
    first = make_witness(tmp_path / "w", NAME)
    signed_by = first.key
    again = make_witness(tmp_path / "w", NAME, [log.key])
    assert again.key == signed_by
    assert again.logs() == (log.key,)
    with pytest.raises(InputError):
        make_witness(tmp_path / "w", "another.example")
    assert Witness(tmp_path / "w").key == signed_by
    assert signed_by.kind == COSIGNATURE
    assert (tmp_path / "w").stat().st_mode & 0o077 == 0
    assert (tmp_path / "w" / "witness").stat().st_mode & 0o077 == 0


def test_a_stick_that_knows_no_owners_will_do(
    tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, _mode: int) -> None:
        raise PermissionError(1, "Operation not permitted", str(path))

    monkeypatch.setattr(Path, "chmod", refuse)
    signed(make_witness(tmp_path / "w", NAME, [log.key]), log, 0, 5)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\n"])
def test_a_name_that_cannot_be_one_makes_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(NoteInvalidError):
        make_witness(tmp_path / "w", name)
    assert not (tmp_path / "w").exists()


def test_keys_that_no_log_signs_with(tmp_path: Path, witness: Witness, log: Log) -> None:
    point = b"\x04" + bytes(64)
    sm2 = VerifierKey(name="a", kind=OTHER, identifier=SM2_SM3, public=point)
    unknown = VerifierKey(name="a", kind=6, public=bytes(1312))
    for key in (sm2, unknown):
        with pytest.raises(InputError):
            witness.trust([key])
        with pytest.raises(InputError):
            make_witness(tmp_path / "new", NAME, [key])
    assert not (tmp_path / "new").exists()
    with pytest.raises(PolicyInvalidError):  # one key for two logs
        witness.trust([Signer("log.example/b", 1).key])
    assert witness.logs() == (log.key,)


def test_the_file_of_trusted_logs_may_be_written_by_hand(witness: Witness, log: Log) -> None:
    other = Log("log.example/b", 2).grow(2)
    path = witness.folder / "policy"
    path.write_text(f"# by hand\nlog {other.key} https://log.example\nquorum none")
    refused(LogUnknownError, witness, log.request(0))
    signed(witness, other, 0, 2)
    witness.trust([log.key])
    assert path.read_text().startswith("# by hand\n")
    signed(witness, log, 0, 3)
    path.write_text("nonsense\n")
    refused(PolicyInvalidError, witness, log.request(3, 4))
    path.write_bytes(b"\xff")
    refused(PolicyInvalidError, witness, log.request(3, 4))
    path.unlink()
    refused(PolicyInvalidError, witness, log.request(3, 4))


def test_a_folder_without_a_witness(tmp_path: Path, witness: Witness) -> None:
    for folder in (tmp_path / "none", tmp_path):
        with pytest.raises(WitnessMissingError):
            Witness(folder)
    (witness.folder / "vkey").write_text("nonsense")
    with pytest.raises(WitnessMissingError):
        Witness(witness.folder)


def test_a_key_that_was_lost_or_put_in_anothers_place(tmp_path: Path, witness: Witness) -> None:
    other = make_witness(tmp_path / "other", NAME)
    key = witness.folder / "witness"
    for change in (
        lambda: shutil.copy(other.folder / "witness", key), lambda: key.write_text("x"),
        lambda: key.write_text(""), key.unlink,
    ):  # fmt: skip
        change()
        with pytest.raises(KeyMissingError):
            Witness(witness.folder)


def test_a_memory_of_another_witness_is_none_of_ours(
    tmp_path: Path, witness: Witness, log: Log
) -> None:
    other = make_witness(tmp_path / "other", NAME, [log.key])
    signed(other, log, 0, 5)
    for path in [other.folder / "signed", *other.folder.glob("last-*")]:
        shutil.copy(path, witness.folder)
    for ask in (lambda: witness.add_checkpoint(log.request(5, 6), NOW), witness.seen):
        with pytest.raises(JournalBrokenError, match="not signed by this witness"):
            ask()


def test_a_witness_that_lost_its_memory_signs_nothing(witness: Witness, log: Log) -> None:
    signed(witness, log, 0, 5)
    (witness.folder / "signed").unlink()
    for one in (witness, Witness(witness.folder)):
        with pytest.raises(JournalBrokenError):
            one.add_checkpoint(log.fork(3, 6).request(0, 6), NOW)
