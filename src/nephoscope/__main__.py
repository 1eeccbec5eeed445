"""`python -m nephoscope` and the `nephoscope` command."""

import gc
import sys

from nephoscope.app.doors import DOORS
from nephoscope.cli.main import build, run

_YOUNG = 50_000
"""Objects between two looks for cycles. Python's 700 suits small heaps: with a thousand cloud clients in memory,
looking for cycles is a quarter of a scan's CPU, and there are next to none."""


def main() -> None:
    gc.set_threshold(_YOUNG, 20, 50)
    sys.exit(run(build(DOORS), sys.argv[1:]))


if __name__ == "__main__":
    main()
