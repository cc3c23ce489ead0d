"""Ask the package epcis-event-hash-generator for its pre-hash strings; run as a program of its own.

`python tests/epcis_reference.py FILE…` prints one JSON object: for each file the list of texts,
their parts joined by line feeds, or what went wrong. It is kept apart because the package brings
a web framework and changes the import path.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any


def ask(files: list[Path]) -> dict[str, Any]:
    """Return what the package says of each file."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", __file__, *map(str, files)],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _answers(files: list[str]) -> dict[str, Any]:
    from epcis_event_hash_generator import (  # type: ignore[import-untyped]
        hash_generator,
        json_to_py,
    )

    answers: dict[str, Any] = {}
    for file in files:
        json_to_py._namespaces.clear()  # what one document declares holds for the next one too
        try:
            document = json.loads(Path(file).read_text(encoding="utf-8"))
            events = json_to_py.event_list_from_epcis_document_json(document)
            answers[file] = hash_generator.derive_prehashes_from_events(events, "\n")
        except Exception as error:  # noqa: BLE001  whatever it is, the test says so
            answers[file] = repr(error)[:300]
    return answers


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    sys.stdout.write(json.dumps(_answers(sys.argv[1:])))
