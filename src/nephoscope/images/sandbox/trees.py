"""File systems in the parser process, all alike: folders with names, files with bytes, extents to plan ahead with.

libyal reads the file systems. What it does not tell is told as a problem: nothing is left out without a word.
"""

import stat
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import msgspec
import pyfsext
import pyfsfat
import pyfsntfs
import pyfsxfs

from nephoscope.errors import DiskError
from nephoscope.images.sandbox.folders import Names, ext_names, xfs_names, xfs_shape, xfs_short_names
from nephoscope.images.sandbox.inodes import IN_MAP, Inodes
from nephoscope.images.sandbox.streams import LIBYAL_ERRORS, FileObject, Stream, told
from nephoscope.images.view import Entry, Kind

MOST_NAMES = 1_000_000
"""In one folder."""
_LARGEST_FOLDER = 512 * 1024 * 1024
"""Bytes of a folder's own blocks that are looked at."""
_KINDS = {
    stat.S_IFREG: Kind.FILE,
    stat.S_IFDIR: Kind.FOLDER,
    stat.S_IFLNK: Kind.LINK,
    **dict.fromkeys((stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK), Kind.OTHER),
}
_SPARSE = 1
_MOST_EXTENTS = 100_000
_WINDOWS_EPOCH = 11_644_473_600
"""Seconds from 1601 to 1970."""

Node = Any
"""What a parser has for a file: it has no types of its own."""
Ref = Any
"""What a folder says about where a file is: a number, or already the node."""
Complain = Callable[[str], None]


class Tree(Protocol):
    """One file system. Everything may raise what LIBYAL_ERRORS names."""

    label: str
    is_late: bool
    """It was in use when it was copied: what was about to be written is not there, and nobody is told again."""

    def raise_trouble(self) -> None:
        """What the parent refused since this was last asked."""
        ...

    def root(self) -> Node: ...

    def names(self, node: Node, path: str, complain: Complain) -> dict[str, Ref]: ...

    def find(self, names: Mapping[str, Ref], name: str) -> Ref | None:
        """The one of these that is called so."""
        ...

    def node(self, ref: Ref) -> Node: ...

    def entry(self, node: Node, path: str) -> Entry | None:
        """None for a name whose file is not there: its inode holds nothing."""
        ...

    def read(self, node: Node, offset: int, size: int) -> bytes:
        """A range inside of the file."""
        ...

    def extents(self, node: Node) -> list[tuple[int, int]]:
        """Offset in the volume and size, without holes; nothing when the parser does not tell."""
        ...


class _Tree:
    """What libyal's bindings have in common."""

    label = ""
    is_late = False

    def __init__(self, stream: Stream, volume: Any) -> None:
        self._file = FileObject(stream)
        self._stream = stream
        self._volume = volume
        volume.open_file_object(self._file)

    def raise_trouble(self) -> None:
        self._file.raise_trouble()

    def root(self) -> Node:
        return self._volume.get_root_directory()

    def read(self, node: Node, offset: int, size: int) -> bytes:
        content: bytes = node.read_buffer_at_offset(size, offset)
        return content

    def extents(self, node: Node) -> list[tuple[int, int]]:
        found = (node.get_extent(index) for index in range(min(node.number_of_extents, _MOST_EXTENTS)))
        return [(offset, size) for offset, size, flags in found if not flags & _SPARSE]


class _Listed(_Tree):
    """Folders are listed by libyal, and names mean the same in any case."""

    def names(self, node: Node, path: str, complain: Complain) -> dict[str, Ref]:
        found: dict[str, Ref] = {}
        count = node.number_of_sub_file_entries
        if count > MOST_NAMES:
            complain(f"{path} has {count:,} names; {MOST_NAMES:,} are looked at.")
        for index in range(min(count, MOST_NAMES)):
            try:
                inner = node.get_sub_file_entry(index)
                name = inner.name or ""
            except LIBYAL_ERRORS as error:
                self.raise_trouble()
                complain(f"A name in {path} cannot be read: {told(error)}.")
                continue
            if is_name(name):
                found[name] = inner
        return found

    def find(self, names: Mapping[str, Ref], name: str) -> Ref | None:
        exact = names.get(name)
        if exact is not None:
            return exact
        wanted = name.casefold()
        return next((ref for known, ref in names.items() if known.casefold() == wanted), None)

    def node(self, ref: Ref) -> Node:
        return ref


def is_name(name: str) -> bool:
    return name not in ("", ".", "..") and "/" not in name and "\0" not in name


class _Unix(_Tree):
    """Folders hold names and numbers of inodes."""

    def _blocks(self, node: Node) -> Iterator[Names]:
        raise NotImplementedError

    def names(self, node: Node, path: str, complain: Complain) -> dict[str, Ref]:
        found: dict[str, Ref] = {}
        is_whole = True
        for block in self._blocks(node):
            is_whole = is_whole and (block.is_whole or (block.is_blank and self.is_late))
            for name, inode in block.rows:
                spelled = name.decode("utf-8", "surrogateescape")
                if is_name(spelled):
                    found[spelled] = inode
                elif name not in (b".", b".."):
                    is_whole = False
            if len(found) >= MOST_NAMES:
                complain(f"{path} has more than {MOST_NAMES:,} names; the rest is not looked at.")
                break
        if not is_whole:
            complain(f"{path} is damaged: names in it are missing.")
        return found

    def find(self, names: Mapping[str, Ref], name: str) -> Ref | None:
        return names.get(name)

    def node(self, ref: Ref) -> Node:
        return self._volume.get_file_entry_by_inode(ref)

    def entry(self, node: Node, path: str) -> Entry | None:
        mode = node.file_mode
        kind = _KINDS.get(stat.S_IFMT(mode))
        if kind is None:
            return None
        return Entry(
            path=path,
            kind=kind,
            size=max(0, node.size or 0),
            mode=stat.S_IMODE(mode),
            mtime=(node.get_modification_time_as_integer() or 0) / 1e9,
            inode=node.inode_number,
            links=max(1, node.number_of_links or 1),
            target=(node.symbolic_link_target or "") if kind is Kind.LINK else "",
        )


class Ext(_Unix):
    def __init__(self, stream: Stream) -> None:
        super().__init__(stream, pyfsext.volume())
        self.label = _label(self._volume)
        self._inodes = Inodes(stream)

    def entry(self, node: Node, path: str) -> Entry | None:
        entry = super().entry(node, path)
        inline = self._inodes.inline(node.inode_number) if entry is not None and entry.kind is Kind.LINK else None
        if entry is None or inline is None:
            return entry
        return msgspec.structs.replace(entry, target=inline[: entry.size].decode(errors="replace"))

    def node(self, ref: Ref) -> Node:
        if self._inodes.is_encrypted(ref):
            raise DiskError("it is encrypted.")
        return super().node(ref)

    def read(self, node: Node, offset: int, size: int) -> bytes:
        inline = self._inodes.inline(node.inode_number)
        if inline is None:
            return super().read(node, offset, size)
        return inline[offset : offset + size].ljust(size, b"\0")  # zeros, when the file is longer than that

    def _blocks(self, node: Node) -> Iterator[Names]:
        inline = self._inodes.inline(node.inode_number)
        if inline is not None:  # the number of the folder above, and rows in two parts
            for part in (inline[4:IN_MAP], inline[IN_MAP:]):
                yield ext_names(part, len(part))
            return
        extents, size = self.extents(node), self._inodes.block
        for block in _blocks(self._stream, extents, size):
            yield ext_names(block, size)
        yield Names([], _covers(extents, node.size))


class Xfs(_Unix):
    def __init__(self, stream: Stream) -> None:
        super().__init__(stream, pyfsxfs.volume())
        self.label = _label(self._volume)
        self._shape = xfs_shape(stream)

    def extents(self, node: Node) -> list[tuple[int, int]]:
        """The parser tells the blocks' numbers as if every group were as large as numbers of groups allow."""
        shape = self._shape
        try:
            return [(shape.offset_of(offset // shape.block), size) for offset, size in super().extents(node)]
        except LIBYAL_ERRORS:  # what lies in the inode itself has none
            self.raise_trouble()
            return []

    def _blocks(self, node: Node) -> Iterator[Names]:
        extents, shape = self.extents(node), self._shape
        if not extents:
            yield xfs_short_names(self._stream, shape, node.inode_number)
            return
        for block in _blocks(self._stream, extents, shape.folder_block):
            yield xfs_names(block, shape.folder_block, has_kinds=shape.has_kinds)
        yield Names([], _covers(extents, node.size))


class Ntfs(_Listed):
    """Alternate data streams are not looked at."""

    def __init__(self, stream: Stream) -> None:
        super().__init__(stream, pyfsntfs.volume())
        self.label = self._volume.name or ""

    def entry(self, node: Node, path: str) -> Entry | None:
        if node.is_empty():
            return None
        target = node.symbolic_link_target or ""
        kind = Kind.LINK if target else Kind.FOLDER if node.has_directory_entries_index() else Kind.FILE
        return Entry(
            path=path,
            kind=kind,
            size=max(0, node.size or 0) if kind is Kind.FILE and node.has_default_data_stream() else 0,
            mtime=_since_1601(node.get_modification_time_as_integer()),
            inode=node.file_reference & 0xFFFFFFFFFFFF,
            target=_windows_path(target),
        )


class Fat(_Listed):
    def __init__(self, stream: Stream) -> None:
        super().__init__(stream, pyfsfat.volume())
        self.label = _label(self._volume)

    def entry(self, node: Node, path: str) -> Entry:
        flags = node.file_attribute_flags or 0
        is_folder = path == "/" or bool(flags & pyfsfat.file_attribute_flags.DIRECTORY)
        return Entry(
            path=path,
            kind=Kind.FOLDER if is_folder else Kind.FILE,
            size=0 if is_folder else max(0, node.size or 0),
            inode=node.identifier or 0,
        )


def _covers(extents: list[tuple[int, int]], size: int) -> bool:
    """Whether there are blocks for all of a folder, and no more than are looked at."""
    return size <= sum(length for _, length in extents) <= _LARGEST_FOLDER


def _blocks(stream: Stream, extents: list[tuple[int, int]], size: int) -> Iterator[bytes]:
    """The blocks of a folder, one after the other."""
    left = _LARGEST_FOLDER
    for offset, length in extents:
        for at in range(offset, offset + min(length, left), size):
            yield stream.read_at(at, size)
        left -= min(length, left)


TREES: Mapping[str, Callable[[Stream], Tree]] = {
    "ext2": Ext,
    "ext3": Ext,
    "ext4": Ext,
    "xfs": Xfs,
    "ntfs": Ntfs,
    "fat": Fat,
}
"""By what `signatures` calls a file system."""


def _label(volume: Any) -> str:
    try:
        return volume.label or ""
    except LIBYAL_ERRORS:  # a label in no encoding is no reason to read nothing
        return ""


def _since_1601(ticks: int | None) -> float:
    return ticks / 1e7 - _WINDOWS_EPOCH if ticks else 0.0


def _windows_path(target: str) -> str:
    r"""`\??\C:\Users` → `/Users`."""
    plain = target.removeprefix("\\??\\").replace("\\", "/")
    return plain[2:] if plain[1:2] == ":" else plain


class Place(msgspec.Struct, frozen=True):
    """A file, found: its entry and what the parser has for it."""

    entry: Entry
    node: Node
