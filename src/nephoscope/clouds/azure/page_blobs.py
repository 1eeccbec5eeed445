"""The pages of one Azure snapshot, read through the address that gives access to it for a while (SAS)."""

import base64
import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from urllib.parse import quote

from nephoscope.clouds.rest.desk import Desk, Request
from nephoscope.clouds.rest.http import Answer
from nephoscope.errors import DeniedError, DiskError
from nephoscope.images.blocks import BlockSet
from nephoscope.images.budget import Meter, Tariff

BLOCK_SIZE = 512 * 1024
TARIFF = Tariff(
    name="Azure managed disks, incremental snapshots", gigabyte_hour=0.05 / 730, listed=16_384, as_of="2025-11-01"
)
"""Reading is not charged by request; what leaves the region is, as traffic."""
ACCESS = "Microsoft.Compute/snapshots/beginGetAccess/action"

_VERSION = "2021-12-02"
_WINDOW = 16_384
_WINDOWS = 16
_TRIES = 3
_RANGE = re.compile(rb"<(PageRange|ClearRange)>\s*<Start>(\d{1,18})</Start>\s*<End>(\d{1,18})</End>")
_MARKER = re.compile(rb"<NextMarker>([^<]{1,4096})</NextMarker>")

Renew = Callable[[], str]
"""A new address, when the old one does not open any more."""


class PageBlobSource:
    """`device.BlockSource` for one snapshot. Which pages hold data is asked for where somebody reads."""

    block_size = BLOCK_SIZE
    tariff = TARIFF

    def __init__(self, desk: Desk, name: str, size: int, meter: Meter, renew: Renew) -> None:
        self.name = name
        self.size = size
        self._desk = desk
        self._meter = meter
        self._renew = renew
        self._address = ""
        self._windows: OrderedDict[int, BlockSet] = OrderedDict()
        self._lock = threading.Lock()

    def holds(self, block: int) -> bool:
        number = block // _WINDOW
        with self._lock:
            known = self._windows.get(number)
            if known is None:
                known = self._windows[number] = self._listed(number)
                if len(self._windows) > _WINDOWS:
                    self._windows.popitem(last=False)
            self._windows.move_to_end(number)
            return block in known

    def fetch(self, block: int) -> bytes:
        start = block * BLOCK_SIZE
        end = min(start + BLOCK_SIZE, self.size) - 1
        headers = {"Range": f"bytes={start}-{end}", "x-ms-range-get-content-md5": "true"}
        for _ in range(_TRIES):
            answer = self._ask("", headers)
            if len(answer.body) == end - start + 1 and _is_whole(answer):
                return answer.body
        raise DiskError(f"Block {block:,} of {self.name} does not arrive as it was stored: its checksum differs.")

    def close(self) -> None:
        self._windows.clear()

    def _listed(self, number: int) -> BlockSet:
        start = number * _WINDOW * BLOCK_SIZE
        end = min(start + _WINDOW * BLOCK_SIZE, self.size) - 1
        held = BlockSet()
        for kind, first, last in self.ranges({"x-ms-range": f"bytes={start}-{end}"}):
            if kind == b"PageRange":
                held.add(first // BLOCK_SIZE, last // BLOCK_SIZE + 1)
        return held

    def ranges(self, headers: dict[str, str]) -> Iterator[tuple[bytes, int, int]]:
        """Kind of range, first and last byte."""
        marker = ""
        while True:
            self._meter.listing(self.tariff)
            answer = self._ask(f"&comp=pagelist{marker}", headers)
            for kind, first, last in _RANGE.findall(answer.body):
                yield kind, int(first), int(last)
            more = _MARKER.search(answer.body)
            if more is None:
                return
            marker = f"&marker={quote(more[1].decode('ascii', 'replace'), safe='')}"

    def address(self) -> str:
        """What opens the snapshot now. A secret while it does."""
        if not self._address:
            self._address = self._renew()
        return self._address

    def _ask(self, query: str, headers: dict[str, str]) -> Answer:
        """Asked again with a new address when the old one does not open any more."""
        try:
            return self._desk.ask(self._request(query, headers))
        except DeniedError:
            self._address = ""
            return self._desk.ask(self._request(query, headers))

    def _request(self, query: str, headers: dict[str, str]) -> Request:
        address = self.address()
        told = {"x-ms-version": _VERSION, "Accept": "*/*", **headers}
        return Request("disk", "GET", f"{address}{query}", permission=ACCESS, headers=told)


def _is_whole(answer: Answer) -> bool:
    told = answer.headers.get("content-md5", "")
    found = hashlib.md5(answer.body, usedforsecurity=False).digest()
    return not told or base64.b64encode(found).decode() == told
