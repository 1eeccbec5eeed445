"""Carrying out the parent's orders, one after the other, in the parser process."""

import struct
from collections import OrderedDict
from collections.abc import Callable, Iterator

from nephoscope.errors import DiskError, NotFoundError
from nephoscope.images.paths import find, resolve
from nephoscope.images.recipes import Found
from nephoscope.images.sandbox import messages
from nephoscope.images.sandbox.journals import LATE, notes_of
from nephoscope.images.sandbox.layout import Served, divide, open_recipe
from nephoscope.images.sandbox.messages import Line, raw, tell, text
from nephoscope.images.sandbox.streams import LIBYAL_ERRORS, DiskStream, Stream, hint, told
from nephoscope.images.sandbox.trees import TREES, Place, Ref, Tree
from nephoscope.images.view import Entry, Kind

_KEPT_PLACES = 2048
_KEPT_FOLDERS = 64
_BATCH = 512
"""Entries in one frame."""
_READ_ERRORS = (*LIBYAL_ERRORS, struct.error, RecursionError)


def serve(line: Line, missing: tuple[str, ...]) -> None:
    """`missing` is what the sandbox lacks."""
    child = _Child(line)
    while (order := line.receive_order()) is not None:
        try:
            child.carry_out(order)
            line.send(messages.Done(missing))
        except NotFoundError as error:
            line.send(messages.Failed(error.message, is_missing=True))
        except DiskError as error:
            line.send(messages.Failed(error.message, is_fatal=error.is_fatal))
        except _READ_ERRORS as error:
            line.send(messages.Failed(child.trouble_behind(error)))


class _Child:
    """The disks that are served, and the volume that is mounted, once there is one."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._disks: tuple[Served, ...] = ()
        self._volume: _Volume | None = None

    def carry_out(self, order: messages.FromParent) -> None:
        match order:
            case messages.Serve(disks=disks):
                self._disks = tuple(self._served(number, *row) for number, row in enumerate(disks))
            case messages.Divide():
                self._line.send(messages.Divided(divide(self._disks)))
            case messages.Mount(volume=volume):
                self._volume = _Volume(self._line, volume, open_recipe(volume.stream, self._disks))
                self._line.send(messages.Mounted(self._volume.label, self._volume.notes))
            case _:
                if self._volume is None:
                    raise DiskError("No volume is mounted.")
                self._volume.carry_out(order)

    def trouble_behind(self, error: BaseException) -> str:
        """The own words of libyal, or the parent's refusal that made it fail (raised instead)."""
        if self._volume is not None:
            self._volume.raise_trouble()
        return f"{told(error)}."

    def _served(self, number: int, size: int, block_size: int, is_file: int) -> Served:
        def beside(name: str) -> Stream:
            self._line.send(messages.Beside(number, name))
            match self._line.receive_order():
                case messages.Sibling(number=sibling, size=bytes_, block_size=block):
                    return DiskStream(self._line, sibling, bytes_, block)
                case messages.Refused(message=message):
                    raise DiskError(message)
                case _:
                    raise SystemExit(1)  # the parent has gone

        return Served(DiskStream(self._line, number, size, block_size), bool(is_file), beside)


class _Volume:
    """A mounted file system. Paths are those of `view`."""

    def __init__(self, line: Line, found: Found, stream: Stream) -> None:
        self._line = line
        self._stream = stream
        self._tree: Tree = _mounted(found.kind, stream)
        self._places: OrderedDict[str, Place] = OrderedDict()
        self._folders: OrderedDict[str, dict[str, Ref]] = OrderedDict()
        self.label = "".join(char for char in self._tree.label if char.isprintable())[:100]
        self.notes = notes_of(found.kind, stream)
        self._tree.is_late = any(note.endswith(LATE) for note in self.notes)
        root = self._lookup("/")
        if root is None or root.kind is not Kind.FOLDER:
            raise DiskError("The file system is damaged: its root is no folder.")

    def raise_trouble(self) -> None:
        self._tree.raise_trouble()

    def carry_out(self, order: messages.FromParent) -> None:
        match order:
            case messages.Stat(path=path, follow=follow):
                entry = resolve(text(path), self._lookup, follow=follow)
                self._tell(iter(() if entry is None else (entry,)))
            case messages.Names(paths=paths):
                for path in paths:
                    self._names(text(path))
            case messages.Find(patterns=patterns):
                self._tell(find(map(text, patterns), self._lookup, self._listing))
            case messages.Read(path=path, offset=offset, size=size):
                place = self._file(text(path))
                self._line.send(messages.Content(path, self._content(place, offset, size)))
            case messages.ReadMany(paths=paths, limit=limit):
                self._read_many([text(path) for path in paths], limit)
            case _:
                raise DiskError("That is no order.")

    def _names(self, path: str) -> None:
        """One folder: its entries, and then the folder's own as the last word about it."""
        try:
            self._tell(self._listing(path))
        except (DiskError, *_READ_ERRORS) as error:
            self._complain(f"{path} cannot be read: {self._why(error)}")
        self._line.send(messages.Content(raw(path), b""))

    def _read_many(self, paths: list[str], limit: int) -> None:
        places: list[tuple[int, str, Place]] = []
        ranges: list[tuple[int, int]] = []
        for path in paths:
            try:
                place = self._file(path)
                if place.entry.size > limit:
                    continue
                extents = self._tree.extents(place.node)[:64] if place.entry.size else []
            except NotFoundError:
                continue
            except (DiskError, *_READ_ERRORS) as error:
                self._complain(f"{path} cannot be read: {self._why(error)}")
                continue
            places.append((extents[0][0] if extents else 0, path, place))
            ranges.extend(extents)
        hint(self._line, (piece for one in sorted(ranges) for piece in self._stream.where(*one)))
        for _, path, place in sorted(places, key=lambda row: row[:2]):
            try:
                self._line.send(messages.Content(raw(path), self._content(place, 0, place.entry.size)))
            except (DiskError, *_READ_ERRORS) as error:
                self._complain(f"{path} cannot be read: {self._why(error)}")

    def _content(self, place: Place, offset: int, size: int) -> bytes:
        wanted = min(size, place.entry.size - offset)
        if offset < 0 or wanted <= 0:
            return b""
        return self._tree.read(place.node, offset, wanted)

    def _file(self, path: str) -> Place:
        entry = resolve(path, self._lookup)
        if entry is None:
            raise NotFoundError(f"There is no {path} on this volume.")
        if entry.kind is not Kind.FILE:
            raise DiskError(f"{path} is no file.")
        return self._place(entry.path)

    def _lookup(self, path: str) -> Entry | None:
        known = self._places.get(path)
        if known is not None:
            self._places.move_to_end(path)
            return known.entry
        if path == "/":
            return self._keep("/", self._tree.root())
        above, _, name = path.rpartition("/")
        folder = self._lookup(above or "/")
        if folder is None or folder.kind is not Kind.FOLDER:
            return None
        ref = self._tree.find(self._folder(folder.path), name)
        return None if ref is None else self._keep(path, self._tree.node(ref))

    def _folder(self, path: str) -> dict[str, Ref]:
        """The names in the folder of exactly this path."""
        known = self._folders.get(path)
        if known is None:
            node = self._place(path).node
            known = self._folders[path] = self._tree.names(node, path, self._complain)
            if len(self._folders) > _KEPT_FOLDERS:
                self._folders.popitem(last=False)
        self._folders.move_to_end(path)
        return known

    def _place(self, path: str) -> Place:
        """Of a path that has just been looked up, even when so much was looked up since that it is not kept."""
        if path not in self._places and self._lookup(path) is None:
            raise NotFoundError(f"There is no {path} on this volume.")
        return self._places[path]

    def _keep(self, path: str, node: object) -> Entry | None:
        entry = self._tree.entry(node, path)
        if entry is not None:
            self._places[path] = Place(entry, node)
            if len(self._places) > _KEPT_PLACES:
                self._places.popitem(last=False)
        return entry

    def _listing(self, path: str, wanted: Callable[[str], object] = bool) -> Iterator[Entry]:
        folder = resolve(path, self._lookup)
        if folder is None or folder.kind is not Kind.FOLDER:
            return
        base = folder.path.rstrip("/")
        for name, ref in tuple(self._folder(folder.path).items()):
            if not wanted(name):
                continue
            try:
                entry = self._tree.entry(self._tree.node(ref), f"{base}/{name}")
            except (DiskError, *_READ_ERRORS) as error:
                self._complain(f"{base}/{name} cannot be read: {self._why(error)}")
                continue
            if entry is not None:
                yield entry
            elif (
                not self._tree.is_late
            ):  # else it was being made or deleted when the disk was copied, and the note says so
                self._complain(f"{base}/{name} is damaged: there is a name and no file.")

    def _tell(self, entries: Iterator[Entry]) -> None:
        batch: list[messages.Told] = []
        for entry in entries:
            batch.append(tell(entry))
            if len(batch) >= _BATCH:
                self._line.send(messages.Entries(tuple(batch)))
                batch.clear()
        if batch:
            self._line.send(messages.Entries(tuple(batch)))

    def _complain(self, message: str) -> None:
        self._line.send(messages.Problem(message))

    def _why(self, error: BaseException) -> str:
        """One sentence. The parent's refusal goes on up when nothing more will come."""
        if isinstance(error, DiskError):
            if error.is_fatal:
                raise error
            return error.message
        self.raise_trouble()
        return f"{told(error)}."


def _mounted(kind: str, stream: Stream) -> Tree:
    opener = TREES.get(kind)
    if opener is None:
        raise DiskError(f"There is no parser for {kind or 'this'}.")
    return opener(stream)
