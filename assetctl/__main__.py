"""`python -m assetctl` and the `assetctl` script."""

from __future__ import annotations

import sys


def run() -> None:
    """Run the command line and leave with its exit code."""
    from assetctl.cli.app import main

    sys.exit(main())


if __name__ == "__main__":
    run()
