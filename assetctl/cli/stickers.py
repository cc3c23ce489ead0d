"""What every label command shares: which labels, by which template, and how refusals are told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assetctl.cli.context import Context
from assetctl.cli.output import Answer, Words
from assetctl.cli.views import lines
from assetctl.errors import (
    FileMissingError,
    InputError,
    KeyMissingError,
    LabelRefusedError,
    StoreUnavailableError,
    TagNotFoundError,
)
from assetctl.i18n import N_, Phrase
from assetctl.reads import assets as asset_reads
from assetctl.reads.search import Filter, all_ids
from labels import Label, LabelError
from labels.label import FaultyLabelsError, FaultyTemplateError

if TYPE_CHECKING:
    from labels import Template
    from labels.check import Unreadable

_SMALL_MODULE = 0.5
_CARD = ("brand", "model", "serial", "acquired", "using_dept")


def chosen_ids(
    world: Context, assets: Sequence[str] | None, *, every: bool, owner: str | None,
    place: str | None,
) -> list[str]:  # fmt: skip
    """Return the ids of the assets that are named, or of all that a filter finds.

    Raises:
        InputError, LabelRefusedError: nothing says which, or there is none.
    """
    if assets:
        return world.ids(assets)
    if not (every or owner or place):
        raise InputError(field="ASSET", value="", expected="assets, --owner, --place or --all")
    with world.reading() as connection:
        ids = all_ids(connection, Filter(owner=owner, place=place))
    if not ids:
        raise LabelRefusedError(reason="no asset was chosen")
    return ids


def labels_of(world: Context, ids: Sequence[str]) -> list[Label]:
    """Return the labels of assets, in the order of their ids.

    Raises:
        TagNotFoundError: an asset has no label that counts.
        KeyMissingError: no key to sign with is held here.
    """
    with world.reading() as connection:
        found = asset_reads.show(connection, ids, sign=world.sign)
    return [_label(world, asset) for asset in found]


def _label(world: Context, asset: asset_reads.Asset) -> Label:
    if asset_reads.current_issue(asset.tags, asset.asset_id) is None:
        raise TagNotFoundError(asset_id=asset.asset_id, carrier="qr")
    payload = signed(world, asset.payload)
    owner = asset.names.get(asset.owner, asset.owner)
    values = {name: asset.card.get(name, "") for name in _CARD} | {
        "name": asset.name, "owner": owner, "card_no": asset.card_no or "",
        "class": asset.class_name or asset.class_code,
        "place": asset.names.get(asset.place or "", asset.place or ""),
    }  # fmt: skip
    return Label(
        payload=payload, code=asset.display_id, short=payload.rpartition("/")[2], values=values,
        lines=tuple(filter(None, (asset.name, owner, asset.card_no))), spare=2,
    )  # fmt: skip


def sample(world: Context) -> Label:
    """Return a label of nothing, to see what a template makes of one."""
    host = world.settings.host.upper()
    tail = "K7M29QXD4F.01" + "0" * 16
    values = {
        "name": "样例：台式计算机", "owner": "样例单位", "card_no": "ZC-2026-0001",
        "model": "样例型号", "brand": "样例品牌", "serial": "SN0000001", "acquired": "2026-01-01",
        "place": "样例库房", "class": "台式计算机", "using_dept": "样例部门",
    }  # fmt: skip
    return Label(
        payload=f"HTTPS://{host}/A/{tail}", short=tail, code="K7M2-9QXD-4F", values=values,
        lines=(values["name"], values["owner"], values["card_no"]),
    )  # fmt: skip


def roll_template(world: Context, name: str) -> Template:
    """Return a template that comes with the program, or one read from a TOML file.

    Those of the program have their captions in the language of the settings.

    Raises:
        LabelError: there is no such template, or it is faulty; every fault is named.
        FileMissingError: the file cannot be read.
    """
    import labels

    if not name.lower().endswith(".toml"):
        return replace(labels.builtin(name), language=world.settings.lang)
    try:
        text = Path(name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FileMissingError(file=name) from error
    return labels.load(text, Path(name).name)


def sheet_template(world: Context, name: str, preset: str) -> Template:
    """Return a template in the size of a sheet's cells; the one that adapts if none is named.

    Raises:
        LabelError, FileMissingError: see `roll_template`; or it is larger than the cells.
    """
    from labels.sheet import known_preset
    from labels.template import SHEET, for_cell

    return for_cell(roll_template(world, name or SHEET), known_preset(preset))


def offset_of(text: str) -> tuple[float, float]:
    """Return an offset `X,Y` in millimetres.

    Raises:
        InputError: it is not two numbers.
    """
    x, _, y = text.partition(",")
    try:
        return float(x), float(y)
    except ValueError as error:
        expected = N_("two numbers in millimetres such as 0.5,-1")
        raise InputError(field="--offset", value=text, expected=expected) from error


def must_read(bad: Sequence[Unreadable]) -> None:
    """Refuse a job whose labels do not all read back.

    Raises:
        LabelRefusedError: some do not; they are named.
    """
    if bad:
        reason = Phrase(
            N_("{count} labels do not read back as printed: {names}"),
            count=len(bad), names=", ".join(one.name for one in bad[:10]),
        )  # fmt: skip
        raise LabelRefusedError(reason=reason, label_code="label.unreadable")


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what the labels refuse into an error of the program, every fault in it."""
    try:
        yield
    except FaultyLabelsError as error:
        reason = Phrase(
            N_("{count} of {total} labels cannot be printed, each for the reason named below"),
            count=error.facts["count"], total=error.facts["total"],
        )  # fmt: skip
        raise LabelRefusedError(
            reason=reason, label_code=error.code,
            lines=tuple(Phrase(one.template, **one.facts) for one in error.errors),
        ) from error  # fmt: skip
    except FaultyTemplateError as error:
        raise LabelRefusedError(
            reason=Phrase(N_("the template has faults, each named below")), label_code=error.code,
            lines=tuple(Phrase(one.template, **one.facts) for one in error.errors),
        ) from error  # fmt: skip
    except LabelError as error:
        reason = Phrase(error.template, **error.facts)
        raise LabelRefusedError(reason=reason, label_code=error.code) from error


def write(path: Path, data: bytes) -> None:
    """Write a file.

    Raises:
        StoreUnavailableError: it cannot be written.
    """
    try:
        path.write_bytes(data)
    except OSError as error:
        raise StoreUnavailableError(db=str(path), reason=error.strerror or str(error)) from error


def made(
    out: Path, count: int, *, payload: str | None = None, module: float | None = None,
    unreadable: Sequence[str] = (),
) -> Answer:  # fmt: skip
    """Return the answer of a command that has written labels."""

    def remarks(words: Words) -> Sequence[str]:
        said = []
        if module and module < _SMALL_MODULE:
            said.append(
                words.say(
                    N_(
                        "The modules are {module} mm: below 0.5 mm some cameras will not read them."
                    ),
                    module=f"{module:.3f}",
                )
            )
        return said + [
            words.say(N_("Label {label} does not read back as printed."), label=one)
            for one in unreadable
        ]

    return Answer(
        data={"file": str(out), "labels": count, "payload": payload,
              "module_mm": str(module) if module else None},
        view=lines(
            lambda words: words.say(
                N_("{count} labels written to {file}."), count=count, file=str(out)
            )
        ),
        remarks=remarks, findings=bool(unreadable),
    )  # fmt: skip


def signed(world: Context, payload: str | None) -> str:
    """Return a tag's text.

    Raises:
        KeyMissingError: there is none, because no key to sign with is held here.
    """
    if payload is None:
        raise KeyMissingError(key="tag-0", place=str(world.settings.keys))
    return payload
