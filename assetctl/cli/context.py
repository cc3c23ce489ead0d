"""What a command is given: settings, register, keys, the stamp of its request."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import normalize

import typer

from assetctl.cli import clock, output
from assetctl.cli.act_keys import ActKeys
from assetctl.config import Settings
from assetctl.domain.chain import instant, parse_instant
from assetctl.domain.identity import (
    Payload,
    TagKeys,
    make_payload,
    parse_payload,
    verify_payload,
)
from assetctl.domain.request import Receipt, Recorded, Stamp
from assetctl.errors import AssetctlError, FileMissingError, InputError
from assetctl.i18n import N_
from assetctl.reads.resolve import resolve
from assetctl.store import keys
from assetctl.store.engine import Store, Tx
from assetctl.store.seal import seal
from assetctl.store.tables import SUBJECTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.engine import Connection


@dataclass(slots=True, kw_only=True)
class Flags:
    """The options that mean the same everywhere and may stand anywhere."""

    json: bool = False
    dry_run: bool = False
    yes: bool = False
    at: str | None = None
    request_id: str | None = None
    on_behalf: str | None = None
    settings: dict[str, str] = field(default_factory=dict)


_SEAL_EVERY = timedelta(milliseconds=300)


class _RollBack(Exception):  # noqa: N818  not a failure: it ends a rehearsal
    """Ends a transaction without keeping anything."""


class Context:
    """The world as one command sees it."""

    def __init__(self, settings: Settings, flags: Flags) -> None:
        self.settings = settings
        self.flags = flags
        self._sealed_at = clock.now()
        self._began = instant(self._sealed_at)
        self._is_unsealed = False
        self._act_keys = ActKeys(settings)
        self._connection: Connection | None = None

    @cached_property
    def store(self) -> Store:
        """The register's database."""
        return Store(self.settings.db)

    @cached_property
    def words(self) -> output.Words:
        """The language and time zone of the reader."""
        return output.Words(language=self.settings.lang, timezone=self.settings.timezone)

    def close(self) -> None:
        """Give back what was opened, and seal what was written last."""
        if "store" in self.__dict__:
            if self._is_unsealed:
                self._seal_soon(now=True)
            self.store.close()

    @cached_property
    def tag_keys(self) -> TagKeys:
        """The tag keys this station holds."""
        return keys.tag_keys(self.settings.keys)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection for questions."""
        with self.store.reading() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Tx]:
        """Give the transaction of an act; with `--dry-run` nothing of it is kept."""
        try:
            with self.store.writing() as tx:
                self._connection = tx.connection
                yield tx
                if self.flags.dry_run:
                    raise _RollBack
        except _RollBack:
            return
        finally:
            self._connection = None
        self._seal_soon()

    @contextmanager
    def rehearsing(self) -> Iterator[Tx]:
        """Give a transaction of which nothing is kept, to learn what speaks against an act."""
        with self.writing() as tx:
            yield tx
            raise _RollBack

    def _seal_soon(self, *, now: bool = False) -> None:
        """Seal what was committed, at most a few times a second: writers must not queue for it.

        On SQLite every entry is sealed as it is written.
        """
        if self.store.is_sqlite:
            return
        moment = clock.now()
        self._is_unsealed = not now and moment - self._sealed_at < _SEAL_EVERY
        if self._is_unsealed:
            return
        self._sealed_at = moment
        # The act is done and its receipt is due; whoever comes next seals what this one cannot.
        with suppress(AssetctlError), self.store.writing() as tx:
            seal(tx)

    def stamp(self) -> Stamp:
        """Return the stamp of this request: who, when, from where, by which id.

        Ask for it inside the transaction, so that it says when the entry was written, and can
        sign it.

        Raises:
            InputError: `--at` is no time, or lies in the future.
            KeyMissingError: the key that the settings name is not there.
        """
        moment = clock.now()
        rec = at = instant(moment)
        if self.flags.at:
            at = instant(clock.parse_moment(self.flags.at, self.settings.timezone))
            if at > rec:
                expected = N_("a time that is not in the future")
                raise InputError(field="--at", value=self.flags.at, expected=expected)
        return self.signed(
            Stamp(
                actor=self.settings.operator,
                at=at,
                rec=rec,
                request_id=self.flags.request_id or clock.new_event_id(),
                fresh=self.flags.request_id is None,
                station=self.settings.station,
                began=self._began,
                on_behalf=self.flags.on_behalf,
                day=clock.day_of(parse_instant(at), self.settings.timezone),
                new_id=clock.new_event_id,
                new_salt=clock.new_salt,
            )
        )

    def signed(self, stamp: Stamp) -> Stamp:
        """Return a stamp with the key that signs for it; outside a transaction as it is.

        Raises:
            KeyMissingError: the key that the settings name is not there.
        """
        if self._connection is None:
            return stamp
        signed, uncounted = self._act_keys.signed(self._connection, stamp)
        if uncounted:
            output.note(self.words.say(uncounted.template, **uncounted.facts))
        return signed

    def confirm(self, question: str, **facts: object) -> None:
        """Ask a person at a terminal before what cannot be undone; scripts are not asked.

        Raises:
            Abort: the answer was no.
        """
        flags = self.flags
        if flags.yes or flags.json or flags.dry_run or not sys.stdin.isatty():
            return
        typer.confirm(self.words.say(question, **facts), abort=True, err=True)

    def ids(self, references: Sequence[str]) -> list[str]:
        """Return the asset ids meant by arguments: ids, aliases, payloads, `-`, `@file`.

        Raises:
            AssetNotFoundError, AssetAmbiguousError, PayloadForgedError: see `resolve`.
            FileMissingError: an `@file` is not there.
        """
        wanted = list(expand(references))
        with self.reading() as connection:
            return resolve(connection, wanted, keys=self.tag_keys, prefix=self.settings.gs1_prefix)

    def subjects(self, references: Sequence[str]) -> list[str]:
        """Return the subjects meant by arguments: `sort:code` as it stands, all else as an asset.

        Raises:
            AssetNotFoundError, AssetAmbiguousError, FileMissingError: see `ids`.
        """
        return [
            normalize("NFC", reference)  # as the history holds it
            if ":" in reference and reference.partition(":")[0] in SUBJECTS
            else f"asset:{self.ids([reference])[0]}"
            for reference in expand(references)
        ]

    def blank(self, text: str) -> Payload:
        """Return what a blank tag of this register says.

        Raises:
            PayloadForeignError, PayloadForgedError, PayloadKeyError: it is not ours, or not to
                be believed.
            InputError: it is the tag of a place, a person or another register.
        """
        payload = parse_payload(text)
        if payload.is_signed:
            verify_payload(self.tag_keys, payload)
        if payload.scheme or payload.tag_class != "A":
            raise InputError(field="--tag", value=text, expected="a blank tag of this register")
        return payload

    def each(
        self, assets: Sequence[str], act: Callable[[Tx, list[str], Stamp], Receipt],
        *, keep_going: bool = False,
    ) -> tuple[Receipt, list[tuple[str, AssetctlError]]]:  # fmt: skip
        """Carry out an act on all assets in one transaction, or each in its own and go on.

        Returns the receipt of what was done and the refusals that were passed over.
        """
        if not keep_going:
            with self.writing() as tx:
                return act(tx, list(assets), self.stamp()), []
        done: list[Recorded] = []
        refused: list[tuple[str, AssetctlError]] = []
        repeated = True
        for asset in assets:
            try:
                with self.writing() as tx:
                    receipt = act(tx, [asset], self.stamp_of(asset))
                done += receipt.events
                repeated = repeated and receipt.repeated
            except AssetctlError as error:
                refused.append((asset, error))
        return Receipt(events=tuple(done), repeated=repeated and bool(done)), refused

    def stamp_of(self, asset: str) -> Stamp:
        """Return the stamp of one of several acts: each is a request with an id of its own."""
        stamp = self.stamp()
        return stamp if stamp.fresh else replace(stamp, request_id=f"{stamp.request_id}:{asset}")

    def sign(self, asset_id: str, issue: int) -> str | None:
        """Return the payload of an asset's label, None where no key is held here."""
        try:
            key = keys.current_tag_key(self.settings.keys)
        except AssetctlError:
            return None
        return make_payload(
            self.tag_keys, key=key, asset=asset_id, issue=issue, host=self.settings.host
        )


def expand(references: Sequence[str]) -> Iterator[str]:
    """Give references one by one: as they stand, from standard input (`-`), or from `@file`.

    Raises:
        FileMissingError: an `@file` cannot be read as text.
    """
    for reference in references:
        if reference == "-":
            yield from _lines(sys.stdin.read())
        elif reference.startswith("@") and len(reference) > 1:
            try:
                yield from _lines(Path(reference[1:]).read_text(encoding="utf-8-sig"))
            except (OSError, UnicodeDecodeError) as error:
                raise FileMissingError(file=reference[1:]) from error
        else:
            yield reference


def must_be_text(words: Sequence[str]) -> None:
    """Return if every word can be text in a database.

    Raises:
        InputError: one holds bytes that are no text, or a NUL.
    """
    for word in words:
        if (not word.isascii() and any("\ud800" <= c <= "\udfff" for c in word)) or "\0" in word:
            shown = word.encode("utf-8", "backslashreplace").decode()
            raise InputError(field="text", value=shown, expected=N_("text without NUL bytes"))


def _lines(text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    must_be_text(lines)
    return lines
