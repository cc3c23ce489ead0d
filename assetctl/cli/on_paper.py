"""Forms on paper: set in a font of this machine, or refused with what stands in the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from assetctl.cli.context import Context
from assetctl.errors import FormGlyphError, FormRefusedError
from assetctl.i18n import Phrase

if TYPE_CHECKING:
    from labels.form import Form
    from labels.form_setting import Printout


def on_paper(
    world: Context, forms: Sequence[Form], *, on_row: Callable[[], None] = lambda: None
) -> Printout:
    """Set forms on paper; `on_row` is called for each line that was set.

    Raises:
        FormGlyphError: no font here has a character; it is named with the document.
        FormRefusedError: there is no font, or something finds no room on its page.
    """
    from labels import LabelError, find_font
    from labels.font import face
    from labels.form_setting import print_forms
    from labels.label import GlyphMissingError

    try:
        typeface = face(find_font(world.settings.font or None))
        return print_forms(forms, typeface=typeface, on_row=on_row)
    except GlyphMissingError as error:
        raise FormGlyphError(
            number=error.facts["label"], font=error.facts["font"],
            characters=error.facts["characters"],
        ) from error  # fmt: skip
    except LabelError as error:
        reason = Phrase(error.template, **error.facts)
        raise FormRefusedError(reason=reason, label_code=error.code) from error
