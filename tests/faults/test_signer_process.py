"""A signer behind a process boundary: honest, hanging, failing, lying, killed at the worst moment.

Each is a real process with a directory of its own. Whatever it does, the log stays sealed, nothing
false is kept, and an honest signer afterwards goes on from where it was.
"""

from __future__ import annotations

import base64
import shlex
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assetctl.domain.checkpoint import Checkpoint, Request
from assetctl.domain.note import Note, parse_note, verifier_key, verify
from assetctl.errors import SignerFailedError
from assetctl.reads.log import newest_checkpoint, the_log
from assetctl.store.signer import CommandSigner
from assetctl.store.tables import checkpoint
from tests.conftest import Register

Use = Callable[[str], None]
HEAD = Checkpoint(origin="a.example/log", size=1, root=bytes(32))
REQUEST = Request(old=0, proof=(), note=Note(str(HEAD)))

KILLED_AFTER_REMEMBERING = """
import os, signal, sys
from pathlib import Path
from assetctl.store import signer

keep = signer.Memory.keep

def keep_and_die(self, origin, note):
    keep(self, origin, note)
    os.kill(os.getpid(), signal.SIGKILL)

signer.Memory.keep = keep_and_die
print(signer.answer_of(signer.FileSigner(Path(sys.argv[1])), sys.stdin.read()), end="")
"""

KILLED_WHILE_REMEMBERING = """
import os, signal, sys
from pathlib import Path
from assetctl.store import signer

Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
print(signer.answer_of(signer.FileSigner(Path(sys.argv[1])), sys.stdin.read()), end="")
"""


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Use:
    return lambda command: monkeypatch.setenv("ASSETCTL_SIGNER", command)


@pytest.fixture
def elsewhere(desk: Register, tmp_path: Path) -> Path:
    """The keys of the log, taken away to a directory that the register knows nothing of."""
    directory = tmp_path / "another machine"
    (desk.home / "signer").rename(directory)
    return directory


def honest(directory: Path) -> str:
    return command("-m", "assetctl", "signer", directory)


def script(directory: Path, text: str, *arguments: str | Path) -> str:
    path = directory / "signer.py"
    path.write_text(text, encoding="utf-8")
    return command(path, *arguments)


def saying(directory: Path, answer: str) -> str:
    """Return a signer that reads what it is asked and says this."""
    text = f"import sys\nsys.stdin.read()\nsys.stdout.buffer.write({answer.encode()!r})\n"
    return script(directory, text)


def command(*words: str | Path) -> str:
    return shlex.join([sys.executable, *map(str, words)])


def kept(desk: Register) -> list[str]:
    with closing(desk.store) as store, store.reading() as connection:
        return list(connection.execute(sa.select(checkpoint.c.note)).scalars())


def log_key(desk: Register) -> Any:
    with closing(desk.store) as store, store.reading() as connection:
        return the_log(connection)


def seals_again(desk: Register, use: Use, directory: Path) -> None:
    """Check that an honest signer goes on where things stand."""
    use(honest(directory))
    (sealed,) = desk.ok("seal")["checkpoints"]
    assert sealed["signatures"] == 1
    desk.register()
    (later,) = desk.ok("seal")["checkpoints"]
    assert later["size"] == sealed["size"] + 1
    assert (directory / "signed").read_text().count("\n\n—") >= 2
    desk.ok("verify")


# --- honest --------------------------------------------------------------------------------


def test_a_process_with_a_directory_of_its_own_signs(
    desk: Register, elsewhere: Path, use: Use
) -> None:
    use(honest(elsewhere))
    (sealed,) = desk.ok("seal")["checkpoints"]
    key = verifier_key(sealed["origin"], bytes.fromhex((elsewhere / "log.pub").read_text()))
    assert [one.key for one in verify(parse_note(sealed["note"]), [key])] == [key]
    assert not (desk.home / "signer").exists()
    seals_again(desk, use, elsewhere)


def test_the_same_head_again_gets_the_same_signature(
    desk: Register, elsewhere: Path, use: Use
) -> None:
    use(honest(elsewhere))
    assert desk.ok("seal") == desk.ok("seal")
    assert len(kept(desk)) == 1


def test_what_the_register_forgot_the_signer_remembers(
    desk: Register, elsewhere: Path, use: Use
) -> None:
    use(honest(elsewhere))
    desk.ok("seal")
    desk.register()
    store = desk.store
    with store.engine.begin() as connection:
        connection.execute(checkpoint.delete())
    store.close()
    (sealed,) = desk.ok("seal")["checkpoints"][
        "checkpoints"
    ]  # it proves from what the signer says that it signed last
    assert kept(desk) == [sealed["note"]]


def test_a_request_that_is_none_is_refused_with_words(elsewhere: Path) -> None:
    done = subprocess.run(
        shlex.split(honest(elsewhere)), input="nonsense", capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (7, "")
    assert done.stderr.strip()


# --- not answering -------------------------------------------------------------------------


def test_a_signer_that_hangs_is_given_up(elsewhere: Path) -> None:
    hanging = shlex.split(script(elsewhere, "import signal\nsignal.pause()\n"))
    with pytest.raises(SignerFailedError) as caught:
        CommandSigner(hanging, timeout=0.5).sign(REQUEST)
    assert "0.5" in str(caught.value)


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (
            "import sys\nsys.exit('the card is not in the reader')\n",
            "the card is not in the reader",
        ),
        ("import sys\nsys.exit(3)\n", "3"),
        ("raise RuntimeError('broken')\n", "broken"),
        ("import sys\nprint('— x y')\nsys.exit('and then it failed')\n", "and then it failed"),
    ],
)
def test_a_signer_that_fails_is_quoted(
    desk: Register, elsewhere: Path, use: Use, program: str, reason: str
) -> None:
    use(script(elsewhere, program))
    error = desk.fails(8, "seal")
    assert error["code"] == "signer.failed"
    assert reason in error["message"]
    assert kept(desk) == []
    seals_again(desk, use, elsewhere)


def test_a_signer_that_is_not_there(desk: Register, elsewhere: Path, use: Use) -> None:
    use(str(elsewhere / "no such program"))
    assert desk.fails(8, "seal")["code"] == "signer.failed"
    seals_again(desk, use, elsewhere)


def test_a_signer_without_its_key(desk: Register, elsewhere: Path, use: Use) -> None:
    key = (elsewhere / "log").read_text()
    (elsewhere / "log").unlink()
    use(honest(elsewhere))
    assert "signer.failed" in desk.fails(8, "seal")["code"]
    (elsewhere / "log").write_text(key)
    seals_again(desk, use, elsewhere)


# --- lying ---------------------------------------------------------------------------------

STRANGER = Ed25519PrivateKey.generate()


def line(name: str, key_id: bytes, value: bytes) -> str:
    return f"— {name} {base64.b64encode(key_id + value).decode()}\n"


def _stranger(origin: str, _key: Any, text: bytes) -> str:
    key = verifier_key(origin, STRANGER.public_key().public_bytes_raw())
    return line(origin, key.key_id, STRANGER.sign(text))


def _under_our_id(origin: str, key: Any, text: bytes) -> str:
    return line(origin, key.key_id, STRANGER.sign(text))


def _under_another_name(_origin: str, key: Any, text: bytes) -> str:
    return line("b.example/log", key.key_id, STRANGER.sign(text))


LIES: dict[str, Callable[[str, Any, bytes], str]] = {
    "a key that the log does not know": _stranger,
    "the id of our key and another signature": _under_our_id,
    "our key under another name": _under_another_name,
}
NONSENSE = [
    "", "\n", "signed\n", "— x\n", "— x y\n", "-- x AAAAAAAAAAAA\n", "\0\0",
    "— x AAAAAAAAAAAA\nand more\n", "size\n", "size x\n", "size -1\n", "size 01\n", "size +1\n",
    "size 1 2\n", "Size 1\n", "— x " + "A" * 70_000 + "\n", "— x AAAAAAAAAAAA\n" * 65,
]  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_signatures_that_are_not_of_the_log_are_noticed(
    desk: Register, elsewhere: Path, use: Use, lie: str
) -> None:
    use(honest(elsewhere))
    (sealed,) = desk.ok("seal")["checkpoints"]
    before = kept(desk)
    desk.register()
    key = verifier_key(sealed["origin"], bytes.fromhex((elsewhere / "log.pub").read_text()))
    text = sealed["note"].partition("\n\n")[0].encode() + b"\n"
    use(saying(elsewhere, LIES[lie](sealed["origin"], key, text)))
    assert desk.fails(7, "seal")["code"] == "signer.wrong_answer"
    assert kept(desk) == before
    seals_again(desk, use, elsewhere)


def test_a_true_signature_of_something_else_is_noticed(
    desk: Register, elsewhere: Path, use: Use
) -> None:
    """The signature of the head before, said again: of the right key, and over another text."""
    use(honest(elsewhere))
    (sealed,) = desk.ok("seal")["checkpoints"]
    desk.register()
    use(saying(elsewhere, sealed["note"].partition("\n\n")[2]))
    error = desk.fails(7, "seal")
    assert error["code"] == "signer.wrong_answer"
    assert "does not hold" in error["message"]
    assert kept(desk) == [sealed["note"]]


def test_a_true_signature_beside_a_strange_one_is_not_kept_either(
    desk: Register, elsewhere: Path, use: Use
) -> None:
    use(honest(elsewhere))
    (sealed,) = desk.ok("seal")["checkpoints"]
    text = sealed["note"].partition("\n\n")[0].encode() + b"\n"
    own = sealed["note"].partition("\n\n")[2]
    use(saying(elsewhere, own + _stranger(sealed["origin"], None, text)))
    assert desk.fails(7, "seal")["code"] == "signer.wrong_answer"
    use(saying(elsewhere, own + own))
    assert desk.fails(7, "seal")["code"] == "signer.wrong_answer"
    use(saying(elsewhere, own))
    assert desk.ok("seal")["checkpoints"][0]["signatures"] == 1
    assert kept(desk) == [sealed["note"]]


@pytest.mark.parametrize("answer", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_is_a_failure_of_the_signer(elsewhere: Path, answer: str) -> None:
    with pytest.raises(SignerFailedError):
        CommandSigner(shlex.split(saying(elsewhere, answer))).sign(REQUEST)


def test_a_signer_that_names_another_size_each_time(
    desk: Register, elsewhere: Path, use: Use
) -> None:
    use(saying(elsewhere, "size 2\n"))
    error = desk.fails(7, "seal")
    assert error["code"] == "signer.wrong_answer"
    assert kept(desk) == []
    seals_again(desk, use, elsewhere)


def test_a_signer_that_has_seen_more_than_there_is_stops_everything(
    desk: Register, elsewhere: Path, use: Use
) -> None:
    use(saying(elsewhere, "size 4000000000\n"))
    assert desk.fails(7, "seal")["code"] == "log.forked"
    use(saying(elsewhere, "forked it has another beginning\n"))
    error = desk.fails(7, "seal")
    assert error["code"] == "log.forked"
    assert "it has another beginning" in error["message"]
    assert kept(desk) == []


# --- killed --------------------------------------------------------------------------------


@pytest.mark.parametrize("program", [KILLED_AFTER_REMEMBERING, KILLED_WHILE_REMEMBERING])
def test_a_signer_killed_before_it_answers_goes_on(
    desk: Register, elsewhere: Path, use: Use, program: str
) -> None:
    use(honest(elsewhere))
    desk.ok("seal")
    for _ in range(2):
        desk.register()
        use(script(elsewhere, program, elsewhere))
        assert desk.fails(8, "seal")["code"] == "signer.failed"
    assert len(kept(desk)) == 1
    # What it remembered and never said, it says now, and what it did not is new to it.
    seals_again(desk, use, elsewhere)


def test_a_signer_killed_at_the_first_head_signs_it_afterwards(
    desk: Register, elsewhere: Path, use: Use
) -> None:
    use(script(elsewhere, KILLED_AFTER_REMEMBERING, elsewhere))
    assert desk.fails(8, "seal")["code"] == "signer.failed"
    assert len(list(elsewhere.glob("last-*"))) == 1
    use(honest(elsewhere))
    (sealed,) = desk.ok("seal")["checkpoints"]
    with closing(desk.store) as store, store.reading() as connection:
        found = newest_checkpoint(connection, sealed["origin"])
    assert found is not None
    assert found.head.size == sealed["size"]
