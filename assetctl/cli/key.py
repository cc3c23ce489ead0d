"""key make | list | revoke | require: who signs what is recorded; the key that locks tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from assetctl.acts import keys as acts
from assetctl.cli import access_key, clock
from assetctl.cli.context import Context
from assetctl.cli.output import Answer, Sheet, Table, View, Words
from assetctl.cli.views import receipt_answer
from assetctl.domain.act_signature import OPERATOR, STATION
from assetctl.domain.chain import instant
from assetctl.domain.key_events import EVERYBODY
from assetctl.errors import InputError, KeyUnwritableError
from assetctl.i18n import N_, one_of
from assetctl.reads.signing import Key, Rule, all_keys, rules, without_key
from assetctl.store import keys
from assetctl.store.operator_keys import code_of, folder_of

app = typer.Typer(help=N_("Keys: of operators, stations and the log."))
groups = {"key": app}

_SHOWN = 20


@app.command()
def make(
    ctx: typer.Context,
    sort: Annotated[str, typer.Argument(metavar="SORT", help=N_("operator, station or rfid."))],
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help=N_("Code of the operator, or name of the station.")),
    ] = "",
    *,
    into: Annotated[
        Path | None,
        typer.Option(help=N_("Directory for the key, such as one on a stick; by default at home.")),
    ] = None,
) -> Answer:
    """Make a key that signs for an operator or a station, or the one that locks radio tags."""
    world: Context = ctx.obj
    if sort not in (OPERATOR, STATION, access_key.NAME):
        sorts = (OPERATOR, STATION, access_key.NAME)
        raise InputError(field="SORT", value=sort, expected=one_of(sorts))
    if bool(name) == (sort == access_key.NAME):
        expected = N_("given for an operator or a station, and for nothing else")
        raise InputError(field="NAME", value=name, expected=expected)
    if sort == access_key.NAME:
        return _access_key(world, into)
    place = into or _place(world, sort, name)
    if not world.flags.dry_run:
        _make_folder(place)
    secret, public = keys.new_pair()
    code = code_of(sort, public)
    with world.writing() as tx:
        receipt = acts.note_act_key(
            tx, code=code, purpose=sort, party=name, public=public, stamp=world.stamp()
        )
        if receipt.repeated:
            code = receipt.events[0].subject.removeprefix("key:")
        elif not world.flags.dry_run:
            # Before it is noted for good: a key that nobody holds would be of no use.
            keys.keep_pair(place, code, secret, public)
    answer = receipt_answer(receipt, code=code, party=name, file=str(place / code))
    advice = N_(
        "The key lies in {file}, without a passphrase: whoever can read it can sign as {party}. "
        "If it is lost or stolen: assetctl key revoke {code} --from TIME --doc NUMBER"
    )
    return replace(
        answer,
        remarks=lambda words: [words.say(advice, file=place / code, party=name, code=code)],
    )


def _access_key(world: Context, into: Path | None) -> Answer:
    if into is not None:
        expected = N_("left out: the key for radio tags lies in the key store")
        raise InputError(field="--into", value=str(into), expected=expected)
    receipt = access_key.make_access_key(world)
    file = access_key.key_file(world)
    answer = receipt_answer(receipt, code=access_key.NAME, file=str(file))
    advice = N_("The key {file} is there already.") if not receipt.events else access_key.ADVICE
    return replace(answer, remarks=lambda words: [words.say(advice, file=file)])


@app.command(name="list")
def list_(ctx: typer.Context) -> Answer:
    """List the keys that the register notes, and whose acts must be signed."""
    world: Context = ctx.obj
    with world.reading() as connection:
        found, required = all_keys(connection), rules(connection)
    return Answer(
        data={"keys": found, "rules": required},
        view=lambda words: _views(found, required, words),
    )


@app.command()
def revoke(
    ctx: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help=N_("Code of the key."))],
    *,
    since: Annotated[
        str, typer.Option("--from", help=N_("From when on nothing counts that it signed."))
    ],
    doc: Annotated[str, typer.Option(help=N_("Number of the document that says so."))],
    reason: Annotated[str, typer.Option(help=N_("lost, stolen, left or other."))] = "other",
) -> Answer:
    """Revoke a key of an operator or a station: what it signed from then on no longer counts."""
    world: Context = ctx.obj
    moment = _moment(world, "--from", since)
    with world.writing() as tx:
        receipt = acts.revoke_key(
            tx, code=code, since=moment, reason=reason, doc=doc, stamp=world.stamp()
        )
    remark = N_("What was signed with it as done from then on does not count: verify names it.")
    return replace(receipt_answer(receipt), remarks=lambda words: [words.say(remark)])


@app.command()
def require(
    ctx: typer.Context,
    role: Annotated[
        str, typer.Argument(metavar="ROLE", help=N_("Role, such as administrator."))
    ] = "",
    *,
    everybody: Annotated[bool, typer.Option("--all", help=N_("All operators."))] = False,
    since: Annotated[
        str, typer.Option(help=N_("From when on; by default from now on."), show_default=False)
    ] = "",
    doc: Annotated[
        str | None, typer.Option(help=N_("Number of the document that says so."))
    ] = None,
    lift: Annotated[bool, typer.Option("--lift", help=N_("Lift the rule again."))] = False,
) -> Answer:
    """Require that operators with a role sign what they record, each with a key of their own."""
    world: Context = ctx.obj
    if bool(role) == everybody:
        raise InputError(field="ROLE", value=role, expected=N_("a role, or else --all"))
    wanted = EVERYBODY if everybody else role
    with world.writing() as tx:
        stamp = world.stamp()
        if lift:
            receipt = acts.lift_signing(tx, role=wanted, doc=doc, stamp=stamp)
            lacking = []
        else:
            moment = _moment(world, "--since", since) if since else stamp.rec
            receipt = acts.require_signing(tx, role=wanted, since=moment, doc=doc, stamp=stamp)
            lacking = without_key(tx.connection, wanted)
    remark = N_(
        "{count} of them have no key that counts ({people}) and can record nothing from then on: "
        "assetctl key make operator CODE"
    )

    def remarks(words: Words) -> list[str]:
        people = ", ".join(lacking[:_SHOWN]) + (" …" if len(lacking) > _SHOWN else "")
        return [words.say(remark, count=len(lacking), people=people)] if lacking else []

    return replace(receipt_answer(receipt, without_key=lacking), remarks=remarks)


def _make_folder(place: Path) -> None:
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise KeyUnwritableError(key="", place=str(place), reason=reason) from error


def _place(world: Context, sort: str, name: str) -> Path:
    """Return the directory in which a key of an operator or station belongs."""
    settings = world.settings
    if sort == STATION:
        return folder_of(settings.stations, name)
    if settings.operator_key and name == settings.operator:
        given = Path(settings.operator_key).expanduser()
        return given.parent if given.is_file() else given
    return folder_of(settings.operators, name)


def _moment(world: Context, field: str, text: str) -> str:
    return instant(clock.parse_moment(text, world.settings.timezone, field))


def _views(found: Sequence[Key], required: Sequence[Rule], words: Words) -> list[View]:
    say = words.say
    table = Table(
        columns=[say(N_("Key")), say(N_("Purpose")), say(N_("Whose")), say(N_("Algorithm")),
                 say(N_("Since")), say(N_("Ended")), say(N_("Reason")), say(N_("Document"))],
        rows=[
            [key.code, words.term("purpose", key.purpose), key.party or "", key.algorithm,
             words.time(key.created_at), words.time(key.ended_at) if key.ended_at else "",
             words.term("key_end", key.ended_as), key.ended_doc or ""]
            for key in found
        ],
    )  # fmt: skip
    if not required:
        return [table]
    everybody = say(N_("All operators."))
    pairs = [
        (everybody if rule.role == EVERYBODY else words.term("role", rule.role),
         words.time(rule.since))
        for rule in required
    ]  # fmt: skip
    return [table, Sheet(title=say(N_("Acts must be signed since")), pairs=pairs)]
