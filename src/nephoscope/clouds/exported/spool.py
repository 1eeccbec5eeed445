"""What was read from export files, sorted by account and kind into compressed files of a temporary folder, so that a
gigabyte is never in memory and nothing is recorded before everything was read."""

from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec
import zstandard

from nephoscope.clouds.collecting import Raw
from nephoscope.clouds.exported.lookup import Lookup
from nephoscope.errors import TooLargeError

_OPEN_AT_ONCE = 128
_BUFFER = 256 * 1024
_LONGEST_LINE = 64 * 1024 * 1024


class Place(NamedTuple):
    account: str
    kind: str


class Spool:
    """One for each import. Not thread-safe. `folder` is somebody's temporary folder. `is_whole` says of what is put
    into it that nothing else exists, file for file."""

    def __init__(self, folder: Path, *, is_whole: bool = False) -> None:
        self._folder = folder
        self.is_whole = is_whole
        self._waiting: dict[Place, list[bytes]] = {}
        self._sizes: Counter[Place] = Counter()
        self._lookups: dict[Place, Lookup] = {}
        self.counts: Counter[Place] = Counter()
        """How many items of each kind in each account."""

    @property
    def accounts(self) -> tuple[str, ...]:
        """In the order in which they came."""
        return tuple(dict.fromkeys(place.account for place in self.counts))

    def put(self, account: str, kind: str, item: Any) -> None:
        place = Place(account, kind)
        line = msgspec.json.encode(item) + b"\n"
        self._waiting.setdefault(place, []).append(line)
        self._sizes[place] += len(line)
        self.counts[place] += 1
        if self._sizes[place] > _BUFFER or len(self._waiting) > _OPEN_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """What waits goes to its file, as one more compressed frame."""
        for place, lines in self._waiting.items():
            with self._path(place).open("ab") as file:
                file.write(zstandard.ZstdCompressor(level=1).compress(b"".join(lines)))
        self._waiting.clear()
        self._sizes.clear()

    def items(self, account: str, kind: str) -> Iterator[Raw]:
        """In the order in which they came."""
        self.flush()
        path = self._path(Place(account, kind))
        if not path.exists():
            return
        with path.open("rb") as file:
            reader: IO[bytes] = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
            for line in _lines(reader):
                yield msgspec.json.decode(line)

    def lookup(self, account: str, kind: str, key: str) -> Lookup:
        """The items by what stands under a key of them. Nothing of the kind may be put after it was asked for."""
        place = Place(account, kind)
        if place not in self._lookups:
            named = ((item[key], item) for item in self.items(account, kind))
            self._lookups[place] = Lookup(self._path(place).with_suffix(".names"), named)
        return self._lookups[place]

    def _path(self, place: Place) -> Path:
        return self._folder / sha256(f"{place.account}\n{place.kind}".encode()).hexdigest()[:32]


def _lines(reader: IO[bytes]) -> Iterator[bytes]:
    rest = BytesIO()
    while chunk := reader.read(_BUFFER):
        *whole, last = chunk.split(b"\n")
        for line in whole:
            rest.write(line)
            yield rest.getvalue()
            rest = BytesIO()
        rest.write(last)
        if rest.tell() > _LONGEST_LINE:
            raise TooLargeError("One item is larger than anything that a cloud exports.")
    if rest.tell():
        yield rest.getvalue()
