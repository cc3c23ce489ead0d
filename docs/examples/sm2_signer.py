"""A signer of another algorithm: SM2 with SM3, for the copy of the log that is hashed with SM3.

An example of a program for the setting `signer_sm3`. It has a directory of its own, best on another
machine and under another account than the register, and speaks the protocol of `CommandSigner`:
a request on standard input; on standard output signature lines, `size N` or `forked REASON`.

    python sm2_signer.py DIR --make LOG/sm3    make a key, print its verifier key for `key admit`
    python sm2_signer.py DIR                   sign what is asked for

It needs assetctl and the library gmssl-pyx. The key lies in a file: this shows how a signer is put
behind the boundary, and is no certified cryptographic module. One that is takes the place of the
three lines in `sign` that use the library.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from gmssl_pyx import sm2_key_generate, sm2_sign

from assetctl.domain import sm2
from assetctl.domain.checkpoint import Request, parse_checkpoint
from assetctl.domain.note import Signature, sm2_key
from assetctl.errors import AssetctlError
from assetctl.store.memory import Memory
from assetctl.store.signer import answer_of, check_continues

KEY = "sm2"


class Sm2Signer:
    """An SM2 key in a directory, and the memory of what was signed with it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._memory = Memory(directory)

    def sign(self, request: Request) -> tuple[Signature, ...]:
        """Return the signature for a checkpoint that continues the one signed last."""
        wanted = parse_checkpoint(request.note.text)
        secret = bytes.fromhex((self._directory / KEY).read_text("ascii"))
        public = bytes.fromhex((self._directory / f"{KEY}.pub").read_text("ascii"))
        key, text = sm2_key(wanted.origin, public), request.note.text.encode()
        with self._memory.held():
            check_continues(self._memory.last(wanted.origin), request, wanted)
            value = sm2.from_der(sm2_sign(secret, public[1:], text, sm2.IDENTITY))
            if not sm2.holds(public, text, value):
                raise ValueError("the two halves of the key do not belong together")
            signature = Signature(name=key.name, key_id=key.key_id, value=value)
            # It lies on the disk before it is let go: whoever asks again gets it from there on.
            self._memory.keep(wanted.origin, request.note.with_signatures([signature]))
        return (signature,)


def make(directory: Path, log: str) -> str:
    """Make a key unless there is one; return its verifier key for a log."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / f"{KEY}.pub"
    if not path.exists():
        public, secret = sm2_key_generate()
        for name, half in ((KEY, secret), (path.name, b"\x04" + public)):
            descriptor = os.open(directory / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(half.hex() + "\n")
                file.flush()
                os.fsync(file.fileno())
    return str(sm2_key(log, bytes.fromhex(path.read_text("ascii"))))


def main() -> int:
    """Do what the command line says; a failure goes to standard error, and nothing is signed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=Path)
    parser.add_argument("--make", metavar="LOG")
    given = parser.parse_args()
    try:
        if given.make:
            print(make(given.directory, given.make))
        else:
            print(answer_of(Sm2Signer(given.directory), sys.stdin.read()), end="")
    except (AssetctlError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
