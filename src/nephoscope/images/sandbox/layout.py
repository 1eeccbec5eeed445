"""What disks are divided into: images, partition tables, logical volumes, and what lies on each of them."""

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence

import msgspec
import pyvsgpt

from nephoscope.errors import DiskError
from nephoscope.images import recipes
from nephoscope.images.recipes import Found, Layout, State
from nephoscope.images.sandbox.containers import Beside, format_of, open_image
from nephoscope.images.sandbox.lvm import Physical, logical_volumes, open_logical
from nephoscope.images.sandbox.signatures import LVM, kind_of, size_told
from nephoscope.images.sandbox.streams import LIBYAL_ERRORS, FileObject, PartStream, Stream, told

_SECTOR = 512
_EXTENDED = frozenset({0x05, 0x0F, 0x85})
_PROTECTIVE = 0xEE
_MOST_PARTITIONS = 256
_LARGEST_TABLE = 1 << 20
_EMPTY = "00000000-0000-0000-0000-000000000000"
_BOOT_ONLY: Mapping[str, str] = {
    "21686148-6449-6e6f-744e-656564454649": "Boot code.",
    "9e1a2d38-c612-4316-aa26-8b49521e5a8b": "Boot code.",
    "e3c9e316-0b5c-4db8-817d-f92df00215ae": "Space that Windows reserves.",
}
"""Types of partitions that hold no files."""


class _Cut(msgspec.Struct, frozen=True):
    """A partition: its number in the table, and what its type says that it is. `lost`: why nobody knows what is in
    it."""

    number: int
    offset: int
    size: int
    nothing: str = ""
    lost: str = ""


class Served(msgspec.Struct, frozen=True):
    """A disk as the parent serves it. Only files are asked whether they are images: what a cloud stores is the disk
    itself, whatever somebody wrote to its beginning."""

    stream: Stream
    is_file: bool
    beside: Beside


def divide(disks: Sequence[Served]) -> Layout:
    """Never raises for what a disk says: what cannot be read is a FAILED volume."""
    formats, sizes, tables = [], [], []
    volumes: list[Found] = []
    physical: list[Physical] = []
    for number, disk in enumerate(disks):
        name = f"disk {number}" if len(disks) > 1 else "disk"
        recipe: recipes.Stream = recipes.Disk(number)
        stream = disk.stream
        form, table = "raw", ""
        try:
            form = (format_of(stream) if disk.is_file else "") or "raw"
            if form != "raw":
                recipe, stream = recipes.Image(recipe, form), open_image(stream, form, disk.beside)
            table, cuts = _cuts(stream)
            for volume, inner in _parts(name, recipe, stream, cuts):
                if volume.kind == LVM and volume.state is State.READ:
                    physical.append(Physical(volume.stream, inner))
                else:
                    volumes.append(volume)
        except (DiskError, struct.error) as error:
            if isinstance(error, DiskError) and error.is_fatal:
                raise
            why = error.message if isinstance(error, DiskError) else "it ends where more was to come."
            volumes.append(Found(name, recipe, stream.size, "", State.FAILED, f"The disk cannot be read: {why}"))
        formats.append(form)
        sizes.append(stream.size)
        tables.append(table)
    volumes.extend(_judged(logical, disks) for logical in logical_volumes(physical))
    return Layout(tuple(volumes), tuple(formats), tuple(sizes), tuple(tables))


def open_recipe(recipe: recipes.Stream, disks: Sequence[Served]) -> Stream:
    """The bytes that a recipe leads to. DiskError when a step fails."""
    match recipe:
        case recipes.Disk(number=number):
            if not 0 <= number < len(disks):
                raise DiskError(f"There is no disk {number}.")
            return disks[number].stream
        case recipes.Image(inner=recipes.Disk(number=number) as inner, format=form):
            return open_image(open_recipe(inner, disks), form, disks[number].beside)
        case recipes.Part(inner=inner, offset=offset, size=size):
            return PartStream(open_recipe(inner, disks), offset, size)
        case recipes.Logical(physical=physical, name=name):
            return open_logical([open_recipe(one, disks) for one in physical], name)
        case _:
            raise DiskError("An image inside of an image is not opened.")


def _judged(volume: Found, disks: Sequence[Served]) -> Found:
    """A logical volume, with what lies on it."""
    if volume.state is not State.READ:
        return volume
    try:
        return _recognised(volume, open_recipe(volume.stream, disks))
    except DiskError as error:
        if error.is_fatal:
            raise
        return msgspec.structs.replace(volume, state=State.FAILED, reason=error.message)


def _parts(
    name: str, recipe: recipes.Stream, stream: Stream, cuts: Sequence[_Cut] | None
) -> Iterator[tuple[Found, Stream]]:
    if cuts is None:
        yield _recognised(Found(name, recipe, stream.size), stream), stream
        return
    for cut in cuts:
        inner = PartStream(stream, cut.offset, cut.size)
        beyond = cut.offset + cut.size - stream.size
        gaps = (f"It reaches {beyond:,} bytes beyond the end of the disk.",) if beyond > 0 else ()
        title = f"{name} partition {cut.number or 'table'}"
        found = Found(title, recipes.Part(recipe, cut.offset, cut.size), cut.size, gaps=gaps)
        if cut.nothing:
            yield msgspec.structs.replace(found, state=State.NOTHING, reason=cut.nothing), inner
            continue
        if cut.lost:
            yield msgspec.structs.replace(found, state=State.FAILED, reason=cut.lost), inner
            continue
        try:
            yield _recognised(found, inner), inner
        except DiskError as error:
            if error.is_fatal:
                raise
            yield msgspec.structs.replace(found, state=State.FAILED, reason=error.message), inner


def _recognised(found: Found, stream: Stream) -> Found:
    signature = kind_of(stream)
    if signature is None:
        return msgspec.structs.replace(
            found, state=State.UNSUPPORTED, reason="Nothing that is known here: another file system, or encrypted."
        )
    gaps = found.gaps
    if signature.state is State.READ and not gaps:
        whole = size_told(signature.kind, stream.read_at(0, 2048))
        cut = f"It is cut off: the file system has {whole:,} bytes, and {stream.size:,} of them are there."
        gaps = (cut,) if whole > stream.size else ()
    known, state, reason = signature.kind, signature.state, signature.reason
    return msgspec.structs.replace(found, kind=known, state=state, reason=reason, gaps=gaps)


def _cuts(stream: Stream) -> tuple[str, tuple[_Cut, ...] | None]:
    """The kind of the partition table and its partitions; None for a disk that has no table."""
    head = stream.read_at(0, 8192)
    if not head:
        raise DiskError("it is empty.")
    if head[_SECTOR : _SECTOR + 8] == b"EFI PART" or head[4096 : 4096 + 8] == b"EFI PART":
        return "gpt", _gpt(stream)
    if not _has_table(head, stream.size):
        return "", None
    if any(kind == _PROTECTIVE for kind, _, _ in _rows(head)):
        return "gpt", _gpt(stream)
    return "mbr", tuple(_mbr(stream, head))


def _gpt(stream: Stream) -> tuple[_Cut, ...]:
    file = FileObject(stream)
    volume = pyvsgpt.volume()
    try:
        volume.open_file_object(file)
        found = [volume.get_partition(number) for number in range(min(volume.number_of_partitions, _MOST_PARTITIONS))]
        cuts = tuple(
            _Cut(one.entry_index + 1, one.volume_offset, one.size, _BOOT_ONLY.get(one.type_identifier.lower(), ""))
            for one in found
            if one.type_identifier != _EMPTY
        )
    except LIBYAL_ERRORS as error:
        file.raise_trouble()
        raise DiskError(f"The GPT cannot be read: {told(error).rstrip('.')}.") from error
    lost = "It is not what its checksums say: partitions may be missing."
    return cuts if _is_sound_gpt(stream) else (*cuts, _Cut(0, 0, 0, lost=lost))


def _is_sound_gpt(stream: Stream) -> bool:
    """Whether the header and the rows are those that were written; the reader of the table does not ask."""
    for sector in (_SECTOR, 4096):
        header = stream.read_at(sector, _SECTOR)
        if header[:8] == b"EFI PART":
            break
    else:
        return False
    (size,) = struct.unpack_from("<I", header, 12)
    rows_at, count, row, checksum = struct.unpack_from("<QIII", header, 72)
    if not 92 <= size <= len(header) or count * row > _LARGEST_TABLE:  # noqa: PLR2004 - the least that a header has
        return False
    (own,) = struct.unpack_from("<I", header, 16)
    if zlib.crc32(header[:16] + bytes(4) + header[20:size]) != own:
        return False
    return bool(zlib.crc32(stream.read_at(rows_at * sector, count * row)) == checksum)


def _rows(sector: bytes) -> tuple[tuple[int, int, int], ...]:
    """Type, first sector and sectors of the four rows."""
    rows = (struct.unpack_from("<4xB3xII", sector, 446 + 16 * row) for row in range(4))
    return tuple((kind, start, count) for kind, start, count in rows)


def _has_table(head: bytes, size: int) -> bool:
    """The signature alone proves nothing: boot sectors of file systems have it too."""
    is_file_system = head[54:57] == b"FAT" or head[82:87] == b"FAT32" or head[3:7] in (b"NTFS", b"-FVE")
    if head[510:512] != b"\x55\xaa" or is_file_system:
        return False
    if any(head[446 + 16 * row] not in (0x00, 0x80) for row in range(4)):
        return False
    return any(kind and start and count and start * _SECTOR < size for kind, start, count in _rows(head))


def _mbr(stream: Stream, head: bytes) -> Iterator[_Cut]:
    for number, (kind, start, count) in enumerate(_rows(head), 1):
        if kind in _EXTENDED:
            yield from _chain(stream, _Cut(number, start * _SECTOR, count * _SECTOR))
        elif kind and start and count:
            yield _Cut(number, start * _SECTOR, count * _SECTOR)


def _chain(stream: Stream, whole: _Cut) -> Iterator[_Cut]:
    """Logical partitions: each has a table of its own that points to the next one. Where a chain breaks off or bites
    its tail, what comes after is lost."""
    base = at = whole.offset // _SECTOR
    seen: set[int] = set()
    for number in range(5, _MOST_PARTITIONS):
        sector = stream.read_at(at * _SECTOR, _SECTOR)
        if at == base and not sector.strip(b"\0"):
            return  # an extended partition that nothing was ever put into
        if at in seen or sector[510:512] != b"\x55\xaa":
            break
        seen.add(at)
        (kind, start, count), (next_kind, next_start, _) = _rows(sector)[:2]
        if kind and start and count:
            yield _Cut(number, (at + start) * _SECTOR, count * _SECTOR)
        if next_kind not in _EXTENDED or not next_start:
            return
        at = base + next_start
    lost = "The chain of its logical partitions is damaged: those that follow are not known."
    yield msgspec.structs.replace(whole, lost=lost)
