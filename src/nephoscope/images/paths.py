"""Where a path really leads on a volume: symbolic links resolved by us alone, inside the root, in bounded steps; and
what patterns of paths mean."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from nephoscope.errors import DiskError
from nephoscope.images.view import LONGEST_CHAIN, LONGEST_PATH, Entry, Kind

Lookup = Callable[[str], Entry | None]
"""The entry of exactly this path (no link in it but perhaps the last name), without following anything."""
Listing = Callable[[str, Callable[[str], object]], Iterable[Entry]]
"""What the folder of exactly this path holds, of names that are wanted."""

_MAGIC = re.compile(r"[*?\[]")


def parts_of(path: str) -> list[str]:
    """The names of a path; empty ones and `.` say nothing."""
    return [name for name in path.split("/") if name not in ("", ".")]


def resolve(path: str, lookup: Lookup, *, follow: bool = True) -> Entry | None:
    """The entry that a path leads to, or None. `follow` is about the last name only: links before it always lead on.

    DiskError when links lead round in circles or a path is longer than any real one."""
    waiting = deque(_bounded(path))
    done: list[str] = []
    links = 0
    entry = lookup("/")
    while waiting:
        name = waiting.popleft()
        if name == "..":
            done = done[:-1]
            entry = lookup(_joined(done))
            continue
        if entry is None or entry.kind is not Kind.FOLDER:
            return None
        entry = lookup(_joined([*done, name]))
        if entry is None:
            return None
        if entry.kind is Kind.LINK and (waiting or follow):
            links += 1
            if links > LONGEST_CHAIN:
                raise DiskError(f"{path} leads through more than {LONGEST_CHAIN} symbolic links.")
            done = [] if entry.target.startswith("/") else done
            waiting.extendleft(reversed(_bounded(entry.target)))
            entry = lookup(_joined(done))
            continue
        done.append(name)
    return entry


def find(patterns: Iterable[str], lookup: Lookup, listing: Listing) -> Iterator[Entry]:
    """What the patterns mean; see `FileView.find`."""
    seen: set[str] = set()
    for pattern in patterns:
        for entry in _matching("/", deque(parts_of(pattern)), lookup, listing):
            if entry.path not in seen:
                seen.add(entry.path)
                yield entry


def _matching(base: str, names: deque[str], lookup: Lookup, listing: Listing) -> Iterator[Entry]:
    plain = base
    while names and not _MAGIC.search(names[0]):
        plain = f"{plain.rstrip('/')}/{names.popleft()}"
    entry = _quietly(plain, lookup)
    if entry is None:
        return
    if not names:
        yield entry
        return
    if entry.kind is not Kind.FOLDER:
        return
    wanted = pattern_of(names[0])
    rest = list(names)[1:]
    for found in listing(entry.path, wanted.fullmatch):
        yield from _matching(found.path, deque(rest), lookup, listing)


def _quietly(path: str, lookup: Lookup) -> Entry | None:
    """A circle of links is nothing that a pattern means."""
    try:
        return resolve(path, lookup)
    except DiskError as error:
        if error.is_fatal:
            raise
        return None


@lru_cache(maxsize=1024)
def pattern_of(name: str) -> re.Pattern[str]:
    """One name's pattern: `*`, `?`, `[…]`. Stars in a row are one, so that matching stays quick."""
    written = []
    for piece in re.findall(r"\*+|\?|\[[^\]]*\]|[^*?\[]+|\[", name):
        if piece[0] == "*":
            written.append("[^/]*")
        elif piece == "?":
            written.append("[^/]")
        elif piece[0] == "[" and len(piece) > 2:  # noqa: PLR2004 - more than the brackets themselves
            inside = piece[1:-1].replace("\\", r"\\").replace("[", r"\[").replace("^", r"\^")
            written.append(f"[^{inside[1:]}]" if inside[0] == "!" and inside[1:] else f"[{inside}]")
        else:
            written.append(re.escape(piece))
    return re.compile("".join(written), re.DOTALL)


def _bounded(path: str) -> list[str]:
    if len(path) > LONGEST_PATH:
        raise DiskError(f"A path of {len(path):,} characters is longer than any that is followed.")
    return parts_of(path)


def _joined(names: list[str]) -> str:
    return "/" + "/".join(names)
