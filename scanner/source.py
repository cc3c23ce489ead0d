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
    "serial:PORT?format=FAMILY",
    "tcp+FAMILY://HOST:PORT",
)
"""The forms of address that `open_source` takes. `FAMILY` is one of `scanner.uhf.module.FAMILIES`;
`?form=` of `scanner.said.FORMS` after `stdin:`, `wedge:`, `tcp:` and `http:` says what a device's
texts are."""

_HOST = r"(\[[0-9A-Fa-f:.%a-z]+\]|[^\s/@:\[\]]*):([0-9]{1,5})/?"
_LISTEN = re.compile(rf"(tcp|http)://{_HOST}")
_MODULE = re.compile(rf"tcp\+([a-z0-9]+)://{_HOST}")
_FORM = re.compile(r"(.*)\?form=([a-z]*)", re.DOTALL)
_TYPED = ("stdin:", "wedge:", "tcp:", "http:")
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
    plain, form = _formed(address)
    scheme, _, rest = plain.partition(":")
    if plain == "stdin:":
        from scanner.lines import Lines

        return Lines(is_ours=is_ours, form=form)
    if scheme == "wedge":
        return _wedge(rest, is_ours, form)
    if scheme in ("tcp", "http"):
        return _listener(plain, is_ours=is_ours, secret=secret, form=form)
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
    if scheme == "serial":
        from scanner.uhf.module import serial_module

        return serial_module(rest)
    if scheme.startswith("tcp+"):
        return _module(address)
    raise SourceUnknownError(address=address, known=", ".join(SOURCES))


def _formed(address: str) -> tuple[str, str]:
    """An address without what it says of the form of texts, and that."""
    match = _FORM.fullmatch(address) if address.startswith(_TYPED) else None
    if match is None:
        return address, ""
    from scanner.said import FORMS

    if match[2] not in FORMS:
        reason = "what stands behind ?form= must be epc or callback"
        raise SourceUnavailableError(source=address, reason=reason)
    return match[1], match[2]


def _wedge(path: str, is_ours: IsOurs, form: str) -> Source:
    from scanner.wedge import EventDevice, Terminal

    if path:
        return EventDevice(Path(path), is_ours=is_ours, form=form)
    return Terminal(is_ours=is_ours, form=form)


def _listener(address: str, *, is_ours: IsOurs, secret: str, form: str) -> Source:
    from scanner.push_http import PushHttp
    from scanner.push_tcp import PushTcp

    match = _LISTEN.fullmatch(address)
    if match is None:
        reason = "it must be a host and a port, such as tcp://127.0.0.1:9100"
        raise SourceUnavailableError(source=address, reason=reason)
    kind = PushTcp if match[1] == "tcp" else PushHttp
    host = match[2].strip("[]") or _LOOPBACK
    return kind(host, int(match[3]), secret=secret, is_ours=is_ours, form=form)


def _module(address: str) -> Source:
    from scanner.uhf.module import FAMILIES, tcp_module

    match = _MODULE.fullmatch(address)
    if match is None or match[1] not in FAMILIES or not match[2]:
        reason = "it must be tcp+FAMILY://HOST:PORT, FAMILY being chainway, uhfreader18 or m100"
        raise SourceUnavailableError(source=address, reason=reason)
    return tcp_module(match[1], match[2].strip("[]"), int(match[3]))
