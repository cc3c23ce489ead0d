"""What goes on a label, and every reason why a label is not printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One label: what a scanner reads and what a person reads.

    `payload` goes into the QR code unchanged; upper-case QR alphanumeric text keeps the code small.
    `code` is the id in readable form and names the label in errors. `lines` are name, unit and
    whatever else is printed under the code, in any script the font has; empty lines are dropped.
    `values` are the same facts by name, for templates that give each its own place: name, owner,
    card_no, model, serial, acquired, place and whatever else a template asks for. `short` is the
    payload for small labels, the part behind the address; "" if there is none. `spare` is how many
    of the last lines may be left out on a label that has no room for all.
    """

    payload: str
    code: str
    lines: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict, hash=False)
    short: str = ""
    spare: int = 0


class LabelError(Exception):
    """The root of every failure of this package.

    `facts` are the plain values the sentence is made from; `code` never changes its meaning.
    """

    code: ClassVar[str] = "label.failed"
    template: ClassVar[str] = "The label cannot be made."

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.template.format_map(facts))


class GlyphMissingError(LabelError):
    """The font lacks characters of a label; an empty box is never printed in their place."""

    code = "label.glyph_missing"
    template = "Label {label}: the font {font} has no glyph for {characters}."


class TextClippedError(LabelError):
    """A line does not fit even at the smallest size and wrapped; text is never cut off."""

    code = "label.text_clipped"
    template = "Label {label}: no room for {line!r} at {size_pt} pt on {preset}."


class ModuleTooSmallError(LabelError):
    """The squares of the QR code would be smaller than a scanner reads dependably."""

    code = "label.module_too_small"
    template = (
        "Label {label}: {modules} modules would be {module_mm} mm each on {preset}, "
        "at least {floor_mm} mm are needed."
    )


class PayloadTooLongError(LabelError):
    """No QR code holds the payload at the wanted error correction."""

    code = "label.payload_too_long"
    template = "Label {label}: no QR code of level {ecc} holds {length} characters."


class PayloadEmptyError(LabelError):
    """There is nothing to put into the QR code."""

    code = "label.payload_empty"
    template = "Label {label}: the payload is empty."


class FontMissingError(LabelError):
    """There is no font file to print Chinese with."""

    code = "label.font_missing"
    template = (
        "No font for Chinese text at {looked}. Install the Python package pylopdf-fonts-zh-cn, "
        "or the Debian package fonts-noto-cjk or fonts-wqy-zenhei, or name a font file."
    )


class FontUnusableError(LabelError):
    """The font file is there and cannot be used."""

    code = "label.font_unusable"
    template = "The font {path} cannot be used: {reason}."


class FontKindError(FontUnusableError):
    """The file is of no kind that fonts come in."""

    template = "The font {path} cannot be used: it is not one of {known}."


class SheetError(LabelError):
    """A setting of the job is not one that can be used, such as a preset nobody knows."""

    code = "label.setting_invalid"
    template = "{setting} cannot be {value!r}: {expected}."


class UnknownChoiceError(SheetError):
    """A setting is none of the names it can have."""

    template = "{setting} cannot be {value!r}: use one of {known}."


class OutOfRangeError(SheetError):
    """The first cell to use is none that the sheet has."""

    template = "{setting} cannot be {value}: use {low} to {high} on {preset}."


class TooLittleError(SheetError):
    """A number is smaller than the least that makes sense."""

    template = "{setting} cannot be {value}: use {least} or more."


class NoLabelsError(SheetError):
    """There is nothing to print on a sheet."""

    template = "{setting} cannot be {value}: there must be at least one."


class LogoError(LabelError):
    """The picture for the label is no PNG that can be printed."""

    code = "label.logo_unusable"
    template = "The logo cannot be used: it is no PNG file of at most {most} pixels a side."


class TemplateError(LabelError):
    """A template says something that cannot be printed; `place` is the table, `key` the line."""

    code = "label.template_fault"
    template = "Template {template}, {place}: {key} is not right."


class TemplateTextError(TemplateError):
    """The text of a template is no TOML."""

    template = "Template {template} is no TOML: {problem}."


class TemplateKeyMissingError(TemplateError):
    """A line that a template must have is not there."""

    template = "Template {template}, {place}: {key} is missing."


class TemplateKeyUnknownError(TemplateError):
    """A line says something that no template has; most likely it is a slip."""

    template = "Template {template}, {place}: there is no {key}."


class TemplateKindError(TemplateError):
    """A value is of the wrong kind."""

    template = "Template {template}, {place}: {key} must be a {kind}."


class TemplateChoiceError(TemplateError):
    """A value is none of those that can be chosen."""

    template = "Template {template}, {place}: {key} cannot be {value!r}, use one of {known}."


class TemplateRangeError(TemplateError):
    """A number is too small or too large."""

    template = "Template {template}, {place}: {key} cannot be {value}, use {low} to {high}."


class TemplateOutsideError(TemplateError):
    """Something would stand beyond the edge of the label."""

    template = "Template {template}, {place}: it reaches beyond the label."


class TemplateOverlapError(TemplateError):
    """Something would stand in the symbol or in the blank rim that scanners need round it."""

    template = "Template {template}, {place}: it lies over the symbol."


class TemplateTooLargeError(SheetError):
    """The template is larger than the labels of the sheet."""

    template = (
        "Template {template} of {width} x {height} mm does not fit the labels of {preset}, "
        "which are {cell_width} x {cell_height} mm."
    )


class FaultyTemplateError(LabelError):
    """A template cannot be used; it names every fault with its place.

    `errors` holds the faults in the order of the text.
    """

    code = "label.template_faulty"
    template = "The template {template} cannot be used: {detail}"

    def __init__(self, *, template: str, errors: Sequence[LabelError]) -> None:
        self.errors = tuple(errors)
        super().__init__(
            template=template,
            detail=" ".join(str(error) for error in self.errors),
            faults=[{"code": error.code, **error.facts} for error in self.errors],
        )


class FaultyLabelsError(LabelError):
    """Labels of a sheet cannot be printed, so nothing was drawn; it names every one of them.

    `errors` holds the faults in the order of the sheet, each with the place of its label in the job
    as `facts["nth"]`, from 1; `facts["faults"]` has the same as plain values.
    """

    code = "label.faulty"
    template = "{count} of {total} labels cannot be printed: {detail}"

    def __init__(self, *, errors: Sequence[LabelError], total: int) -> None:
        self.errors = tuple(errors)
        super().__init__(
            count=len({error.facts["nth"] for error in self.errors}),
            total=total,
            detail=" ".join(str(error) for error in self.errors),
            faults=[{"code": error.code, **error.facts} for error in self.errors],
        )
