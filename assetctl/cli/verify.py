"""verify: does the history hold, and do the tables say what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from assetctl.cli import output
from assetctl.cli.archive import read_zip
from assetctl.cli.context import Context
from assetctl.cli.doubts import doubts_remark, doubts_table
from assetctl.cli.output import Answer, Words
from assetctl.cli.sealing import NOT_CHECKED
from assetctl.cli.trust import checkpoints_in, policy_of, signed_last
from assetctl.cli.views import lines
from assetctl.domain.act_signature import check_act, doubt, signatory_of
from assetctl.domain.bundle import check_bundle
from assetctl.domain.note import checks_at_hand
from assetctl.domain.policy import Policy, parse_policy
from assetctl.i18n import N_, Phrase
from assetctl.reads.sealed import Sealed
from assetctl.reads.signatories import ActFinding
from assetctl.reads.verify import verify as verify_history

app = typer.Typer()
groups: dict[str, typer.Typer] = {}


@app.callback()
def _group() -> None:
    """Keep this a group, so that its one command has a name."""


@app.command()
def verify(
    ctx: typer.Context,
    assets: Annotated[
        list[str] | None,
        typer.Argument(metavar="ASSET…", help=N_("Only these assets; by default everything.")),
    ] = None,
    *,
    replay: Annotated[
        bool, typer.Option("--replay", help=N_("Rebuild the tables from history and compare."))
    ] = False,
    against: Annotated[
        list[Path] | None,
        typer.Option(help=N_("A checkpoint that was kept elsewhere; may be given repeatedly.")),
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help=N_("Whose signatures count; by default the register's."))
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option(help=N_("A dossier to check instead of the register."))
    ] = None,
) -> Answer:
    """Check history, log, signatures, checkpoints; exit 7 names the first that does not hold."""
    world: Context = ctx.obj
    trusted = policy_of(world, policy)
    if bundle is not None:
        return _bundle(bundle, trusted)
    outside = [one for path in against or () for one in checkpoints_in(path, trusted)]
    subjects: Sequence[str] | None = None
    if assets:
        subjects = [f"asset:{one}" for one in world.ids(assets)]
    label = world.words.say(N_("entries checked"))
    doubtful: list[ActFinding] = []
    with (
        world.reading() as connection,
        output.progress(label, None, quiet=world.flags.json) as on_step,
    ):
        found = verify_history(
            connection, subjects, replay=replay, policy=trusted, must_be_signed=policy is not None,
            against=outside, remembered=signed_last(world, connection), on_step=on_step,
            on_finding=doubtful.append,
        )  # fmt: skip

    def sentence(words: Words) -> str:
        text = words.say(
            N_("The history holds: {entries} entries of {subjects} subjects."),
            entries=found.entries, subjects=found.subjects,
        )  # fmt: skip
        if found.sealed is not None:
            text += " " + _about_log(found.sealed, words)
        if found.second is not None:
            text += " " + words.say(
                N_("The tree of SM3 follows from them too, up to {size} leaves; {checked} of its "
                   "checkpoints were checked and hold."),
                size=found.second.size, checked=found.second.checked,
            )  # fmt: skip
        if found.replayed:
            text += " " + words.say(
                N_("{rows} rows of the tables say what it says."), rows=found.rows
            )
        if found.signed:
            text += " " + words.say(N_("{count} signatures hold."), count=found.signed)
        return text

    unread = found.second.unchecked if found.second is not None else 0

    def unchecked(words: Words) -> list[str]:
        if not unread or found.second is None:
            return []
        return [words.say(NOT_CHECKED, count=unread, origin=found.second.origin)]

    return Answer(
        data=asdict(found) | {"findings": doubtful},
        view=lambda words: [sentence(words), *doubts_table(doubtful, words)],
        remarks=lambda words: [*unchecked(words), *doubts_remark(doubtful, words)],
        findings=bool(doubtful) or unread > 0,
    )


def _about_log(sealed: Sealed, words: Words) -> str:
    facts = {"size": sealed.size, "signed": sealed.signed, "against": sealed.against,
             "waiting": sealed.unsealed}  # fmt: skip
    said = [words.say(N_("The log of {size} leaves follows from them."), **facts)]
    if sealed.unsealed:
        said.append(words.say(N_("{waiting} entries wait to be sealed."), **facts))
    if sealed.signed:
        said.append(words.say(N_("Its checkpoints, the largest of {signed}, hold."), **facts))
    else:
        said.append(words.say(N_("No checkpoint was signed yet: assetctl seal"), **facts))
    if sealed.remembered:
        said.append(words.say(N_("It continues what was signed here last."), **facts))
    if sealed.against:
        said.append(words.say(N_("It continues {against} checkpoints from outside."), **facts))
    return " ".join(said)


def _bundle(path: Path, trusted: Policy | None) -> Answer:
    """Check a dossier by itself; no register is opened."""
    members = read_zip(path)
    own = trusted is None
    policy = trusted or parse_policy(
        members.get("policy", b"").decode("utf-8", "replace"), f"{path}: policy"
    )
    signed: list[str] = []
    doubtful: dict[int, Phrase] = {}

    def signature(
        _subject: str, seq: int, fields: dict[str, Any], key: Sequence[dict[str, Any]]
    ) -> None:
        by = check_act(fields, signatory_of(str(fields.get("by")), key))
        reason = doubt(fields, by)
        if reason is None:
            signed.append(by.code)
        else:
            doubtful[seq] = reason

    found = check_bundle(
        members, policy, source=str(path), extra=checks_at_hand(), signatures=signature
    )
    sentences: list[tuple[str, dict[str, object]]] = [
        (N_("{subject}: {entries} entries, each proven to stand in the log {origin} of {size}."),
         {"subject": found.subject, "entries": found.entries, "origin": found.origin,
          "size": found.size}),
        (N_("Nothing is missing up to entry {seq}."), {"seq": found.complete_to})
        if found.complete_to
        else (N_("That nothing is missing is not proven: there is no snapshot."), {}),
    ]  # fmt: skip
    if 0 < found.complete_to < found.entries:
        sentences.append((N_("What came later is proven, but not that there is no more."), {}))
    if found.erased:
        erased = N_("{count} pieces of personal data are not there: erased, or not for you.")
        sentences.append((erased, {"count": found.erased}))
    if signed:
        sentences.append((N_("{count} signatures hold."), {"count": len(signed)}))
    if own:
        sentences.append(
            (N_("The policy came with the dossier; compare it with one you hold."), {})
        )
    template = N_("Entry {seq} does not count as signed: {reason}.")
    return Answer(
        data=asdict(found) | {"signed": len(signed), "doubtful": doubtful},
        view=lines(*(
            lambda words, text=text, facts=facts: words.say(text, **facts)
            for text, facts in sentences
        )),
        remarks=lambda words: [
            words.say(template, seq=seq, reason=output.spoken(reason, words))
            for seq, reason in doubtful.items()
        ],
        findings=bool(doubtful),
    )  # fmt: skip
