"""Texts of tags that stand for something else than an asset: a place, a person, a command."""

from __future__ import annotations

from assetctl.cli.context import Context
from assetctl.domain.identity import make_payload
from assetctl.errors import AssetctlError
from assetctl.store import keys


def sign_as(world: Context, tag_class: str, tag: str, issue: int = 1) -> str | None:
    """Return the payload of a tag of this class letter, None where no key is held here."""
    try:
        key = keys.current_tag_key(world.settings.keys)
    except AssetctlError:
        return None
    return make_payload(
        world.tag_keys, key=key, asset=tag, issue=issue, host=world.settings.host,
        tag_class=tag_class,
    )  # fmt: skip
