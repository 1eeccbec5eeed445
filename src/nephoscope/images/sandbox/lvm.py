"""Logical volumes over one or several physical ones (LVM2).

A group describes itself in text on its physical volumes; linear and striped segments are read from there, any other
kind (mirrors, arrays, thin volumes, snapshots, caches) is named and not read, because it would be read as nonsense.
libyal's parser is not used: it cannot open groups of more than one physical volume.
"""

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from nephoscope.errors import DiskError
from nephoscope.images.recipes import Found, Logical, State
from nephoscope.images.recipes import Stream as Recipe
from nephoscope.images.sandbox.streams import Range, Stream

_READABLE = frozenset({"linear", "striped"})
_LARGEST_METADATA = 16 * 1024 * 1024
_TOKEN = re.compile(r'#[^\n]*|"((?:[^"\\]|\\.)*)"|([\w.+-]+)|([{}=\[\],])')
_DEEPEST = 12
_SECTOR = 512
_MOST_SEGMENTS = 100_000
_SHAPES = (KeyError, TypeError, ValueError, AttributeError, IndexError)
"""What a description in another shape than ours raises where it is read."""


class Physical(msgspec.Struct, frozen=True):
    """A physical volume that was found."""

    recipe: Recipe
    stream: Stream


def logical_volumes(found: Sequence[Physical]) -> Iterator[Found]:
    """Every visible logical volume of every group that a physical volume belongs to. Never raises for what a disk says:
    a group that cannot be read is one FAILED volume."""
    groups: dict[str, tuple[Group, list[Physical]]] = {}
    for one in found:
        try:
            group = read_group(one.stream)
        except DiskError as error:
            if error.is_fatal:
                raise
            reason = f"The physical volume cannot be read: {error.message}."
            yield Found("lvm", one.recipe, one.stream.size, "lvm", State.FAILED, reason)
            continue
        known, members = groups.setdefault(group.identifier, (group, []))
        members.append(one)
        if group.version > known.version:
            groups[group.identifier] = (group, members)
    for group, members in groups.values():
        yield from _volumes(group, members)


def _volumes(group: "Group", members: Sequence[Physical]) -> Iterator[Found]:
    recipes = tuple(member.recipe for member in members)
    streams = {identifier(member.stream): member.stream for member in members}
    if not group.volumes:
        why = "The volume group has no logical volumes."
        yield Found(group.name, recipes[0], members[0].stream.size, "lvm", State.NOTHING, why)
    for name in sorted(group.volumes):
        found = Found(f"{group.name}/{name}", Logical(recipes, name), 0)
        try:
            yield msgspec.structs.replace(found, size=_LogicalStream(group, name, streams).size)
        except _OtherKindError as error:
            yield msgspec.structs.replace(found, kind="lvm", state=State.UNSUPPORTED, reason=error.message)
        except DiskError as error:
            yield msgspec.structs.replace(found, kind="lvm", state=State.FAILED, reason=error.message)


def open_logical(streams: Sequence[Stream], name: str) -> Stream:
    """DiskError when the group cannot be read, or lacks a physical volume."""
    groups = []
    for stream in streams:
        try:
            groups.append(read_group(stream))
        except DiskError:  # another member of the group may tell
            continue
    if not groups:
        raise DiskError("No physical volume describes the group.")
    newest = max(groups, key=lambda group: group.version)
    return _LogicalStream(newest, name, {identifier(stream): stream for stream in streams})


class Group(msgspec.Struct, frozen=True):
    """A volume group as it describes itself. `volumes` are the visible ones, as they stand in the text; `physical` maps
    the group's own names to identifier and first byte of the data."""

    name: str
    identifier: str
    version: int
    extent: int
    physical: dict[str, tuple[str, int]]
    volumes: dict[str, dict[str, Any]]


def read_group(stream: Stream) -> Group:
    """From one physical volume. DiskError when it does not describe one."""
    parsed = _parsed(_metadata(stream))
    try:
        name, row = next((key, value) for key, value in parsed.items() if isinstance(value, dict))
        volumes = row.get("logical_volumes") or {}
        return Group(
            name=name[:128],
            identifier=str(row["id"])[:64],
            version=int(row["seqno"]),
            extent=int(row["extent_size"]) * _SECTOR,
            physical={
                key: (str(one["id"]).replace("-", ""), int(one["pe_start"]) * _SECTOR)
                for key, one in row["physical_volumes"].items()
            },
            volumes={key: one for key, one in volumes.items() if "VISIBLE" in (one.get("status") or ())},
        )
    except (*_SHAPES, StopIteration) as error:
        raise DiskError("the description of the group is in a shape that is not known here") from error


class _OtherKindError(DiskError):
    """A logical volume of a kind that is not read here. Private to this module."""


class _Segment(msgspec.Struct, frozen=True):
    """A stretch of a logical volume: over `stripes` in turns of `turn` bytes. Each is a stream and the place in it."""

    offset: int
    size: int
    turn: int
    stripes: tuple[tuple[Stream, int], ...]

    def pieces(self, offset: int, size: int) -> Iterator[tuple[Stream, int, int]]:
        """Stream, place, size of each piece of a range that begins here (offset inside of the segment)."""
        count = len(self.stripes)
        while size > 0:
            turn, inside = divmod(offset, self.turn)
            stream, start = self.stripes[turn % count]
            length = min(size, self.turn - inside) if count > 1 else size
            yield stream, start + (turn // count) * self.turn + inside, length
            offset, size = offset + length, size - length


class _LogicalStream:
    """A logical volume."""

    def __init__(self, group: Group, name: str, streams: dict[str, Stream]) -> None:
        if name not in group.volumes:
            raise DiskError(f"The group has no logical volume {name}.")
        try:
            self._segments = sorted(_segments(group, group.volumes[name], streams), key=lambda row: row.offset)
        except _SHAPES as error:
            raise DiskError("Its segments are described in a shape that is not known here.") from error
        at = 0
        for segment in self._segments:
            if segment.offset != at:
                raise DiskError("Its segments do not lie one after the other.")
            at += segment.size
        self._starts = [segment.offset for segment in self._segments]
        self.size = at

    def read_at(self, offset: int, size: int) -> bytes:
        return b"".join(
            _exactly(stream, at, length) for stream, at, length in self._pieces(offset, min(size, self.size - offset))
        )

    def where(self, offset: int, size: int) -> Iterator[Range]:
        for stream, at, length in self._pieces(offset, min(size, self.size - offset)):
            yield from stream.where(at, length)

    def _pieces(self, offset: int, size: int) -> Iterator[tuple[Stream, int, int]]:
        while size > 0 and offset >= 0:
            segment = self._segments[bisect_right(self._starts, offset) - 1]
            length = min(size, segment.offset + segment.size - offset)
            yield from segment.pieces(offset - segment.offset, length)
            offset, size = offset + length, size - length


def _exactly(stream: Stream, offset: int, size: int) -> bytes:
    content = stream.read_at(offset, size)
    if len(content) != size:
        raise DiskError("The logical volume reaches beyond the end of a physical one.")
    return content


def _segments(group: Group, volume: dict[str, Any], streams: dict[str, Stream]) -> Iterator[_Segment]:
    """DiskError when it is of another kind, or on a physical volume that is not there."""
    rows = [row for row in volume.values() if isinstance(row, dict) and "start_extent" in row]
    others = sorted({str(row["type"]) for row in rows} - _READABLE)
    if others:
        raise _OtherKindError(f"A logical volume of the kind {', '.join(others)[:100]} is not read here.")
    if len(rows) > _MOST_SEGMENTS:
        raise DiskError("It has more segments than any real one.")
    for row in rows:
        named = list(zip(row["stripes"][::2], map(int, row["stripes"][1::2]), strict=True))
        places = [(*group.physical[name], start) for name, start in named]
        missing = [identified for identified, _, _ in places if identified not in streams]
        if missing:
            raise DiskError(f"The physical volume {missing[0][:40]} of its group is not among these disks.")
        size = int(row["extent_count"]) * group.extent
        turn = int(row.get("stripe_size") or 0) * _SECTOR if len(named) > 1 else size
        if size <= 0 or turn <= 0:
            raise DiskError("One of its segments has no size.")
        stripes = tuple((streams[identified], first + start * group.extent) for identified, first, start in places)
        yield _Segment(int(row["start_extent"]) * group.extent, size, turn, stripes)


def _label(stream: Stream) -> tuple[bytes, int]:
    """The sector with the label, and where the header of the physical volume begins in it."""
    head = stream.read_at(0, 4 * 512)
    for at in range(0, 4 * 512, 512):
        if head[at : at + 8] == b"LABELONE":
            (offset,) = struct.unpack_from("<I", head, at + 20)
            return stream.read_at(at, 4096), min(offset, 480)
    raise DiskError("the physical volume has no label")


def identifier(stream: Stream) -> str:
    try:
        sector, at = _label(stream)
    except DiskError:
        return ""
    return sector[at : at + 32].decode("ascii", "replace")


def _metadata(stream: Stream) -> str:
    """The text in which the group describes itself. DiskError when this physical volume carries none."""
    sector, at = _label(stream)
    at += 40
    lists = 0
    while at + 16 <= len(sector):
        offset, size = struct.unpack_from("<QQ", sector, at)
        at += 16
        if offset:
            if lists:
                return _text(stream, offset, size)
            continue
        lists += 1
        if lists > 1:
            break
    raise DiskError("the physical volume carries no description of its group")


def _text(stream: Stream, area: int, area_size: int) -> str:
    """It lies in a ring that begins after the area's header."""
    header = stream.read_at(area, 512)
    offset, size = struct.unpack_from("<QQ", header, 40)
    if header[4:20] != b" LVM2 x[5A%r0N*>" or size > _LARGEST_METADATA or not _SECTOR <= offset < area_size:
        raise DiskError("the description of the group is damaged")
    first = min(size, area_size - offset)
    return (stream.read_at(area + offset, first) + stream.read_at(area + 512, size - first)).decode("utf-8", "replace")


def _parsed(text: str) -> dict[str, Any]:
    """Sections in braces, lists in brackets, texts and numbers. What does not belong there ends the reading."""
    tokens = (found for found in _TOKEN.finditer(text) if not found[0].startswith("#"))
    return _section(tokens, 0)


def _section(tokens: Iterator[re.Match[str]], depth: int) -> dict[str, Any]:
    if depth > _DEEPEST:
        raise DiskError("the description of the group is nested too deep")
    rows: dict[str, Any] = {}
    for token in tokens:
        name = token[2]
        if name is None:
            return rows
        following = next(tokens, None)
        if following is None:
            return rows
        rows[name] = _section(tokens, depth + 1) if following[0] == "{" else _value(tokens)
    return rows


def _value(tokens: Iterator[re.Match[str]]) -> Any:
    first = next(tokens, None)
    if first is None or first[0] != "[":
        return None if first is None else first[1] if first[1] is not None else first[0]
    values = []
    for token in tokens:
        if token[0] == "]":
            break
        if token[0] != ",":
            values.append(token[1] if token[1] is not None else token[0])
    return values
