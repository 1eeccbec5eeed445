"""`python -m nephoscope` and the `nephoscope` command."""

import sys

from nephoscope.app.doors import DOORS
from nephoscope.cli.main import build, run


def main() -> None:
    sys.exit(run(build(DOORS), sys.argv[1:]))


if __name__ == "__main__":
    main()
