"""A clerk's session at a desk: texts arrive from anywhere, the journal first, then the register.

`run` is given texts one by one and does not know where they come from. Every accepted one lies in
the journal before it is answered; a commit lies there before the register is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from assetctl.acts import landing, station
from assetctl.acts.landing import Landed, Link
from assetctl.acts.photos import sound
from assetctl.cli import clock
from assetctl.cli.context import Context
from assetctl.cli.logbook import Logbook, opened
from assetctl.cli.looking import look_up
from assetctl.cli.moments import Arrived, Done, Moment, Report, Start
from assetctl.domain.book import Book, photo_line
from assetctl.domain.chain import instant
from assetctl.domain.intent import UNDO, Intent, intent_from, plain
from assetctl.domain.photo import LostPhoto, Photo
from assetctl.domain.request import Stamp
from assetctl.domain.session import ASKING, Seen, Told, accepted, refused
from assetctl.domain.session_steps import step
from assetctl.errors import (
    AssetctlError,
    CannotUndoError,
    InputError,
    Kind,
    SessionOpenError,
)
from assetctl.i18n import N_
from assetctl.reads.counts import Astray
from assetctl.reads.sighting import Sighting, clean, look_alone
from assetctl.store import blobs
from assetctl.store.journal import Journal

Tell = Callable[[Moment], None]


def run(
    world: Context, lines: Iterable[str | Arrived], *, start: Start, tell: Tell | None = None,
    on_done: Callable[[Done], None] | None = None,
) -> Report:  # fmt: skip
    """Carry a session through until its source ends; `tell` hears of every new state.

    Raises:
        SessionOpenError: a basket was left open and `start` does not say what becomes of it.
        StationBusyError, JournalBrokenError, JournalUnwritableError, KeyMissingError: there is no
            journal that could be trusted.
    """
    with opened(world) as journal:
        desk = Desk(world, journal, tell=tell, on_done=on_done)
        desk.begin(start)
        for line in lines:
            text, arrival = line if isinstance(line, Arrived) else (line, -1)
            desk.take(clean(text), arrival)
        if start.commits and accepted(desk.book.session):
            desk.take("!commit", -1)
        return desk.report()


def away(error: AssetctlError) -> bool:
    """Return whether a failure means that the register cannot be reached now."""
    return error.code in ("store.unavailable", "store.missing")


class Desk:
    """One session: the book, its journal, and the register behind it."""

    def __init__(
        self, world: Context, journal: Journal, *, tell: Tell | None = None,
        on_done: Callable[[Done], None] | None = None,
    ) -> None:  # fmt: skip
        self._world = world
        self._log = Logbook(journal)
        self._tell = tell
        self._on_done = on_done
        self._unsigned = False
        self._told: list[Told] = []
        self._names: dict[str, str] = {}
        self._done: list[Done] = []
        self._synced: list[Landed] = []
        self.offline = False

    @property
    def book(self) -> Book:
        """What the journal says."""
        return self._log.book

    def begin(self, start: Start) -> None:
        """Finish what was interrupted, then go on with its basket or begin a new one.

        Raises:
            SessionOpenError: a basket was left open and nobody said what becomes of it.
        """
        self._unsigned = start.unsigned
        if self._log.torn:
            self._say(Told(code="torn"))
        if self.book.pending is not None:
            self._catch_up()
            self._carry(self.book.pending, waited=True)
        left = self.book.session.items
        go_on = start.resume
        if left and go_on is None:
            if start.ask is None:
                raise SessionOpenError(count=len(left))
            go_on = start.ask(len(left))
        if left and go_on:
            self._note("resumed", {})
            self._say(Told(code="resumed", subject=str(len(left))))
        else:
            self._note("begun", {
                "request_id": self._world.flags.request_id or clock.new_event_id(),
                "mode": start.mode.value, "borrower": None, "place": None,
                "due": start.due, "doc": start.doc,
            })  # fmt: skip
            for name, code in (("to", start.to), ("place", start.place)):
                if code:
                    self.take(f"!{name} {code}", -1)
        self._catch_up()
        self._log.roll_if_long()

    def take(self, text: str, arrival: int) -> None:
        """Take one text: journal it if it changes anything, answer, and act if it commands so."""
        if not text:
            return
        if self.offline and text.startswith("!"):
            self._catch_up()
        seen = self._look(text, arrival)
        taken = step(self.book.session, seen)
        told = taken.told
        if told.changes:
            self._note("seen", plain(seen))
        else:
            # Its arrival all the same: a command tag that stays in sight commands once.
            self.book.session = taken.session
        if told.code not in ASKING:
            self._say(told)
        elif told.code == "commit":
            self._commit()
        else:
            self._undo()

    def photograph(self, content: bytes, *, role: str, asset_id: str = "") -> None:
        """Keep a picture (JPEG) of a thing of the basket, by default of the one added last.

        It lies at the station before it is answered, and is attached when the commit lands.
        """
        things = {item.seen.code: item.seen for item in accepted(self.book.session)}
        seen = things.get(asset_id) if asset_id else next(reversed(things.values()), None)
        if seen is None:
            self._say(Told(code="refused", reason="session.nothing_to_photograph"))
            return
        try:
            blob = blobs.keep_bytes(self._world.settings.blobs, content)
        except AssetctlError as error:
            self._say(Told(code="refused", subject=seen.code, reason=error.code, error=error))
            return
        photo = Photo(
            sha256=blob.sha256, byte_count=blob.byte_count, media_type="image/jpeg", role=role
        )
        self._note("photo", photo_line(seen.code, photo))
        if not asset_id:
            self._say(Told(code="photo", subject=seen.code, name=seen.name))

    def land_all(self) -> list[Landed]:
        """Land everything that waits, a commit whose outcome was never noted among it.

        Raises:
            StoreUnavailableError: the register is away; what did not land goes on waiting.
        """
        pending = self.book.pending
        if pending is not None:
            fate = {"request_id": pending.request_id, "next": clock.new_event_id()}
            self._note("queued", fate)
        landed = landing.sync(self.book, self.link)
        self._log.roll_if_long()
        return landed

    def roll(self) -> str:
        """Go on in a new file of the journal; return the name of the former one.

        Raises:
            JournalUnwritableError: the disk refuses; the journal goes on in the file it was in.
        """
        return self._log.roll().name

    def settle(self, request_ids: Iterable[str]) -> None:
        """Put the conflicts of commits aside: people have cleared them up.

        Raises:
            InputError: there is no conflict of that commit.
        """
        for request_id in request_ids:
            if not any(key[0] == request_id for key in self.book.conflicts):
                expected = N_("the receipt of a commit that is in conflict")
                raise InputError(field="--settle", value=request_id, expected=expected)
            actor = self._world.settings.operator
            self._note("settled", {"request_id": request_id, "actor": actor})

    @property
    def torn(self) -> bool:
        """Whether a torn last line of the journal was dropped."""
        return self._log.torn

    def report(self) -> Report:
        """Return the whole session."""
        return Report(
            session=self.book.session, told=self._told, done=self._done, synced=self._synced,
            offline=self.offline, waiting=len(self.book.queue), torn=self.torn,
        )  # fmt: skip

    # --- looking ---------------------------------------------------------------------------

    def _look(self, text: str, arrival: int) -> Seen:
        sighting = Sighting(
            text=text, at=instant(clock.now()), arrival=arrival, mode=self.book.session.mode,
            unsigned=self._unsigned, prefix=self._world.settings.gs1_prefix,
        )  # fmt: skip
        if not self.offline:
            try:
                return look_up(self._world, sighting)
            except AssetctlError as error:
                self._must_be_away(error)
        return look_alone(self._world.tag_keys, self.book.known, sighting)

    def _must_be_away(self, error: AssetctlError) -> None:
        """Return if the register is only away, and remember that; else raise what went wrong."""
        held = any(self._world.settings.keys.glob("tag-*"))
        if not away(error) or not held:
            raise error  # without a key nothing could be judged: there never was a register here
        if not self.offline:
            self.offline = True
            self._say(Told(code="offline", reason=error.code))

    # --- acting ----------------------------------------------------------------------------

    def _commit(self) -> None:
        stamp = self._world.stamp()
        book = self.book
        left_out = tuple((item.seen.code, reason.code) for item, reason in refused(book.session))
        self._names |= {code: item.seen.name or "" for code, item in book.session.items.items()}
        intent = intent_from(book.session, stamp, due=book.due, doc=book.doc)
        self._note("commit", plain(intent))
        self._catch_up()
        self._carry(intent, left_out=left_out)

    def _undo(self) -> None:
        try:
            if not self.book.done:
                raise CannotUndoError(reason=N_("nothing was committed in this session"))
            of = self.book.done[-1]
            station.must_be_undoable(of)
        except CannotUndoError as error:
            self._say(Told(code="refused", reason=error.code, error=error))
            return
        stamp = self._world.stamp()
        intent = replace(
            of, request_id=clock.new_event_id(), act=UNDO, of=of.request_id, at=stamp.at,
            made=stamp.rec, began=stamp.rec, actor=stamp.actor, on_behalf=stamp.on_behalf,
        )  # fmt: skip
        self._note("commit", plain(intent))
        self._catch_up()
        self._carry(intent)

    def _carry(
        self, intent: Intent, *, left_out: tuple[tuple[str, str], ...] = (),
        waited: bool = False,
    ) -> None:  # fmt: skip
        """Carry out what lies in the journal, and note what became of it."""
        fate = {"request_id": intent.request_id, "next": clock.new_event_id()}
        done = Done(intent=intent, outcome="queued", left_out=left_out, names=self._names)
        try:
            done = self._attempt(done, waited=waited)
        except AssetctlError as error:
            if error.kind is Kind.UNAVAILABLE:
                raise
            asset_id = str(error.facts.get("asset_id", ""))
            fate = {"request_id": intent.request_id, "asset_id": asset_id, "code": error.code}
            done = replace(done, outcome="refused", error=error)
        self._note(done.outcome, fate)
        self._done.append(done)
        if self._on_done:
            self._on_done(done)
        reason = done.error.code if done.error else None
        self._say(
            Told(code=done.outcome, subject=intent.request_id, reason=reason, error=done.error)
        )
        self._tell_findings(done.lost, done.astray)
        self._log.roll_if_long()

    def _attempt(self, done: Done, *, waited: bool) -> Done:
        """Carry out an intent; it stays queued if the register is away or older ones must land."""
        if self.offline or self.book.queue:
            return done
        intent = done.intent
        kept, lost = sound(self.book.photos_of(intent), self._problem)
        try:
            with self._world.writing() as tx:
                carried = station.carry_out(
                    tx, book=self.book, intent=intent, stamp=self._stamp(intent), waited=waited,
                    photos=kept,
                )  # fmt: skip
        except AssetctlError as error:
            if error.kind is not Kind.UNAVAILABLE:
                raise
            self._must_be_away(error)
            return done
        return replace(
            done, outcome="landed", receipt=carried.receipt, photos=carried.photos, lost=lost,
            astray=carried.astray,
        )  # fmt: skip

    def _catch_up(self) -> None:
        """Land what waits, if the register answers again; only then may newer things land."""
        if not self.offline and not self.book.queue:
            return
        was_offline, before = self.offline, set(self.book.conflicts)
        try:
            with self._world.reading():
                self.offline = False
            landed = landing.sync(self.book, self.link)
        except AssetctlError as error:
            self.offline = was_offline
            self._must_be_away(error)
            return
        if was_offline:
            self._say(Told(code="online"))
        self._synced += landed
        for one in landed:
            self._say(Told(code="synced", subject=one.intent.request_id))
            self._tell_findings(one.lost, one.astray)
        for key in self.book.conflicts.keys() - before:
            self._say(Told(code="conflict", subject=key[1], reason=self.book.conflicts[key].code))

    @property
    def link(self) -> Link:
        """How what waited reaches the register."""
        return Link(
            reading=self._world.reading, writing=self._world.writing, note=self._note,
            stamp=self._stamp, problem=self._problem,
        )  # fmt: skip

    def _problem(self, sha256: str) -> str | None:
        return blobs.problem(self._world.settings.blobs, sha256)

    def _stamp(self, intent: Intent) -> Stamp:
        """Return the stamp of an intent: its own person, time and request, recorded now."""
        return self._world.signed(Stamp(
            actor=intent.actor, at=intent.at, rec=instant(clock.now()),
            request_id=intent.request_id, station=intent.station, on_behalf=intent.on_behalf,
            fresh=False, began=intent.began, new_id=clock.new_event_id, new_salt=clock.new_salt,
        ))  # fmt: skip

    # --- telling ---------------------------------------------------------------------------

    def _note(self, kind: str, data: dict[str, Any]) -> None:
        self._log.note(kind, data)

    def _tell_findings(self, lost: Iterable[LostPhoto], found: Iterable[Astray]) -> None:
        """Tell which photos could not be attached, and of what the register says something else."""
        for photo in lost:
            name = self._names.get(photo.asset_id)
            reason = f"photo.{photo.problem}"
            self._say(Told(code="lost", subject=photo.asset_id, name=name, reason=reason))
        for one in found:
            seen = Seen(kind="asset", code=one.asset_id, at="", state=one.state, holder=one.holder,
                        place=one.place)  # fmt: skip
            told = Told(code="astray", subject=one.asset_id, name=one.name, seen=seen)
            if set(one.differs) - {"quantity"}:
                self._say(told)
            if "quantity" in one.differs:
                self._say(replace(told, code="miscounted", quantity=one.quantity))

    def _say(self, told: Told) -> None:
        self._told.append(told)
        if self._tell:
            self._tell(
                Moment(session=self.book.session, told=told, offline=self.offline,
                       waiting=len(self.book.queue))
            )  # fmt: skip
