"""A pile of things and a pile of tags: scan a label, hold the tag to the reader, and the next."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assetctl.cli import output
from assetctl.cli.context import Context
from assetctl.cli.output import sentence
from assetctl.cli.tag_writer import Tagged, TagWriter
from assetctl.domain.identity import display_id
from assetctl.errors import (
    AssetctlError,
    LabelUnfitError,
    TagElsewhereError,
    TwoTidsError,
)
from assetctl.i18n import N_, Phrase
from assetctl.reads.assets import show
from assetctl.reads.sighting import clean
from assetctl.reads.tags import Verdict, judge

if TYPE_CHECKING:
    from scanner.sound import Speaker

_MISSING = "scan.tag_missing"
_SHOWN = 80
_REASONS = {
    "replaced": N_("a newer one took its place"),
    "void": N_("it was declared void"),
    "blank": N_("it is bound to no thing yet"),
    "forged": N_("we did not sign it"),
    "altered": N_("it was altered, or is damaged"),
    "unknown": N_("it is not signed, or not in the register"),
    "foreign": N_("it is none of ours"),
}
_OTHER = N_("it is not the label of a thing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A label for which no tag was bound, and why."""

    text: str
    asset_id: str | None
    error: AssetctlError

    @property
    def data(self) -> dict[str, Any]:
        """What programs are told of it."""
        return {
            "text": self.text, "asset_id": self.asset_id, "code": self.error.code,
            "message": str(self.error), "details": output.plain(self.error.facts),
        }  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Report:
    """What became of a pile: tags that were bound, labels that failed, things scanned again."""

    done: list[Tagged] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    again: list[str] = field(default_factory=list)

    @property
    def data(self) -> dict[str, Any]:
        """What programs are told of it."""
        return {
            "done": [one.data for one in self.done], "failed": [one.data for one in self.failed],
            "again": self.again,
        }  # fmt: skip


class Pile:
    """Takes labels one by one, and for each waits for a tag at the reader, `wait` seconds long."""

    def __init__(
        self, world: Context, writer: TagWriter, *, wait: float, speaker: Speaker | None = None
    ) -> None:
        self._world, self._writer, self._wait = world, writer, wait
        self._speaker = speaker
        self.report = Report()

    def take_all(self, texts: Iterable[str]) -> Report:
        """Take every text that is scanned; a failure is told, and the next may follow."""
        for text in texts:
            label = clean(text).strip()
            if label:
                self._take(label)
        return self.report

    def _take(self, text: str) -> None:
        asset_id = None
        try:
            asset_id = self._thing(text)
            if any(one.asset_id == asset_id for one in self.report.done):
                self._again(asset_id)
                return
            tagged = self._tagged(asset_id)
        except AssetctlError as error:
            self.report.failed.append(Failed(text=text, asset_id=asset_id, error=error))
            self._tell(sentence(error, self._world.words))
            self._play("alert" if isinstance(error, TwoTidsError) else "refused")
            return
        self.report.done.append(tagged)
        for line in said_of(tagged, self._world.words):
            self._tell(line)
        self._play("refused" if tagged.unlocked else "committed")

    def _thing(self, text: str) -> str:
        """Return the asset whose label was scanned, and say that its tag is waited for."""
        with self._world.reading() as connection:
            verdict = judge(connection, self._world.tag_keys, text)
            if verdict.asset_id is None or not verdict.counts:
                reason = Phrase(_reason_of(verdict))
                raise LabelUnfitError(text=text[:_SHOWN], reason=reason)
            (asset,) = show(connection, [verdict.asset_id], sign=self._world.sign)
        self._tell(self._world.words.say(
            N_("{asset} {name}: hold its tag to the reader."),
            asset=display_id(asset.asset_id), name=asset.name,
        ))  # fmt: skip
        return verdict.asset_id

    def _again(self, asset_id: str) -> None:
        self.report.again.append(asset_id)
        self._tell(self._world.words.say(
            N_("{asset} has just got its tag, and gets no second one. To write another: assetctl "
               "tag encode {asset}"),
            asset=display_id(asset_id),
        ))  # fmt: skip

    def _tagged(self, asset_id: str) -> Tagged:
        until, is_told = time.monotonic() + self._wait, False
        stamp = self._world.stamp_of(asset_id)
        while True:
            try:
                return self._writer.write(asset_id, stamp=stamp)
            except AssetctlError as error:
                is_former = self._is_former(error)
                is_missing = error.facts.get("scan_code") == _MISSING
                if not (is_former or is_missing) or time.monotonic() >= until:
                    raise
            if is_former and not is_told:
                is_told = True
                self._tell(self._world.words.say(N_("Take the tag before this one away first.")))

    def _is_former(self, error: AssetctlError) -> bool:
        """Whether the tag at the reader is the one that was written just before."""
        is_elsewhere = isinstance(error, TagElsewhereError)
        return is_elsewhere and bool(self.report.done) and (
            error.facts["tid"] == self.report.done[-1].tid
        )  # fmt: skip

    def _tell(self, text: str) -> None:
        if not self._world.flags.json:
            output.note(text)

    def _play(self, name: str) -> None:
        from scanner.sound import Sound

        if self._speaker is not None:
            self._speaker.play(Sound(name))


def said_of(tagged: Tagged, words: output.Words) -> list[str]:
    """Return what people are told of a tag."""
    label = display_id(tagged.asset_id)
    if tagged.receipt.repeated:
        return [words.say(N_("This request was carried out before; nothing was written."))]
    if not tagged.is_written:
        could = N_("{asset}: the tag {former}, chip {tid}, can get {epc} (PC word {pc}).")
        return [words.say(could, asset=label, former=tagged.former, tid=tagged.tid,
                          epc=tagged.epc, pc=tagged.pc)]  # fmt: skip
    bound = N_("{asset}: its tag holds {epc} and is bound (PC word {pc}, chip {tid}).")
    said = [words.say(bound, asset=label, epc=tagged.epc, pc=tagged.pc, tid=tagged.tid)]
    if tagged.locked:
        said.append(words.say(N_("The tag is locked with the access password of its chip.")))
    if tagged.unlocked:
        reason = output.spoken(tagged.unlocked, words)
        not_locked = N_(
            "The tag could not be locked: {reason}. It counts all the same; the same command "
            "tries again."
        )
        said.append(words.say(not_locked, reason=reason))
    return said


def _reason_of(verdict: Verdict) -> str:
    if verdict.verdict == "genuine":
        return _REASONS.get(verdict.tag_state or "", _OTHER)
    return _REASONS.get(verdict.verdict, _OTHER)
