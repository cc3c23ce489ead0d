"""An id whose first characters are those of a foreign form is still our id."""

from __future__ import annotations

import pytest

from assetctl.domain.identity import CROCKFORD, asset_id, parse_payload


def _ids_beginning(start: str) -> list[str]:
    head = 0
    for character in start:
        head = head << 5 | CROCKFORD.index(character)
    serials = ((head << 40 - 5 * len(start)) + step * 7919 for step in range(50))
    return [one for one in map(asset_id, serials) if one]


@pytest.mark.parametrize("start", ["25S", "8004"])
def test_an_id_that_begins_like_a_foreign_form_is_an_id(start: str) -> None:
    ids = _ids_beginning(start)
    assert len(ids) > 10
    for one in ids:
        assert one.startswith(start)
        for written in (one, one.lower()):
            payload = parse_payload(written)
            assert (payload.subject, payload.scheme) == (one, "")
