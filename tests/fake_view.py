"""A volume's files from a dictionary, for tests of what reads them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import NamedTuple, Self

from nephoscope.errors import DiskError, NotFoundError, TooLargeError
from nephoscope.images.paths import find, parts_of, resolve
from nephoscope.images.view import Entry, Kind


class Link(NamedTuple):
    """A symbolic link."""

    target: str


class FakeView:
    """`FakeView({"/etc/os-release": b"…", "/bin": Link("usr/bin"), "/var/empty/": b""})`; folders are made where they
    are needed, and a name that ends in a slash is an empty one. `broken` are paths that cannot be read. `asked` counts
    how often each file's content was read."""

    def __init__(self, files: Mapping[str, bytes | str | Link], broken: Iterable[str] = ()) -> None:
        self._content: dict[str, bytes] = {}
        self._entries: dict[str, Entry] = {"/": Entry("/", Kind.FOLDER, inode=1)}
        self._inside: dict[str, list[str]] = {"/": []}
        self._broken = frozenset(broken)
        self._problems: list[str] = []
        self.asked: dict[str, int] = {}
        for path, content in files.items():
            self._add(path, content)

    def _add(self, path: str, content: bytes | str | Link) -> None:
        names = parts_of(path)
        folders = names if path.endswith("/") else names[:-1]
        for depth in range(1, len(folders) + 1):
            self._put(Entry("/" + "/".join(folders[:depth]), Kind.FOLDER, mode=0o755))
        if path.endswith("/"):
            return
        whole = "/" + "/".join(names)
        if isinstance(content, Link):
            self._put(Entry(whole, Kind.LINK, mode=0o777, target=content.target))
            return
        data = content.encode() if isinstance(content, str) else content
        self._content[whole] = data
        self._put(Entry(whole, Kind.FILE, size=len(data), mode=0o644))

    def _put(self, entry: Entry) -> None:
        if entry.path in self._entries:
            return
        numbered = Entry(
            entry.path, entry.kind, entry.size, entry.mode, entry.mtime, len(self._entries) + 1, 1, entry.target
        )
        self._entries[entry.path] = numbered
        self._inside.setdefault(entry.path.rpartition("/")[0] or "/", []).append(entry.path)

    def walk(self, prefixes: Sequence[str] = ("/",), enter: Callable[[str], bool] | None = None) -> Iterator[Entry]:
        for prefix in prefixes:
            found = self.stat(prefix)
            if found is not None:
                yield from self._below(found, enter)

    def _below(self, entry: Entry, enter: Callable[[str], bool] | None) -> Iterator[Entry]:
        yield entry
        if entry.kind is not Kind.FOLDER or (enter is not None and not enter(entry.path)):
            return
        if entry.path in self._broken:
            self._problems.append(f"{entry.path} cannot be read.")
            return
        for inside in self.names(entry.path):
            yield from self._below(inside, enter)

    def stat(self, path: str, *, follow: bool = True) -> Entry | None:
        return resolve(path, self._entries.get, follow=follow)

    def names(self, path: str) -> tuple[Entry, ...]:
        found = self.stat(path)
        if found is None or found.kind is not Kind.FOLDER:
            return ()
        return tuple(self._entries[inside] for inside in sorted(self._inside.get(found.path, ())))

    def find(self, *patterns: str) -> Iterator[Entry]:
        def listing(path: str, wanted: Callable[[str], object]) -> list[Entry]:
            return [entry for entry in self.names(path) if wanted(entry.name)]

        return find(patterns, self._entries.get, listing)

    def open(self, path: str, *, follow: bool = True) -> "FakeReader":
        found = self.stat(path, follow=follow)
        if found is None:
            raise NotFoundError(f"There is no {path} on this volume.")
        if found.kind is not Kind.FILE or found.path in self._broken:
            raise DiskError(f"{path} cannot be read.")
        self.asked[found.path] = self.asked.get(found.path, 0) + 1
        return FakeReader(self._content[found.path])

    def read(self, path: str, limit: int) -> bytes:
        with self.open(path) as reader:
            if reader.size > limit:
                raise TooLargeError(f"{path} has {reader.size:,} bytes; at most {limit:,} are read.")
            return reader.read(0, reader.size)

    def read_many(self, paths: Iterable[str], limit: int) -> Iterator[tuple[str, bytes]]:
        for path in paths:
            try:
                yield path, self.read(path, limit)
            except (NotFoundError, TooLargeError):
                continue
            except DiskError as error:
                self._problems.append(error.message)

    def problems(self) -> tuple[str, ...]:
        return tuple(self._problems)


class FakeReader:
    def __init__(self, content: bytes) -> None:
        self._content = content

    @property
    def size(self) -> int:
        return len(self._content)

    def read(self, offset: int, size: int) -> bytes:
        return self._content[offset : offset + size]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to let go of."""
