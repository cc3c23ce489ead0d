"""Archives and folders that mean harm are refused with a sentence; nothing of them is run."""

from __future__ import annotations

import io
import os
import random
import struct
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.offline.conftest import VERIFIER, Checker, pythons
from tests.offline.maker import FREE, dossier, pack, sample, write_log


def archive(path: Path, *members: tuple[str, bytes]) -> Path:
    """Write a ZIP file member by member, two of one name if it must be."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members:
            file.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return path


@pytest.mark.parametrize(
    "name",
    [
        "../policy", "entries/../../policy", "/etc/passwd", "C:/policy", "entries\\000001.json",
        "entries//000001.json", "./policy", "a\nb", "a\x1b[2J", "policy\x00.txt", " policy", "",
        "entries/.hidden", "\u202epolicy", "con:", "a" * 3 + "/" + "..", "-/../x", "p\u00a0x",
    ],
)  # fmt: skip
def test_names_that_mean_harm(name: str, tmp_path: Path, check: Checker) -> None:
    file = tmp_path / "d.zip"
    plain = f"{'x' * len(name.encode())}"
    archive(file, ("dossier.json", b"{}"), (plain or "y", b""))
    raw = name.encode() or b"\n"
    file.write_bytes(file.read_bytes().replace((plain or "y").encode(), raw))
    found = check(file)
    assert found.code == 3, found.text
    assert found.wrong[0] in ("hostile", "no_dossier")
    assert "\x1b" not in found.text


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name(good: Path, check: Checker) -> None:
    with zipfile.ZipFile(good, "a") as file:
        file.writestr("entries/000001.json", b"{}")
    assert check(good).wrong == ("hostile", "entries/000001.json")


def test_members_that_unpack_to_too_much(tmp_path: Path, check: Checker) -> None:
    for name, size in (("entries/000001.json", 70_000), ("checkpoint", 1 << 25)):
        members = dossier(sample(), keys=["op-2"]) | {name: b" " * size}
        found = check(pack(members, tmp_path / "d.zip"))
        assert (found.code, found.wrong) == (3, ("much", name))


def test_an_archive_that_says_it_is_enormous(good: Path, check: Checker) -> None:
    """The sizes of the directory are changed: 3 GiB each, which together are too much."""
    data = bytearray(good.read_bytes())
    place = 0
    while (place := data.find(b"PK\x01\x02", place)) >= 0:
        data[place + 24 : place + 28] = struct.pack("<I", 3 << 30)
        place += 4
    good.write_bytes(data)
    found = check(good)
    assert (found.code, found.wrong[0]) == (3, "much")


def test_members_that_say_less_than_they_are(good: Path, check: Checker) -> None:
    data = bytearray(good.read_bytes())
    place = data.find(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<I", 5)
    good.write_bytes(data)
    found = check(good)
    assert found.code in (3, 7)


def test_encrypted_and_strangely_packed_members(good: Path, check: Checker) -> None:
    whole = good.read_bytes()
    for offset, value in ((8, b"\x01\x00"), (8, b"\x40\x00"), (10, b"\x0c\x00"), (10, b"\x63\x00")):
        data = bytearray(whole)
        place = data.find(b"PK\x01\x02")
        data[place + offset : place + offset + 2] = value
        good.write_bytes(data)
        assert check(good).wrong[0] == "hostile"


def test_a_name_that_differs_from_the_directory(good: Path, check: Checker) -> None:
    data = good.read_bytes()
    good.write_bytes(data.replace(b"checkpoint", b"checkpoinT", 1))
    assert check(good).code == 3


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x05\x06" + bytes(18), b"x" * 500, bytes(22)])
def test_what_is_no_archive(data: bytes, tmp_path: Path, check: Checker) -> None:
    file = tmp_path / "d.zip"
    file.write_bytes(data)
    assert (check(file).code, check(file).wrong[0]) == (3, "no_dossier")


def test_what_is_not_there_or_empty(tmp_path: Path, check: Checker) -> None:
    for path in (tmp_path / "nowhere", tmp_path, Path("/dev/null")):
        assert check(path).wrong == ("no_dossier", str(path))


def test_an_archive_that_was_cut(good: Path, check: Checker) -> None:
    data = good.read_bytes()
    for size in range(0, len(data), len(data) // 40):
        good.write_bytes(data[:size])
        assert check(good).code == 3


def test_raw_bytes_of_an_archive_never_make_it_stumble(good: Path, check: Checker) -> None:
    """Whatever is flipped in the file, it ends with a verdict, and damage is not proven."""
    whole = good.read_bytes()
    draw = random.Random(7)
    with zipfile.ZipFile(good) as file:
        contents = {one: file.read(one) for one in file.namelist()}
    for _ in range(250):
        bent = bytearray(whole)
        for _ in range(draw.randrange(1, 4)):
            bent[draw.randrange(len(bent))] ^= 1 << draw.randrange(8)
        good.write_bytes(bent)
        if check(good).code == 0:
            with zipfile.ZipFile(io.BytesIO(bent)) as file:
                covered = contents.keys() - FREE
                assert [one for one in covered if file.read(one) != contents[one]] == []


def test_raw_bytes_under_the_oldest_python(good: Path, tmp_path: Path) -> None:
    """Older libraries fail in other ways: one process tries many."""
    whole = good.read_bytes()
    draw = random.Random(8)
    for number in range(120):
        bent = bytearray(whole)
        for _ in range(draw.randrange(1, 4)):
            bent[draw.randrange(len(bent))] ^= 1 << draw.randrange(8)
        (tmp_path / f"{number}.zip").write_bytes(bent)
    code = (
        "import sys, runpy; module = runpy.run_path(sys.argv[1])\n"
        "print({module['main']([one, '--json']) for one in sys.argv[2:]}, file=sys.stderr)\n"
    )
    files = sorted(tmp_path.glob("*.zip"))
    done = subprocess.run(
        [pythons()[0], "-I", "-S", "-c", code, VERIFIER, *files], capture_output=True, text=True,
        check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert set(done.stderr.strip("{}\n").split(", ")) <= {"0", "3", "7"}


# --- folders -------------------------------------------------------------------------------------


def test_links_and_devices_in_a_folder(tmp_path: Path, check: Checker) -> None:
    folder = write_log(sample(), tmp_path / "log")
    secret = tmp_path / "secret"
    secret.write_text("secret", encoding="utf-8")
    for make in (
        lambda path: path.symlink_to(secret), lambda path: path.symlink_to(tmp_path),
        os.mkfifo, lambda path: path.symlink_to(tmp_path / "nowhere"),
    ):  # fmt: skip
        make(folder / "more")
        assert check(folder).wrong == ("hostile", "more")
        (folder / "more").unlink()
    assert check(folder).code == 0


def test_a_folder_deeper_than_any_stack(tmp_path: Path, check: Checker) -> None:
    folder = write_log(sample(), tmp_path / "log")
    here = os.open(folder, os.O_RDONLY)
    try:
        for _ in range(1500):
            os.mkdir("d", dir_fd=here)
            deeper = os.open("d", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = deeper
        assert check(folder).code in (0, 3)
    finally:
        os.close(here)
        # It is deeper than Python, and so pytest, can remove.
        subprocess.run(["rm", "-rf", folder], check=True)


def test_nothing_of_what_is_checked_is_run(tmp_path: Path) -> None:
    """The folder holds modules that would tell, and a verifier of its own; it is checked from
    inside."""
    folder = write_log(sample(), tmp_path / "log")
    trap = f"open({str(tmp_path / 'sprung')!r}, 'w').close()\n"
    for name in ("json.py", "zipfile.py", "sitecustomize.py", "verify.py", "usercustomize.py"):
        (folder / name).write_text(trap, encoding="utf-8")
    for python in (pythons()[0], pythons()[-1]):
        done = subprocess.run(
            [python, VERIFIER, ".", "--lang", "en"], cwd=folder, capture_output=True, text=True,
            check=False, timeout=60, env={"LC_ALL": "C.UTF-8"},
        )  # fmt: skip
        assert done.returncode == 7
        assert "json.py" in done.stdout, "what does not belong there is named"
    assert not (tmp_path / "sprung").exists()
    for name in ("json.py", "zipfile.py", "sitecustomize.py", "usercustomize.py"):
        (folder / name).unlink()
    done = subprocess.run(
        [pythons()[0], VERIFIER, folder, "--lang", "en"], capture_output=True, check=False,
        timeout=60, text=True, env={"LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert not (tmp_path / "sprung").exists()
