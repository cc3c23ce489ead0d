"""Every way to attack a register that is told of here, and who promises to find it.

Levels, as the documents promise them: `ALONE` the database by itself, `KEYS` with a policy that was
kept elsewhere, `OUTSIDE` with a checkpoint that was kept elsewhere, `RECEIPT` only by whoever holds
a receipt of the entry that is gone.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from pathlib import Path
from typing import Any

from assetctl.domain import chain
from assetctl.domain.checkpoint import Checkpoint, parse_checkpoint
from assetctl.domain.note import Note, parse_note
from assetctl.domain.policy import Policy, parse_policy
from assetctl.reads.log import head_of
from assetctl.store import keys
from assetctl.store.engine import Store
from tests.faults.tampering import Admin, build, done
from tests.logs import Signer
from tests.offline.maker import write_tiles

Deed = Callable[["Scene"], None]
FileDeed = Callable[[Path], None]


class Level(Enum):
    """What an auditor must have in hand to find an attack."""

    ALONE = "the database alone"
    KEYS = "a policy kept elsewhere"
    OUTSIDE = "a checkpoint kept elsewhere"
    RECEIPT = "a receipt of the entry"


@dataclass(frozen=True)
class Signed:
    """A register with a signed log: its database, what was kept elsewhere, and some subjects.

    There are three checkpoints, the second of which was kept elsewhere. `c` was registered after
    the first one; `d` after the third, and `receipt` is the id of its entry.
    """

    store: Store
    home: Path
    policy: Policy
    old: Checkpoint
    old_file: Path
    a: str
    b: str
    c: str
    d: str
    receipt: str


@dataclass(frozen=True)
class Scene:
    """One attack under way."""

    admin: Admin
    register: Signed

    @property
    def c(self) -> str:
        """The asset that was registered after the first checkpoint."""
        return f"asset:{self.register.c}"

    def forget(self, *subjects: str) -> None:
        """Take subjects out of every table."""
        for subject in subjects:
            for table in ("history", "head", "disclosure"):
                self.admin.run(f"DELETE FROM {table} WHERE subject = :s", s=subject)
            for table in ("asset", "tag", "alias", "attachment"):
                self.admin.run(
                    f"DELETE FROM {table} WHERE asset_id = :a", a=subject.partition(":")[2]
                )
        self.admin.close_gaps()

    def sign(self, seed: int) -> None:
        """Sign the log as it is now, in place of every checkpoint that speaks of as much."""
        head = head_of(self.admin.connection)
        self.admin.run("DELETE FROM checkpoint WHERE size >= :s", s=self.register.old.size)
        note = Note(str(head), (Signer(head.origin, seed).sign(str(head)),))
        self.admin.run(
            "INSERT INTO checkpoint (origin, size, note, signed_at) VALUES (:o, :s, :n, :t)",
            o=head.origin, s=head.size, n=str(note), t="2026-01-01T00:00:00.000000Z",
        )  # fmt: skip

    def alter_checkpoint(self, **changed: Any) -> None:
        """Change the newest checkpoint that is kept, with its signature left as it was."""
        size = self.admin.rows("SELECT max(size) FROM checkpoint")[0][0]
        text = self.admin.rows("SELECT note FROM checkpoint WHERE size = :s", s=size)[0][0]
        note = parse_note(text)
        head = parse_checkpoint(note.text)
        bent = str(Note(str(replace(head, **changed)), note.signatures))
        self.admin.run("UPDATE checkpoint SET note = :n WHERE size = :s", n=bent, s=size)

    def rebuild(self, genesis: bytes) -> None:
        """Let the log begin with another entry, and make everything else anew to fit."""
        first = chain.leaf_hash(genesis)
        self.admin.run("UPDATE log SET entry = :e, leaf = :l", e=genesis, l=first)
        for (subject,) in self.admin.rows("SELECT subject FROM head"):
            before = first
            for number in range(1, self.admin.count(subject) + 1):
                fields = json.loads(self.admin.entry(subject, number).entry)
                entry = chain.canonical(fields | {"p": chain.b64(before)})
                self.admin.set_entry(subject, number, entry, with_leaf=True)
                before = chain.leaf_hash(entry)
            self.admin.run("UPDATE head SET leaf = :l WHERE subject = :s", l=before, s=subject)
        self.admin.close_gaps()


@dataclass(frozen=True)
class Attack:
    """What is done, who finds it, and where he says it is.

    `place` is what the program names: subject and number, or the word of its error where the log
    as a whole is meant. `offline` is the code of the one-file verifier; None where nothing of it
    reaches those who are given an export, so that they see the truth all the same.
    """

    level: Level
    deed: Deed
    place: Callable[[Scene], tuple[object, object]] | str
    offline: str | None
    on_files: FileDeed | None = None


OURS = 7
"""The attacker's own key, as the number that it is made from."""


def prepare(home: Path, url: str) -> Signed:
    """Make a register with a signed log, more than a tile of entries, and a tail not signed."""
    rig = build(home, url)
    rows = [f"办公桌{row},A05010201,U1,W1,K{row:05}" for row in range(200)]
    listed = home / "list.csv"
    listed.write_text("\n".join(["name,class,owner,place,card_no", *rows]), encoding="utf-8")
    done(home, url, "import", "assets", listed)
    done(home, url, "seal", "--snapshot")
    # By one who does not sign: what is signed cannot be forged even so.
    made = ("--as", "P2", "register", "--name", "投影仪", "--class", "A02020200", "--owner", "U1")
    c = done(home, url, *made, "--place", "W1")["asset_id"]
    done(home, url, "--as", "P2", "move", c, "--to", "W1-Z1", "--note", "腾库房")
    done(home, url, "--as", "P2", "checkout", c, "--to", "P1", "--due", "2099-01-01")
    old_file = home / "kept-elsewhere"
    done(home, url, "seal", "--out", old_file)
    done(home, url, "--as", "P2", "checkin", c, "--place", "W1", "--note", "完好")
    done(home, url, "seal")
    tail = done(home, url, *made, "--place", "B1")
    rig.store.close()
    policy = parse_policy((home / "policy").read_text(encoding="utf-8"))
    old = parse_checkpoint(parse_note(old_file.read_text(encoding="utf-8")).text)
    return Signed(
        store=Store(url), home=home, policy=policy, old=old, old_file=old_file, a=rig.a, b=rig.b,
        c=c, d=tail["asset_id"], receipt=tail["events"][0]["event_id"],
    )  # fmt: skip


def export(scene: Scene, folder: Path) -> None:
    """Write the log as one who wants to deceive would: what is there, every hash made to fit."""
    rows = scene.admin.rows(
        "SELECT entry FROM leaf JOIN history ON history.event_id = leaf.event_id "
        "WHERE idx IS NOT NULL ORDER BY idx"
    )
    entries = [bytes(one) for (one,) in [*scene.admin.rows("SELECT entry FROM log"), *rows]]
    kept = scene.admin.rows("SELECT size, note FROM checkpoint ORDER BY size DESC")
    kept = [one for one in kept if one.size <= len(entries)] or kept[:1]
    said = [parse_checkpoint(parse_note(one.note).text).size for one in kept[:1]]
    size = min([*said, len(entries)])
    write_tiles(entries[:size], folder)
    texts = scene.admin.rows(
        "SELECT disclosure FROM disclosure JOIN leaf ON leaf.event_id = disclosure.event_id "
        "WHERE idx < :s ORDER BY idx, path", s=size,
    )  # fmt: skip
    lines = "".join(f"{one}\n" for (one,) in texts)
    (folder / "disclosures.txt").write_text(lines, encoding="utf-8")
    shutil.copy(scene.register.home / "policy", folder / "policy")
    if kept:
        (folder / "checkpoint").write_text(kept[0].note, encoding="utf-8")


def log_key(scene: Scene) -> int:
    """Return the log's own key, as one who has broken into the signer has it."""
    return int.from_bytes(keys.held_key(scene.register.home / "signer", "log"), "big")


# --- one by one ----------------------------------------------------------------------------------


def _edit(scene: Scene) -> None:
    admin = scene.admin
    entry = bytes(admin.entry(admin.a, 5).entry).replace(b'"W1-Z1"', b'"W1-Z2"')
    admin.set_entry(admin.a, 5, entry, with_leaf=False)


def _edit_with_leaf(scene: Scene) -> None:
    admin = scene.admin
    entry = bytes(admin.entry(admin.a, 5).entry).replace(b'"W1-Z1"', b'"W1-Z2"')
    admin.set_entry(admin.a, 5, entry, with_leaf=True)


def _edit_the_last(scene: Scene) -> None:
    admin = scene.admin
    last = admin.count(admin.b)
    fields = json.loads(admin.entry(admin.b, last).entry) | {"st": "elsewhere"}
    admin.set_entry(admin.b, last, chain.canonical(fields), with_leaf=True)
    leaf = bytes(admin.entry(admin.b, last).leaf)
    admin.run("UPDATE head SET leaf = :l WHERE subject = :s", l=leaf, s=admin.b)


def _edit_a_column(scene: Scene) -> None:
    scene.admin.run("UPDATE history SET actor = 'P2' WHERE subject = :s AND seq = 3",
                    s=scene.admin.a)  # fmt: skip


def _edit_a_leaf(scene: Scene) -> None:
    scene.admin.run("UPDATE history SET leaf = :l WHERE subject = :s AND seq = 3",
                    l=bytes(32), s=scene.admin.a)  # fmt: skip


def _delete(scene: Scene) -> None:
    scene.admin.run("DELETE FROM history WHERE subject = :s AND seq = 5", s=scene.admin.a)


def _delete_and_close(scene: Scene) -> None:
    _delete(scene)
    scene.admin.close_gaps()


def _delete_and_count_anew(scene: Scene) -> None:
    admin = scene.admin
    last = admin.count(scene.c)
    admin.run("DELETE FROM history WHERE subject = :s AND seq = 2", s=scene.c)
    for number in range(3, last + 1):
        row = admin.entry(scene.c, number)
        before = bytes(admin.entry(scene.c, number - 2).leaf)
        entry = chain.canonical(json.loads(row.entry) | {"n": number - 1, "p": chain.b64(before)})
        admin.set_entry(scene.c, number, entry, with_leaf=True)
        admin.run("UPDATE history SET seq = seq - 1 WHERE subject = :s AND seq = :n",
                  s=scene.c, n=number)  # fmt: skip
    leaf = bytes(admin.entry(scene.c, last - 1).leaf)
    admin.run("UPDATE head SET seq = :n, leaf = :l WHERE subject = :s",
              n=last - 1, l=leaf, s=scene.c)  # fmt: skip
    admin.run("DELETE FROM disclosure WHERE event_id NOT IN (SELECT event_id FROM history)")
    admin.close_gaps()


def _insert(scene: Scene) -> None:
    """Insert an act that never was, dated back, before the newest act of an asset."""
    admin = scene.admin
    last = admin.count(scene.c)
    row = admin.entry(scene.c, last)
    fields = json.loads(row.entry)
    forged = fields | {
        "actor": "P2", "at": "2026-01-01T00:00:00.000000Z", "id": f"{last:032x}",
        "req": "forged",
    }  # fmt: skip
    forged.pop("sd", None)
    entry = chain.canonical(forged)
    after = chain.canonical(fields | {"n": last + 1, "p": chain.b64(chain.leaf_hash(entry))})
    admin.set_entry(scene.c, last, after, with_leaf=True)
    admin.run("UPDATE history SET seq = seq + 1 WHERE subject = :s AND seq = :n",
              s=scene.c, n=last)  # fmt: skip
    admin.run(
        "INSERT INTO history (event_id, subject, seq, kind, at, recorded_at, actor, request_id, "
        "entry, leaf) VALUES (:id, :s, :n, :kind, :at, :rec, 'P2', 'forged', :e, :l)",
        id=forged["id"], s=scene.c, n=last, kind=forged["kind"], at=forged["at"],
        rec=forged["rec"], e=entry, l=chain.leaf_hash(entry),
    )  # fmt: skip
    admin.run("UPDATE head SET seq = :n, leaf = :l WHERE subject = :s",
              n=last + 1, l=chain.leaf_hash(after), s=scene.c)  # fmt: skip
    place = admin.rows("SELECT idx FROM leaf WHERE event_id = :e", e=row.event_id)[0][0]
    for idx, event_id in reversed(admin.rows("SELECT idx, event_id FROM leaf WHERE idx >= :p "
                                             "ORDER BY idx", p=place)):  # fmt: skip
        admin.run("UPDATE leaf SET idx = :i WHERE event_id = :e", i=idx + 1, e=event_id)
    admin.run("INSERT INTO leaf (event_id, idx) VALUES (:e, :p)", e=forged["id"], p=place)
    admin.close_gaps()


def _reorder(scene: Scene) -> None:
    for was, becomes in ((3, 0), (4, 3), (0, 4)):
        scene.admin.run("UPDATE history SET seq = :new WHERE subject = :s AND seq = :old",
                        new=becomes, old=was, s=scene.admin.a)  # fmt: skip


def _swap_places(scene: Scene) -> None:
    """Swap two neighbours of the log that belong to different assets."""
    admin = scene.admin
    rows = admin.rows(
        "SELECT idx, leaf.event_id, subject FROM leaf JOIN history "
        "ON history.event_id = leaf.event_id WHERE kind = 'asset.registered' ORDER BY idx"
    )
    one, two = next(
        pair for pair in pairwise(rows)
        if pair[0].idx + 1 == pair[1].idx and pair[1].idx > 200
    )  # fmt: skip
    for event_id, idx in ((one.event_id, -1), (two.event_id, one.idx), (one.event_id, two.idx)):
        admin.run("UPDATE leaf SET idx = :i WHERE event_id = :e", i=idx, e=event_id)


def _swap_subjects(scene: Scene) -> None:
    admin = scene.admin
    mine, other = admin.entry(admin.a, 2), admin.entry(admin.b, 2)
    admin.set_entry(admin.a, 2, bytes(other.entry), with_leaf=True)
    admin.set_entry(admin.b, 2, bytes(mine.entry), with_leaf=True)


def _append(scene: Scene) -> None:
    scene.admin.append(scene.admin.b, head=False)


def _edit_state(scene: Scene) -> None:
    scene.admin.run("UPDATE asset SET holder = 'U2' WHERE asset_id = :a", a=scene.register.b)


def _edit_head(scene: Scene) -> None:
    scene.admin.run("UPDATE head SET leaf = :l WHERE subject = :s", l=bytes(32), s=scene.admin.a)


def _disclosure(scene: Scene) -> str:
    return str(scene.admin.entry(scene.admin.a, 2).event_id)


def _edit_disclosure(scene: Scene) -> None:
    text = chain.disclosure(bytes(32), "note", "别的说明")
    scene.admin.run("UPDATE disclosure SET disclosure = :t WHERE event_id = :e",
                    t=text, e=_disclosure(scene))  # fmt: skip


def _delete_disclosure(scene: Scene) -> None:
    scene.admin.run("DELETE FROM disclosure WHERE event_id = :e", e=_disclosure(scene))


def _swap_disclosures(scene: Scene) -> None:
    first, second = _disclosure(scene), str(scene.admin.entry(scene.admin.a, 3).event_id)
    for old, new in ((first, "-"), (second, first), ("-", second)):
        scene.admin.run("UPDATE disclosure SET event_id = :n WHERE event_id = :o", n=new, o=old)


def _corrupt_a_tile(scene: Scene) -> None:
    hashes = bytes(scene.admin.rows(
        "SELECT hashes FROM tile WHERE tree = 'sha256' AND level = 1 AND n = 0"
    )[0][0])  # fmt: skip
    scene.admin.run("UPDATE tile SET hashes = :h WHERE tree = 'sha256' AND level = 1 AND n = 0",
                    h=bytes([hashes[0] ^ 1]) + hashes[1:])  # fmt: skip


def _corrupt_a_tile_file(folder: Path) -> None:
    (path,) = (folder / "tile" / "0").glob("000")
    data = path.read_bytes()
    path.write_bytes(bytes([data[0] ^ 1]) + data[1:])


def _corrupt_a_snapshot(scene: Scene) -> None:
    name, hashes = scene.admin.rows(
        "SELECT tree, hashes FROM tile WHERE tree LIKE 'snapshot:%' AND level = 0 AND n = 0"
    )[0]
    bent = bytes(hashes)[:-1] + bytes([bytes(hashes)[-1] ^ 1])
    scene.admin.run("UPDATE tile SET hashes = :h WHERE tree = :t AND level = 0 AND n = 0",
                    h=bent, t=name)  # fmt: skip


def _another_genesis(scene: Scene) -> None:
    origin = scene.admin.rows("SELECT origin FROM log")[0][0]
    entry = chain.genesis_entry(origin=origin, nonce=bytes(32), vkey=str(Signer(origin, OURS).key))
    scene.admin.run("UPDATE log SET entry = :e, leaf = :l", e=entry, l=chain.leaf_hash(entry))
    scene.admin.close_gaps()


def _truncate_sealed(scene: Scene) -> None:
    """Take the newest acts of an asset off, with head and table set back."""
    admin = scene.admin
    for number in range(admin.count(scene.c), 1, -1):
        admin.run("DELETE FROM history WHERE subject = :s AND seq = :n", s=scene.c, n=number)
    admin.run("UPDATE head SET seq = 1, leaf = :l WHERE subject = :s",
              l=bytes(admin.entry(scene.c, 1).leaf), s=scene.c)  # fmt: skip
    admin.run("DELETE FROM disclosure WHERE event_id NOT IN (SELECT event_id FROM history)")
    admin.close_gaps()


def _alter_root(scene: Scene) -> None:
    scene.alter_checkpoint(root=bytes(32))


def _alter_size(scene: Scene) -> None:
    scene.alter_checkpoint(size=scene.register.old.size)


def _alter_origin(scene: Scene) -> None:
    scene.alter_checkpoint(origin="elsewhere")


def _rewrite(scene: Scene) -> None:
    scene.admin.rewrite(scene.c, 2, actor="P1")
    scene.admin.close_gaps()


def _remove_an_asset(scene: Scene) -> None:
    scene.forget(scene.c)


def _with_own_key(deed: Deed) -> Deed:
    def done(scene: Scene) -> None:
        deed(scene)
        scene.sign(OURS)

    return done


def _with_log_key(deed: Deed) -> Deed:
    def done(scene: Scene) -> None:
        deed(scene)
        scene.sign(log_key(scene))

    return done


def _without_checkpoints(deed: Deed) -> Deed:
    def done(scene: Scene) -> None:
        deed(scene)
        scene.admin.run("DELETE FROM checkpoint")

    return done


def _replace_the_log(scene: Scene) -> None:
    origin = scene.admin.rows("SELECT origin FROM log")[0][0]
    scene.admin.run("DELETE FROM checkpoint")
    scene.forget("key:log")
    scene.rebuild(
        chain.genesis_entry(origin=origin, nonce=bytes(32), vkey=str(Signer(origin, OURS).key))
    )
    scene.sign(OURS)


def _older_backup(scene: Scene) -> None:
    """Put back what a backup of before the checkpoint kept elsewhere holds, with its checkpoint."""
    admin = scene.admin
    (size,) = admin.rows("SELECT min(size) FROM checkpoint")[0]
    later = admin.rows(
        "SELECT DISTINCT subject FROM leaf JOIN history ON history.event_id = leaf.event_id "
        "WHERE idx >= :s OR idx IS NULL", s=size,
    )  # fmt: skip
    subjects = [one for (one,) in later]
    assert sorted(subjects) == sorted([scene.c, f"asset:{scene.register.d}"])
    scene.forget(*subjects)
    admin.run("DELETE FROM checkpoint WHERE size > :s", s=size)


def _lose_the_tail(scene: Scene) -> None:
    scene.forget(f"asset:{scene.register.d}")


def _at(number: int, name: str = "a") -> Callable[[Scene], tuple[object, object]]:
    def place(scene: Scene) -> tuple[object, object]:
        if name == "c":
            return scene.c, number
        return getattr(scene.admin, name), number

    return place


def _last(name: str) -> Callable[[Scene], tuple[object, object]]:
    return lambda scene: (getattr(scene.admin, name), scene.admin.count(getattr(scene.admin, name)))


def _first_of_two(scene: Scene) -> tuple[object, object]:
    return min(scene.admin.a, scene.admin.b), 2


LOG = "log"
ALONE, KEYS, OUTSIDE, RECEIPT = Level
BROKEN, UNSIGNED, FORKED = "history.broken", "note.invalid", "log.forked"

ATTACKS = {
    "edit an entry": Attack(ALONE, _edit, _at(5), "field"),
    "edit an entry and its leaf": Attack(ALONE, _edit_with_leaf, _at(6), "field"),
    "edit the last entry, its leaf and the head": Attack(ALONE, _edit_the_last, LOG, "snapshot"),
    "edit a column": Attack(ALONE, _edit_a_column, _at(3), None),
    "edit a leaf": Attack(ALONE, _edit_a_leaf, _at(3), None),
    "delete an entry": Attack(ALONE, _delete, _at(5), "field"),
    "delete an entry and close the gap": Attack(ALONE, _delete_and_close, _at(5), "field"),
    "delete an entry and count anew": Attack(ALONE, _delete_and_count_anew, LOG, "root"),
    "insert an act dated back": Attack(ALONE, _insert, LOG, "root"),
    "reorder a chain": Attack(ALONE, _reorder, _at(3), None),
    "swap places in the log": Attack(ALONE, _swap_places, LOG, "root"),
    "swap entries of two subjects": Attack(ALONE, _swap_subjects, _first_of_two, "field"),
    "append a forged entry": Attack(ALONE, _append, _at(3, "b"), None),
    "edit the table of assets": Attack(ALONE, _edit_state, _last("b"), None),
    "edit a head": Attack(ALONE, _edit_head, _at(14), None),
    "edit personal data": Attack(ALONE, _edit_disclosure, _at(2), "stray"),
    "delete personal data": Attack(ALONE, _delete_disclosure, _at(2), "erased"),
    "swap personal data": Attack(ALONE, _swap_disclosures, _at(2), None),
    "corrupt a tile": Attack(ALONE, _corrupt_a_tile, LOG, "tile", _corrupt_a_tile_file),
    "corrupt a snapshot": Attack(ALONE, _corrupt_a_snapshot, LOG, None),
    "another genesis": Attack(ALONE, _another_genesis, BROKEN, "field"),
    "take sealed acts off": Attack(ALONE, _truncate_sealed, LOG, "shorter"),
    "rewrite everything": Attack(ALONE, _rewrite, LOG, "root"),
    "remove an asset": Attack(ALONE, _remove_an_asset, LOG, "shorter"),
    "alter the root of a checkpoint": Attack(KEYS, _alter_root, UNSIGNED, "signature"),
    "alter the size of a checkpoint": Attack(KEYS, _alter_size, UNSIGNED, "signature"),
    "alter the origin of a checkpoint": Attack(KEYS, _alter_origin, UNSIGNED, "no_trust"),
    "rewrite and sign with another key": Attack(KEYS, _with_own_key(_rewrite), UNSIGNED,
                                                "no_trust"),
    "rewrite, and no checkpoints": Attack(KEYS, _without_checkpoints(_rewrite),
                                          "checkpoint.missing", "no_dossier"),
    "replace the log by another": Attack(KEYS, _replace_the_log, UNSIGNED, "no_trust"),
    "rewrite and sign with the log's key": Attack(OUTSIDE, _with_log_key(_rewrite), FORKED,
                                                  "rewritten"),
    "put an older backup back": Attack(OUTSIDE, _older_backup, FORKED, "shorter"),
    "lose the tail that is not signed": Attack(RECEIPT, _lose_the_tail, "", None),
}  # fmt: skip
