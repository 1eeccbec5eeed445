"""Images of the kind qcow2, which most clouds hand out: two levels of tables, and clusters that may be compressed.

libyal's parser is not used: it gives wrong bytes for compressed clusters, without an error.
"""

import struct
import zlib
from collections import OrderedDict
from collections.abc import Iterator

import msgspec
import zstandard

from nephoscope.errors import DiskError
from nephoscope.images.sandbox.streams import Range, Stream

_HEAD = struct.Struct(">4sIQIIQIIQ")
_OFFSET = 0x00FFFFFFFFFFFE00
_COMPRESSED = 1 << 62
_ZERO = 1
_OTHER_FILE, _KIND_OF_COMPRESSION, _LONG_ENTRIES = 4, 8, 16
_KNOWN = 0x1F
_KEPT_TABLES = 64
_KEPT_CLUSTERS = 32
_LARGEST_TABLE = 256 * 1024 * 1024
_ZSTD = 1


class _Header(msgspec.Struct, frozen=True):
    version: int
    cluster_bits: int
    size: int
    table: int
    entries: int
    features: int
    compression: int
    encryption: int
    backing: int
    """Bytes of the name of another image, which this one is the difference to."""


def _header(stream: Stream) -> _Header:
    head = stream.read_at(0, 112).ljust(112, b"\0")
    magic, version, _, backing, bits, size, encryption, entries, table = _HEAD.unpack_from(head)
    if magic != b"QFI\xfb" or version not in (2, 3):
        raise DiskError("The qcow image is of a version that is not read here.")
    (features,) = struct.unpack_from(">Q", head, 72) if version > 2 else (0,)  # noqa: PLR2004 - the first with features
    (length,) = struct.unpack_from(">I", head, 100)
    compression = head[104] if features & _KIND_OF_COMPRESSION and length > 104 else 0  # noqa: PLR2004 - where it stands
    return _Header(version, bits, size, table, entries, features, compression, encryption, backing)


class QcowStream:
    """The disk in a qcow2 image."""

    def __init__(self, stream: Stream) -> None:
        """DiskError for what cannot be read, or is not whole by itself."""
        header = _header(stream)
        if header.backing:
            name = stream.read_at(struct.unpack(">Q", stream.read_at(8, 8))[0], min(header.backing, 100))
            raise DiskError(
                f"The qcow2 image holds only what differs from {name.decode('utf-8', 'replace')!r}, and what an image "
                "points at is not opened: make a whole one of it (qemu-img convert)."
            )
        if header.encryption:
            raise DiskError("The qcow2 image is encrypted.")
        if header.features & (_OTHER_FILE | _LONG_ENTRIES | ~_KNOWN) or header.compression > _ZSTD:
            raise DiskError("The qcow2 image uses features that are not read here (qemu-img convert makes another).")
        if not 9 <= header.cluster_bits <= 21 or header.entries * 8 > _LARGEST_TABLE:  # noqa: PLR2004 - what qcow2 allows
            raise DiskError("The header of the qcow2 image makes no sense.")
        self._stream = stream
        self._header = header
        self._cluster = 1 << header.cluster_bits
        self._per_table = self._cluster // 8
        self.size = min(header.size, header.entries * self._per_table * self._cluster)
        self._tables: OrderedDict[int, bytes] = OrderedDict()
        self._clusters: OrderedDict[int, bytes] = OrderedDict()

    def read_at(self, offset: int, size: int) -> bytes:
        return b"".join(self._piece(*piece) for piece in self._pieces(offset, size))

    def where(self, offset: int, size: int) -> Iterator[Range]:
        for number, inside, length in self._pieces(offset, size):
            entry = self._entry(number)
            if entry & _COMPRESSED:
                yield from self._stream.where(*self._packed(entry))
            elif entry & _OFFSET and not entry & _ZERO:
                yield from self._stream.where((entry & _OFFSET) + inside, length)

    def _pieces(self, offset: int, size: int) -> Iterator[tuple[int, int, int]]:
        """Number of the cluster, place in it, bytes."""
        end = min(offset + size, self.size)
        while 0 <= offset < end:
            number, inside = divmod(offset, self._cluster)
            length = min(self._cluster - inside, end - offset)
            yield number, inside, length
            offset += length

    def _piece(self, number: int, inside: int, length: int) -> bytes:
        entry = self._entry(number)
        if entry & _COMPRESSED:
            return self._unpacked(number, entry)[inside : inside + length]
        if not entry & _OFFSET or entry & _ZERO:
            return bytes(length)
        content = self._stream.read_at((entry & _OFFSET) + inside, length)
        if len(content) != length:
            raise DiskError("The qcow2 image is cut off.")
        return content

    def _entry(self, number: int) -> int:
        which, row = divmod(number, self._per_table)
        table = self._tables.get(which)
        if table is None:
            table = self._table(which)
            self._tables[which] = table
            if len(self._tables) > _KEPT_TABLES:
                self._tables.popitem(last=False)
        return int.from_bytes(table[row * 8 : row * 8 + 8], "big")

    def _table(self, which: int) -> bytes:
        place = int.from_bytes(self._stream.read_at(self._header.table + which * 8, 8), "big") & _OFFSET
        if not place:
            return bytes(self._cluster)
        table = self._stream.read_at(place, self._cluster)
        if len(table) != self._cluster:
            raise DiskError("The qcow2 image is cut off: a table is missing.")
        return table

    def _packed(self, entry: int) -> tuple[int, int]:
        """Where a compressed cluster lies, and how many bytes it has at most."""
        bits = 62 - (self._header.cluster_bits - 8)
        offset = entry & ((1 << bits) - 1)
        sectors = ((entry & ~(1 << 63) & ~_COMPRESSED) >> bits) + 1
        return offset, sectors * 512 - (offset & 511)

    def _unpacked(self, number: int, entry: int) -> bytes:
        known = self._clusters.get(number)
        if known is not None:
            return known
        packed = self._stream.read_at(*self._packed(entry))
        try:
            if self._header.compression == _ZSTD:
                content = zstandard.ZstdDecompressor().decompressobj().decompress(packed)
            else:
                content = zlib.decompressobj(-15).decompress(packed, self._cluster)
        except (zlib.error, zstandard.ZstdError) as error:
            raise DiskError(f"A compressed cluster of the qcow2 image is damaged: {error}.") from error
        if len(content) < self._cluster:
            raise DiskError("A compressed cluster of the qcow2 image is damaged: it is too short.")
        self._clusters[number] = content[: self._cluster]
        if len(self._clusters) > _KEPT_CLUSTERS:
            self._clusters.popitem(last=False)
        return self._clusters[number]
