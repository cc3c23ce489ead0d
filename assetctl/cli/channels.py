"""Ways by which a reminder goes out: one small interface, and one dictionary of them.

A channel is a module with `send(notice, settings)`. It returns when the other side has taken the
message, with the code of a fault if some who should have got it did not; it raises
MessageNotSentError with such a code otherwise. It never says an address, and never tries twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path

from assetctl.cli.notice_settings import NoticeSettings
from assetctl.errors import ConfigError, MessageNotSentError
from assetctl.i18n import N_, Phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLine:
    """Like things in a message: their name, how many, and their ids."""

    name: str
    quantity: int
    assets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message to a borrower, as every channel gets it; `code` is the same whenever it is tried.

    `level` counts recall notices, 0 is a reminder before the due day; `paper` is the number of the
    recall notice.
    """

    code: str
    loan: str
    paper: str | None
    level: int
    step: int
    due: str
    unit: str
    unit_name: str
    role: str
    subject: str
    body: str
    lines: tuple[NoticeLine, ...]


Send = Callable[[Notice, NoticeSettings], str | None]

CHANNELS = {"file": "file_channel", "email": "mail_channel", "webhook": "web_channel"}
"""Every channel and the module under `assetctl.cli` that holds it."""


def sender(channel: str) -> Send:
    """Return what sends by a channel."""
    send: Send = import_module(f"assetctl.cli.{CHANNELS[channel]}").send
    return send


def notice_json(notice: Notice) -> bytes:
    """Return a message as other programs read it."""
    text = json.dumps(asdict(notice), ensure_ascii=False, sort_keys=True, indent=2)
    return f"{text}\n".encode("utf-8", "replace")


def secret_from(path: str) -> str:
    """Return the secret in a file, without the end of its line.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(source=path, reason=Phrase(N_("it cannot be read"))) from error


def not_sent(notice: Notice, channel: str, fault: str) -> MessageNotSentError:
    """Return the failure of a message, with the stable code of why."""
    return MessageNotSentError(message=notice.paper or notice.loan, channel=channel, fault=fault)
