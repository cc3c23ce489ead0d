"""init and doctor: make a register, and say what is there and what is missing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import typer

from assetctl.acts import parties, roles
from assetctl.acts.seed import seed_classes
from assetctl.cli import clock
from assetctl.cli.context import Context
from assetctl.cli.output import Answer, Sheet, Table, View, Words, spoken
from assetctl.cli.policy_file import refresh_policy
from assetctl.domain.note import verifier_key
from assetctl.domain.roles import ADMINISTRATOR
from assetctl.errors import AssetctlError
from assetctl.i18n import N_, Phrase
from assetctl.reads.parties import find_party, noted_keys
from assetctl.reads.roles import was_granted
from assetctl.store import keys
from assetctl.store.genesis import write_genesis

app = typer.Typer()
groups: dict[str, typer.Typer] = {}

_TAG_KEY = "tag-0"
_LOG_KEY = "log"


@app.command()
def init(ctx: typer.Context) -> Answer:
    """Create or upgrade the register and its keys; the operator becomes the first administrator."""
    from assetctl.store import migrate

    world: Context = ctx.obj
    settings = world.settings
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    before, after = migrate.upgrade(world.store)
    with world.store.shaping() as connection:
        # A second desk of the same register needs the same keys, not new ones.
        noted = noted_keys(connection)
        keys.must_match(settings.keys, {n: k for n, k in noted.items() if n.startswith("tag-")})
    tag_key = keys.make_key(settings.keys, _TAG_KEY)
    public = None if _LOG_KEY in noted else keys.make_ed25519(settings.signer_directory, _LOG_KEY)
    created = public is not None and _first_of_log(world, public)
    _first_entries(world, keys.fingerprint(tag_key), public)
    refresh_policy(world)
    facts = {
        "db": world.store.address, "home": str(settings.home), "keys": str(settings.keys),
        "config": str(settings.file), "schema": after, "operator": settings.operator,
        "created": created, "upgraded": before not in (None, after),
    }  # fmt: skip
    return Answer(data=facts, view=lambda words: _init_view(facts, words))


@app.command()
def doctor(ctx: typer.Context) -> Answer:
    """Look at every part: ok, missing, and how to mend it."""
    world: Context = ctx.obj
    parts = [part for check in _CHECKS for part in check(world)]
    return Answer(
        data=parts,
        view=lambda words: [_doctor_table(parts, words)],
        findings=any(part.status != "ok" for part in parts),
    )


def _first_of_log(world: Context, public: bytes) -> bool:
    settings = world.settings
    # The end of an id is random: no two logs may have one name, not even of the same minute.
    origin = settings.origin or f"{settings.host}/log/{clock.new_event_id()[-8:]}"
    with world.store.shaping() as connection:
        vkey = str(verifier_key(origin, public))
        return write_genesis(connection, origin=origin, nonce=clock.new_salt(), vkey=vkey)


def _first_entries(world: Context, tag_key: str, public: bytes | None) -> None:
    """Write what every register starts with; what is there already is left alone."""
    operator = world.settings.operator
    made = [(_TAG_KEY, "tag", "hmac-sha256-80", tag_key)]
    if public is not None:
        made.append((_LOG_KEY, "log", "ed25519", public.hex()))
    with world.writing() as tx:
        stamp = world.stamp()
        parties.note_keys(tx, stamp=stamp, keys=made)
        if not was_granted(tx.connection, ADMINISTRATOR):
            if find_party(tx.connection, operator) is None:
                parties.add_party(tx, code=operator, kind="person", name=operator, stamp=stamp)
            roles.appoint(tx, code=operator, role=ADMINISTRATOR, stamp=stamp)
        seed_classes(tx, stamp)


def _init_view(facts: dict[str, Any], words: Words) -> Sequence[View]:
    title = N_("The register is made.") if facts["created"] else N_("The register is ready.")
    return [
        Sheet(
            title=words.say(title),
            pairs=[
                (words.say(N_("Register")), facts["db"]),
                (words.say(N_("Keys (back them up apart)")), facts["keys"]),
                (words.say(N_("Files and settings")), facts["home"]),
                (words.say(N_("Administrator")), facts["operator"]),
            ],
        ),
        words.say(N_("Next: assetctl party add, place add, import assets. Help: assetctl --help")),
    ]


# --- doctor --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the installation: its status, what its absence costs, and what mends it."""

    part: str
    status: str
    detail: str = ""
    cost: str = ""
    mend: str = ""


def _register(world: Context) -> list[Part]:
    try:
        with world.reading() as connection:
            count = connection.exec_driver_sql("SELECT count(*) FROM asset").scalar()
        return [Part(part="register", status="ok", detail=f"{world.store.address} ({count})")]
    except AssetctlError as error:
        return [Part(part="register", status="missing",
                     detail=Phrase(error.template, **error.facts),
                     cost=N_("nothing can be read or written"), mend="assetctl init")]  # fmt: skip


def _keys(world: Context) -> list[Part]:
    try:
        name = keys.current_tag_key(world.settings.keys)
        keys.tag_keys(world.settings.keys)
    except AssetctlError as error:
        return [Part(part="keys", status="missing", detail=Phrase(error.template, **error.facts),
                     cost=N_("labels cannot be signed or checked"),
                     mend=N_("restore the backup of the keys, or: assetctl init"))]  # fmt: skip
    loose = world.settings.keys.stat().st_mode & 0o077
    if loose:
        return [Part(part="keys", status="unsafe", detail=str(world.settings.keys),
                     cost=N_("other users of this machine can forge labels"),
                     mend=f"chmod 700 '{world.settings.keys}'")]  # fmt: skip
    return [Part(part="keys", status="ok", detail=f"tag-{name}")]


def _scanning(_world: Context) -> list[Part]:
    from scanner import engines_available

    mends = {
        "zxing": "pip install zxing-cpp",
        "zbar": "apt-get install libzbar0; pip install 'assetctl[vision]'",
        "opencv": "apt-get install libgl1 libxcb1 libglib2.0-0; pip install 'assetctl[vision]'",
    }
    costs = {
        "zxing": N_("nothing can be scanned"),
        "zbar": N_("a few hard pictures are not read"),
        "opencv": N_("a few hard pictures are not read"),
    }
    return [
        Part(part=f"scan:{name}", status="ok")
        if reason is None
        else Part(part=f"scan:{name}", status="missing", detail=reason, cost=costs[name],
                  mend=mends[name])
        for name, reason in engines_available().items()
    ]  # fmt: skip


def _camera(_world: Context) -> list[Part]:
    from scanner.capture import video_fault

    reason = video_fault()
    if reason is None:
        return [Part(part="camera", status="ok")]
    return [Part(part="camera", status="missing", detail=reason,
                 cost=N_("no camera, stream or video can be scanned"),
                 mend="apt-get install libgl1 libxcb1 libglib2.0-0; "
                      "pip install 'assetctl[vision]'")]  # fmt: skip


def _fonts(world: Context) -> list[Part]:
    from labels import LabelError, find_font

    try:
        path = find_font(world.settings.font or None)
    except LabelError as error:
        return [
            Part(
                part="font",
                status="missing",
                detail=Phrase(error.template, **error.facts),
                cost=N_("labels with Chinese names cannot be printed"),
                mend="pip install 'assetctl[font]'; apt-get install fonts-noto-cjk",
            )
        ]
    return [Part(part="font", status="ok", detail=path.name)]


def _extras(_world: Context) -> list[Part]:
    wanted = {
        "psycopg": ("postgresql", N_("registers on PostgreSQL cannot be opened")),
        "orjson": ("fast", N_("imports and checks take about a third longer")),
        "xlsxwriter": ("xlsx", N_("workbooks cannot be written")),
        "xlrd": ("xls", N_("lists in old Excel workbooks (.xls) cannot be read")),
    }
    return [
        Part(part=name, status="ok")
        if find_spec(name)
        else Part(part=name, status="missing", cost=cost,
                  mend=f"pip install 'assetctl[{extra}]'")
        for name, (extra, cost) in wanted.items()
    ]  # fmt: skip


def _disk(world: Context) -> list[Part]:
    home = world.settings.home
    if not home.exists():
        return []
    free = shutil.disk_usage(home).free
    if free > 1 << 30:
        return [Part(part="disk", status="ok", detail=f"{free >> 30} GiB")]
    return [Part(part="disk", status="low", detail=f"{free >> 20} MiB",
                 cost=N_("acts are refused when the disk is full"),
                 mend=N_("free some space"))]  # fmt: skip


_CHECKS: tuple[Callable[[Context], list[Part]], ...] = (
    _register, _keys, _scanning, _camera, _fonts, _extras, _disk,
)  # fmt: skip


def _doctor_table(parts: Sequence[Part], words: Words) -> Table:
    say = words.say
    return Table(
        columns=[say(N_("Part")), say(N_("Status")), say(N_("Detail")), say(N_("What it costs")),
                 say(N_("To mend it"))],
        rows=[
            [_name(part.part, words), words.term("status", part.status),
             spoken(part.detail, words), spoken(part.cost, words), spoken(part.mend, words)]
            for part in parts
        ],
    )  # fmt: skip


def _name(part: str, words: Words) -> str:
    sort, _, engine = part.partition(":")
    return f"{words.term('part', sort)} {engine}".rstrip()
