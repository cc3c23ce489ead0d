"""Working ahead: a second process makes what the first one consumes."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import TypeVar

from assetctl.errors import FileFormatError
from assetctl.i18n import N_

T = TypeVar("T")

_ENDED = N_("the process that reads it was ended by the system; import it again")


def ahead(items: Iterator[T], name: str) -> Iterator[T]:
    """Yield `items`, made by a copy of this process while the caller works on those before.

    Where processes cannot be copied safely, or there is one processor only, they are made here.
    The copy must touch no database. It ends with its parent, however that ends.

    Raises:
        FileFormatError: the copy was ended from outside.
    """
    if sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2:
        yield from items
        return
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_make, args=(items, ours, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        while True:
            last, item = ours.recv()
            if last and item is not None:
                raise item
            if last:
                return
            yield item
    except EOFError:
        raise FileFormatError(file=name, reason=_ENDED) from None
    finally:
        ours.close()
        process.terminate()
        process.join()


def _make(items: Iterator[T], reading: Connection, writing: Connection) -> None:
    # An interrupt reaches both; the parent decides, and then closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.freeze()  # looking through what the parent left here would copy its memory
    reading.close()
    with writing, suppress(BrokenPipeError):
        try:
            for item in items:
                writing.send((False, item))
            writing.send((True, None))
        except Exception as error:  # noqa: BLE001  raised again by the parent
            writing.send((True, error))
