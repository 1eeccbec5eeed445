"""The search of one file: windows, prefilter, confirmation, checks, and one finding for each secret.

What is found depends on the bytes alone, not on how they are cut or how fast they come, unless a time limit is met.
Budgets are of three kinds: bytes read, places looked at, seconds. A file that meets one is said to be cut, never clean.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Protocol

import msgspec

from nephoscope.model.secrets import FoundSecret
from nephoscope.secrets import decoding
from nephoscope.secrets.candidates import Lookup, nobody
from nephoscope.secrets.loading import load_rules
from nephoscope.secrets.matching import Matcher, Sighting
from nephoscope.secrets.merging import merged
from nephoscope.secrets.prefilter import Prefilter
from nephoscope.secrets.rules import Rule, any_path
from nephoscope.secrets.windows import WIDTH, Window, windows

PIECE = 1 << 20


class Content(Protocol):
    """What is searched: anything with a size that answers ranges, such as an open file of a disk image."""

    @property
    def size(self) -> int: ...

    def read(self, offset: int, size: int) -> bytes: ...


class Limits(msgspec.Struct, frozen=True):
    """Of one file."""

    bytes: int = 32 << 20
    places: int = 20_000
    """Hits of the prefilter, and texts in base64, that are looked at."""
    seconds: float = 20.0


class Searched(msgspec.Struct, frozen=True):
    """What one file held. `cut` says why it was not searched to the end, and is empty when it was."""

    found: tuple[FoundSecret, ...]
    read: int
    cut: str = ""


class _CutError(Exception):
    """A budget is used up; the reason is the message."""


class Searcher:
    """For one thread. `key` is the installation's secret for hashes; `now` decides what has expired."""

    def __init__(
        self,
        key: bytes,
        now: Callable[[], datetime],
        *,
        lookup: Lookup = nobody,
        limits: Limits | None = None,
        rules: tuple[Rule, ...] | None = None,
        timer: Callable[[], float] = time.monotonic,
        width: int = WIDTH,
    ) -> None:
        every = load_rules() if rules is None else rules
        anywhere = [rule for rule in every if not rule.row.paths]
        self._key, self._now, self._lookup, self._timer = key, now, lookup, timer
        self._limits = limits or Limits()
        self._width = width
        self._of_text = Prefilter(anywhere)
        self._of_binary = Prefilter([rule for rule in anywhere if rule.row.binary])
        self._bound = [rule for rule in every if rule.row.paths]
        self._is_bound = any_path(self._bound)
        self._of_paths: dict[tuple[str, ...], Prefilter] = {}

    def search(self, path: str, content: Content) -> Searched:
        """One file, read in pieces from its beginning."""
        return self.search_chunks(path, _pieces(content))

    def search_chunks(self, path: str, chunks: Iterable[bytes]) -> Searched:
        """One file that comes in pieces of any size."""
        run = _Run(self._limits, self._timer)
        sightings: list[Sighting] = []
        try:
            self._walk(path, run.counted(chunks), run, sightings)
        except _CutError as cut:
            run.cut = str(cut)
        shown = path.encode("utf-8", "backslashreplace").decode()
        return Searched(merged(sightings, shown, self._key), run.read, run.cut)

    def _walk(self, path: str, chunks: Iterator[bytes], run: "_Run", sightings: list[Sighting]) -> None:
        head, chunks = decoding.peeked(chunks)
        if decoding.is_gzip(head):
            head, chunks = decoding.peeked(run.counted(decoding.inflated(chunks)))
        codec = decoding.utf16_of(head)
        is_binary = not codec and decoding.is_binary(head)
        matcher = Matcher(self._prefilters(path, is_binary=is_binary), self._now(), self._lookup)
        for window in windows(decoding.as_utf8(chunks, codec) if codec else chunks, self._width):
            sightings.extend(_seen_in(window, matcher, run, is_binary=is_binary))

    def _prefilters(self, path: str, *, is_binary: bool) -> list[Prefilter]:
        """The rules for every file, and in a prefilter of their own those that are bound to files like this one: they
        may look for what is everywhere, such as a colon."""
        general = self._of_binary if is_binary else self._of_text
        if not self._is_bound(path):
            return [general]
        bound = [rule for rule in self._bound if rule.lives_at(path) and (rule.row.binary or not is_binary)]
        key = tuple(rule.row.id for rule in bound)
        if key not in self._of_paths:
            self._of_paths[key] = Prefilter(bound)
        return [general, self._of_paths[key]]


class _Run:
    """What one file has used of its budgets."""

    def __init__(self, limits: Limits, timer: Callable[[], float]) -> None:
        self.read = 0
        self.cut = ""
        self._places = limits.places
        self._limits = limits
        self._timer = timer
        self._until = timer() + limits.seconds

    def counted(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The chunks up to the limit of bytes; what lies beyond it is cut."""
        left = self._limits.bytes
        for chunk in chunks:
            if len(chunk) > left:
                self.cut = f"only the first {self._limits.bytes:,} bytes were searched"
                self.read += left
                yield chunk[:left]
                return
            left -= len(chunk)
            self.read += len(chunk)
            yield chunk

    def spend(self) -> None:
        """One more place is looked at."""
        self._places -= 1
        if self._places < 0:
            raise _CutError(f"more than {self._limits.places:,} places that look like secrets")
        if self._timer() > self._until:
            raise _CutError(f"more than {self._limits.seconds:g} seconds")


def _seen_in(window: Window, matcher: Matcher, run: _Run, *, is_binary: bool) -> Iterator[Sighting]:
    """In the order of the file, so that a budget ends at the same place however it is cut."""
    data, base = window.data, window.base
    line, counted = window.line, 0
    for at, sighting in matcher.seen(data, window.start - base, window.end - base, run.spend, is_binary=is_binary):
        line += data.count(b"\n", counted, at) - data.count(b"\n", at, counted)
        counted = at
        yield sighting.placed(base, 0 if is_binary else line)


def _pieces(content: Content) -> Iterator[bytes]:
    offset, size = 0, content.size
    while offset < size:
        piece = content.read(offset, PIECE)
        if not piece:
            return
        offset += len(piece)
        yield piece
