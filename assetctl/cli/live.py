"""scan live: a camera as the source of a clerk's session, with a window, sounds and kept frames."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assetctl.cli import clock, output
from assetctl.cli.basket import mode_word, said, thing
from assetctl.cli.context import Context
from assetctl.cli.desk import Desk
from assetctl.cli.logbook import opened
from assetctl.cli.moments import Done, Moment, Start
from assetctl.cli.options import Document, Place
from assetctl.cli.output import Answer
from assetctl.cli.scan import app as scan
from assetctl.cli.scan import ours
from assetctl.cli.station import Receipts, asker, must_not_be_dry, session_answer, teller
from assetctl.domain.commands import command_of
from assetctl.domain.identity import Payload, parse_payload
from assetctl.domain.intent import UNDO
from assetctl.domain.session import Mode, Session, why
from assetctl.errors import InputError, PartMissingError, PayloadForeignError
from assetctl.i18n import N_, Phrase, one_of
from assetctl.reads.sighting import clean

if TYPE_CHECKING:
    from scanner.camera import Frame, Signal
    from scanner.overlay import Painter, Scene
    from scanner.presence import Seen
    from scanner.sound import Speaker
    from scanner.window import Key

app = scan
groups = {"scan": scan}

_QUIET = ("repeat",)
_SILENT = ("astray", "miscounted")
"""What is said after a count without a sound: there may be many, and nothing is to be done now."""
_ALARMING = ("offline", "conflict", "torn", "lost")
_SHOWN = 14
"""Things of the basket that the window lists; the newest ones."""


@scan.command("live")
def live(
    ctx: typer.Context,
    *,
    camera: Annotated[
        str, typer.Option(help=N_("Number of a camera, address of a stream, or a video file."))
    ] = "0",
    mode: Annotated[
        str, typer.Option(help=N_("What is done: show, checkout, checkin, move, count."))
    ] = "show",
    to: Annotated[str | None, typer.Option(help=N_("Party that takes the first basket."))] = None,
    place: Place = None,
    due: Annotated[str | None, typer.Option(help=N_("Day they are due back."))] = None,
    doc: Document = None,
    resume: Annotated[
        bool | None,
        typer.Option("--resume/--discard", help=N_("What becomes of a basket left open.")),
    ] = None,
    window: Annotated[
        bool | None, typer.Option("--window/--no-window", help=N_("Show what the camera sees."))
    ] = None,
    sound: Annotated[bool, typer.Option("--sound/--silent", help=N_("Play sounds."))] = True,
    keep_frame: Annotated[
        bool,
        typer.Option("--keep-frame", help=N_("Keep the frame each asset was read in, by hash.")),
    ] = False,
    receipt: Annotated[
        Path | None, typer.Option(help=N_("File to which receipts are added."))
    ] = None,
) -> Answer:
    """A clerk's session before a camera: hold cards, places, commands and things up to it."""
    world: Context = ctx.obj
    must_not_be_dry(world)
    if mode not in set(Mode):
        raise InputError(field="--mode", value=mode, expected=one_of(Mode))
    start = Start(
        mode=Mode(mode), to=to, place=place, due=clock.parse_day(due, "--due") if due else None,
        doc=doc, resume=resume, ask=asker(world),
    )  # fmt: skip
    from scanner.reading import ScanError

    try:
        options = _Options(window=window, sound=sound, keep_frame=keep_frame, receipt=receipt)
        return _watch(world, camera, start, options)
    except ScanError as error:
        raise PartMissingError(
            part="camera", cost=Phrase(error.template, **error.facts), mend="assetctl doctor"
        ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    window: bool | None
    sound: bool
    keep_frame: bool
    receipt: Path | None


def _watch(world: Context, camera: str, start: Start, options: _Options) -> Answer:
    from scanner import window as windows
    from scanner.camera import Frames
    from scanner.sound import Speaker

    screen, wanted = None, options.window
    if wanted or (wanted is None and not world.flags.json and windows.window_fault() is None):
        screen = windows.Window("assetctl")
    with opened(world) as journal, Frames(camera) as frames, Speaker() as speaker:
        eyes = _Eyes(world, speaker if options.sound else None, options, painted=screen is not None)
        desk = Desk(world, journal, tell=eyes.told, on_done=eyes.done)
        eyes.desk = desk
        try:
            desk.begin(start)
            windows.run(frames, screen, on_item=eyes.look, on_key=eyes.key)
        finally:
            if screen is not None:
                screen.close()
        return session_answer(desk.report())


class _Eyes:
    """What stands between the camera and the desk: who arrived, what it was worth, how it looks."""

    desk: Desk

    def __init__(
        self, world: Context, speaker: Speaker | None, options: _Options, *, painted: bool
    ) -> None:
        from scanner.live import Live
        from scanner.presence import Presence

        self._world = world
        self._speaker = speaker
        self._keep = options.keep_frame
        self._tell = teller(world)
        self._receipts = Receipts(world, options.receipt)
        self._presence = Presence()
        self._decoder = Live(accept=ours)
        self._painter = _painter(world) if painted else None
        self._arrivals = 0
        self._frame: Frame | None = None
        self._text = ""
        self._act = ""
        self._is_lost = False
        self._moment: Moment | None = None
        self._known: dict[str, tuple[bool, str]] = {}

    def look(self, item: Frame | Signal) -> Any:
        """Take a frame: what arrived with it goes to the desk. Return the picture to show."""
        from scanner.camera import Signal
        from scanner.presence import Arrived, Doubled
        from scanner.watch import look_at

        if isinstance(item, Signal):
            self._link(item)
            return None
        self._frame = item
        watched = look_at(item, read=self._decoder.read, presence=self._presence)
        # What came into view together has no order of its own: first what to do and for whom.
        for event in sorted(watched.events, key=lambda one: _rank(one.text)):
            if isinstance(event, Arrived):
                self._arrivals += 1
                self._text = event.text
                self.desk.take(clean(event.text), self._arrivals)
                self._text = ""
            elif isinstance(event, Doubled) and _is_asset(event.text):
                self._play("alert")
                output.note(self._world.words.say(N_("One tag stands at two places: a copy.")))
        if self._painter is None:
            return None
        return self._painter.draw(item.picture, self._scene(self._presence.present))

    def key(self, key: Key) -> None:
        """Do what a key of the window asks for."""
        if key.value in ("commit", "undo"):
            self.desk.take(f"!{key.value}", -1)
        elif key.value == "photo" and self._frame is not None:
            self.desk.photograph(_jpeg(self._frame), role="condition")

    def told(self, moment: Moment) -> None:
        """Hear what the session answered: say it, play it, remember it for the picture."""
        self._moment = moment
        told = moment.told
        if self._text:
            self._known[self._text] = (told.code != "refused", thing(told.subject, told.name))
        if told.code not in _QUIET:
            self._tell(moment)
            if told.code not in _SILENT:
                self._play(_sound_of(moment, self._act))
        if self._keep and told.code == "added" and self._frame is not None:
            self.desk.photograph(_jpeg(self._frame), role="scan", asset_id=told.subject)

    def done(self, done: Done) -> None:
        """Write the receipt."""
        self._act = done.intent.act
        self._receipts.add(done)

    def _link(self, signal: Signal) -> None:
        say = self._world.words.say
        is_back = signal.link.value == "back"
        if is_back:
            output.note(say(N_("The camera is back.")))
        elif not self._is_lost:
            output.note(say(N_("The camera was lost; it is tried again. Nothing is lost.")))
        self._is_lost = not is_back

    def _play(self, name: str) -> None:
        from scanner.sound import Sound

        if self._speaker is not None:
            self._speaker.play(Sound(name))

    def _scene(self, present: tuple[Seen, ...]) -> Scene:
        from scanner.overlay import Line, Mark, Scene, Verdict

        words, session = self._world.words, self.desk.book.session
        marks = []
        for seen in present:
            good, name = self._known.get(seen.text, (False, ""))
            if seen.is_visible:
                verdict = Verdict.ACCEPTED if good else Verdict.REFUSED
                marks.append(Mark(corners=seen.corners, verdict=verdict, lines=(name,)))
        items = list(session.items.values())[-_SHOWN:]
        told = self._moment.told if self._moment else None
        return Scene(
            marks=tuple(marks), facts=_facts(session, self.desk.offline, self._world),
            basket_title=words.say(N_("Basket: {count}"), count=len(session.items)),
            basket=tuple(
                Line(text=thing(item.seen.code, item.seen.name),
                     verdict=Verdict.REFUSED if why(session, item) else Verdict.ACCEPTED)
                for item in items
            ),
            message=Line(
                text=said(told, session, words),
                verdict=Verdict.REFUSED if told.code == "refused" else Verdict.ACCEPTED,
            ) if told else None,
            keys=(words.say(N_("c commit · u undo · p photo · space pause · q quit")),),
        )  # fmt: skip


def _facts(session: Session, offline: bool, world: Context) -> tuple[tuple[str, str], ...]:  # noqa: FBT001
    say = world.words.say
    facts = [
        (say(N_("Mode")), mode_word(session.mode, world.words)),
        (say(N_("Borrower")), session.borrower or "-"),
        (say(N_("Place")), session.place or "-"),
    ]
    if offline:
        facts.append((say(N_("Register")), say(N_("away"))))
    return tuple(facts)


def _sound_of(moment: Moment, act: str) -> str:
    told = moment.told
    if told.code in _ALARMING or (told.reason or "").startswith("payload."):
        return "alert"
    if told.code == "refused":
        return "refused"
    if told.code in ("landed", "queued"):
        return "undone" if act == UNDO else "committed"
    return "accepted"


def _rank(text: str) -> int:
    """Order of what arrives with one frame: commands, then people and places, things, commit."""
    payload = _payload(text)
    if payload is None or payload.tag_class == "A":
        return 2
    command = command_of(payload.subject) if payload.tag_class == "C" else None
    if command is None:
        return 1
    return 3 if command.name in ("commit", "undo", "cancel") else 0


def _is_asset(text: str) -> bool:
    """Whether a text is the tag of an asset; commands and places may hang in two places."""
    payload = _payload(text)
    return payload is not None and payload.tag_class == "A"


def _payload(text: str) -> Payload | None:
    try:
        return parse_payload(clean(text))
    except PayloadForeignError:
        return None


def _painter(world: Context) -> Painter:
    from labels import find_font
    from labels.font import face
    from scanner.overlay import Painter

    font = find_font(world.settings.font or None)
    return Painter(font, index=face(font).index)


def _jpeg(frame: Frame) -> bytes:
    import cv2

    _, data = cv2.imencode(".jpg", frame.picture)
    return bytes(data)
