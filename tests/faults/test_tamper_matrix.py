"""Every attack, on each database: the program finds it where it is promised, and so does one file.

The one-file verifier is given what the attacker would export: see `attacks.export`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assetctl.domain.checkpoint import Checkpoint
from assetctl.domain.policy import Policy
from assetctl.errors import AssetctlError, HistoryBrokenError, SubjectNotFoundError
from assetctl.reads.dossier import proof_of
from assetctl.reads.verify import verify
from tests.faults.attacks import ATTACKS, Attack, Level, Scene, Signed, export, prepare
from tests.faults.tampering import Admin, disarm
from tests.offline.conftest import Checker, Verdict, check

__all__ = ["check"]

Found = tuple[str, object, object] | None


@pytest.fixture(scope="module")
def signed(site: tuple[Path, str]) -> Iterator[Signed]:
    """A register with a signed log on each kind of database; what is done to it is undone."""
    home, url = site
    made = prepare(home, url)
    yield made
    made.store.close()


@pytest.fixture
def scene(signed: Signed) -> Iterator[Scene]:
    """The administrator of the database at work."""
    with signed.store.engine.connect() as connection, connection.begin() as transaction:
        disarm(connection)
        admin = Admin(connection, f"asset:{signed.a}", f"asset:{signed.b}")
        yield Scene(admin, signed)
        transaction.rollback()


def judge(scene: Scene, policy: Policy | None, against: tuple[Checkpoint, ...] = ()) -> Found:
    """Return what the program finds: the word of its error, and the place if it names one."""
    connection = scene.admin.connection
    found: Found = None
    try:
        verify(
            connection, replay=True, policy=policy, must_be_signed=policy is not None,
            against=against,
        )  # fmt: skip
    except HistoryBrokenError as error:
        found = (error.code, error.facts["subject"], error.facts["seq"])
    except AssetctlError as error:
        found = (error.code, None, None)
    if connection.get_execution_options().get("yield_per"):
        connection.execution_options(yield_per=None, stream_results=False)
    return found


def in_hand(scene: Scene, level: Level) -> Found:
    """Return what the program finds with what an auditor has at a level."""
    register = scene.register
    if level is Level.ALONE:
        return judge(scene, None)
    if level is Level.KEYS:
        return judge(scene, register.policy)
    return judge(scene, register.policy, (register.old,))


def told_offline(scene: Scene, folder: Path, check: Checker, attack: Attack | None) -> Verdict:
    """Return what the one-file verifier says of an export."""
    register = scene.register
    # An older export is not to be told from an attack without a checkpoint of one's own.
    is_needed = attack is None or attack.offline in ("shorter", "rewritten")
    old = ("--against", register.old_file) if is_needed else ()
    return check(folder, "--policy", register.home / "policy", *old)


def test_nothing_is_found_where_nothing_was_done(
    scene: Scene, tmp_path: Path, check: Checker
) -> None:
    assert [in_hand(scene, level) for level in Level] == [None] * len(Level)
    export(scene, tmp_path)
    verdict = told_offline(scene, tmp_path, check, None)
    assert verdict.code == 0, verdict.text
    assert {"log", "against", "disclosures", "snapshots"} <= verdict.codes["proven"]
    assert len(ATTACKS) >= 20


@pytest.mark.parametrize("name", ATTACKS)
def test_the_program_finds_it_where_that_is_promised(scene: Scene, name: str) -> None:
    attack = ATTACKS[name]
    expected = attack.place if isinstance(attack.place, str) else attack.place(scene)
    attack.deed(scene)
    if attack.level in (Level.OUTSIDE, Level.RECEIPT):
        assert in_hand(scene, Level.KEYS) is None, "the limit that the documents speak of"
    if attack.level is Level.RECEIPT:
        assert in_hand(scene, Level.OUTSIDE) is None
        with pytest.raises(SubjectNotFoundError):
            proof_of(scene.admin.connection, scene.register.receipt)
        return
    found = in_hand(scene, attack.level)
    assert found is not None
    if isinstance(expected, tuple):
        assert found == ("history.broken", *expected)
    else:
        assert expected in found[:2]
    # Whoever has more in hand finds it as well.
    assert in_hand(scene, Level.OUTSIDE) is not None


@pytest.mark.parametrize("name", ATTACKS)
def test_the_one_file_verifier_finds_it_in_what_is_exported(
    scene: Scene, name: str, tmp_path: Path, check: Checker
) -> None:
    attack, bent = ATTACKS[name], tmp_path / "bent"
    export(scene, tmp_path / "truth")
    truth = told_offline(scene, tmp_path / "truth", check, attack)
    attack.deed(scene)
    export(scene, bent)
    if attack.on_files is not None:
        attack.on_files(bent)
    found = told_offline(scene, bent, check, attack)
    if attack.offline is None:
        assert _files(bent) == _files(tmp_path / "truth"), "nothing of it goes out"
        assert found == truth
    elif attack.offline == "erased":
        assert found.code == 0
        assert found.codes["not_proven"] - truth.codes["not_proven"] == {"erased"}
    else:
        code, place = found.wrong
        assert (code, bool(place)) == (attack.offline, True), found.text
        assert found.code == (3 if code == "no_dossier" else 7)


def _files(folder: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            is_list = path.name == "disclosures.txt"  # in whatever order
            found[str(path.relative_to(folder))] = sorted(data.splitlines()) if is_list else data
    return found
