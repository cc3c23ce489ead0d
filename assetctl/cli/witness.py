"""witness init | trust | sign | serve | status: somebody outside sees that a log only grows."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assetctl.cli import clock, output
from assetctl.cli.context import Context
from assetctl.cli.files import write_file
from assetctl.cli.output import Answer, Sheet, Table, View, Words
from assetctl.domain.chain import instant
from assetctl.domain.checkpoint import Checkpoint, parse_request
from assetctl.domain.note import VerifierKey, parse_key, to_b64
from assetctl.errors import (
    AssetctlError,
    FileFormatError,
    FileMissingError,
    InputError,
    ListenFailedError,
    LogForkedError,
    NoteInvalidError,
)
from assetctl.i18n import N_, Phrase

if TYPE_CHECKING:
    from assetctl.cli.witness_http import WitnessServer
    from assetctl.store.witness import Seen, Witness

app = typer.Typer(help=N_("A witness: cosign a log that only grows. Needs no register."))
groups = {"witness": app}

_MOST_BYTES = 1 << 20

Folder = Annotated[
    Path | None,
    typer.Option(
        "--dir", help=N_("Folder of the witness; by default witness beside the settings.")
    ),
]


@app.command()
def init(
    ctx: typer.Context,
    *,
    name: Annotated[
        str, typer.Option(help=N_("Name of the witness, such as audit.example.gov.cn/w1."))
    ],
    log: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY", help=N_("Key of a log to trust, or @FILE with a policy.")),
    ] = None,
    folder: Folder = None,
) -> Answer:
    """Make a witness: a key of its own, and an empty memory. Prints the key to hand on."""
    from assetctl.store.witness import make_witness

    world: Context = ctx.obj
    _must_not_be_dry(world)
    logs = _keys(log or ())
    try:
        witness = make_witness(_folder(world, folder), name, logs)
    except NoteInvalidError as error:
        expected = N_("a name without blanks and plus signs")
        raise InputError(field="--name", value=name, expected=expected) from error
    return _status(witness)


@app.command()
def trust(
    ctx: typer.Context,
    logs: Annotated[
        list[str],
        typer.Argument(metavar="KEY…", help=N_("Keys of logs, or @FILE with a policy.")),
    ],
    *,
    folder: Folder = None,
) -> Answer:
    """Trust the key of a log from now on; it must have come by a way that you trust."""
    world: Context = ctx.obj
    _must_not_be_dry(world)
    witness = _witness(world, folder)
    witness.trust(_keys(logs))
    return _status(witness)


@app.command()
def sign(
    ctx: typer.Context,
    request: Annotated[
        Path,
        typer.Argument(metavar="FILE", help=N_("The request that the log's side has written.")),
    ],
    *,
    out: Annotated[
        Path | None, typer.Option(help=N_("File for the signature; by default it is printed."))
    ] = None,
    folder: Folder = None,
) -> Answer:
    """Cosign a checkpoint from a file: the way for a witness without a network."""
    world: Context = ctx.obj
    witness, body = _witness(world, folder), _read(request)
    if world.flags.dry_run:
        wanted, now, lines = witness.check(body), None, ""
    else:
        now = _now()
        lines = witness.add_checkpoint(body, now)
        wanted = parse_request(body).checkpoint
        if out is not None:
            write_file(out, lines.encode())
    data = _checkpoint_data(wanted, now) | {"lines": lines}

    def view(words: Words) -> Sequence[View]:
        said = _signed_text(wanted, words)
        return [lines.rstrip("\n")] if lines and out is None else [said]

    return Answer(data=data, view=view)


@app.command()
def serve(
    ctx: typer.Context,
    *,
    listen: Annotated[
        str, typer.Option(metavar="HOST:PORT", help=N_("Where to listen; port 0 takes a free one."))
    ] = "127.0.0.1:8090",
    folder: Folder = None,
) -> Answer:
    """Cosign over the network until stopped: POST /add-checkpoint, GET /…/checkpoint."""
    from assetctl.cli.witness_http import serving

    world: Context = ctx.obj
    _must_not_be_dry(world)
    words, counted = world.words, {"signed": 0, "refused": 0}

    def tell(what: Checkpoint | AssetctlError) -> None:
        if isinstance(what, Checkpoint):
            counted["signed"] += 1
            output.note(_signed_text(what, words))
        else:
            counted["refused"] += 1
            if isinstance(what, LogForkedError | NoteInvalidError):  # other refusals are everyday
                output.note(output.sentence(what, words))

    server = _listening(listen, _witness(world, folder), tell)
    with _until_stopped() as stopped, serving(server):
        output.note(words.say(N_("The witness listens at {url}."), url=server.url))
        stopped.wait()
    return Answer(
        data=counted,
        view=lambda words: [
            words.say(N_("Stopped. Signed: {signed}, refused: {refused}."), **counted)
        ],
    )


@app.command()
def status(ctx: typer.Context, *, folder: Folder = None) -> Answer:
    """Show the key of the witness, the logs it trusts, and what it signed last."""
    world: Context = ctx.obj
    return _status(_witness(world, folder))


def _status(witness: Witness) -> Answer:
    seen, refused = witness.seen(), witness.refused()
    data: dict[str, Any] = {
        "vkey": str(witness.key), "name": witness.key.name, "folder": str(witness.folder),
        "logs": [_seen_data(one) for one in seen],
        "refused": [str(path) for path in refused],
    }  # fmt: skip

    def view(words: Words) -> Sequence[View]:
        say = words.say
        parts: list[View] = [
            Sheet(
                title=say(N_("Witness")),
                pairs=[(say(N_("Key, to be handed on")), data["vkey"]),
                       (say(N_("Folder")), data["folder"])],
            )
        ]  # fmt: skip
        if seen:
            parts.append(_seen_table(seen, words))
        else:
            parts.append(say(N_("No log is trusted yet: assetctl witness trust KEY")))
        return parts

    def remarks(words: Words) -> Sequence[str]:
        text = N_(
            "{count} checkpoints were refused although the log had signed them. They lie in "
            "{folder}; compare them with the log before anything else."
        )
        place = witness.folder / "refused"
        return [words.say(text, count=len(refused), folder=place)] if refused else []

    return Answer(data=data, view=view, remarks=remarks, findings=bool(refused))


def _seen_table(seen: Sequence[Seen], words: Words) -> Table:
    say = words.say
    return Table(
        columns=[say(N_("Log")), say(N_("Entries")), say(N_("Signed at")), say(N_("Root")),
                 say(N_("Keys"))],
        rows=[
            [one.origin, str(one.checkpoint.size) if one.checkpoint else "-",
             words.time(_instant(one.time)) if one.time else "-",
             to_b64(one.checkpoint.root) if one.checkpoint else "-",
             ", ".join(key.key_id.hex() for key in one.keys) or "-"]
            for one in seen
        ],
    )  # fmt: skip


def _seen_data(one: Seen) -> dict[str, Any]:
    known = _checkpoint_data(one.checkpoint, one.time) if one.checkpoint else {"origin": one.origin}
    return known | {"vkeys": [str(key) for key in one.keys]}


def _checkpoint_data(one: Checkpoint, time: int | None) -> dict[str, Any]:
    at = None if time is None else _instant(time)
    return {"origin": one.origin, "size": one.size, "root": to_b64(one.root), "at": at}


def _signed_text(one: Checkpoint, words: Words) -> str:
    text = N_("{origin}: the checkpoint of {size} entries continues what was signed before.")
    return words.say(text, origin=one.origin, size=one.size)


def _folder(world: Context, given: Path | None) -> Path:
    return given or world.settings.home / "witness"


def _witness(world: Context, folder: Path | None) -> Witness:
    from assetctl.store.witness import Witness

    return Witness(_folder(world, folder))


def _keys(given: Sequence[str]) -> list[VerifierKey]:
    """Return keys given as they are, or as `@FILE`: the logs of a policy."""
    from assetctl.domain.policy import parse_policy

    found: list[VerifierKey] = []
    for one in given:
        if one.startswith("@"):
            found += parse_policy(_read(Path(one[1:])), one[1:]).logs
            continue
        try:
            found.append(parse_key(one))
        except NoteInvalidError as error:
            expected = N_("a key as the log's side prints it (name+id+base64)")
            raise InputError(field="--log", value=one[:200], expected=expected) from error
    return found


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise FileMissingError(file=str(path)) from error
    if len(raw) > _MOST_BYTES:
        raise FileFormatError(file=str(path), reason=Phrase(N_("it is too long")))
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise FileFormatError(file=str(path), reason=N_("it is not UTF-8")) from error


def _listening(
    address: str, witness: Witness, tell: Callable[[Checkpoint | AssetctlError], None]
) -> WitnessServer:
    from assetctl.cli.witness_http import WitnessServer

    host, colon, port = address.rpartition(":")
    if not colon or not host or not (port.isascii() and port.isdigit()):
        expected = N_("an address such as 127.0.0.1:8090")
        raise InputError(field="--listen", value=address, expected=expected)
    try:
        return WitnessServer(host.strip("[]"), int(port), witness, now=_now, tell=tell)
    except (OSError, OverflowError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ListenFailedError(address=address, reason=reason) from error


@contextmanager
def _until_stopped() -> Iterator[threading.Event]:
    """Give what is set when the program shall end; both ways of asking it to are an end."""
    stopped = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda _number, _frame: stopped.set())
    try:
        with suppress(KeyboardInterrupt):
            yield stopped
    finally:
        signal.signal(signal.SIGTERM, before)


def _must_not_be_dry(world: Context) -> None:
    if world.flags.dry_run:
        expected = N_("left out: a witness keeps what it is told")
        raise InputError(field="--dry-run", value="", expected=expected)


def _now() -> int:
    return int(clock.now().timestamp())


def _instant(seconds: int) -> str:
    return instant(datetime.fromtimestamp(seconds, UTC))
