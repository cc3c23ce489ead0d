"""Reminders as files in a folder: text to be printed, and JSON for other programs."""

from __future__ import annotations

import re

from assetctl.cli.channels import Notice, not_sent, notice_json
from assetctl.cli.notice_settings import NoticeSettings
from assetctl.store import disk


def send(notice: Notice, settings: NoticeSettings) -> str | None:
    """Write a message into the folder; what was written before of the same one is replaced.

    Raises:
        MessageNotSentError: the disk refuses.
    """
    name = re.sub(r"[^A-Za-z0-9-]+", "_", notice.code)
    text = f"{notice.subject}\n\n{notice.body}\n".encode("utf-8", "replace")
    try:
        settings.folder.mkdir(parents=True, exist_ok=True)
        disk.put(settings.folder / f"{name}.json", notice_json(notice), mode=0o640)
        disk.put(settings.folder / f"{name}.txt", text, mode=0o640)
    except OSError as error:
        raise not_sent(notice, "file", "not_written") from error
    return None
