"""What was erased from a chain: what verification misses must be what an entry says is gone."""

from __future__ import annotations

from typing import Any, NoReturn

from assetctl.domain import chain
from assetctl.domain.redaction import FILE, Redacted
from assetctl.i18n import N_, Phrase
from assetctl.reads.replay import broken, same


class Erasures:
    """The disclosures of one subject's chain: those that are there, are gone, are said to be gone.

    A disclosure may vanish only where a later entry of the same subject names it, with the number
    of a document; one that comes back after that is as wrong as one that went without a word.
    """

    def __init__(self, subject: str) -> None:
        self._subject = subject
        self._here: dict[tuple[str, str], int] = {}
        self._gone: dict[tuple[str, str], tuple[int, list[str], list[str]]] = {}
        self._told: dict[tuple[str, str], int] = {}

    @property
    def is_whole(self) -> bool:
        """Whether nothing that was disclosed is gone so far."""
        return not self._gone

    def open(
        self, seq: int, event_id: str, digests: Any, stored: list[tuple[str, str]]
    ) -> dict[str, str]:
        """Return the personal data of an entry by path, checked against the digests in it.

        Raises:
            HistoryBrokenError: something was disclosed that the entry does not know.
        """
        given = sorted(chain.disclosure_digest(text) for _, text in stored)
        if given != digests:
            self._note_gone(seq, event_id, digests, given)
        self._here |= {(event_id, digest): seq for digest in given}
        opened = {}
        for path, text in stored:
            name, value = chain.open_disclosure(text)
            same(self._subject, seq, "its personal data stands under another name", name, path)
            opened[name] = value
        return opened

    def listen(self, seq: int, fields: dict[str, Any]) -> None:
        """Note what an entry says was erased.

        Raises:
            HistoryBrokenError: it says so in a way that cannot be read.
        """
        if fields.get("kind") != Redacted.kind:
            return
        try:
            for item in fields["data"]["erased"]:
                if item["path"] != FILE:
                    self._told[item["event_id"], item["digest"]] = seq
        except (TypeError, LookupError) as error:
            wanted = Phrase(N_("a known event"))
            broken(self._subject, seq, "it cannot be replayed", wanted, repr(error))

    def must_agree(self) -> None:
        """Check that what is gone was erased, and that what was erased is gone.

        Raises:
            HistoryBrokenError: names the first entry of which that is not so.
        """
        for place, (seq, digests, given) in self._gone.items():
            if place not in self._told:
                self._is_wrong(seq, digests, given)
        for place, seq in self._told.items():
            if place in self._here:
                broken(self._subject, self._here[place], "its personal data was erased and is "
                       "there again", Phrase(N_("none")), place[1])  # fmt: skip
            if place not in self._gone:
                broken(self._subject, seq, "it erased what no entry disclosed",
                       Phrase(N_("a disclosure")), place[1])  # fmt: skip

    def _note_gone(self, seq: int, event_id: str, digests: Any, given: list[str]) -> None:
        known = isinstance(digests, list) and all(isinstance(one, str) for one in digests)
        if not known or sorted({*digests}) != digests or not {*given} < {*digests}:
            self._is_wrong(seq, digests, given)
        for digest in sorted(set(digests) - set(given)):
            self._gone[event_id, digest] = (seq, digests, given)

    def _is_wrong(self, seq: int, digests: Any, given: list[str]) -> NoReturn:
        broken(self._subject, seq, "its personal data is not what was disclosed", digests, given)
