"""Files on their way out, in bounded memory: as they are, or as the one member of a zip archive."""

import asyncio
import zipfile
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime

from litestar.response import Stream

from nephoscope.api.wire.reports import disposition

_LEVEL = 1
"""Of zip: what is sent once should not be squeezed for long."""
_ZIP64_FROM = 1 << 31


async def streamed(pieces: Iterable[bytes], media_type: str, headers: dict[str, str] | None = None) -> Stream:
    """What fails at once fails before anything was sent. Pieces are made on threads beside the event loop."""
    made = iter(pieces)
    first = await asyncio.to_thread(next, made, None)
    return Stream(_sent(first, made), media_type=media_type, headers=headers)


def attachment(name: str, size: int | None = None) -> dict[str, str]:
    """Headers of a file, which a browser saves."""
    length = {} if size is None else {"Content-Length": str(size)}
    return {"Content-Disposition": disposition(name), **length}


def zipped(name: str, moment: datetime, size: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """An archive with one file of that many bytes in it."""
    member = zipfile.ZipInfo(name, moment.timetuple()[:6])
    member.compress_type = zipfile.ZIP_DEFLATED
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", compresslevel=_LEVEL) as archive:  # type: ignore[call-overload]  # it only writes
        with archive.open(member, "w", force_zip64=size >= _ZIP64_FROM) as file:
            for piece in pieces:
                file.write(piece)
                yield sink.taken()
        yield sink.taken()
    yield sink.taken()


class _Sink:
    """A file that is only written, and not from place to place: what `zipfile` needs of one."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:
        self._waiting += data
        return len(data)

    def flush(self) -> None:
        """What waits is taken, not flushed."""

    def taken(self) -> bytes:
        found = bytes(self._waiting)
        self._waiting.clear()
        return found


async def _sent(piece: bytes | None, made: Iterator[bytes]) -> AsyncIterator[bytes]:
    while piece is not None:
        if piece:
            yield piece
        piece = await asyncio.to_thread(next, made, None)
