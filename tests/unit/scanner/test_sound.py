"""Tones that can be told apart, players that work, fail, hang or are not there."""

from __future__ import annotations

import io
import os
import pty
import shutil
import stat
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from scanner.sound import PLAYERS, RATE, TONES, Sound, Speaker, ring_terminal, wav

GUARD = 60

Find = Callable[[str], str | None]


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


@pytest.fixture
def find(programs: Path) -> Find:
    return lambda name: shutil.which(name, path=str(programs))


def install(programs: Path, name: str, script: str) -> None:
    path = programs / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def await_end(speaker: Speaker) -> None:
    for process in speaker._running:
        process.wait(GUARD)


# --- the tones -----------------------------------------------------------------------------


def samples(sound: Sound) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    with wave.open(io.BytesIO(wav(sound))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


@pytest.mark.parametrize("sound", Sound)
def test_a_sound_is_as_long_as_its_tones(sound: Sound) -> None:
    expected = sum(seconds for _, seconds in TONES[sound])
    assert len(samples(sound)) / RATE == pytest.approx(expected, abs=0.001)
    assert 0.05 <= expected <= 0.8


@pytest.mark.parametrize("sound", Sound)
def test_the_pitch_is_the_one_that_is_written(sound: Sound) -> None:
    heard = samples(sound).astype(float)
    start = 0
    for hertz, seconds in TONES[sound]:
        part = heard[start : start + round(seconds * RATE)]
        start += len(part)
        if not hertz:
            assert not part.any()
            continue
        spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), 8 * len(part)))
        assert spectrum.argmax() * RATE / (8 * len(part)) == pytest.approx(hertz, rel=0.03)


@pytest.mark.parametrize("sound", Sound)
def test_no_tone_clicks_or_is_cut_off(sound: Sound) -> None:
    heard = samples(sound).astype(int)
    assert abs(heard[0]) < 300
    assert abs(heard[-1]) < 1500
    assert 8_000 < np.abs(heard).max() < 20_000


def test_sounds_differ_in_pitch_and_length() -> None:
    assert len({TONES[sound] for sound in Sound}) == len(Sound)
    assert len({round(sum(s for _, s in TONES[sound]), 3) for sound in Sound}) == len(Sound)
    assert len({TONES[sound][0][0] for sound in Sound}) >= 4


# --- players -------------------------------------------------------------------------------


def test_the_player_gets_a_whole_wav_file(programs: Path, find: Find, tmp_path: Path) -> None:
    install(programs, "aplay", f'echo "$1" > {tmp_path}/how; cat "$2" > {tmp_path}/heard')
    rings: list[int] = []
    with Speaker(find=find, bell=lambda: rings.append(1)) as speaker:
        speaker.play(Sound.COMMITTED)
        await_end(speaker)
    assert (tmp_path / "heard").read_bytes() == wav(Sound.COMMITTED)
    assert (tmp_path / "how").read_text() == "-q\n"
    assert rings == []


def test_the_best_player_is_taken(programs: Path, find: Find, tmp_path: Path) -> None:
    for name, *_ in PLAYERS:
        install(programs, name, f'echo {name} >> "{tmp_path}/who"')
    with Speaker(find=find) as speaker:
        speaker.play(Sound.ACCEPTED)
        await_end(speaker)
    assert (tmp_path / "who").read_text() == "paplay\n"


def test_without_a_player_the_bell_rings(find: Find) -> None:
    rings: list[int] = []
    with Speaker(find=find, bell=lambda: rings.append(1)) as speaker:
        speaker.play(Sound.ACCEPTED)
        speaker.play(Sound.REFUSED)
    assert rings == [1, 1]


def test_a_player_that_fails_is_not_asked_again(programs: Path, find: Find, tmp_path: Path) -> None:
    install(programs, "paplay", "exit 1")
    install(programs, "aplay", f'echo x >> "{tmp_path}/played"; exit 1')
    rings: list[int] = []
    with Speaker(find=find, bell=lambda: rings.append(1)) as speaker:
        for _ in range(4):
            speaker.play(Sound.ACCEPTED)
            await_end(speaker)
    assert (tmp_path / "played").read_text() == "x\n"
    assert rings == [1, 1]


def test_a_player_that_cannot_start_is_passed_over(programs: Path, find: Find) -> None:
    (programs / "paplay").write_bytes(b"\x7fELF nonsense")
    (programs / "paplay").chmod(0o755)
    rings: list[int] = []
    with Speaker(find=find, bell=lambda: rings.append(1)) as speaker:
        speaker.play(Sound.ACCEPTED)
    assert rings == [1]


def test_players_that_hang_neither_block_nor_pile_up(programs: Path, find: Find) -> None:
    install(programs, "paplay", "exec sleep 3600")
    rings: list[int] = []
    with Speaker(find=find, bell=lambda: rings.append(1)) as speaker:
        for _ in range(10):
            speaker.play(Sound.ALERT)
        running = list(speaker._running)
        assert len(running) == 3
        assert all(process.poll() is None for process in running)
        assert len(rings) == 7
    assert all(process.poll() is not None for process in running)


def test_the_files_are_gone_afterwards(programs: Path, find: Find, tmp_path: Path) -> None:
    install(programs, "paplay", f'echo "$1" > {tmp_path}/where')
    with Speaker(find=find) as speaker:
        speaker.play(Sound.ACCEPTED)
        await_end(speaker)
        where = Path((tmp_path / "where").read_text().strip())
        assert where.is_file()
        assert stat.S_IMODE(where.parent.stat().st_mode) == 0o700
    assert not where.parent.exists()
    speaker.close()


def test_no_room_for_a_file_is_no_failure(
    programs: Path, find: Find, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    install(programs, "paplay", "exit 0")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    rings: list[int] = []
    with Speaker(find=find, bell=lambda: rings.append(1)) as speaker:
        speaker.play(Sound.ACCEPTED)
    assert rings == [1]


# --- the terminal --------------------------------------------------------------------------


def test_a_terminal_is_rung() -> None:
    ours, theirs = pty.openpty()
    code = "from scanner.sound import ring_terminal; ring_terminal()"
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], stderr=theirs, stdout=subprocess.PIPE, check=False,
            cwd=Path(__file__).parents[3], timeout=GUARD,
        )  # fmt: skip
        assert done.returncode == 0
        assert done.stdout == b""
        assert os.read(ours, 100) == b"\a"
    finally:
        os.close(ours)
        os.close(theirs)


def test_what_is_no_terminal_gets_no_bell(capsys: pytest.CaptureFixture[str]) -> None:
    ring_terminal()
    assert capsys.readouterr() == ("", "")


def test_a_closed_terminal_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    stream.close()
    monkeypatch.setattr(sys, "stderr", stream)
    ring_terminal()
    assert stream.closed


# --- single tones --------------------------------------------------------------------------


def test_a_beep_has_its_pitch(programs: Path, find: Find, tmp_path: Path) -> None:
    install(programs, "paplay", f'cp "$1" {tmp_path}/played-"$(basename "$1")"')
    with Speaker(find=find) as speaker:
        speaker.beep(880)
        await_end(speaker)
        speaker.beep(440)
        await_end(speaker)
    for hertz in (880, 440):
        with wave.open(str(tmp_path / f"played-beep-{hertz}.wav")) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        spectrum = np.abs(np.fft.rfft(samples, n=RATE))
        assert int(np.argmax(spectrum)) == pytest.approx(hertz, abs=5)
        assert len(samples) / RATE < 0.1
