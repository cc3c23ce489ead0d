"""Acts whose authority is in doubt, as people are shown them."""

from __future__ import annotations

from collections.abc import Sequence

from assetctl.cli.output import Table, Words, spoken
from assetctl.i18n import N_
from assetctl.reads.signatories import ActFinding

_SHOWN = 200
_IN_DOUBT = N_(
    "{count} acts are in doubt: no signature that counts shows who did them. The entries stand as "
    "they were written. Ask the people named."
)


def doubts_table(doubtful: Sequence[ActFinding], words: Words) -> list[Table]:
    """Return the table of acts whose authority is in doubt; none where there are none."""
    say = words.say
    rows = [
        [one.subject, str(one.seq), words.term("event", one.kind), words.time(one.at),
         one.actor, spoken(one.reason, words)]
        for one in doubtful[:_SHOWN]
    ]  # fmt: skip
    columns = [say(N_("Subject")), say(N_("Entry")), say(N_("Event")), say(N_("Done")),
               say(N_("Who")), say(N_("Why it is in doubt"))]  # fmt: skip
    return [Table(columns=columns, rows=rows)] if rows else []


def doubts_remark(doubtful: Sequence[ActFinding], words: Words) -> list[str]:
    """Return the sentence that says how many acts are in doubt; none where none are."""
    return [words.say(_IN_DOUBT, count=len(doubtful))] if doubtful else []
