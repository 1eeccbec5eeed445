"""A volume's files, read through the parser process: the `FileView` of real disks."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Self

from nephoscope.errors import DiskError, NotFoundError, TooLargeError
from nephoscope.images.parser import Parser
from nephoscope.images.recipes import Found
from nephoscope.images.sandbox import messages
from nephoscope.images.sandbox.messages import LARGEST_FRAME, Order, heard, raw, text
from nephoscope.images.view import DEEPEST, Enter, Entry, Kind

LARGEST_WHOLE = LARGEST_FRAME - 1024 * 1024
"""Bytes of the largest file that is read whole; larger ones are read in pieces."""
_PIECE = 4 * 1024 * 1024
_FOLDERS_AT_ONCE = 64
_FILES_AT_FIRST, _FILES_AT_ONCE = 32, 256
_HELD = 16 * 1024 * 1024
"""Bytes of files that are kept until somebody takes them, and one file more."""
_MOST_PROBLEMS = 100
_MOST_ENTRIES = 20_000_000


class MountedView:
    """`view.FileView` of one volume. Close it, or use it as a context."""

    def __init__(self, parser: Parser, volume: Found) -> None:
        """Takes the parser over. DiskError when the file system cannot be opened."""
        self._parser = parser
        self._problems: list[str] = []
        self._more = 0
        self.label = ""
        self.notes: tuple[str, ...] = ()
        for message in parser.carry_out(messages.Mount(volume)):
            if isinstance(message, messages.Mounted):
                self.label, self.notes = message.label, message.notes

    @property
    def sandbox(self) -> tuple[str, ...]:
        """What the sandbox lacks on this machine."""
        return self._parser.sandbox

    def walk(self, prefixes: Sequence[str] = ("/",), enter: Enter | None = None) -> Iterator[Entry]:
        seen: set[int] = set()
        folders: deque[Entry] = deque()
        for prefix in prefixes:
            found = self._quiet_stat(prefix)
            if found is not None and not (found.kind is Kind.FOLDER and found.inode in seen):
                yield from self._met(found, folders, seen, enter)
        count = 0
        while folders:
            batch = [folders.pop() for _ in range(min(len(folders), _FOLDERS_AT_ONCE))]
            for folder in self._listed(batch):
                for entry in folder:
                    count += 1
                    if count > _MOST_ENTRIES:
                        self._complain(f"There are more than {_MOST_ENTRIES:,} names: the rest is not looked at.")
                        return
                    yield from self._met(entry, folders, seen, enter)

    def stat(self, path: str, *, follow: bool = True) -> Entry | None:
        return next(iter(self._entries(messages.Stat(raw(path), follow))), None)

    def names(self, path: str) -> tuple[Entry, ...]:
        listed = (entry for folder in self._each_folder((path,)) for entry in folder)
        return tuple(sorted(listed, key=lambda entry: entry.name))

    def find(self, *patterns: str) -> Iterator[Entry]:
        yield from self._entries(messages.Find(tuple(raw(pattern) for pattern in patterns)))

    def open(self, path: str, *, follow: bool = True) -> "MountedReader":
        entry = self.stat(path, follow=follow)
        if entry is None:
            raise NotFoundError(f"There is no {path} on this volume.")
        if entry.kind is not Kind.FILE:
            raise DiskError(f"{path} is no file.")
        return MountedReader(self._parser, entry)

    def read(self, path: str, limit: int) -> bytes:
        with self.open(path) as reader:
            if reader.size > limit:
                raise TooLargeError(f"{path} has {reader.size:,} bytes; at most {limit:,} are read.")
            return reader.read(0, reader.size)

    def read_many(self, paths: Iterable[str], limit: int) -> Iterator[tuple[str, bytes]]:
        """Many files with one order, as long as they are small together: what is too much is asked for once more."""
        waiting = deque(raw(path) for path in paths)
        bound, count = min(limit, LARGEST_WHOLE), _FILES_AT_FIRST
        while waiting:
            order = messages.ReadMany(tuple(waiting.popleft() for _ in range(min(count, len(waiting)))), bound)
            # all of it before anything is told: who reads may ask for another file in between
            held, later = self._held(order)
            waiting.extendleft(reversed(later))
            small = not later and sum(len(content) for _, content in held) <= _HELD // 2
            count = min(count * 2, _FILES_AT_ONCE) if small else max(1, count // 2)
            yield from ((text(path), content) for path, content in held)

    def _held(self, order: messages.ReadMany) -> tuple[list[tuple[bytes, bytes]], list[bytes]]:
        """Files and their contents, until that is a lot; and those that came after it."""
        held, later, size = list[tuple[bytes, bytes]](), list[bytes](), 0
        for message in self._heard(order):
            if isinstance(message, messages.Content) and size > _HELD:
                later.append(message.path)
            elif isinstance(message, messages.Content):
                held.append((message.path, message.content))
                size += len(message.content)
        return held, later

    def problems(self) -> tuple[str, ...]:
        more = (f"… and {self._more:,} more.",) if self._more else ()
        return (*self._problems, *more)

    def close(self) -> None:
        self._parser.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _met(self, entry: Entry, folders: deque[Entry], seen: set[int], enter: Enter | None) -> Iterator[Entry]:
        """Tells the entry; a folder is entered later, once."""
        yield entry
        if entry.kind is not Kind.FOLDER or (enter is not None and not enter(entry.path)):
            return
        if entry.inode in seen:
            self._complain(f"{entry.path} is a folder that was met before: it is not entered again.")
        elif entry.path.count("/") > DEEPEST:
            self._complain(f"{entry.path[:200]} lies deeper than {DEEPEST} folders: it is not entered.")
        else:
            seen.add(entry.inode)
            folders.append(entry)

    def _quiet_stat(self, path: str) -> Entry | None:
        try:
            return self.stat(path)
        except DiskError as error:
            if error.is_fatal:
                raise
            self._complain(error.message)
            return None

    def _listed(self, folders: Sequence[Entry]) -> list[list[Entry]]:
        """Whole before anything is told: who walks may ask for a file in between."""
        return list(self._each_folder(tuple(folder.path for folder in folders)))

    def _each_folder(self, paths: tuple[str, ...]) -> Iterator[list[Entry]]:
        listed: list[Entry] = []
        folders = []
        for message in self._heard(messages.Names(tuple(raw(path) for path in paths))):
            if isinstance(message, messages.Entries):
                listed.extend(heard(told) for told in message.entries)
            elif isinstance(message, messages.Content):
                folders.append(listed)
                listed = []
        yield from folders

    def _entries(self, order: Order) -> list[Entry]:
        found: list[Entry] = []
        for message in self._heard(order):
            if isinstance(message, messages.Entries):
                found.extend(heard(told) for told in message.entries)
        return found

    def _heard(self, order: Order) -> Iterator[messages.FromChild]:
        for message in self._parser.carry_out(order):
            if isinstance(message, messages.Problem):
                self._complain(message.message)
            else:
                yield message

    def _complain(self, message: str) -> None:
        if len(self._problems) < _MOST_PROBLEMS:
            self._problems.append(message)
        else:
            self._more += 1


class MountedReader:
    """`view.Reader` of one file."""

    def __init__(self, parser: Parser, entry: Entry) -> None:
        self._parser = parser
        self._entry = entry

    @property
    def size(self) -> int:
        return self._entry.size

    def read(self, offset: int, size: int) -> bytes:
        end = min(offset + size, self.size)
        if offset < 0 or size < 0:
            raise DiskError("There is nothing before the beginning of a file.")
        return b"".join(self._piece(at, min(_PIECE, end - at)) for at in range(offset, end, _PIECE))

    def _piece(self, offset: int, size: int) -> bytes:
        content = b""
        for message in self._parser.carry_out(messages.Read(raw(self._entry.path), offset, size)):
            if isinstance(message, messages.Content):
                content = message.content
        return content

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The volume stays open."""
