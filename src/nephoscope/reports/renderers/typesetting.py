"""From a folder with a template and its data to a PDF, in a process of its own (`python -m` this module): typst keeps
what it has laid out, a tenth of a megabyte a row, until its process ends."""

import subprocess
import sys
from pathlib import Path

from nephoscope.errors import TooLargeError

_TAGS = "tags"
_LONGEST = 300
"""Seconds. A part takes two."""


def typeset(folder: Path, fonts: str, *, has_tags: bool) -> Path:
    """`report.typ` in the folder, as `report.pdf` beside it. `has_tags`: with the structure that screen readers follow.
    TooLargeError when it cannot be laid out. The process is told nothing of our environment."""
    command = [sys.executable, "-I", "-m", "nephoscope.reports.renderers.typesetting", str(folder), fonts]
    command += [_TAGS] if has_tags else []
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_LONGEST, env={})  # noqa: S603 - ourselves
    except subprocess.TimeoutExpired:
        raise TooLargeError(f"The PDF cannot be laid out within {_LONGEST} seconds.") from None
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"its process ended with code {done.returncode}"]
        raise TooLargeError(f"The PDF cannot be laid out: {said[0][:200]}")
    return folder / "report.pdf"


def main(folder: str, fonts: str, *words: str) -> int:
    import typst  # noqa: PLC0415 - only in the process that ends

    source, target = Path(folder) / "report.typ", Path(folder) / "report.pdf"
    try:
        typst.compile(str(source), str(target), root=folder, font_paths=[fonts], pdf_tags=_TAGS in words)
    except typst.TypstError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
