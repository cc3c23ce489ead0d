"""tag epc: what the number of a radio tag says and whose it is, and how one is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assetctl.cli.context import Context
from assetctl.cli.encoding import numbering
from assetctl.cli.output import Answer, Sheet, View, Words, sentence
from assetctl.domain.identity import display_id
from assetctl.errors import AssetAmbiguousError, AssetNotFoundError, InputError
from assetctl.i18n import N_
from assetctl.reads.resolve import resolve

if TYPE_CHECKING:
    from assetctl.domain.epc.classify import Meaning


def epc(
    ctx: typer.Context,
    number: Annotated[
        str | None,
        typer.Argument(
            metavar="NUMBER",
            help=N_("In hex, as a reader gives it; or a tag URI or (8004)GIAI to be written."),
        ),
    ] = None,
    *,
    asset: Annotated[
        str | None, typer.Option(help=N_("The asset whose tag shall bear the number."))
    ] = None,
    pc: Annotated[str | None, typer.Option(help=N_("PC word in front of it, in hex."))] = None,
    prefix_digits: Annotated[
        int,
        typer.Option(
            min=0, max=12,
            help=N_("Digits of the GIAI that are the GS1 company prefix; 0: without a prefix."),
        ),
    ] = 0,
) -> Answer:  # fmt: skip
    """Say what the number of a radio tag is and whose; or make one of an asset, GIAI or tag URI."""
    from assetctl.domain.epc.classify import classify
    from assetctl.domain.epc.numbering import number_of
    from assetctl.domain.epc.pc import pc_of

    world: Context = ctx.obj
    if (number is None) == (asset is None):
        raise InputError(field="NUMBER", value=number or "", expected=N_("a number, or --asset"))
    given = number or ""
    if asset is not None:
        made = number_of(world.ids([asset])[0], numbering(world.settings))
        given, pc = made.epc, made.pc
    digits = _digits(given.strip(), prefix_digits)
    pc = pc or (pc_of(digits) if digits else None)
    meaning = classify(digits or given, pc)
    prefix = world.settings.gs1_prefix
    asset_id = None
    with world.reading() as connection, suppress(AssetNotFoundError, AssetAmbiguousError):
        (asset_id,) = resolve(connection, [meaning.digits], prefix=prefix)

    def view(words: Words) -> Sequence[View]:
        word = [] if pc is None else [(words.say(N_("PC word")), pc)]
        pairs = [*word, *_pairs(meaning, asset_id, words)]
        return [Sheet(title=meaning.digits, pairs=pairs)]

    return Answer(data={"pc": pc} | _plain(meaning, asset_id, prefix), view=view)


def _digits(number: str, prefix_digits: int) -> str:
    """Return the number that a tag URI or GIAI asks for; empty if there is one already."""
    from assetctl.domain.epc.codec import encode, parse_tag_uri
    from assetctl.domain.epc.numbering import epc_of

    if number.startswith("urn:"):
        return encode(parse_tag_uri(number))
    if number.startswith("(8004)"):
        return encode(epc_of(number.removeprefix("(8004)"), prefix_digits=prefix_digits))
    return ""


def _plain(meaning: Meaning, asset_id: str | None, prefix: str) -> dict[str, Any]:
    """Return what programs are told: what the number says, and which asset it is here."""
    data: dict[str, Any] = {
        "epc": meaning.digits, "bits": meaning.bits, "kind": meaning.kind,
        "scheme": meaning.scheme or None, "values": dict(_values(meaning)),
        "text": meaning.text or None, "afi": meaning.afi or None,
        "fault": meaning.fault and str(meaning.fault), "asset_id": asset_id,
    }  # fmt: skip
    if meaning.epc:
        said = meaning.epc
        data |= {
            "filter": said.filter, "element_string": said.element_string or None,
            "uri": said.uri or None, "tag_uri": said.tag_uri or None,
            "own_prefix": bool(prefix) and said.prefix == prefix,
        }  # fmt: skip
    return data


def _values(meaning: Meaning) -> Iterator[tuple[str, str]]:
    if meaning.epc:
        yield from zip(meaning.epc.names, meaning.epc.values, strict=True)
    if meaning.private:
        from assetctl.domain.epc.private96 import CLASSES

        yield "class", CLASSES[meaning.private.tag_class]
        yield "division", f"{meaning.private.division:06d}"
        yield "unit", str(meaning.private.unit)
        yield "serial", f"{meaning.private.serial:010X}"


def _pairs(meaning: Meaning, asset_id: str | None, words: Words) -> Iterator[tuple[str, str]]:
    """Give what people are told, line by line."""
    say = words.say
    kind = words.term("epc_kind", meaning.kind)
    yield say(N_("Kind")), f"{kind}  {meaning.scheme}".rstrip()
    yield say(N_("Bits")), str(meaning.bits)
    for name, value in _values(meaning):
        yield words.term("epc_field", name), value
    said = meaning.epc
    for label, text in (
        (N_("Element string"), said.element_string if said else ""),
        (N_("Tag URI"), said.tag_uri if said else ""),
        (N_("Text"), meaning.text),
        ("AFI", meaning.afi),
        (N_("Fault"), sentence(meaning.fault, words) if meaning.fault else ""),
    ):
        if text:
            yield say(label), text
    yield say(N_("Asset")), display_id(asset_id) if asset_id else say(N_("none"))
