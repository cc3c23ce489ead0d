"""Doubts about who signed, as an audit counts them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from assetctl.errors import HistoryBrokenError
from assetctl.i18n import Phrase
from assetctl.reads.chains import Step
from assetctl.reads.gap_checks import Doubt
from assetctl.reads.signatories import UNSIGNED, Signatories
from assetctl.store.tables import log


class Judged:
    """The judge of an audit: each entry is judged once, however many checks ask about it."""

    def __init__(self, connection: Connection) -> None:
        genesis = connection.execute(sa.select(log.c.leaf)).scalar_one()
        self._signatories = Signatories(connection, bytes(genesis))
        self._chain: dict[str, Doubt | None] = {}
        self._subject = ""

    def __call__(self, step: Step) -> Doubt | None:
        """Return what is doubtful about who signed an entry; a signature that does not hold too."""
        if step.subject != self._subject:
            self._subject, self._chain = step.subject, {}
        if step.event_id not in self._chain:
            self._chain[step.event_id] = self._doubt(step)
        return self._chain[step.event_id]

    def _doubt(self, step: Step) -> Doubt | None:
        try:
            found = self._signatories.judge(step.fields)
        except HistoryBrokenError as error:
            problem = error.facts["problem"]
            said = problem if isinstance(problem, Phrase) else Phrase(str(problem))
            return Doubt("bad_signature", said)
        if found is None:
            return None
        return Doubt("not_signed" if found.code == UNSIGNED else "key_revoked", found.reason)
