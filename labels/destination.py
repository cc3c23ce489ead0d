"""Where a job goes, read from one text, and every way in which it does not get there.

The text is `tcp://host`, `tcp://host:9100`, `tcp://[::1]:9100`, `cups:QUEUE`,
`device:/dev/usb/lp0`, `file:PATH`, or the path of a file alone. A path is taken as it is written,
without decoding. Every error says whether part of the job may have been printed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from labels.label import LabelError

PORT = 9100
"""The port on which printers take jobs as they are."""

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+):(.*)", re.IGNORECASE | re.DOTALL)
# CUPS forbids blanks, slash and number sign; a leading hyphen would read as an option of lp.
_QUEUE = re.compile(r"[^\s/#\x00-\x1f\x7f-][^\s/#\x00-\x1f\x7f]{0,126}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class PrinterError(LabelError):
    """The root of everything that goes wrong on the way to a printer.

    `partial` tells whether part of the job may have been printed.
    """

    code = "printer.failed"
    partial: ClassVar[bool] = False


class AddressInvalidError(PrinterError):
    """The text names no destination that a job can be sent to."""

    code = "printer.address_invalid"
    template = (
        "{address!r} names no printer. Write tcp://HOST or tcp://HOST:PORT, cups:QUEUE, "
        "device:/dev/usb/lp0, or the path of a file."
    )


class FileThereError(PrinterError):
    """There is a file of that name, and nobody said that it may go."""

    code = "printer.file_there"
    template = (
        "There is already a file {path}, and nothing was changed. "
        "Choose another name, or say that it may be overwritten."
    )


class FileFailedError(PrinterError):
    """The file could not be written; no piece of it is left."""

    code = "printer.file_failed"
    template = "The file {path} cannot be written, and nothing of it is left: {reason}."


class UnreachableError(PrinterError):
    """No byte reached the printer."""

    code = "printer.unreachable"
    template = (
        "The printer {address} cannot be reached: {reason}. Nothing was printed. "
        "Check that it is switched on and ready, and that the address is right."
    )


class BrokenOffError(PrinterError):
    """The printer, or the way to it, failed in the middle of the job."""

    code = "printer.broken_off"
    template = (
        "The printer {address} broke off after {sent} of {total} bytes: {reason}. Part of the job "
        "may have been printed: look at the labels before printing again."
    )
    partial = True


class StalledError(PrinterError):
    """The printer took part of the job and then nothing more."""

    code = "printer.stalled"
    template = (
        "The printer {address} took {sent} of {total} bytes and then nothing for {seconds} "
        "seconds. Part of the job may have been printed: see whether it has paper and is not "
        "paused, and look at the labels before printing again."
    )
    partial = True


class ProgramMissingError(PrinterError):
    """The program that gives jobs to CUPS cannot be started."""

    code = "printer.program_missing"
    template = (
        "The program {program} cannot be started: {reason}. Nothing was printed. "
        "Install the package cups-client, or use tcp://HOST."
    )


class QueueRefusedError(PrinterError):
    """CUPS did not take the job."""

    code = "printer.queue_refused"
    template = "The print queue {queue} did not take the job, so nothing was printed: {reason}"


class QueueSilentError(PrinterError):
    """CUPS gave no answer in time; nobody knows whether it has the job."""

    code = "printer.queue_silent"
    template = (
        "The print queue {queue} gave no answer for {seconds} seconds. The job may be printed all "
        "the same: look at the queue before printing again."
    )
    partial = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a job goes: `where` is a host, a queue or a path; `text` is what people wrote."""

    kind: Literal["tcp", "cups", "device", "file"]
    where: str
    text: str
    port: int = 0


def destination(address: str) -> Destination:
    """Read an address, without touching what it names. Raises AddressInvalidError."""
    scheme, rest = "", address
    found = _SCHEME.fullmatch(address)
    if found:
        scheme, rest = found[1].lower(), found[2]
    if not rest or _CONTROL.search(address) or not _is_name(address):
        raise AddressInvalidError(address=address)
    if scheme == "tcp":
        return _host(address, rest)
    if scheme == "cups" and _QUEUE.fullmatch(rest):
        return Destination(kind="cups", where=rest, text=address)
    if scheme == "device" and rest.startswith("/"):
        return Destination(kind="device", where=rest, text=address)
    if scheme in ("", "file") and not (scheme and rest.startswith("//")):
        return Destination(kind="file", where=rest, text=address)
    raise AddressInvalidError(address=address)


def _host(address: str, rest: str) -> Destination:
    try:
        parts = urlsplit(f"tcp:{rest}")
        host, port = parts.hostname, parts.port
        (host or "").encode("idna")
    except ValueError as error:
        raise AddressInvalidError(address=address) from error
    plain = parts.path in ("", "/") and not (parts.query or parts.fragment or "@" in parts.netloc)
    if not host or port == 0 or not plain or re.search(r"\s", host):
        raise AddressInvalidError(address=address)
    return Destination(kind="tcp", where=host, text=address, port=port or PORT)


def _is_name(text: str) -> bool:
    """Return whether the system can take the text as a name; bytes from outside are allowed."""
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True
