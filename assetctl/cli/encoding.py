"""label print --rfid: the printer writes the tag in each label, reads it back, and we compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from assetctl.acts.encoding import Encoded
from assetctl.acts.prints import note_print
from assetctl.cli.context import Context
from assetctl.cli.delivery import Way, delivered, job_of, recorded, rehearsed, send
from assetctl.cli.output import Answer, Words
from assetctl.config import Settings
from assetctl.domain.epc.numbering import Numbering, RadioNumber, number_of
from assetctl.domain.epc.pc import same_pc
from assetctl.domain.identity import display_id
from assetctl.domain.request import Receipt
from assetctl.errors import InputError, LabelRefusedError, TagsNotEncodedError
from assetctl.i18n import N_, Phrase

if TYPE_CHECKING:
    from labels import Label
    from labels.zpl import Tag, TagRead

_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """What was read back: the tags that are right, by asset, and a reason for each that is not."""

    good: dict[str, Encoded]
    bad: dict[str, Phrase]


def deliver_encoded(
    world: Context, ids: Sequence[str], found: Sequence[Label], way: Way, *, read_back: bool
) -> Answer:
    """Print labels with a radio tag in each; what reads back right is bound with the print.

    Without `read_back` nothing is bound, because nobody knows what the tags hold.

    Raises:
        InputError: the printer's language knows no radio tags.
        LabelRefusedError: there is no way back for the answer, or a label cannot be made.
        TagsNotEncodedError: some labels do not read back right; the others are noted.
        PrinterFailedError: the job was not taken; nothing was noted.
    """
    _must_be_able(way, read_back=read_back)
    numbers = {one: number_of(one, numbering(world.settings)) for one in ids}
    hoped = {one: Encoded(epc=n.epc, pc=n.pc, tid=None) for one, n in numbers.items()}
    stamp = world.stamp()
    tried = rehearsed(world, _note(ids, hoped if read_back else {}), stamp, way)
    if tried.repeated:
        return delivered(tried, way, 0, 0, tags=[])
    tags = _tags(numbers, read_back=read_back)
    job = job_of(world, found, way, tags)
    if world.flags.dry_run:
        return _answer(tried, way, job, hoped, read_back=read_back, bound=False)
    judged = _Judged(good=hoped, bad={})
    if read_back:
        judged = _written(job, way, ids, tags)
    else:
        send(job, way)
    receipt = Receipt(events=())
    if judged.good:
        note = _note(list(judged.good), judged.good if read_back else {})
        receipt = recorded(world, note, stamp, way)
    if judged.bad:
        raise _not_encoded(judged)
    return _answer(receipt, way, job, judged.good, read_back=read_back, bound=read_back)


def numbering(settings: Settings) -> Numbering:
    """Return what the numbers of this office begin with."""
    return Numbering(
        prefix=settings.gs1_prefix, division=int(settings.epc_division or 0),
        unit=int(settings.epc_unit or 0), afi=settings.epc_afi.upper(),
    )  # fmt: skip


def _must_be_able(way: Way, *, read_back: bool) -> None:
    from labels import LabelError
    from labels.destination import destination

    if way.language != "zpl":
        expected = N_("zpl, the only one in which radio tags are written")
        raise InputError(field="--language", value=way.language, expected=expected)
    try:
        kind = destination(way.printer).kind
    except LabelError as error:
        reason = Phrase(error.template, **error.facts)
        raise LabelRefusedError(reason=reason, label_code=error.code) from error
    if read_back and kind != "tcp":
        reason = Phrase(
            N_(
                "what the printer wrote into the tags can be read back only over the network "
                "(tcp://HOST:9100), and {printer} has no way back. With --no-read-back the tags "
                "are written unseen and none is bound"
            ),
            printer=way.printer,
        )
        raise LabelRefusedError(reason=reason, label_code="label.no_way_back")


def _note(ids: Sequence[str], encoded: Mapping[str, Encoded]) -> Any:
    return partial(note_print, assets=ids, encoded=encoded)


def _tags(numbers: Mapping[str, RadioNumber], *, read_back: bool) -> list[Tag]:
    from labels.zpl import Tag

    return [Tag(epc=one.epc, pc=one.pc, read_back=read_back) for one in numbers.values()]


def _written(job: bytes, way: Way, ids: Sequence[str], tags: Sequence[Tag]) -> _Judged:
    """Print, and judge every tag by what the printer read from it."""
    from labels.zpl import complete, replies

    sent = send(job, way, partial(complete, tags))
    read = {one.nth: one for one in replies(sent.reply).tags}
    chips = [one.tid for one in read.values() if one.tid]
    judged = _Judged(good={}, bad={})
    for nth, (asset_id, tag) in enumerate(zip(ids, tags, strict=True), 1):
        answer = read.get(nth)
        wrong = _wrong(display_id(asset_id), tag, answer, chips)
        if wrong:
            judged.bad[asset_id] = wrong
        elif answer:
            judged.good[asset_id] = Encoded(epc=tag.epc, pc=str(answer.pc), tid=answer.tid)
    return judged


def _wrong(
    label: str, tag: Tag, answer: TagRead | None, chips: Sequence[str]
) -> Phrase | None:  # fmt: skip
    """Return why a label does not count, None if what was read back is what was to be written."""
    if answer is None or answer.pc is None:
        return Phrase(
            N_("{label}: no answer; the label is void, or the printer has no radio unit"),
            label=label,
        )
    if answer.epc != tag.epc or not same_pc(answer.pc, str(tag.pc)):
        return Phrase(
            N_("{label}: {found} was read back where {wanted} was to be written"),
            label=label, found=f"{answer.pc} {answer.epc or ''}".strip(),
            wanted=f"{tag.pc} {tag.epc}",
        )  # fmt: skip
    if not answer.tid:
        return Phrase(N_("{label}: the chip did not tell its own number (TID)"), label=label)
    if chips.count(answer.tid) > 1:
        return Phrase(
            N_("{label}: the chip {tid} answered for more than one label"),
            label=label, tid=answer.tid,
        )  # fmt: skip
    return None


def _not_encoded(judged: _Judged) -> TagsNotEncodedError:
    more = ", …" if len(judged.bad) > _NAMED else ""
    return TagsNotEncodedError(
        count=len(judged.bad), total=len(judged.bad) + len(judged.good),
        labels=", ".join(map(display_id, list(judged.bad)[:_NAMED])) + more,
        lines=tuple(judged.bad.values()), not_encoded=list(judged.bad), encoded=list(judged.good),
    )  # fmt: skip


def _answer(
    receipt: Receipt, way: Way, job: bytes, tags: Mapping[str, Encoded], *, read_back: bool,
    bound: bool,
) -> Answer:  # fmt: skip
    told = [
        {"asset_id": one, "epc": tag.epc, "pc": tag.pc, "tid": tag.tid, "bound": bound}
        for one, tag in tags.items()
    ]
    answer = delivered(receipt, way, len(tags), len(job), tags=told)

    def remarks(words: Words) -> Sequence[str]:
        if bound:
            return [
                words.say(
                    N_("{count} radio tags were written, read back and bound."), count=len(tags)
                )
            ]
        if read_back:
            return []
        return [
            words.say(
                N_(
                    "Nothing was read back, so no radio tag was bound. Read each tag and bind it "
                    "with: tag bind ASSET --epc EPC --tid TID"
                )
            )
        ]

    return replace(answer, remarks=remarks)
