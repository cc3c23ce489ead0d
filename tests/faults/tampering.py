"""What the tests of tampering share: a register with a long history, and its administrator."""

from __future__ import annotations

import io
import itertools
import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.acts import counts, prints, sightings, sign_prints
from assetctl.acts.encoding import Encoded
from assetctl.cli.app import main
from assetctl.domain import chain
from assetctl.domain.projection import KEYS
from assetctl.domain.request import Stamp
from assetctl.errors import HistoryBrokenError
from assetctl.reads.verify import verify
from assetctl.store.engine import Store
from assetctl.store.seal import seal
from assetctl.store.tables import PROJECTED, SUBJECTS, history
from assetctl.store.tree import Tree
from tests import epcis
from tests.faults.tampering_office import documents_of_all_sorts

HISTORY_COLUMNS = tuple(history.c.keys())
PROJECTED_COLUMNS = [
    (name, column) for name, table in PROJECTED.items() for column in list(table.c.keys())
]


def drive(home: Path, url: str, *arguments: str | Path) -> tuple[int, Any]:
    """Run one command line; return its exit code and its JSON answer."""
    out = io.StringIO()
    with redirect_stdout(out):
        code = main(["--home", str(home), "--db", url, "--as", "admin", "--lang", "en",
                     "--json", *map(str, arguments)])  # fmt: skip
    return code, json.loads(out.getvalue())


def done(home: Path, url: str, *arguments: str | Path) -> Any:
    """Run one command line that must succeed; return its data."""
    code, answer = drive(home, url, *arguments)
    assert code == 0, (arguments, code, answer)
    return answer["data"]


@dataclass(frozen=True)
class Admin:
    """The administrator of the database, with no trigger in the way, and nothing kept after."""

    connection: Connection
    a: str
    """The subject with the long history."""
    b: str
    """Another asset."""

    def run(self, statement: str, **values: object) -> None:
        """Change the database as no program of ours would."""
        self.connection.execute(sa.text(statement), values)

    def rows(self, statement: str, **values: object) -> list[Any]:
        """Look into the database."""
        return list(self.connection.execute(sa.text(statement), values))

    def count(self, subject: str) -> int:
        """Return how many entries a subject has."""
        return len(self.rows("SELECT seq FROM history WHERE subject = :s", s=subject))

    def entry(self, subject: str, seq: int) -> Any:
        """Return one row of the history."""
        found = self.connection.execute(
            history.select().where(history.c.subject == subject, history.c.seq == seq)
        )
        return found.one()

    def set_entry(self, subject: str, seq: int, entry: bytes, *, with_leaf: bool) -> None:
        """Overwrite the bytes of an entry, and its leaf so that it fits them."""
        values: dict[str, Any] = {"entry": entry}
        if with_leaf:
            values["leaf"] = chain.leaf_hash(entry)
        self.connection.execute(
            history.update()
            .where(history.c.subject == subject, history.c.seq == seq)
            .values(values)
        )

    def append(
        self, subject: str, *, head: bool, entry: bytes | None = None, **changed: Any
    ) -> int:
        """Append a forged entry to a chain; with `head` the head says so too; return its number.

        `changed` replaces fields of the newest entry, which is the model; `entry` the whole bytes.
        """
        newest = self.rows(
            "SELECT max(seq) FROM history WHERE subject = :s", s=subject
        )[0][0]  # fmt: skip
        model = self.entry(subject, newest)
        number = newest + 1
        fields = json.loads(model.entry) | {
            "id": f"{number:032x}", "n": number, "p": chain.b64(bytes(model.leaf)), "req": "forged",
        }  # fmt: skip
        fields.pop("sd", None)
        fields |= changed
        data = chain.canonical(fields) if entry is None else entry
        leaf = chain.leaf_hash(data)
        self.connection.execute(
            history.insert(),
            {"event_id": fields["id"], "subject": subject, "seq": number, "kind": fields["kind"],
             "at": fields["at"], "recorded_at": fields["rec"], "actor": fields["actor"],
             "request_id": fields["req"], "entry": data, "leaf": leaf},
        )  # fmt: skip
        self.seal(fields["id"])
        if head:
            self.run("UPDATE head SET seq = :n, leaf = :leaf WHERE subject = :s",
                     n=number, leaf=leaf, s=subject)  # fmt: skip
        return int(number)

    def seal(self, event_id: str) -> None:
        """Give a forged entry a place at the end of the log, as the program would."""
        self.run("INSERT INTO leaf (event_id, idx) SELECT :e, max(idx) + 1 FROM leaf", e=event_id)

    def close_gaps(self) -> None:
        """Give every entry that is left a place, without gaps, and make the tiles anew."""
        self.run("DELETE FROM leaf WHERE event_id NOT IN (SELECT event_id FROM history)")
        rows = self.rows("SELECT event_id FROM leaf ORDER BY idx")
        self.run("UPDATE leaf SET idx = -idx")
        for idx, (event_id,) in enumerate(rows, 1):
            self.run("UPDATE leaf SET idx = :i WHERE event_id = :e", i=idx, e=event_id)
        self.run("DELETE FROM tile")
        Tree(self.connection).extend(len(rows) + 1)

    def rewrite(self, subject: str, seq: int, **changed: Any) -> None:
        """Change fields of an entry and recompute everything behind it, the head too."""
        last = self.count(subject)
        for number in range(seq, last + 1):
            row = self.entry(subject, number)
            fields = json.loads(row.entry)
            if number == seq:
                fields |= changed
            else:
                fields["p"] = chain.b64(bytes(self.entry(subject, number - 1).leaf))
            self.set_entry(subject, number, chain.canonical(fields), with_leaf=True)
            self.run("UPDATE history SET actor = :actor WHERE subject = :s AND seq = :n",
                     actor=fields["actor"], s=subject, n=number)  # fmt: skip
        leaf = bytes(self.entry(subject, last).leaf)
        self.run("UPDATE head SET leaf = :leaf WHERE subject = :s", leaf=leaf, s=subject)

    def found(
        self, *, replay: bool = False, subjects: list[str] | None = None
    ) -> dict[str, Any] | None:
        """Return what verify says is broken, None where it finds nothing."""
        facts: dict[str, Any] | None = None
        with warnings.catch_warnings():
            # Whether cursors are closed is one test of its own, not every test's failure.
            warnings.simplefilter("ignore", ResourceWarning)
            try:
                verify(self.connection, subjects, replay=replay)
            except HistoryBrokenError as error:
                facts = error.facts
        if self.connection.get_execution_options().get("yield_per"):
            self.connection.execution_options(yield_per=None, stream_results=False)
        return facts

    def place(self, *, replay: bool = False) -> tuple[object, object] | None:
        """Return subject and number of what verify finds, None where it finds nothing."""
        facts = self.found(replay=replay)
        return None if facts is None else (facts["subject"], facts["seq"])


class Rig:
    """A register whose database may be tampered with again and again."""

    def __init__(self, store: Store, a: str, b: str) -> None:
        self.store = store
        self.a = a
        self.b = b

    @contextmanager
    def admin(self) -> Iterator[Admin]:
        """Give the administrator; whatever is done is undone afterwards."""
        with self.store.engine.connect() as connection, connection.begin() as transaction:
            disarm(connection)
            yield Admin(connection, f"asset:{self.a}", f"asset:{self.b}")
            transaction.rollback()


def disarm(connection: Connection) -> None:
    """Take the triggers away that refuse changes of the history."""
    if connection.dialect.name == "sqlite":
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for name in names.scalars().all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
    else:
        for table in ("log", "history", "leaf"):
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def subject_of(table: str, row: Any) -> str:
    """Return the subject a projected row belongs to."""
    (sort,) = (sort for sort, names in SUBJECTS.items() if table in names)
    if table == "asset_class":
        return f"class:{row['scheme']}/{row['code']}"
    return f"{sort}:{row[KEYS[table][0]]}"


def build(home: Path, url: str) -> Rig:
    """Make a register in which every projected table has rows and every kind of fact a trace."""
    done(home, url, "init")
    for code, kind, more in (
        ("U1", "unit", ("--uscc", "11330100MB1234567X", "--uscc-reason", "旧证")),
        ("U2", "unit", ()), ("P1", "person", ("--unit", "U1")), ("P2", "person", ("--unit", "U2")),
    ):  # fmt: skip
        done(home, url, "party", "add", code, "--name", f"名称{code}", "--kind", kind, *more)
    done(home, url, "place", "add", "W1", "--name", "一号仓")
    done(home, url, "place", "add", "B1", "--name", "办公楼", "--kind", "building")
    done(home, url, "place", "add", "W1-Z1", "--name", "甲区", "--parent", "W1")
    photo = home / "photo.jpg"
    photo.write_bytes(b"a photo")
    ids = []
    for name, class_code, card in (
        ("台式计算机", "A02010105", ("--card-no", "0001", "--value", "5000.00", "--serial", "SN1",
                                  "--acquired", "2023-03-01", "--condition", "good")),
        ("轿车", "A02030501", ("--set", "plate=浙A12345", "--set", "seats=5")),
    ):  # fmt: skip
        made = done(home, url, "register", "--name", name, "--class", class_code, "--owner", "U1",
                    "--place", "W1", *card)  # fmt: skip
        ids.append(made["asset_id"])
    a, b = ids
    deeds: tuple[tuple[str | Path, ...], ...] = (
        ("checkout", a, "--to", "P2", "--due", "2099-01-01", "--note", "借用说明"),
        ("extend", a, "--due", "2099-02-01", "--note", "续借说明"),
        ("checkin", a, "--condition", "fair"),
        ("move", a, "--to", "W1-Z1"),
        ("send", a, "--to", "U2"),
        ("receive", a, "--differs", "缺鼠标", "--note", "已签收", "--place", "W1"),
        ("transfer", a, "--to-unit", "U2", "--doc", "调〔1〕号"),
        ("correct", a, "--set", "brand=甲牌"),
        ("attach", a, photo, "--title", "正面照"),
        ("tag", "bind", a, "--epc", "E2801160600002054E1B1234", "--tid", "E280116020000001"),
        ("tag", "replace", a, "--note", "磨损"),
        ("dispose", "propose", a, "--method", "scrap"),
        ("dispose", "complete", a, "--doc", "处〔1〕号"),
        ("checkout", b, "--to", "P1", "--due", "2099-01-01"),
    )
    for line in deeds:
        done(home, url, *line)
    _tags_of_all_sorts(home, url)
    _evidence(home, url, a)
    _standards(home, url)
    documents_of_all_sorts(partial(done, home, url), home)
    _signed_acts(home, url)
    rig = Rig(Store(url), a, b)
    with rig.store.writing() as tx:
        seal(tx)
    return rig


def _signed_acts(home: Path, url: str) -> None:
    done(home, url, "key", "require", "--all", "--since", "2099-01-01")
    code = done(home, url, "key", "make", "operator", "P1")["code"]
    done(home, url, "key", "revoke", code, "--from", "2026-01-01", "--doc", "函〔1〕号",
         "--reason", "lost")  # fmt: skip
    done(home, url, "key", "make", "operator", "admin")
    made = done(home, url, "register", "--name", "会议桌", "--class", "A05010201", "--owner", "U1",
                "--place", "W1")  # fmt: skip
    done(home, url, "move", made["asset_id"], "--to", "W1-Z1")
    done(home, url, "move", made["asset_id"], "--to", "W1")


def _evidence(home: Path, url: str, asset: str) -> None:
    error = {"declarationTime": "2026-03-02T00:00:00Z", "reason": "incorrect_data"}
    about = epcis.event(epcList=[f"https://assets.example.gov.cn/A/{asset}"])
    told = epcis.document(about, epcis.event(), about | {"errorDeclaration": error})
    done(home, url, "import", "epcis", epcis.written(home / "partner.jsonld", told))


def _standards(home: Path, url: str) -> None:
    done(home, url, "standard", "adopt", "--doc", "函〔2〕号")
    for one in done(home, url, "standard", "list", "--class", "A02010105"):
        done(home, url, "standard", "end", one["code"], "--on", "2099-01-01", "--doc", "函〔3〕号")


def _tags_of_all_sorts(home: Path, url: str) -> None:
    made = done(home, url, "register", "--name", "办公桌", "--class", "A05010201", "--owner", "U1",
                "--place", "W1")  # fmt: skip
    c = made["asset_id"]
    first, second, third = done(home, url, "tag", "blank", "--count", "3")["tags"]
    done(home, url, "tag", "void", second["code"], "--note", "印坏了")
    for line in (("place", "tag", "W1"), ("party", "card", "P1")):
        done(home, url, *line)
        done(home, url, *line, "--replace", "--note", "磨损")
    chip = ("tag", "bind", c, "--epc", "E2801160600002054E1B5678", "--tid")
    done(home, url, *chip, "E280116020000003")
    assert drive(home, url, *chip, "E280116020000004")[0] == 5, "a second chip: an alert"
    store = Store(url)
    numbers = itertools.count(1 << 20)  # far from the ids of forged entries
    stamp = Stamp(
        actor="admin", at="2026-01-01T08:00:00.000000Z", rec="2026-01-01T08:00:00.000000Z",
        request_id="prints", station="desk", new_id=lambda: f"{next(numbers):032x}",
        new_salt=lambda: bytes(32),
    )  # fmt: skip
    with store.writing() as tx:
        how: dict[str, Any] = {"template": "40x30", "printer": "tcp://p1"}
        chip_of_label = {c: Encoded(epc="5A1" + "0" * 21, pc="3000", tid="E280116020000005")}
        prints.note_print(tx, assets=[c], stamp=stamp, encoded=chip_of_label, **how)
        sign_prints.note_blanks(
            tx, tags=[first["code"], third["code"]], stamp=replace(stamp, request_id="b"), **how
        )
        own = replace(stamp, request_id="p")
        sign_prints.note_place_tags(tx, codes=["W1"], stamp=own, **how)
        own = replace(stamp, request_id="s")
        sign_prints.note_staff_cards(tx, codes=["P1"], stamp=own, **how)
    counted = replace(stamp, request_id="count", new_id=lambda: "c" * 32)
    with store.writing() as tx:
        counts.count(tx, assets=[c], place="W1", quantities={c: 3}, stamp=counted)
    seen = sightings.Sighted(asset_id=c, code=c, issue=1, place="W1")
    for minute, place in ((1, "W1"), (2, "B1")):
        later = replace(stamp, at=f"2026-01-01T08:0{minute}:00.000000Z", request_id=f"s{minute}",
                        station=f"gate{minute}")  # fmt: skip
        with store.writing() as tx:
            sightings.sighting(tx, seen=replace(seen, place=place), stamp=later)
    store.close()
