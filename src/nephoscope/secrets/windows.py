"""A file as a stream of windows, so that no file is ever held whole, and what is found does not depend on the cuts.

Each window answers for its own bytes, `start` to `end`, and sees `MARGIN` bytes more on either side. A hit belongs to
the window that its end lies in, and everything that decides about it lies within the margin.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

WIDTH = 1 << 20
MARGIN = 1 << 16
"""More than the furthest that any rule or any decoding looks."""


class Window(NamedTuple):
    """Offsets count from the beginning of the file; `data` begins at `base`."""

    data: bytes
    base: int
    start: int
    end: int
    line: int
    """The line of the first byte of `data`, from 1."""


def windows(chunks: Iterable[bytes], width: int = WIDTH, margin: int = MARGIN) -> Iterator[Window]:
    held, base, start, line = b"", 0, 0, 1
    for piece in _gathered(chunks, width):
        held += piece
        end = base + len(held) - margin
        if end - start < width:
            continue
        yield Window(held, base, start, end, line)
        keep = max(0, end - margin - base)
        line += held.count(b"\n", 0, keep)
        held, base, start = held[keep:], base + keep, end
    if start < base + len(held):
        yield Window(held, base, start, base + len(held), line)


def _gathered(chunks: Iterable[bytes], least: int) -> Iterator[bytes]:
    """Small pieces joined, so that adding them up stays linear, and large ones cut, so that a window stays in the
    processor's cache."""
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        for at in range(0, len(chunk), least):
            part = chunk[at : at + least]
            parts.append(part)
            size += len(part)
            if size >= least:
                yield b"".join(parts)
                parts, size = [], 0
    if parts:
        yield b"".join(parts)
