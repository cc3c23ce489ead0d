"""A second process makes what the first consumes: in order, with its errors, and never alone."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from assetctl.acts.importing.ahead import ahead
from assetctl.errors import FileFormatError, MoneyError
from assetctl.i18n import Phrase

pytestmark = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2,
    reason="processes are copied on Linux with two processors or more",
)


def test_items_come_in_order_from_another_process() -> None:
    got = list(ahead(((number, os.getpid()) for number in range(500)), "list.csv"))
    assert [number for number, _ in got] == list(range(500))
    assert {process for _, process in got} & {os.getpid()} == set()


def test_long_items_come_whole() -> None:
    assert list(ahead(iter(["号" * 1_000_000, "x" * 3_000_000]), "list.csv")) == [
        "号" * 1_000_000,
        "x" * 3_000_000,
    ]


def test_its_error_is_raised_here_after_what_came_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise MoneyError(text="五千", reason=Phrase("write {digits}", digits="5000.00"))

    coming = ahead(items(), "list.csv")
    assert next(coming) == 1
    with pytest.raises(MoneyError) as caught:
        next(coming)
    assert caught.value.facts["text"] == "五千"
    reason = caught.value.facts["reason"]
    assert isinstance(reason, Phrase)
    assert (reason, reason.facts) == ("write 5000.00", {"digits": "5000.00"})


def test_a_process_that_is_killed_is_an_error_and_no_shorter_list() -> None:
    def items() -> Iterator[int]:
        yield 1
        os.kill(os.getpid(), signal.SIGKILL)
        yield 2

    with pytest.raises(FileFormatError) as caught:
        list(ahead(items(), "list.csv"))
    assert caught.value.facts["file"] == "list.csv"


def test_it_ends_with_whoever_stops_consuming() -> None:
    def items() -> Iterator[int]:
        while True:
            yield os.getpid()

    endless = ahead(items(), "list.csv")
    process = next(endless)
    endless.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
