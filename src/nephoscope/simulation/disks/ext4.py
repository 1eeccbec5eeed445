"""A small ext4 file system, and the disk around it, written by hand: one group, one run of blocks a file, no journal.

Everything is laid out before anything is written, so the same tree makes the same bytes. Files and folders lie in the
order of their paths. Bounds: 120 MiB in all, names and targets of links as short as ext4 keeps them in one place.
"""

import stat
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

BLOCK = 4096
_SECTOR = 512
_STARTS = 2048
"""The sector at which the partition begins."""
_MOST_BLOCKS = 30_000
_INODE, _FIRST_FREE, _ROOT = 256, 11, 2
_PER_TABLE_BLOCK = BLOCK // _INODE
_BITMAPS, _TABLE = 2, 4
"""Blocks: 0 is the superblock, 1 the group, then the maps of blocks and of inodes, then the inodes."""
_FOLDER, _FILE, _LINK = 2, 1, 7
"""As entries of folders spell them."""
_MODES = {_FOLDER: stat.S_IFDIR | 0o755, _FILE: stat.S_IFREG | 0o644, _LINK: stat.S_IFLNK | 0o777}
_EXTENTS = 0x80000
_LONGEST_TARGET = 59
_IN_FOLDERS_TYPES, _BY_EXTENTS, _LARGE_FILES = 0x2, 0x40, 0x2

Tree = Mapping[str, bytes | str]
"""Path without a slash before it → content; a text is what a symbolic link points to."""


class _Node(msgspec.Struct):
    """`number` is its inode, `first` its first block, if it takes any."""

    path: str
    kind: int
    content: bytes
    number: int = 0
    first: int = 0
    links: int = 1

    @property
    def blocks(self) -> int:
        return 0 if self.kind == _LINK else -(-len(self.content) // BLOCK)


def write_disk(path: Path, tree: Tree, *, size: int, label: str, written: int) -> Path:
    """A disk of `size` bytes with one partition that holds the tree. `written`: the seconds since 1970 that everything
    carries. The file has holes where nothing is. ValueError when the tree does not fit."""
    offset = _STARTS * _SECTOR
    sectors = size // _SECTOR - _STARTS
    row = struct.pack("<B3xB3xII", 0x80, 0x83, _STARTS, sectors)
    with path.open("wb") as file:
        file.write(bytes(446) + row.ljust(64, b"\0") + b"\x55\xaa")
        for number, block in _file_system(tree, sectors * _SECTOR // BLOCK, label, written):
            file.seek(offset + number * BLOCK)
            file.write(block)
        file.truncate(size)
    return path


def _file_system(tree: Tree, blocks: int, label: str, written: int) -> Iterator[tuple[int, bytes]]:
    """Blocks that are not empty, by number."""
    nodes = _nodes(tree)
    inodes = -(-(_FIRST_FREE + len(nodes)) // _PER_TABLE_BLOCK) * _PER_TABLE_BLOCK
    used = _TABLE + inodes // _PER_TABLE_BLOCK
    for node in nodes:
        if node.kind == _FOLDER:
            node.content = _entries(node, nodes)
    for node in nodes:
        node.first = used
        used += node.blocks
    if used > blocks or blocks > _MOST_BLOCKS:
        raise ValueError(f"{used} blocks are needed, of {blocks}; {_MOST_BLOCKS} are the most.")
    taken = _FIRST_FREE - 2 + len(nodes)
    free = struct.pack("<HH", blocks - used, inodes - taken)
    folders = sum(node.kind == _FOLDER for node in nodes)
    yield 0, bytes(1024) + _superblock((inodes, blocks), free, label, written)
    yield 1, struct.pack("<III4sH", _BITMAPS, _BITMAPS + 1, _TABLE, free, folders)
    yield _BITMAPS, _bitmap(used, blocks)
    yield _BITMAPS + 1, _bitmap(taken, inodes)
    table = bytearray(inodes * _INODE)
    for node in nodes:
        table[(node.number - 1) * _INODE : node.number * _INODE] = _inode(node, written)
    yield _TABLE, bytes(table)
    for node in nodes:
        if node.blocks:
            yield node.first, node.content


def _nodes(tree: Tree) -> list[_Node]:
    """The root, `lost+found`, then everything else with the folders that it needs."""
    folders = {"", "lost+found"}
    for path in tree:
        parts = path.split("/")
        folders |= {"/".join(parts[:count]) for count in range(1, len(parts))}
    nodes = [_Node(path, _FOLDER, b"") for path in folders]
    for path, content in tree.items():
        if isinstance(content, str):
            nodes.append(_Node(path, _LINK, content.encode()))
        else:
            nodes.append(_Node(path, _FILE, content))
    nodes.sort(key=lambda node: (node.path != "", node.path != "lost+found", node.path))
    for number, node in enumerate(nodes):
        node.number = _FIRST_FREE + number - 1 if number else _ROOT
        if node.kind == _LINK and len(node.content) > _LONGEST_TARGET:
            raise ValueError(f"{node.path}: the target of a link takes at most {_LONGEST_TARGET} bytes.")
    return nodes


def _entries(folder: _Node, nodes: list[_Node]) -> bytes:
    """What lies in the folder, filled up to whole blocks. Each folder in it adds a link to it."""
    inside = [node for node in nodes if node.path and node.path.rpartition("/")[0] == folder.path]
    parent = folder.path.rpartition("/")[0]
    above = next(node for node in nodes if node.path == parent and node.kind == _FOLDER)
    folder.links = 2 + sum(node.kind == _FOLDER for node in inside)
    rows = [(folder.number, ".", _FOLDER), (above.number, "..", _FOLDER)]
    rows += [(node.number, node.path.rpartition("/")[2], node.kind) for node in inside]
    blocks: list[list[bytes]] = [[]]
    for number, name, kind in rows:
        spelled = name.encode()
        length = 8 + -(-len(spelled) // 4) * 4
        if sum(map(len, blocks[-1])) + length > BLOCK:
            blocks.append([])
        entry = struct.pack("<IHBB", number, length, len(spelled), kind) + spelled
        blocks[-1].append(entry.ljust(length, b"\0"))
    return b"".join(map(_filled, blocks))


def _filled(entries: list[bytes]) -> bytes:
    """The last one of a block reaches to its end."""
    *before, last = entries
    room = BLOCK - sum(map(len, before))
    return b"".join(before) + (last[:4] + struct.pack("<H", room) + last[6:]).ljust(room, b"\0")


def _inode(node: _Node, written: int) -> bytes:
    if node.kind == _LINK:
        flags, place = 0, node.content
    else:
        run = struct.pack("<IHHI", 0, node.blocks, 0, node.first) if node.blocks else b""
        flags, place = _EXTENTS, struct.pack("<HHHHI", 0xF30A, 1 if run else 0, 4, 0, 0) + run
    head = struct.pack("<HHIIIII", _MODES[node.kind], 0, len(node.content), written, written, written, 0)
    sectors = node.blocks * BLOCK // _SECTOR
    body = struct.pack("<HHIII60s", 0, node.links, sectors, flags, 0, place)
    return (head + body).ljust(128, b"\0") + struct.pack("<H126x", 32)


def _bitmap(used: int, size: int) -> bytes:
    """The first `used` bits are taken, and so are those that stand for nothing."""
    bits = ((1 << used) - 1) | ((1 << BLOCK * 8) - (1 << size))
    return bits.to_bytes(BLOCK, "little")


def _superblock(sizes: tuple[int, int], free: bytes, label: str, written: int) -> bytes:
    inodes, blocks = sizes
    free_blocks, free_inodes = struct.unpack("<HH", free)
    counts = struct.pack("<IIIIII", inodes, blocks, 0, free_blocks, free_inodes, 0)
    shape = struct.pack("<IIIIIIIHH", 2, 2, BLOCK * 8, BLOCK * 8, inodes, 0, written, 0, 0xFFFF)
    state = struct.pack("<HHHHIIIIHH", 0xEF53, 1, 1, 0, written, 0, 0, 1, 0, 0)
    more = struct.pack("<IHHIII", _FIRST_FREE, _INODE, 0, 0, _IN_FOLDERS_TYPES | _BY_EXTENTS, _LARGE_FILES)
    names = struct.pack("<16s16s", label.encode().ljust(16, b"."), label.encode())
    return (counts + shape + state + more + names).ljust(1024, b"\0")
