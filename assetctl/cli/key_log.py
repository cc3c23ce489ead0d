"""key rotate | admit | retire | policy: the keys of the log, one after another."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from assetctl.acts import keys as acts
from assetctl.cli.context import Context
from assetctl.cli.key import app, groups
from assetctl.cli.output import Answer, Words
from assetctl.cli.policy_file import refresh_policy
from assetctl.cli.views import lines, receipt_answer
from assetctl.domain.log_key import ALGORITHMS
from assetctl.domain.request import Receipt
from assetctl.errors import FileMissingError, InputError, KeyEndedError
from assetctl.i18n import N_, one_of
from assetctl.reads.log_keys import LogKeys, log_keys
from assetctl.store import rotation
from assetctl.store.rotation import Announcement, parse_announcement
from assetctl.store.tree import MAIN

__all__ = ["app", "groups"]

_POLICY_KEPT = N_(
    "The file {file} was written by people and stays as it is. Put the keys into it that this "
    "prints: assetctl key policy"
)


@app.command()
def rotate(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(metavar="log", help=N_("What has the key: log."))],
) -> Answer:
    """Give the log a new key, vouched for by the one before; both sign until one is retired."""
    world: Context = ctx.obj
    if what != "log":
        raise InputError(field="log", value=what, expected=one_of(["log"]))
    if world.settings.signer:
        expected = N_("left to the signer: assetctl signer DIR --prepare LOG, then key admit")
        raise InputError(field="log", value=what, expected=expected)
    directory = world.settings.signer_directory
    known = _known(world)
    unfinished = _noted_as(known, rotation.ready_public(directory))
    if unfinished is not None:
        # It was noted, and then something broke off before it was taken into use.
        rotation.adopt(directory, unfinished)
        return _answer(world, Receipt(events=(), repeated=True), unfinished)
    make = rotation.rehearse if world.flags.dry_run else rotation.prepare
    receipt, code = _note(world, make(directory, known.origin))
    if not world.flags.dry_run:
        rotation.adopt(directory, code)
    return _answer(world, receipt, code)


@app.command()
def admit(
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help=N_("What a signer has announced; - for input."))
    ],
) -> Answer:
    """Note a new key of another signer: its verifier key, and who vouches for it, a line each."""
    world: Context = ctx.obj
    found = parse_announcement(_text(file))
    if not found.vouched and not world.settings.signer:
        vouched = rotation.vouch(world.settings.signer_directory, found.vkey)
        found = replace(found, vouched=vouched)
    receipt, code = _note(world, found)
    return _answer(world, receipt, code)


@app.command()
def retire(
    ctx: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help=N_("Code of the key: log, log-2 …"))],
) -> Answer:
    """End the overlap of two keys of the log: the older one is retired, its secret half erased."""
    world: Context = ctx.obj
    world.confirm(N_("Retire {code}? Its secret half is erased and cannot come back."), code=code)
    is_here = not world.settings.signer and code in [key.code for key in _known(world).of(MAIN)]
    try:
        with world.writing() as tx:
            receipt = acts.retire_log_key(tx, code=code, stamp=world.stamp())
    except KeyEndedError:
        if not is_here or not (world.settings.signer_directory / code).exists():
            raise
        receipt = Receipt(events=(), repeated=True)  # it broke off before the key was erased
    if is_here and not world.flags.dry_run:
        rotation.retire(world.settings.signer_directory, code)
    remark = None if is_here else N_("Erase it where it lies: assetctl signer DIR --retire {code}")
    return _answer(world, receipt, code, remark)


@app.command()
def policy(
    ctx: typer.Context,
    *,
    tree: Annotated[str, typer.Option(help=N_("Tree that was signed: sha256 or sm3."))] = MAIN,
) -> Answer:
    """Print whom to believe about this log: a policy with every key that is in use."""
    world: Context = ctx.obj
    if tree not in ALGORITHMS:
        raise InputError(field="--tree", value=tree, expected=one_of(ALGORITHMS))
    text = str(_known(world).policy(tree))
    return Answer(data={"tree": tree, "policy": text}, view=lines(lambda _words: text.rstrip()))


def _known(world: Context) -> LogKeys:
    with world.reading() as connection:
        return log_keys(connection)


def _noted_as(known: LogKeys, public: bytes | None) -> str | None:
    return next((key.code for key in known.keys if key.vkey.public == public), None)


def _note(world: Context, found: Announcement) -> tuple[Receipt, str]:
    with world.writing() as tx:
        receipt = acts.note_log_key(
            tx, vkey=found.vkey, vouched=found.vouched, stamp=world.stamp()
        )  # fmt: skip
    return receipt, receipt.events[0].subject.removeprefix("key:")


def _answer(
    world: Context, receipt: Receipt, code: str, remark: str | None = None
) -> Answer:  # fmt: skip
    """Return the answer of a change of keys, with the policy brought into step."""
    said: list[Callable[[Words], str]] = []
    if remark:
        said.append(lambda words: words.say(remark, code=code))
    if not world.flags.dry_run and not refresh_policy(world):
        path = world.settings.policy
        said.append(lambda words: words.say(_POLICY_KEPT, file=path))
    text = str(_known(world).policy())
    answer = receipt_answer(receipt, code=code, policy=text)
    return replace(answer, remarks=lambda words: [one(words) for one in said])


def _text(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileMissingError(file=file) from error
