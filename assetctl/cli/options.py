"""Options that several commands share, each said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assetctl.acts.cells import fold
from assetctl.acts.values import words_of
from assetctl.domain.lifecycle import State
from assetctl.errors import InputError
from assetctl.i18n import N_, one_of

Assets = Annotated[
    list[str],
    typer.Argument(
        metavar="ASSET…",
        help=N_("Ids, aliases or tag texts; - reads them from standard input, @FILE from a file."),
        show_default=False,
    ),
]
Asset = Annotated[str, typer.Argument(metavar="ASSET", help=N_("Id, alias or tag text."))]
Document = Annotated[
    str | None, typer.Option("--doc", help=N_("Number of the document that allows it."))
]
Note = Annotated[
    str | None, typer.Option("--note", help=N_("Remark; kept apart so that it can be erased."))
]
Place = Annotated[str | None, typer.Option("--place", help=N_("Code of the place."))]
Condition = Annotated[
    str | None, typer.Option(help=N_("Condition: new, good, fair, poor, broken."))
]
Photos = Annotated[
    list[Path] | None,
    typer.Option(
        "--photo", metavar="FILE",
        help=N_("Photo of the condition, recorded with the act; may be given several times."),
    ),
]  # fmt: skip
Reason = Annotated[str, typer.Option(help=N_("Why; kept apart so that it can be erased."))]
Differs = Annotated[str | None, typer.Option(help=N_("What differs from what was sent."))]
KeepGoing = Annotated[
    bool,
    typer.Option("--keep-going", help=N_("Each asset on its own: pass over those refused.")),
]


def state_of(given: str | None) -> str | None:
    """Return the code of a state given as code, English or Chinese word.

    Raises:
        InputError: it is none of the states.
    """
    if given is None:
        return None
    state = words_of("state", tuple(State)).get(fold(given))
    if state is None:
        raise InputError(field="state", value=given, expected=one_of(State))
    return state
