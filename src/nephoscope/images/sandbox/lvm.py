"""Logical volumes over one or several physical ones. libyal reads them; what kinds their segments are is read here,
because a mirror or a thin volume would be read as nonsense."""

import re
import struct
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pyvslvm

from nephoscope.errors import DiskError
from nephoscope.images.recipes import Found, Logical, State
from nephoscope.images.recipes import Stream as Recipe
from nephoscope.images.sandbox.streams import LIBYAL_ERRORS, FileObject, OpenedStream, Range, Stream, told

_READABLE = frozenset({"linear", "striped"})
_LARGEST_METADATA = 16 * 1024 * 1024
_TOKEN = re.compile(r'#[^\n]*|"((?:[^"\\]|\\.)*)"|([\w.+-]+)|([{}=\[\],])')
_DEEPEST = 12
_SECTOR = 512


class Physical(msgspec.Struct, frozen=True):
    """A physical volume that was found."""

    recipe: Recipe
    stream: Stream


def logical_volumes(found: Sequence[Physical]) -> Iterator[Found]:
    """Every visible logical volume of every group that a physical volume belongs to. Never raises for what a disk says:
    a group that cannot be read is one FAILED volume."""
    waiting = {_identifier(one.stream): one for one in found}
    while waiting:
        first, one = next(iter(waiting.items()))
        try:
            names, members = _members(one)
        except (*LIBYAL_ERRORS, DiskError, struct.error) as error:
            waiting.pop(first)
            reason = f"The volume group cannot be read: {told(error)}."
            yield Found("lvm", one.recipe, one.stream.size, "lvm", State.FAILED, reason)
            continue
        present = [waiting.pop(member, None) for member in members]
        waiting.pop(first, None)
        yield from _volumes(names, one, [member for member in present if member is not None], len(members))


def _volumes(group: str, one: Physical, present: list[Physical], needed: int) -> Iterator[Found]:
    kinds = _kinds(one.stream)
    missing = needed - len(present)
    opened = None
    reason = f"{missing} of {needed} physical volumes of the group are not among these disks." if missing else ""
    if not missing:
        try:
            opened = _Group(tuple(member.stream for member in present))
        except (*LIBYAL_ERRORS, DiskError) as error:
            reason = f"The volume group cannot be read: {told(error)}."
    recipes = tuple(member.recipe for member in present)
    known = opened.numbers() if opened is not None else {}
    for name, kind in sorted(kinds.items()):
        recipe = Logical(recipes, known.get(name, -1))
        title = f"{group}/{name}"
        if kind - _READABLE:
            why = f"A logical volume of the kind {', '.join(sorted(kind - _READABLE))[:100]} is not read here."
            yield Found(title, recipe, 0, "lvm", State.UNSUPPORTED, why)
        elif opened is None or name not in known:
            why = reason or "The parser does not know this logical volume."
            yield Found(title, recipe, 0, "lvm", State.FAILED, why)
        else:
            yield Found(title, recipe, opened.size(known[name]))
    if not kinds:
        why = "The volume group has no logical volumes, or does not tell."
        yield Found(group, one.recipe, one.stream.size, "lvm", State.NOTHING if not missing else State.FAILED, why)


class _Group:
    """An opened volume group."""

    def __init__(self, streams: tuple[Stream, ...]) -> None:
        self._streams = streams
        self._files = tuple(FileObject(stream) for stream in streams)
        self._handle = pyvslvm.handle()
        self._handle.open_file_object(self._files[0])
        self._handle.open_physical_volume_files_as_file_objects(list(self._files))
        self._group = self._handle.get_volume_group()

    def numbers(self) -> dict[str, int]:
        count = min(self._group.number_of_logical_volumes, 4096)
        return {self._group.get_logical_volume(number).name: number for number in range(count)}

    def size(self, number: int) -> int:
        return int(self._group.get_logical_volume(number).size)

    def open(self, number: int) -> Stream:
        volume = self._group.get_logical_volume(number)
        return _LogicalStream(volume, self._streams, self._files, keep=self)


class _LogicalStream(OpenedStream):
    """libyal reads it; where its bytes lie on the disks is told by the description."""

    def __init__(self, volume: Any, streams: tuple[Stream, ...], files: tuple[FileObject, ...], keep: object) -> None:
        super().__init__(volume, int(volume.size), files, keep=keep)
        by_id = {_identifier(stream): stream for stream in streams}
        self._segments = tuple(_segments(_group_of(streams[0]), str(volume.name), by_id))

    def where(self, offset: int, size: int) -> Iterator[Range]:
        for start, length, stream, at in self._segments:
            first, last = max(offset, start), min(offset + size, start + length)
            if first < last:
                yield from stream.where(at + first - start, last - first)


def _segments(group: dict[str, Any], name: str, streams: dict[str, Stream]) -> Iterator[tuple[int, int, Stream, int]]:
    """Offset and size in the volume, and where that lies: for segments on one physical volume."""
    try:
        extent = int(group["extent_size"]) * _SECTOR
        physical = {key: (str(row["id"]).replace("-", ""), row) for key, row in group["physical_volumes"].items()}
        for part in group["logical_volumes"][name].values():
            if not isinstance(part, dict) or "stripes" not in part or len(part["stripes"]) != 2:  # noqa: PLR2004 - name, extent
                continue
            identifier, row = physical[part["stripes"][0]]
            at = int(row["pe_start"]) * _SECTOR + int(part["stripes"][1]) * extent
            if identifier in streams:
                yield int(part["start_extent"]) * extent, int(part["extent_count"]) * extent, streams[identifier], at
    except (KeyError, TypeError, ValueError, AttributeError):  # a description in another shape: no hints
        return


def open_logical(streams: tuple[Stream, ...], number: int) -> Stream:
    """DiskError when the group cannot be opened."""
    try:
        return _Group(streams).open(number)
    except LIBYAL_ERRORS as error:
        raise DiskError(f"The logical volume cannot be opened: {told(error)}.") from error


def _members(one: Physical) -> tuple[str, tuple[str, ...]]:
    """The name of the group, and the identifiers of its physical volumes in its own order."""
    file = FileObject(one.stream)
    handle = pyvslvm.handle()
    handle.open_file_object(file)
    group = handle.get_volume_group()
    if group is None:
        raise DiskError("the physical volume belongs to no group")
    count = min(group.number_of_physical_volumes, 4096)
    members = [group.get_physical_volume(number).identifier.replace("-", "") for number in range(count)]
    return str(group.name), tuple(members)


def _label(stream: Stream) -> tuple[bytes, int]:
    """The sector with the label, and where the header of the physical volume begins in it."""
    head = stream.read_at(0, 4 * 512)
    for at in range(0, 4 * 512, 512):
        if head[at : at + 8] == b"LABELONE":
            (offset,) = struct.unpack_from("<I", head, at + 20)
            return stream.read_at(at, 4096), min(offset, 480)
    raise DiskError("the physical volume has no label")


def _identifier(stream: Stream) -> str:
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


def _group_of(stream: Stream) -> dict[str, Any]:
    """The group's description. Empty when it cannot be read."""
    try:
        parsed = _parsed(_metadata(stream))
    except (DiskError, struct.error):
        return {}
    return next((value for value in parsed.values() if isinstance(value, dict)), {})


def _kinds(stream: Stream) -> dict[str, frozenset[str]]:
    """Visible logical volume → the kinds of its segments. Nothing when the description cannot be read."""
    volumes = _group_of(stream).get("logical_volumes", {})
    return {
        name: frozenset(_kind(part) for part in row.values() if isinstance(part, dict) and "type" in part)
        for name, row in (volumes.items() if isinstance(volumes, dict) else ())
        if isinstance(row, dict) and "VISIBLE" in (row.get("status") or ())
    }


def _kind(segment: dict[str, Any]) -> str:
    """A linear segment is written as one stripe."""
    kind, stripes = str(segment["type"]), str(segment.get("stripe_count", "1"))
    return kind if kind != "striped" or stripes == "1" else f"striped over {stripes}"


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
