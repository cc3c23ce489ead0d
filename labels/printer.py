"""How a job reaches a printer: over the network, through CUPS, to a device, or into a file.

A timeout is the longest time without any progress, so that a slow printer that goes on printing is
never cut off.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from struct import pack

from labels.destination import (
    AddressInvalidError,
    BrokenOffError,
    Destination,
    FileFailedError,
    FileThereError,
    PrinterError,
    ProgramMissingError,
    QueueRefusedError,
    QueueSilentError,
    StalledError,
    UnreachableError,
    destination,
)
from labels.label import NoLabelsError, TooLittleError
from labels.text import clean

Complete = Callable[[bytes], bool]
"""Told what a printer has answered so far, says whether nothing more is to be waited for."""

_PIECE = 65536
_MOST_REPLY = 1 << 20
_STEP = 0.1
# A printer that keeps the line open after the job is believed after this long without a fault.
_GRACE_TURNS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What was delivered, all of it: to a printer, to its queue, or into a file.

    `reply` is what a network printer answered, `ticket` what CUPS calls the job.
    """

    address: str
    bytes_sent: int
    reply: bytes = b""
    ticket: str = ""


def send(
    job: bytes,
    address: str,
    *,
    timeout: float,
    overwrite: bool = False,
    complete: Complete | None = None,
) -> Sent:
    """Deliver a job, all of it, or say what became of it.

    `timeout` is in seconds without progress. `overwrite` lets a file be replaced. With `complete`
    a network printer is listened to until it returns True, the printer closes, or is silent for
    `timeout`; what it said is in the answer, whether complete or not. Raises AddressInvalidError
    and the other PrinterErrors, NoLabelsError for an empty job, TooLittleError for the timeout.
    """
    place = destination(address)
    if not job:
        raise NoLabelsError(setting="labels", value=0)
    if not 0 < timeout < float("inf"):
        raise TooLittleError(setting="timeout", value=timeout, least=1)
    if place.kind == "tcp":
        return _to_network(job, place, timeout, complete)
    if place.kind == "cups":
        return _to_queue(job, place, timeout)
    if place.kind == "device":
        return _to_device(job, place, timeout)
    return _to_file(job, place, overwrite=overwrite)


# --- the network ---------------------------------------------------------------------------


def _to_network(job: bytes, place: Destination, timeout: float, complete: Complete | None) -> Sent:
    try:
        link = socket.create_connection((place.where, place.port), timeout)
    except OSError as error:
        raise UnreachableError(address=place.text, reason=_reason(error)) from error
    sent = 0
    with link:
        try:
            view = memoryview(job)
            while sent < len(job):
                sent += link.send(view[sent : sent + _PIECE])
            reply = _listen(link, complete) if complete else b""
            link.shutdown(socket.SHUT_WR)
            _settle(link, timeout)
        except OSError as error:
            failure = _failure(place, (sent, _waiting(link)), len(job), timeout, error)
            # What still lies in our buffers must not be printed after the failure was reported.
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, pack("ii", 1, 0))
            raise failure from error
    return Sent(address=place.text, bytes_sent=sent, reply=reply)


def _listen(link: socket.socket, complete: Complete) -> bytes:
    reply = b""
    while len(reply) < _MOST_REPLY and not complete(reply):
        try:
            piece = link.recv(4096)
        except TimeoutError:
            break
        if not piece:
            break
        reply += piece
    return reply


def _settle(link: socket.socket, timeout: float) -> None:
    """Wait until the printer has taken what was sent, or has failed while taking it.

    Raises TimeoutError when it takes nothing more, OSError when it broke off.
    """
    link.settimeout(_STEP)
    ended, idle, before = False, 0, _waiting(link)
    while True:
        fault = link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if fault:
            raise OSError(fault, os.strerror(fault))
        try:
            if ended:
                time.sleep(_STEP)
            else:
                ended = not link.recv(4096)
        except TimeoutError:
            pass
        left = _waiting(link)
        idle = idle + 1 if left == before else 0
        if not left and (ended or idle >= _GRACE_TURNS):
            return
        if left and idle * _STEP >= timeout:
            raise TimeoutError
        before = left


def _waiting(link: socket.socket) -> int:
    """Return how many bytes the other side has not acknowledged; 0 where the system cannot say."""
    try:
        from fcntl import ioctl
        from termios import TIOCOUTQ
    except ImportError:
        return 0
    try:
        return int.from_bytes(ioctl(link.fileno(), TIOCOUTQ, bytes(4)), "little")
    except OSError:
        return 0


def _failure(
    place: Destination, given: tuple[int, int], total: int, timeout: float, error: OSError
) -> PrinterError:
    """Say what became of the job; `given` is how many bytes were sent and are still on the way."""
    sent, waiting = given
    if sent == 0:
        return UnreachableError(address=place.text, reason=_reason(error))
    taken = max(0, sent - waiting)
    if isinstance(error, TimeoutError):
        return StalledError(address=place.text, sent=taken, total=total, seconds=f"{timeout:g}")
    return BrokenOffError(address=place.text, sent=taken, total=total, reason=_reason(error))


def _reason(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return os.strerror(errno.ETIMEDOUT)
    return error.strerror or str(error)


# --- CUPS ----------------------------------------------------------------------------------


def _to_queue(job: bytes, place: Destination, timeout: float) -> Sent:
    command = ["lp", "-d", place.where, "-o", "raw", "-"]
    try:
        done = subprocess.run(command, input=job, capture_output=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired as error:
        raise QueueSilentError(queue=place.where, seconds=f"{timeout:g}") from error
    except OSError as error:
        raise ProgramMissingError(program=command[0], reason=_reason(error)) from error
    if done.returncode:
        reason = _line(done.stderr) or f"{command[0]} {done.returncode}"
        raise QueueRefusedError(queue=place.where, reason=reason)
    return Sent(address=place.text, bytes_sent=len(job), ticket=_line(done.stdout))


def _line(output: bytes) -> str:
    return clean(output[:4096].decode("utf-8", "replace"))[:200]


# --- a device ------------------------------------------------------------------------------


def _to_device(job: bytes, place: Destination, timeout: float) -> Sent:
    try:
        # Without blocking, so that a printer that is switched off cannot hang us; never created.
        handle = os.open(place.where, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError as error:
        raise UnreachableError(address=place.text, reason=_reason(error)) from error
    try:
        if not stat.S_ISCHR(os.fstat(handle).st_mode):
            raise AddressInvalidError(address=place.text)
        _pour(job, handle, place, timeout)
    finally:
        os.close(handle)
    return Sent(address=place.text, bytes_sent=len(job))


def _pour(job: bytes, handle: int, place: Destination, timeout: float) -> None:
    view, sent, idle = memoryview(job), 0, 0
    try:
        _make_raw(handle)
        while sent < len(job):
            try:
                sent += os.write(handle, view[sent : sent + _PIECE])
                idle = 0
            except BlockingIOError as error:
                # Printers' drivers differ in what they say to poll(); asking again works with all.
                if idle * _STEP >= timeout:
                    raise TimeoutError from error
                idle += 1
                time.sleep(_STEP)
    except OSError as error:
        raise _failure(place, (sent, 0), len(job), timeout, error) from error


def _make_raw(handle: int) -> None:
    """Keep a serial line from changing line ends and other bytes of the job."""
    if os.isatty(handle):
        import termios
        import tty

        tty.setraw(handle, termios.TCSANOW)


# --- a file --------------------------------------------------------------------------------


def _to_file(job: bytes, place: Destination, *, overwrite: bool) -> Sent:
    path = Path(place.where)
    part: Path | None = None
    try:
        if path.exists() and not path.is_file():
            raise AddressInvalidError(address=place.text)
        part = _new_part(path.parent)
        _fill(part, job)
        if overwrite:
            part.replace(path)
        else:
            _name(part, path)
    except FileExistsError as error:
        raise FileThereError(path=str(path)) from error
    except OSError as error:
        raise FileFailedError(path=str(path), reason=_reason(error)) from error
    finally:
        if part:
            part.unlink(missing_ok=True)
    return Sent(address=place.text, bytes_sent=len(job))


def _new_part(folder: Path) -> Path:
    """Make an empty file of our own beside the wanted one; other jobs may be doing the same."""
    for nth in count(1):
        part = folder / f".labels-{nth}.part"
        try:
            part.touch(exist_ok=False)
        except FileExistsError:
            continue
        return part
    raise AssertionError  # pragma: no cover


def _fill(part: Path, job: bytes) -> None:
    with part.open("wb") as file:
        file.write(job)
        file.flush()
        os.fsync(file.fileno())


def _name(part: Path, path: Path) -> None:
    """Give the finished file its name. Raises FileExistsError if anything has it by now."""
    try:
        os.link(part, path)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS):
            raise
        # Memory sticks know no links: there the name is taken first, and then replaced.
        path.touch(exist_ok=False)
        part.replace(path)
