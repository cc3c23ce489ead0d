"""Every source of readings that is no camera, behind one address."""

from __future__ import annotations

import re
from pathlib import Path

from scanner.base import Source
from scanner.reading import OnTrouble, SourceUnavailableError, SourceUnknownError
from scanner.untangle import IsOurs, looks_ours

SOURCES = (
    "stdin:",
    "wedge:",
    "wedge:/dev/input/eventN",
    "tcp://HOST:PORT",
    "http://HOST:PORT",
    "llrp://HOST",
    "list:FILE",
    "replay:FILE",
)
"""The forms of address that `open_source` takes."""

_LISTEN = re.compile(r"(tcp|http)://(\[[0-9A-Fa-f:.%a-z]+\]|[^\s/@:\[\]]*):([0-9]{1,5})/?")
_LOOPBACK = "127.0.0.1"

__all__ = ["SOURCES", "Source", "open_source"]


def open_source(
    address: str, *, is_ours: IsOurs = looks_ours, secret: str = "", column: str = "",
    on_trouble: OnTrouble | None = None,
) -> Source:  # fmt: skip
    """Open the source that `address` names; close it, best by using it as a context manager.

    `is_ours` judges whether a text is a whole one of ours, for reads that are tangled. `secret`
    is what clients of a listening source must know; `column` names the column of a list. A
    listener without a host listens on this machine alone. `on_trouble` is told of what a source
    recovers from by itself.

    Raises:
        SourceUnknownError: the address has none of the forms in `SOURCES`.
        SourceUnavailableError: it cannot be opened; the reason says what to do.
        ListUnreadableError, ColumnMissingError: see `scanner.lists`.
        ChoiceUnknownError: an option in the address of a reader; see `scanner.llrp.address`.
    """
    scheme, _, rest = address.partition(":")
    if address == "stdin:":
        from scanner.lines import Lines

        return Lines(is_ours=is_ours)
    if scheme == "wedge":
        return _wedge(rest, is_ours)
    if scheme in ("tcp", "http"):
        return _listener(address, is_ours=is_ours, secret=secret)
    if scheme == "llrp" and rest:
        from scanner.llrp.address import read_address
        from scanner.llrp.reader import LlrpReader

        return LlrpReader(read_address(address), on_trouble=on_trouble)
    if scheme == "list" and rest:
        from scanner.lists import ListFile

        return ListFile(Path(rest), is_ours=is_ours, column=column)
    if scheme == "replay" and rest:
        from scanner.replay import Replay

        return Replay(Path(rest))
    raise SourceUnknownError(address=address, known=", ".join(SOURCES))


def _wedge(path: str, is_ours: IsOurs) -> Source:
    from scanner.wedge import EventDevice, Terminal

    return EventDevice(Path(path), is_ours=is_ours) if path else Terminal(is_ours=is_ours)


def _listener(address: str, *, is_ours: IsOurs, secret: str) -> Source:
    from scanner.push_http import PushHttp
    from scanner.push_tcp import PushTcp

    match = _LISTEN.fullmatch(address)
    if match is None:
        reason = "it must be a host and a port, such as tcp://127.0.0.1:9100"
        raise SourceUnavailableError(source=address, reason=reason)
    kind = PushTcp if match[1] == "tcp" else PushHttp
    host = match[2].strip("[]") or _LOOPBACK
    return kind(host, int(match[3]), secret=secret, is_ours=is_ours)
