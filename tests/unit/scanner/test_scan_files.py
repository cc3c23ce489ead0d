"""Which files a scan takes up."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner import PathMissingError, pictures


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def names(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in pictures([folder])]


def test_a_folder_is_walked_in_sorted_order_for_pictures(tmp_path: Path) -> None:
    touch(tmp_path, "b.JPG", "a/2.png", "a/1.webp", "note.txt", "c.tiff", "a/deep/x.gif")
    assert names(tmp_path) == ["a/1.webp", "a/2.png", "a/deep/x.gif", "b.JPG", "c.tiff"]


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    touch(tmp_path, ".thumb.jpg", ".cache/a.jpg", "seen.jpg")
    assert names(tmp_path) == ["seen.jpg"]


def test_a_named_file_is_taken_whatever_its_suffix(tmp_path: Path) -> None:
    touch(tmp_path, "photo", ".hidden.jpg")
    wanted = [tmp_path / ".hidden.jpg", tmp_path / "photo"]
    assert list(pictures(wanted)) == wanted


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    touch(tmp_path, "a/1.jpg")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "a" / "self.jpg").symlink_to("self.jpg")
    assert names(tmp_path) == ["a/1.jpg"]


def test_a_missing_path_is_an_error_that_names_it(tmp_path: Path) -> None:
    touch(tmp_path, "1.jpg")
    found = pictures([tmp_path / "1.jpg", tmp_path / "gone"])
    assert next(found) == tmp_path / "1.jpg"
    with pytest.raises(PathMissingError, match="gone") as caught:
        next(found)
    assert caught.value.code == "scan.path_missing"


def test_a_folder_named_like_a_picture_is_a_folder(tmp_path: Path) -> None:
    touch(tmp_path, "odd.jpg/1.png")
    assert names(tmp_path) == ["odd.jpg/1.png"]
