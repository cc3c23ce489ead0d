"""How and to whom reminders go: `notices.toml` in the home, the only place with addresses.

[file]
folder = "/srv/notices"

[email]
host = "mail.example.gov.cn"
port = 587
from = "assets@example.gov.cn"
tls = "starttls"              # or tls, or none
user = "assets"               # optional, with password_file
password_file = "/etc/assetctl/mail-password"
timeout = 20

[webhook]
url = "https://oa.example.gov.cn/hooks/assets"
token_file = "/etc/assetctl/hook-token"
timeout = 10

[to.U2]
asset_clerk = ["clerk@u2.example.gov.cn"]
unit_head = ["head@u2.example.gov.cn"]
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assetctl.domain.roles import ACTING
from assetctl.errors import ConfigError
from assetctl.i18n import N_, Phrase, one_of

_ADDRESS = re.compile(r"[!-~]+@[A-Za-z0-9.-]+")
_TLS = ("starttls", "tls", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """The mail server that takes reminders, and whom they come from."""

    host: str
    sender: str
    port: int = 587
    tls: str = "starttls"
    user: str = ""
    password_file: str = ""
    timeout: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """The address of another system that takes reminders."""

    url: str
    token_file: str = ""
    timeout: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSettings:
    """All of it; `to` gives the addresses by unit and role."""

    folder: Path
    mail: Mail | None = None
    hook: Hook | None = None
    to: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    def channels(self) -> list[str]:
        """Return the channels that are set up."""
        ready = {"file": True, "email": self.mail is not None, "webhook": self.hook is not None}
        return [name for name, is_ready in ready.items() if is_ready]

    def addresses(self, unit: str, role: str) -> tuple[str, ...]:
        """Return the addresses of those who have a role in a unit."""
        return self.to.get(unit, {}).get(role, ())


def load_notice_settings(path: Path) -> NoticeSettings:
    """Return what the file says; without one, messages can only be written into a folder.

    Raises:
        ConfigError: it cannot be read, or a value cannot be used.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        values = {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(source=str(path), reason=str(error)) from error
    reader = _Reader(str(path))
    parts = reader.part(values, "", dict.fromkeys(("file", "email", "webhook", "to"), _table))
    mail = reader.part(parts.get("email"), "email.", _MAIL, needed=("host", "from"))
    hook = reader.part(parts.get("webhook"), "webhook.", _HOOK, needed=("url",))
    file = reader.part(parts.get("file", {}), "file.", {"folder": _text})
    if "from" in mail:
        mail["sender"] = mail.pop("from")
    return NoticeSettings(
        folder=path.parent / file.get("folder", "notices"),
        mail=Mail(**mail) if mail else None,
        hook=Hook(**hook) if hook else None,
        to={
            unit: {
                role: tuple(found)
                for role, found in reader.part(one, f"to.{unit}.", _ROLES).items()
            }
            for unit, one in parts.get("to", {}).items()
        },
    )


Check = Callable[[Any], str | None]


class _Reader:
    """Reads tables of the file and stops at the first value that cannot be used."""

    def __init__(self, source: str) -> None:
        self._source = source

    def part(
        self, table: Any, where: str, checks: Mapping[str, Check], needed: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """Return a table whose values were checked; an absent one is empty."""
        if table is None:
            return {}
        if not isinstance(table, dict):
            self._refuse(where.rstrip("."), N_("a table"))
        for name, value in table.items():
            expected = checks[name](value) if name in checks else one_of(checks)
            if expected:
                # The value itself is not shown: it may be an address of a person.
                self._refuse(f"{where}{name}", expected)
        for name in needed:
            if name not in table:
                self._refuse(f"{where}{name}", N_("a value, it is missing"))
        return dict(table)

    def _refuse(self, name: str, expected: str) -> None:
        reason = Phrase(N_("{name} needs {expected}"), name=name, expected=expected)
        raise ConfigError(source=self._source, reason=reason)


def _table(value: Any) -> str | None:
    return None if isinstance(value, dict) else N_("a table")


def _text(value: Any) -> str | None:
    fits = isinstance(value, str) and value.strip() and value.isprintable()
    return None if fits else N_("a text in quotation marks")


def _port(value: Any) -> str | None:
    return None if type(value) is int and 0 < value < 65_536 else N_("a port from 1 to 65535")


def _seconds(value: Any) -> str | None:
    return None if type(value) is int and 0 < value <= 300 else N_("1 to 300 seconds")


def _address(value: Any) -> str | None:
    fits = isinstance(value, str) and _ADDRESS.fullmatch(value)
    return None if fits else N_("an address such as clerk@example.gov.cn")


def _addresses(value: Any) -> str | None:
    fits = isinstance(value, list) and not any(map(_address, value))
    return None if fits else N_("a list of addresses such as clerk@example.gov.cn")


def _way(value: Any) -> str | None:
    return None if value in _TLS else one_of(_TLS)


def _web(value: Any) -> str | None:
    fits = isinstance(value, str) and re.fullmatch(r"https?://[!-~]+", value)
    return None if fits else N_("an address that begins with https://")


_MAIL: dict[str, Check] = {
    "host": _text, "port": _port, "from": _address, "tls": _way, "user": _text,
    "password_file": _text, "timeout": _seconds,
}  # fmt: skip
_HOOK: dict[str, Check] = {"url": _web, "token_file": _text, "timeout": _seconds}
_ROLES: dict[str, Check] = dict.fromkeys(ACTING, _addresses)
