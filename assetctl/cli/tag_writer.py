"""A number into a radio tag through a reader, and at once into the register.

What would speak against binding is found out before a tag is written; what was written and could
not be bound is said with all that is needed to bind it later.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from shlex import quote
from typing import TYPE_CHECKING, Any

from assetctl.acts.encoding import Encoded, bind_written
from assetctl.acts.sightings import copies_heard
from assetctl.cli import output
from assetctl.cli.access_key import access_key
from assetctl.cli.context import Context
from assetctl.cli.encoding import numbering
from assetctl.cli.listening import address_of, refused
from assetctl.domain.epc.access import access_password
from assetctl.domain.epc.numbering import RadioNumber, number_of
from assetctl.domain.identity import display_id
from assetctl.domain.request import Receipt, Stamp
from assetctl.domain.tag_events import TagBound
from assetctl.errors import (
    AssetctlError,
    InputError,
    TagElsewhereError,
    TagInDoubtError,
    TagNotWrittenError,
    TagUnboundError,
    TwoTidsError,
)
from assetctl.i18n import N_, Phrase
from assetctl.reads.heard import counting_tag

if TYPE_CHECKING:
    from scanner import ScanError
    from scanner.llrp.access import Written

_SCHEME = "llrp:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """A tag that was written and bound; in a dry run one that could be.

    `former` is the EPC that the tag had before. `locked` is whether it is locked now, None where
    that was not asked for; `unlocked` is why not.
    """

    asset_id: str
    epc: str
    pc: str
    tid: str | None
    receipt: Receipt
    former: str | None = None
    is_written: bool = True
    locked: bool | None = None
    unlocked: Phrase | None = None

    @property
    def data(self) -> dict[str, Any]:
        """What programs are told of it."""
        return {
            "asset_id": self.asset_id, "epc": self.epc, "pc": self.pc, "tid": self.tid,
            "former": self.former, "written": self.is_written,
            "bound": self.is_written or self.receipt.repeated, "locked": self.locked,
            "events": self.receipt.events, "repeated": self.receipt.repeated,
        }  # fmt: skip


class _Met(Exception):  # noqa: N818  it is no failure
    """Ends a dry run before a tag is written."""


class TagWriter:
    """Writes tags through one reader, each for an asset, and binds them.

    With `lock` every tag is locked with the access password of its chip. For `listen` seconds it
    listens whether there are other tags before one is written.

    Raises:
        InputError: it is no reader that can write.
        KeyMissingError, KeyUnwritableError: see `access_key`.
    """

    def __init__(
        self, world: Context, reader: str, *, lock: bool = False, listen: float = 1.0
    ) -> None:  # fmt: skip
        self._world, self._reader = world, reader
        self._address = address_of(world, reader)
        if not self._address.startswith(_SCHEME):
            expected = N_("an LLRP reader (llrp://HOST): tags are written through no other")
            raise InputError(field="--reader", value=reader, expected=expected)
        self._lock, self._listen = lock, listen
        self._key = access_key(world, needed=lock)
        self._numbering = numbering(world.settings)
        self._found: tuple[str, str] | None = None

    def write(
        self, asset_id: str, *, old: str | None = None, stamp: Stamp | None = None
    ) -> Tagged:  # fmt: skip
        """Write the number of an asset into the only tag, or into the one with the EPC `old`.

        A request that was carried out before writes nothing.

        Raises:
            CodeTakenError, ActRefusedError, SomeoneFirstError: the tag could not be bound;
                nothing was written.
            TagElsewhereError, TwoTidsError: the tag counts for another asset, or is a copy of
                its tag; nothing was written.
            TagNotWrittenError, TagInDoubtError: the reader or the tag failed; nothing was bound.
            ReaderUnavailableError: the reader cannot be reached; nothing was written.
            TagUnboundError: it was written, and could not be bound.
        """
        number = number_of(asset_id, self._numbering)
        stamp = stamp or self._world.stamp()
        hoped = Encoded(epc=number.epc, pc=number.pc, tid=None)
        with self._world.rehearsing() as tx:
            signed = self._world.signed(stamp)
            tried = bind_written(tx, asset_id=asset_id, encoded=hoped, stamp=signed)
        if tried.repeated:
            said = tried.events[0].data
            return Tagged(asset_id=asset_id, epc=said["epc"], pc=said["pc"], tid=said["tid"],
                          receipt=tried, is_written=False)  # fmt: skip
        try:
            written = self._written(asset_id, number, old)
        except _Met:
            former, tid = self._found or ("", "")
            return Tagged(asset_id=asset_id, epc=number.epc, pc=number.pc, tid=tid, former=former,
                          receipt=tried, is_written=False)  # fmt: skip
        receipt = self._bound(asset_id, written, stamp, tried)
        why = written.unlocked
        return Tagged(
            asset_id=asset_id, epc=written.epc, pc=written.pc, tid=written.tid, receipt=receipt,
            former=self._found[0] if self._found else None,
            locked=why is None if self._lock else None,
            unlocked=Phrase(why.template, **why.facts) if why else None,
        )  # fmt: skip

    def _written(self, asset_id: str, number: RadioNumber, old: str | None) -> Written:
        from scanner import ScanError
        from scanner.llrp.access import write_epc

        self._found = None

        def allow(epc: str, tid: str) -> str:
            self._found = (epc, tid)
            return self._allowed(asset_id, epc, tid)

        try:
            written = write_epc(
                self._address, new=number.epc, old=old, pc=number.pc, lock=self._lock,
                allow=allow, listen=self._listen,
            )  # fmt: skip
        except ScanError as error:
            raise self._fault(asset_id, number.epc, error) from error
        # Said before it is bound: whatever happens now, somebody has seen what the tag holds.
        output.note(self._world.words.say(
            N_("Written: {epc} (PC word {pc}) into chip {tid}."),
            epc=written.epc, pc=written.pc, tid=written.tid,
        ))  # fmt: skip
        return written

    def _allowed(self, asset_id: str, epc: str, tid: str) -> str:
        """Return the access password of a tag that may be written, empty if none is known."""
        label = display_id(asset_id)
        if not tid:
            reason = N_("the chip does not tell its own number (TID), so that no copy of it "
                        "could be noticed. Take another tag")  # fmt: skip
            raise TagNotWrittenError(asset_id=label, reason=Phrase(reason), scan_code="")
        with self._world.reading() as connection:
            other = counting_tag(connection, epc=epc, tid=tid, apart_from=asset_id)
        if other and other.tid not in (None, tid):
            # Nothing is written over it, and that there are two chips must stay known.
            with self._world.writing() as tx:
                copies_heard(tx, heard={epc: [tid]}, stamp=self._world.stamp())
            raise TwoTidsError(asset_id=other.asset_id, epc=epc, tid=tid, bound_tid=other.tid)
        if other:
            raise TagElsewhereError(holder=display_id(other.asset_id), epc=epc, tid=tid)
        if self._world.flags.dry_run:
            raise _Met
        return access_password(self._key, tid) if self._key else ""

    def _fault(self, asset_id: str, epc: str, error: ScanError) -> AssetctlError:
        from scanner.llrp.troubles import TagError

        reason, label = Phrase(error.template, **error.facts), display_id(asset_id)
        if isinstance(error, TagError):
            return TagNotWrittenError(asset_id=label, reason=reason, scan_code=error.code)
        if self._found:
            return TagInDoubtError(asset_id=label, reason=reason, epc=epc, tid=self._found[1])
        return refused(self._reader, error)

    def _bound(self, asset_id: str, written: Written, stamp: Stamp, tried: Receipt) -> Receipt:
        """Bind what was written, under the request that it was tried for."""
        encoded = Encoded(epc=written.epc, pc=written.pc, tid=written.tid)
        try:
            with self._world.writing() as tx:
                now = replace(
                    self._world.stamp(), request_id=stamp.request_id, fresh=stamp.fresh,
                    began=stamp.began,
                )  # fmt: skip
                return bind_written(tx, asset_id=asset_id, encoded=encoded, stamp=now)
        except AssetctlError as error:
            raise TagUnboundError(
                asset_id=display_id(asset_id), epc=written.epc, pc=written.pc, tid=written.tid,
                reason=Phrase(error.template, **error.facts),
                mend=self._mend(asset_id, written, tried),
            ) from error  # fmt: skip

    def _mend(self, asset_id: str, written: Written, tried: Receipt) -> str:
        """Return the command that binds a tag later."""
        label = display_id(asset_id)
        if [one.kind for one in tried.events] == [TagBound.kind]:
            return (
                f"assetctl tag bind {label} --epc {written.epc} --tid {written.tid} "
                f"--pc {written.pc}"
            )
        # Another chip has this number already: only who holds this one to a reader replaces that.
        reader = quote(self._reader or self._address)
        return f"assetctl tag encode {label} --reader {reader} --old {written.epc}"
