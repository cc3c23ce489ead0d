"""audit gaps and audit rules: what is missing, late, out of order or without authority."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from assetctl.cli import clock, output
from assetctl.cli.audit_options import (
    Clock,
    Limit,
    Out,
    Owner,
    Since,
    Until,
    bound,
    clock_of,
    listing,
    more,
)
from assetctl.cli.audit_views import counts_of, finding_columns, rules_table
from assetctl.cli.context import Context
from assetctl.cli.output import Answer, View, Words
from assetctl.cli.rows import rows_to, table_of
from assetctl.domain.audit_rules import SEVERITIES, Rule, built_in, parse_rules
from assetctl.errors import ConfigError, InputError, StoreUnavailableError
from assetctl.i18n import N_, one_of
from assetctl.reads.gap_checks import CHECKS, Ground, Person
from assetctl.reads.gaps import Finding, Sought, people
from assetctl.reads.gaps import gaps as find_gaps
from assetctl.reads.judged import Judged
from assetctl.store import blobs

RULES_FILE = "audit-rules.toml"
"""Where rules of one's own lie in the home directory, unless a setting says otherwise."""


def gaps(
    ctx: typer.Context,
    *,
    since: Since = None,
    until: Until = None,
    by: Clock = "rec",
    owner: Owner = None,
    code: Annotated[
        list[str] | None, typer.Option(help=N_("Only findings of this code; see: audit rules."))
    ] = None,
    limit: Limit = 200,
    out: Out = None,
) -> Answer:
    """Look for gaps in the history; exit 9 where there are any, the heaviest shown first.

    Custody without a document, entries long after the fact or out of order, loans past due, copied
    tags, missing photos, acts of people who were not entitled. Rules are dated: audit rules.
    """
    world: Context = ctx.obj
    sought = Sought(
        since=bound(world, since, "--from", end=False) or "",
        until=bound(world, until, "--to", end=True) or "~",
        by=clock_of(by), owner=owner, codes=_codes(code or ()),
    )  # fmt: skip
    _, rules = rules_of(world)
    columns = finding_columns()
    label = world.words.say(N_("entries checked"))
    shown: list[Finding] = []

    def take(finding: Finding) -> None:
        rows.add(finding)
        shown.append(finding)
        if len(shown) >= 2 * limit + 1000:
            _keep_heaviest(shown, limit)

    with (
        rows_to(out, columns, world.words, limit=0) as rows,
        world.reading() as connection,
        output.progress(label, None, quiet=world.flags.json) as on_step,
    ):
        ground = replace(
            _ground(world, rules, people(connection)), judge=Judged(connection)
        )  # fmt: skip
        audited = find_gaps(connection, ground, sought, on_finding=take, on_step=on_step)
    _keep_heaviest(shown, limit)
    rows.shown = shown

    def view(words: Words) -> Sequence[View]:
        listed = [] if out or not shown else [table_of(shown, columns, words)]
        return [*listed, *counts_of(audited, words)]

    return Answer(
        data={**listing(rows, out), "audited": audited}, view=view,
        remarks=lambda words: more(words, rows, out), findings=bool(audited.findings),
    )  # fmt: skip


def rules(
    ctx: typer.Context,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", help=N_("Write the rules to this file, to change them."))
    ] = None,
) -> Answer:
    """Show the dated rules that audit gaps goes by, and every code it knows."""
    world: Context = ctx.obj
    source, found = rules_of(world)
    if out is not None:
        try:
            out.write_text(_text(world)[1], encoding="utf-8")
        except OSError as error:
            raise StoreUnavailableError(db=str(out), reason=str(error)) from error
    checks = [{"code": check.code, "severity": check.severity} for check in CHECKS]

    def remarks(words: Words) -> Sequence[str]:
        if out is not None:
            return [words.say(N_("The rules were written to {file}."), file=out)]
        return [words.say(N_("The rules come from {source}."), source=source)]

    return Answer(
        data={"source": source, "rules": found, "checks": checks},
        view=lambda words: rules_table(found, words),
        remarks=remarks,
    )


def rules_of(world: Context) -> tuple[str, tuple[Rule, ...]]:
    """Return where the rules come from, and the rules.

    Raises:
        ConfigError: the file that the settings name cannot be read.
        RulesFaultyError: lists every fault of the rules.
    """
    source, text = _text(world)
    return source, parse_rules(text, source)


def _text(world: Context) -> tuple[str, str]:
    named = world.settings.audit_rules
    path = Path(named).expanduser() if named else world.settings.home / RULES_FILE
    if not named and not path.exists():
        return "assetctl", built_in()
    try:
        return str(path), path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(source=str(path), reason=str(error)) from error


def _ground(world: Context, rules: Sequence[Rule], known: Mapping[str, Person]) -> Ground:
    zone, folder = world.settings.timezone, world.settings.blobs
    return Ground(
        rules=rules, people=known, today=clock.today(zone),
        day_of=lambda instant: clock.local(instant, zone)[:10],
        is_stored=lambda digest: blobs.problem(folder, digest) != "missing",
    )  # fmt: skip


def _codes(given: Sequence[str]) -> tuple[str, ...]:
    known = [check.code for check in CHECKS]
    for code in given:
        if code not in known:
            raise InputError(field="--code", value=code, expected=one_of(known))
    return tuple(given)


def _keep_heaviest(found: list[Finding], limit: int) -> None:
    """Cut a list of findings down to the heaviest, in order of weight, thing and entry."""
    weight = {severity: number for number, severity in enumerate(SEVERITIES)}
    found.sort(key=lambda one: (weight[one.severity], one.code, one.subject, one.seq))
    del found[limit:]
