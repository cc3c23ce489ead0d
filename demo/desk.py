"""The desk of the story: it says what happens, runs assetctl as a person would, and checks it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assetctl.cli.app import main

WORDS = {
    5: ("被拒绝", "refused"),
    7: ("验证未通过", "does not verify"),
    9: ("有问题需要查看", "there are findings to look at"),
}
"""What the exit codes mean that this story meets."""


class DemoError(Exception):
    """Something in the story did not go as it must."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


class Desk:
    """Runs command lines in this process, printed before they run, and watches their exit codes."""

    def __init__(self) -> None:
        self.commands = 0
        self._step = 0

    def step(self, zh: str, en: str) -> None:
        """Begin a chapter."""
        self._step += 1
        print(f"\n━━━ {self._step}. {zh}\n      {en}")

    def say(self, zh: str, en: str) -> None:
        """Say one thing in both languages."""
        print(f"· {zh}\n  {en}")

    def run(self, *arguments: str | Path, expect: int = 0) -> None:
        """Print a command line, run it before the reader's eyes, and check its exit code."""
        words = [str(one) for one in arguments]
        print(f"\n$ assetctl {spelt(words)}", flush=True)
        code = main(words)
        sys.stdout.flush()
        sys.stderr.flush()
        self.commands += 1
        _expected(words, code, expect)
        if code:
            zh, en = WORDS[code]
            print(f"  （退出码 {code}：{zh}，符合预期 / exit {code}: {en}, as expected）")

    def run_file(self, program: Path, *arguments: str | Path, expect: int = 0) -> None:
        """Run a Python file with the standard library alone, as somebody without us would."""
        words = [str(one) for one in arguments]
        print(f"\n$ python3 {spelt([str(program), *words])}", flush=True)
        done = subprocess.run([sys.executable, "-I", "-S", program, *words], check=False)
        self.commands += 1
        if done.returncode != expect:
            raise DemoError(
                zh=f"{program} 的退出码应为 {expect}，实为 {done.returncode}",
                en=f"{program} must end with exit code {expect} and ended with {done.returncode}",
            )

    def ask(self, *arguments: str | Path, expect: int = 0) -> Any:
        """Run a command line unseen and return its JSON: the data, or the error it must give."""
        words = [*(str(one) for one in arguments), "--json"]
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            code = main(words)
        _expected(words, code, expect)
        answer = json.loads(out.getvalue())
        return answer["data"] if answer["ok"] else answer["error"]


def must(*, be: object, found: object, zh: str, en: str) -> None:
    """Stop the story unless what was found is what must be.

    Raises:
        DemoError: it is not.
    """
    if be != found:
        raise DemoError(
            zh=f"{zh}：应为 {be!r}，实为 {found!r}", en=f"{en}: {be!r} expected, {found!r} found"
        )


def spelt(words: list[str]) -> str:
    """Return a command line as it can be typed; Chinese words need no quotation marks."""
    return " ".join(
        word if word.replace("-", "").replace("〔", "").replace("〕", "").isalnum()
        else shlex.quote(word)
        for word in words
    )  # fmt: skip


@contextlib.contextmanager
def surroundings(**settings: str) -> Iterator[None]:
    """Put aside every ASSETCTL_ setting of the person who runs this, and set only those given."""
    before = {name: value for name, value in os.environ.items() if name.startswith("ASSETCTL_")}
    for name in before:
        del os.environ[name]
    os.environ |= {f"ASSETCTL_{name.upper()}": value for name, value in settings.items()}
    try:
        yield
    finally:
        for name in settings:
            os.environ.pop(f"ASSETCTL_{name.upper()}", None)
        os.environ |= before


def _expected(words: list[str], code: int, expect: int) -> None:
    if code != expect:
        raise DemoError(
            zh=f"命令 assetctl {spelt(words)} 的退出码应为 {expect}，实为 {code}",
            en=f"assetctl {spelt(words)} must end with exit code {expect} and ended with {code}",
        )


def near(path: Path) -> Path:
    """Return a path as seen from here, if it lies below."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
