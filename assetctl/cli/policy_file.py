"""The policy that this register writes itself: kept in step with its keys, or left to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetctl.cli.files import write_file
from assetctl.reads.log_keys import log_keys

if TYPE_CHECKING:
    from assetctl.cli.context import Context


def refresh_policy(world: Context) -> bool:
    """Write whom to believe about this log; return whether the file says so now.

    A file that people have written, or added witnesses to, is never touched.

    Raises:
        HistoryBrokenError: the keys of the log are not to be trusted.
        StoreUnavailableError: the file cannot be written.
    """
    path = world.settings.policy
    with world.reading() as connection:
        texts = log_keys(connection).policies()
    before = path.read_bytes().decode("utf-8", "replace") if path.exists() else None
    if before is not None and before not in texts:
        return False
    if before != texts[-1]:
        write_file(path, texts[-1].encode())
    return True
