"""The world outside: the time, and random ids. Nothing below the edges asks for either."""

from __future__ import annotations

import os
import secrets  # noqa: TID251  randomness is drawn here
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

from assetctl.domain.chain import instant, parse_instant
from assetctl.domain.identity import asset_id
from assetctl.errors import InputError

_SPOKEN = (
    "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S",
)  # fmt: skip


def now() -> datetime:
    """Return the present moment, UTC."""
    return datetime.now(UTC)  # noqa: TID251  the one clock


def ticks(seconds: float) -> Iterator[None]:
    """Give a beat every so many seconds, the first one at once, until the user interrupts."""
    try:
        while True:
            yield
            time.sleep(seconds)
    except KeyboardInterrupt:
        return


def new_event_id() -> str:
    """Return a UUIDv7 in hex (RFC 9562, 5.7): 48 bits of milliseconds, then random bits."""
    random = os.urandom(10).hex()
    variant = "89ab"[int(random[3], 16) & 3]
    return f"{time.time_ns() // 1_000_000:012x}7{random[:3]}{variant}{random[4:19]}"


def moment_of(event_id: str) -> datetime:
    """Return when an event id was made, to the millisecond."""
    return datetime.fromtimestamp(int(event_id[:12], 16) / 1000, UTC)


def new_asset_id() -> str:
    """Return a random asset id; serials whose check characters are unfit are drawn again."""
    while True:
        drawn = asset_id(int.from_bytes(os.urandom(5), "big"))
        if drawn:
            return drawn


def new_salt() -> bytes:
    """Return 32 random bytes for one disclosure."""
    return secrets.token_bytes(32)


def parse_moment(text: str, zone: str, field: str = "--at") -> datetime:
    """Return the moment a person means: ISO 8601, or a local date and time in `zone`.

    Raises:
        InputError: it is none of the forms.
    """
    try:
        moment = _spoken(text) or datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(zone))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InputError(
            field=field, value=text, expected="a time such as 2026-03-01 14:30"
        ) from error


def parse_bound(text: str, zone: str, field: str, *, end: bool) -> str:
    """Return one end of a period as history writes instants: a moment, `now`, or a whole day.

    A day alone means its first moment, or with `end` its last, in `zone`.

    Raises:
        InputError: it is none of the forms.
    """
    if text == "now":
        return instant(now())
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return instant(parse_moment(text, zone, field))
    try:
        start = datetime.combine(day + timedelta(days=end), clock_time(), ZoneInfo(zone))
        return instant(start.astimezone(UTC) - timedelta(microseconds=end))
    except (ValueError, OverflowError) as error:
        raise InputError(field=field, value=text, expected="a date such as 2026-03-01") from error


def today(zone: str) -> str:
    """Return the present day in `zone`, as an ISO date."""
    return day_of(now(), zone)


def parse_day(text: str, field: str) -> str:
    """Return an ISO date as given.

    Raises:
        InputError: it is not a date.
    """
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise InputError(field=field, value=text, expected="a date such as 2026-03-01") from error


def day_of(moment: datetime, zone: str) -> str:
    """Return the day (ISO) on which a moment falls in a time zone."""
    return moment.astimezone(ZoneInfo(zone)).date().isoformat()


def local(instant: str, zone: str) -> str:
    """Return an instant of history as people in `zone` read it: `2026-03-01 14:30:05`."""
    return parse_instant(instant).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")


def offset(instant: str, zone: str) -> str:
    """Return how far local time in `zone` was from UTC at an instant of history: `+08:00`."""
    shown = parse_instant(instant).astimezone(ZoneInfo(zone)).strftime("%z")
    return f"{shown[:3]}:{shown[3:5]}"


def _spoken(text: str) -> datetime | None:
    for form in _SPOKEN:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007  the caller gives the zone
        except ValueError:
            continue
    return None
