"""The blocks of one EBS snapshot, read through the EBS direct API."""

import base64
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError
from urllib3.exceptions import HTTPError

from nephoscope.clouds.aws.calling import Desk
from nephoscope.errors import DeniedError, DiskError, UnavailableError
from nephoscope.images.blocks import BlockSet
from nephoscope.images.budget import Meter, Tariff

BLOCK_SIZE = 512 * 1024
LISTED = 10_000
"""Blocks that one request for a list names at most."""

TARIFF = Tariff(
    name="EBS direct API, us-east-1",
    currency="USD",
    block=0.003 / 1000,
    listing=0.0006 / 1000,
    listed=LISTED,
    gigabyte_hour=0.05 / 730,
    as_of="2025-11-01",
)
"""The public prices of the region where most are lowest; other regions ask up to twice as much."""

_WINDOWS = 16
"""Lists of blocks that are kept."""
_TRIES = 3
"""For a block whose bytes do not arrive whole, or are not those that were stored."""


class EbsSource:
    """`device.BlockSource` for one snapshot. Which blocks there are is asked for where somebody reads, not for the
    whole disk."""

    block_size = BLOCK_SIZE
    tariff = TARIFF

    def __init__(
        self, desk: Desk, region: str, snapshot_id: str, size: int, meter: Meter, *, is_encrypted: bool
    ) -> None:
        self.name = snapshot_id
        self.size = size
        self._desk = desk
        self._region = region
        self._meter = meter
        self._is_encrypted = is_encrypted
        self._windows: OrderedDict[int, dict[int, str]] = OrderedDict()
        self._lock = threading.Lock()

    def holds(self, block: int) -> bool:
        return block in self._window(block)

    def fetch(self, block: int) -> bytes:
        for attempt in range(_TRIES):
            token = self._window(block)[block]
            try:
                answer = self._call("get_snapshot_block", BlockIndex=block, BlockToken=token)
            except UnavailableError as error:
                if attempt + 1 == _TRIES or "oken" not in error.message:
                    raise
                self._forget(block)  # tokens live for some days: ask for new ones
                continue
            content = _content(answer)
            if content is not None:
                return content
        raise DiskError(f"Block {block:,} of {self.name} does not arrive as it was stored: its checksum differs.")

    def close(self) -> None:
        self._windows.clear()

    def _window(self, block: int) -> dict[int, str]:
        """Block → token, of the blocks around it that hold data."""
        number = block // LISTED
        with self._lock:
            known = self._windows.get(number)
            if known is None:
                known = self._windows[number] = dict(self._listed(number * LISTED))
                if len(self._windows) > _WINDOWS:
                    self._windows.popitem(last=False)
            self._windows.move_to_end(number)
            return known

    def _forget(self, block: int) -> None:
        with self._lock:
            self._windows.pop(block // LISTED, None)

    def _listed(self, start: int) -> Iterator[tuple[int, str]]:
        """A page may stop early, or reach beyond what was asked for."""
        end = start + LISTED
        more: dict[str, Any] = {"StartingBlockIndex": start}
        while more:
            self._meter.listing(self.tariff)
            page = self._call("list_snapshot_blocks", MaxResults=LISTED, **more)
            if page.get("BlockSize", BLOCK_SIZE) != BLOCK_SIZE:
                raise DiskError(f"{self.name} has blocks of {page['BlockSize']} bytes; {BLOCK_SIZE} are known here.")
            last = start - 1
            for row in page.get("Blocks", ()):
                last = row["BlockIndex"]
                if last < end:
                    yield last, row["BlockToken"]
            more = {"NextToken": page["NextToken"]} if page.get("NextToken") and last < end - 1 else {}

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        try:
            return self._desk.call("ebs", operation, self._region, {"SnapshotId": self.name, **arguments})
        except DeniedError as error:
            if not self._is_encrypted or error.permission.startswith("kms:"):
                raise
            hint = f"{error.message} {self.name} is encrypted: kms:Decrypt on its key may be what is missing."
            raise DeniedError(hint, error.permission) from error


def _content(answer: dict[str, Any]) -> bytes | None:
    """None when the bytes did not arrive as they were stored."""
    try:
        content: bytes = answer["BlockData"].read()
    except (BotoCoreError, HTTPError, OSError):
        return None
    told = answer.get("Checksum", "")
    is_right = base64.b64encode(hashlib.sha256(content).digest()).decode() == told
    return content if is_right or (not told and len(content) == BLOCK_SIZE) else None


def changed_blocks(desk: Desk, region: str, first: str, second: str) -> BlockSet:
    """The blocks in which the second snapshot differs from the first. A CloudError when they are of different disks."""
    changed = BlockSet()
    arguments: dict[str, Any] = {"FirstSnapshotId": first, "SecondSnapshotId": second, "MaxResults": LISTED}
    more: dict[str, Any] = {}
    while True:
        page = desk.call("ebs", "list_changed_blocks", region, {**arguments, **more})
        for row in page.get("ChangedBlocks", ()):
            changed.add(row["BlockIndex"])
        if not page.get("NextToken"):
            return changed
        more = {"NextToken": page["NextToken"]}
