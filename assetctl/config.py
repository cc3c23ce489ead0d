"""Settings: flag > ASSETCTL_* > TOML file > default. The only reader of the environment."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from assetctl.errors import ConfigError
from assetctl.i18n import LANGUAGES, N_, Language, Phrase

DESCRIPTIONS = {
    "home": N_("where keys, files, the configuration and (by default) the register lie"),
    "db": N_("address of the register: sqlite:///FILE or postgresql://…"),
    "operator": N_("code of the person who acts"),
    "station": N_("name of this desk or machine, written into every entry"),
    "station_place": N_("code of the place where this desk stands; copied tags are noticed by it"),
    "lang": N_("language people read: zh or en"),
    "host": N_("host printed in tags; a stranger's phone opens a page there"),
    "origin": N_("name of the log, given once when the register is made"),
    "timezone": N_("time zone of dates that people type and read"),
    "font": N_("font file for labels; by default a Chinese font is looked for"),
    "scheme": N_("classification scheme that class codes belong to"),
    "signer": N_("program that signs checkpoints; by default the key in the directory signer"),
    "signer_sm3": N_("program that signs checkpoints of the SM3 tree, such as one with an SM2 key"),
    "operator_key": N_("directory or file of the operator's key; by default operators/OPERATOR"),
    "trees": N_("trees over the history: sha256, or sha256,sm3 for a second one by SM3"),
    "gs1_prefix": N_("GS1 company prefix of the office (6 to 12 digits), for GIAI, SGLN and PGLN"),
    "epcis_uri": N_("address that private names in EPCIS events begin with"),
    "epc_division": N_("division code (GB/T 2260, six digits) in the numbers of radio tags"),
    "epc_unit": N_("number of this office, 0 to 4095, in the numbers of radio tags"),
    "epc_afi": N_("application family identifier of radio tags outside GS1, two hex digits"),
    "printer": N_("address of the label printer: tcp://HOST:9100, cups:QUEUE, device:… or a file"),
    "audit_rules": N_("file with the dated rules of the audit; see: audit rules"),
    "readers": N_("table of radio readers: NAME = address; only in the file; see: reader list"),
}
"""What each setting means; the reference page is made from it."""

_NUMBERS = {
    "gs1_prefix": (re.compile(r"[0-9]{6,12}"), N_("6 to 12 digits")),
    "epc_division": (re.compile(r"[0-9]{6}"), N_("six digits")),
    "epc_unit": (
        re.compile(r"[0-9]{1,3}|[0-3][0-9]{3}|40[0-8][0-9]|409[0-5]"), N_("a number from 0 to 4095")
    ),
    "epc_afi": (re.compile(r"[0-9A-Fa-f]{2}"), N_("two hexadecimal digits")),
}  # fmt: skip
"""Settings that numbers of radio tags are made of: their form, and how it is said."""

_TABLES = {"readers"}
"""Settings that are tables of the file, and can be given nowhere else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, with their defaults; empty ones are filled in by `load`."""

    home: Path
    db: str = ""
    operator: str = ""
    station: str = "desk"
    station_place: str = ""
    lang: Language = "zh"
    host: str = "assets.example.gov.cn"
    origin: str = ""
    timezone: str = "Asia/Shanghai"
    font: str = ""
    scheme: str = "gbt14885-2022"
    gs1_prefix: str = ""
    epcis_uri: str = ""
    printer: str = ""
    signer: str = ""
    signer_sm3: str = ""
    operator_key: str = ""
    trees: str = "sha256"
    epc_division: str = ""
    epc_unit: str = ""
    epc_afi: str = ""
    audit_rules: str = ""
    readers: Mapping[str, str] = field(default_factory=dict)

    @property
    def keys(self) -> Path:
        """The directory of keys."""
        return self.home / "keys"

    @property
    def signer_directory(self) -> Path:
        """The directory of the log's keys and of what was signed with them."""
        return self.home / "signer"

    @property
    def operators(self) -> Path:
        """The directory in which each operator has one for keys."""
        return self.home / "operators"

    @property
    def stations(self) -> Path:
        """The directory in which each station has one for keys."""
        return self.home / "stations"

    @property
    def policy(self) -> Path:
        """The file that says whose signatures make a checkpoint of this log count."""
        return self.home / "policy"

    @property
    def notices(self) -> Path:
        """The file that says how and to whom reminders go; addresses of people stand only there."""
        return self.home / "notices.toml"

    @property
    def blobs(self) -> Path:
        """The directory of photos and documents."""
        return self.home / "blobs"

    @property
    def file(self) -> Path:
        """The configuration file."""
        return self.home / "config.toml"


def load(flags: Mapping[str, str], environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings that hold, given the flags of the command line.

    Raises:
        ConfigError: the file cannot be read, or a setting is unknown or has a wrong value.
    """
    env = os.environ if environment is None else environment  # noqa: TID251  the one reader
    home = Path(flags.get("home") or env.get("ASSETCTL_HOME") or _default_home(env)).expanduser()
    values: dict[str, Any] = _file(home / "config.toml")
    for name in _names() - _TABLES:
        given = flags.get(name) or env.get(f"ASSETCTL_{name.upper()}")
        if given:
            values[name] = given
    _check_zone(values.get("timezone"))
    check_epcis_uri(values.get("epcis_uri"))
    _check_numbers(values)
    values["home"] = home
    values.setdefault("operator", _login(env))
    values.setdefault("db", f"sqlite:///{home / 'register.db'}")
    values.setdefault("lang", _language(env))
    if values["lang"] not in LANGUAGES:
        reason = Phrase(N_("{value!r} is neither zh nor en"), value=values["lang"])
        raise ConfigError(source="lang", reason=reason)
    return Settings(**values)


def _check_zone(name: str | None) -> None:
    if name is None:
        return
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError) as error:
        wrong = N_("{value} is not a time zone such as Asia/Shanghai")
        raise ConfigError(source="timezone", reason=Phrase(wrong, value=name)) from error


def check_epcis_uri(address: str | None) -> None:
    """Return if private names may begin with this address.

    Raises:
        ConfigError: it is no web address that ends with a slash.
    """
    if address and not re.fullmatch(r"https?://[A-Za-z0-9.:-]+(?:/[A-Za-z0-9._~-]+)*/", address):
        wrong = N_("{value} is not a web address that ends with a slash, such as https://HOST/")
        raise ConfigError(source="epcis_uri", reason=Phrase(wrong, value=address))


def _check_numbers(values: Mapping[str, Any]) -> None:
    for name, (form, expected) in _NUMBERS.items():
        value = values.get(name)
        if value and not form.fullmatch(value):
            wrong = N_("{value} cannot be used: {expected}")
            raise ConfigError(source=name, reason=Phrase(wrong, value=value, expected=expected))


def _file(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(source=str(path), reason=str(error)) from error
    known = _names() - {"home"}
    for name, value in values.items():
        if name not in known:
            raise ConfigError(
                source=str(path), reason=Phrase(N_("{name} is not a setting"), name=name)
            )
        if name in _TABLES:
            _check_table(path, name, value)
        elif not isinstance(value, str):
            raise ConfigError(source=str(path), reason=Phrase(N_("{name} must be text"), name=name))
    return values


def _names() -> set[str]:
    return {one.name for one in fields(Settings)}


def _check_table(path: Path, name: str, table: Any) -> None:
    if not isinstance(table, dict) or not all(isinstance(one, str) for one in table.values()):
        wrong = N_('{name} must be a table of texts, such as [{name}] and a line NAME = "…"')
        raise ConfigError(source=str(path), reason=Phrase(wrong, name=name))


def _default_home(env: Mapping[str, str]) -> str:
    data = env.get("XDG_DATA_HOME") or f"{env.get('HOME', '.')}/.local/share"
    return f"{data}/assetctl"


def _login(env: Mapping[str, str]) -> str:
    return env.get("LOGNAME") or env.get("USER") or "operator"


def _language(env: Mapping[str, str]) -> Language:
    said = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or "zh"
    return "en" if said.lower().startswith("en") else "zh"
