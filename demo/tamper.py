"""What a database administrator with bad intentions could do to a copy of the register."""

from __future__ import annotations

import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path


def copy_register(source: Path, target: Path) -> None:
    """Copy a register in one consistent piece, whatever still stands in its journal."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(source)) as before, closing(sqlite3.connect(target)) as after:
        before.backup(after)


def change_history(register: Path, subject: str, seq: int, before: str, after: str) -> int:
    """Write other words into one entry of the history; return how many bytes were changed.

    The triggers that forbid it are dropped first, as nobody can keep an administrator from doing.
    """
    with closing(sqlite3.connect(register)) as database, database:
        wanted = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'history'"
        for (trigger,) in database.execute(wanted).fetchall():
            database.execute(f'DROP TRIGGER "{trigger}"')
        (entry,) = database.execute(
            "SELECT entry FROM history WHERE subject = ? AND seq = ?", (subject, seq)
        ).fetchone()
        changed = bytes(entry).replace(before.encode(), after.encode())
        database.execute(
            "UPDATE history SET entry = ? WHERE subject = ? AND seq = ?", (changed, subject, seq)
        )
    return sum(old != new for old, new in zip(bytes(entry), changed, strict=True))


def break_dossier(dossier: Path, broken: Path) -> str:
    """Copy a dossier with one byte of its second entry changed; return the name of that file."""
    name = "entries/000002.json"
    with zipfile.ZipFile(dossier) as before, zipfile.ZipFile(broken, "w") as after:
        for one in before.namelist():
            data = bytearray(before.read(one))
            if one == name:
                data[data.index(b"20")] ^= 1
            after.writestr(one, bytes(data))
    return name


def change_owner(register: Path, asset_id: str, owner: str) -> None:
    """Write another owner into the table of assets and leave the history as it is."""
    with closing(sqlite3.connect(register)) as database, database:
        database.execute("UPDATE asset SET owner = ? WHERE asset_id = ?", (owner, asset_id))
