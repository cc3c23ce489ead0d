"""export log: the whole log as a folder that anybody can check, and that outside tools read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assetctl.cli import output
from assetctl.cli.context import Context
from assetctl.cli.dossier import policy_text, verifier
from assetctl.cli.folder import Folder
from assetctl.cli.lists import exports
from assetctl.cli.output import Answer
from assetctl.cli.views import lines
from assetctl.domain.checkpoint import Checkpoint, parse_checkpoint
from assetctl.domain.note import parse_note, to_b64
from assetctl.errors import (
    AssetctlError,
    CheckpointMissingError,
    FolderInUseError,
    HistoryBrokenError,
)
from assetctl.i18n import N_
from assetctl.reads.log import Kept, newest_checkpoint, the_log
from assetctl.reads.tiles import disclosures as disclosures_of
from assetctl.reads.tiles import log_files
from assetctl.store.tree import Tree

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

app = exports
groups = {"export": exports}

CHECKPOINT = "checkpoint"
"""The file of an exported log that says what the others must be."""


@exports.command("log")
def log_(
    ctx: typer.Context,
    *,
    out: Annotated[
        Path,
        typer.Option(metavar="DIR", help=N_("Folder to write: new, empty, or an earlier export.")),
    ],
    disclosures: Annotated[
        bool, typer.Option("--disclosures", help=N_("Personal data goes along."))
    ] = False,
) -> Answer:
    """Write the whole signed log as C2SP tlog-tiles, with what is needed to check it."""
    world: Context = ctx.obj
    label = world.words.say(N_("entries written"))
    with world.reading() as connection:
        signed = _newest(connection)
        former = _former(connection, out, signed.head)
        size = signed.head.size
        with (
            Folder(out, grows=former is not None) as folder,
            output.progress(label, size, quiet=world.flags.json) as on_step,
        ):
            _fill(world, connection, folder, signed, disclosures=disclosures, on_step=on_step)
            if not world.flags.dry_run:
                folder.keep()
    before = former.size if former else 0
    data = {"out": str(out), "origin": signed.head.origin, "size": size,
            "root": to_b64(signed.head.root), "before": before}  # fmt: skip
    sentence = N_(
        "The log of {size} entries stands in {out}, {before} of them since before. Check it with: "
        "python3 verify.py {out}"
    )
    return Answer(
        data=data,
        view=lines(lambda words: words.say(sentence, size=size, out=out, before=before)),
    )


def _newest(connection: Connection) -> Kept:
    origin = the_log(connection).origin
    found = newest_checkpoint(connection, origin)
    if found is None:
        raise CheckpointMissingError(origin=origin)
    return found


def _former(connection: Connection, out: Path, head: Checkpoint) -> Checkpoint | None:
    """Return the checkpoint of an earlier export in a folder, None if the folder is free.

    Raises:
        FolderInUseError: the folder holds anything else.
        HistoryBrokenError: it holds an export of this log, which the log does not continue.
    """
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return None
    try:
        text = (out / CHECKPOINT).read_text(encoding="utf-8")
        former = parse_checkpoint(parse_note(text).text)
    except (OSError, ValueError, AssetctlError) as error:
        raise FolderInUseError(folder=str(out), file=CHECKPOINT) from error
    if former.origin != head.origin or former.size > head.size:
        raise FolderInUseError(folder=str(out), file=CHECKPOINT)
    root = Tree(connection).root(former.size)
    if root != former.root:
        problem = N_("the log does not continue the one that was exported before")
        raise HistoryBrokenError(
            subject="log", seq=former.size - 1, problem=problem,
            expected=to_b64(former.root), got=to_b64(root),
        )  # fmt: skip
    return former


def _fill(
    world: Context, connection: Connection, folder: Folder, signed: Kept, *, disclosures: bool,
    on_step: Callable[[int], None],
) -> None:  # fmt: skip
    size, count = signed.head.size, 0
    for name, data in log_files(connection, signed.head):
        folder.put(name, data)
        if name.startswith("tile/entries/"):
            count = min(count + 256, size)
            on_step(count)
    if disclosures:
        texts = disclosures_of(connection, size)
        folder.replace("disclosures.txt", (f"{text}\n".encode() for text in texts))
    else:
        folder.remove("disclosures.txt")
    folder.replace("policy", [policy_text(world)])
    folder.replace("README.txt", [_readme(signed.head).encode()])
    folder.replace("verify.py", [verifier()])
    folder.replace(CHECKPOINT, [str(signed.note).encode()])  # last: it says that all is there


def _readme(head: Checkpoint) -> str:
    return (
        f"{head.origin}\n{head.size}\n{to_b64(head.root)}\n\n"
        "本文件夹是整份日志（C2SP tlog-tiles 格式）。核验方法（不需要网络，也不需要本系统）：\n"
        "    python3 verify.py 本文件夹\n"
        "最好使用您自己保存的 verify.py、policy 和以前的检查点：\n"
        "    python3 verify.py 本文件夹 --policy 您的policy --against 您的检查点\n\n"
        "This folder is the whole log (C2SP tlog-tiles). To check it, without network and without "
        "us:\n"
        "    python3 verify.py THIS-FOLDER\n"
        "Better with your own copies of verify.py, policy and earlier checkpoints:\n"
        "    python3 verify.py THIS-FOLDER --policy YOUR-POLICY --against YOUR-CHECKPOINT\n"
    )
