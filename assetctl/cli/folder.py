"""A folder that a command fills: a new one whole or not at all, an earlier one by adding only."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from assetctl.errors import FolderInUseError, StoreUnavailableError


class Folder:
    """What is put into it stays only if `keep` is called before the end.

    With `grows` the folder is an earlier one: a file that is there already must be the same, and
    what was added is taken away again if something goes wrong. Otherwise everything goes into a
    folder beside it, which takes its name at the end.
    """

    def __init__(self, path: Path, *, grows: bool) -> None:
        self.path = path
        self._grows = grows
        self._inside = path if grows else path.with_name(f".{path.name}.new")
        self._added: list[Path] = []
        self._waiting: list[tuple[Path, Path]] = []
        self._removed: list[Path] = []
        self._is_kept = False

    def __enter__(self) -> Folder:
        if not self._grows:
            shutil.rmtree(self._inside, ignore_errors=True)  # left by one that was killed
        return self

    def put(self, name: str, data: bytes) -> None:
        """Write a file that never changes once it is there.

        Raises:
            FolderInUseError: another file of this name is there.
            StoreUnavailableError: it cannot be written.
        """
        path = self._inside / name
        with _written(path):
            if path.exists():
                if path.read_bytes() != data:
                    raise FolderInUseError(folder=str(self.path), file=name)
                return
            self._write(path, [data])
        if self._grows:
            self._added.append(path)

    def replace(self, name: str, parts: Iterable[bytes]) -> None:
        """Write a file that takes the place of one of this name at the end, in the order given.

        Raises:
            StoreUnavailableError: it cannot be written.
        """
        path = self._inside / name
        fresh = path.with_name(f".{name}.new")
        self._waiting.append((fresh, path))
        with _written(path):
            self._write(fresh, parts)

    def remove(self, name: str) -> None:
        """Remove a file at the end, if it is there."""
        self._removed.append(self._inside / name)

    def keep(self) -> None:
        """Keep what was put in.

        Raises:
            StoreUnavailableError: a file cannot be replaced, or the folder not be given its name.
        """
        with _written(self.path):
            for path in self._removed:
                path.unlink(missing_ok=True)
            for fresh, path in self._waiting:
                fresh.replace(path)
            if not self._grows:
                if self.path.exists():
                    self.path.rmdir()
                self._inside.replace(self.path)
        self._is_kept = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        if self._is_kept:
            return
        if not self._grows:
            shutil.rmtree(self._inside, ignore_errors=True)
            return
        for path in [*(fresh for fresh, _ in self._waiting), *reversed(self._added)]:
            path.unlink(missing_ok=True)
            _remove_empty(path.parent, self.path)

    def _write(self, path: Path, parts: Iterable[bytes]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path if path.suffix == ".new" else path.with_name(f".{path.name}.new")
        with fresh.open("wb") as file:
            file.writelines(parts)
        fresh.replace(path)


@contextmanager
def _written(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailableError(db=str(path), reason=error.strerror or str(error)) from error


def _remove_empty(folder: Path, top: Path) -> None:
    while folder != top and folder.exists() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
