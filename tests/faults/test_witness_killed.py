"""kill -9 at any moment of a witness: what it let go it remembers, and it never signs a fork."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from assetctl.cli.ask_witness import ask
from assetctl.domain.checkpoint import parse_checkpoint
from assetctl.domain.note import parse_signatures, verify
from assetctl.errors import LogForkedError, SignerSizeError, WitnessUnavailableError
from assetctl.store.witness import Witness, make_witness
from tests.logs import Log

ROOT = Path(__file__).parents[2]
NOW = 1_790_000_000


@pytest.fixture
def log() -> Log:
    return Log().grow(40)


@pytest.fixture
def witness(tmp_path: Path, log: Log) -> Witness:
    made = make_witness(tmp_path / "w", "audit.example/w1", [log.key])
    made.add_checkpoint(log.request(0, 5), NOW)
    return made


def killed(witness: Witness, body: str, where: str) -> None:
    file = witness.folder.parent / "request"
    file.write_text(body, encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ASSETCTL_")}
    process = subprocess.run(
        [sys.executable, "-m", "tests.faults.witness_victim", str(witness.folder), str(file),
         where],
        cwd=ROOT, env=environment, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert process.returncode == -9, process.stdout + process.stderr
    assert not file.with_name("request.signed").exists(), "nothing was let go"


def size_of(witness: Witness) -> int:
    (seen,) = Witness(witness.folder).seen()
    assert seen.checkpoint is not None
    return seen.checkpoint.size


@pytest.mark.parametrize("where", ["asked", "torn"])
def test_killed_before_it_is_remembered_it_was_not_signed(
    witness: Witness, log: Log, where: str
) -> None:
    killed(witness, log.request(5, 9), where)
    assert size_of(witness) == 5
    assert Witness(witness.folder).add_checkpoint(log.fork(5, 7).request(5, 7), NOW)


@pytest.mark.parametrize("where", ["written", "published"])
def test_killed_before_the_answer_it_counts_as_signed(
    witness: Witness, log: Log, where: str
) -> None:
    killed(witness, log.request(5, 9), where)
    assert size_of(witness) == 9
    again = Witness(witness.folder)
    with pytest.raises(SignerSizeError):
        again.add_checkpoint(log.fork(5, 7).request(5, 7), NOW)
    with pytest.raises(LogForkedError):
        again.add_checkpoint(log.fork(5, 12).request(9, 12), NOW)
    lines = again.add_checkpoint(log.request(9, 9), NOW)
    note = log.note(9).with_signatures(parse_signatures(lines))
    assert len(verify(note, [witness.key])) == 1


@contextmanager
def serving(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Serve the witness in a program of its own; give it and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "assetctl", "--lang", "en", "witness", "serve", "--dir", str(folder),
         "--listen", "127.0.0.1:0"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        match = re.search(r"http://[0-9.:]+[0-9]", process.stderr.readline())
        assert match is not None
        yield process, match[0]
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("after", [1, 7, 20])
def test_killed_while_it_serves_it_remembers_all_it_let_go(witness: Witness, after: int) -> None:
    log = Log().grow(400)
    let_go: list[int] = []
    with serving(witness.folder) as (process, url):
        enough = threading.Event()

        def grow() -> None:
            size = 5
            while size < 400:
                try:
                    answer = ask(url, log.request(size, size + 1), 20)
                except WitnessUnavailableError:
                    return
                assert isinstance(answer, str)
                verify(log.note(size + 1).with_signatures(parse_signatures(answer)), [witness.key])
                size += 1
                let_go.append(size)
                if len(let_go) >= after:
                    enough.set()

        thread = threading.Thread(target=grow)
        thread.start()
        assert enough.wait(60)
        process.kill()
        thread.join()
    remembered = size_of(witness)
    assert remembered in (let_go[-1], let_go[-1] + 1)
    texts = (witness.folder / "signed").read_text().split("\n\n")[:-1:2]
    heads = [parse_checkpoint(f"{text}\n") for text in texts]
    assert heads == [log.checkpoint(size) for size in range(5, remembered + 1)]
    with serving(witness.folder) as (_process, url):
        assert isinstance(ask(url, log.request(remembered, 400), 20), str)
        assert ask(url, log.request(remembered, 400), 20) == 400
