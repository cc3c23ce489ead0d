"""ZIP files from strangers, read into memory within bounds."""

from __future__ import annotations

import zlib
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from assetctl.errors import ArchiveUnreadableError, FileMissingError
from assetctl.i18n import N_, Phrase

_MOST_MEMBERS = 50_000
_MOST_BYTES = 1 << 30


def read_zip(path: Path) -> dict[str, bytes]:
    """Return the members of a ZIP file by name.

    Raises:
        FileMissingError: it cannot be opened.
        ArchiveUnreadableError: it is no ZIP file, is damaged, holds a name twice or one that leads
            outside, or more than a dossier can.
    """
    try:
        with ZipFile(path) as archive:
            infos = archive.infolist()
            if len(infos) > _MOST_MEMBERS or sum(one.file_size for one in infos) > _MOST_BYTES:
                raise _unreadable(path, N_("it is larger than a dossier can be"))
            found: dict[str, bytes] = {}
            for one in infos:
                if one.filename in found:
                    raise _unreadable(path, N_("{name} stands in it twice"), name=one.filename)
                if one.filename.startswith("/") or ".." in one.filename.split("/"):
                    raise _unreadable(path, N_("{name} leads outside"), name=one.filename)
                found[one.filename] = archive.read(one)
            return found
    except (BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise ArchiveUnreadableError(file=str(path), problem=str(error)) from error
    except OSError as error:
        raise FileMissingError(file=str(path)) from error


def _unreadable(path: Path, problem: str, **facts: object) -> ArchiveUnreadableError:
    return ArchiveUnreadableError(file=str(path), problem=Phrase(problem, **facts))
