"""The blocks of EBS snapshots: moto has snapshots and no bytes in them. A test or the demo says which image file a
volume holds (`facts.VolumeImage`); a snapshot made after that holds what the file holds.

An image must not be changed once it was named: for a disk that has changed, another file is named.
"""

import base64
import hashlib
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from moto.backends import get_backend
from moto.core.utils import utcnow

from nephoscope.simulation.aws.answering import Answer, RefusalError
from nephoscope.simulation.aws.facts import BlockConditions, VolumeImage
from nephoscope.simulation.aws.patches.types import Call, Operations

BLOCK_SIZE = 512 * 1024
_LEAST, _MOST = 100, 10_000
_LIFE = 7 * 24 * 3600.0
"""Seconds for which tokens of blocks are said to be good."""


class EbsBlocks:
    """Which image each volume holds, and since when."""

    def __init__(self) -> None:
        self._images: defaultdict[str, list[tuple[datetime, VolumeImage]]] = defaultdict(list)
        self._conditions = BlockConditions()
        self._asked = 0

    def tell(self, fact: VolumeImage | BlockConditions) -> None:
        if isinstance(fact, BlockConditions):
            self._conditions = fact
            self._asked = 0
        else:
            self._images[fact.volume_id].append((utcnow().replace(tzinfo=UTC), fact))

    def operations(self) -> Operations:
        return {
            ("ebs", "ListSnapshotBlocks"): self._list,
            ("ebs", "GetSnapshotBlock"): self._get,
            ("ebs", "ListChangedBlocks"): self._list_changed,
        }

    def _list(self, call: Call) -> Mapping[str, Any]:
        snapshot = self._snapshot(call, "snapshotId")
        image = self._image(snapshot)
        start = int(call.arguments.get("startingBlockIndex", 0))
        start = max(start, _page_start(call, snapshot.id))
        most = _page_size(call)
        found = list(_first(_held(image, start), most + 1))
        rows = [{"BlockIndex": index, "BlockToken": _token(snapshot.id, index)} for index in found[:most]]
        return self._page(snapshot, {"Blocks": rows}, snapshot.id, found[most:])

    def _list_changed(self, call: Call) -> Mapping[str, Any]:
        second = self._snapshot(call, "secondSnapshotId")
        first = self._snapshot(call, "firstSnapshotId")
        if first.volume.id != second.volume.id:
            raise RefusalError("ValidationException", "The snapshots are of different volumes: UNRELATED_SNAPSHOTS")
        start = max(int(call.arguments.get("startingBlockIndex", 0)), _page_start(call, second.id))
        before, after = self._image(first), self._image(second)
        most = _page_size(call)
        found = list(_first(_differing(before, after, start), most + 1))
        rows = [
            {
                "BlockIndex": index,
                **({"FirstBlockToken": _token(first.id, index)} if _block(before, index) else {}),
                **({"SecondBlockToken": _token(second.id, index)} if _block(after, index) else {}),
            }
            for index in found[:most]
        ]
        return self._page(second, {"ChangedBlocks": rows}, second.id, found[most:])

    def _page(self, snapshot: Any, rows: Mapping[str, Any], about: str, rest: list[int]) -> Mapping[str, Any]:
        return {
            **rows,
            "VolumeSize": snapshot.volume.size,
            "BlockSize": BLOCK_SIZE,
            "ExpiryTime": utcnow().replace(tzinfo=UTC).timestamp() + _LIFE,
            **({"NextToken": _token(about, rest[0])} if rest else {}),
        }

    def _get(self, call: Call) -> Answer:
        snapshot = self._snapshot(call, "snapshotId")
        index = int(call.arguments["blockIndex"])
        self._disturb(snapshot)
        if call.arguments.get("blockToken") != _token(snapshot.id, index):
            raise RefusalError("ValidationException", "The block token is not valid: INVALID_BLOCK_TOKEN")
        content = _block(self._image(snapshot), index)
        if not content:
            raise RefusalError("ResourceNotFoundException", f"Block {index} holds nothing.", 404)
        checksum = base64.b64encode(hashlib.sha256(content).digest()).decode()
        corrupted = self._conditions.corrupted_every
        if corrupted and self._asked % corrupted == 0:
            content = bytes([content[0] ^ 0xFF]) + content[1:]
        headers = (
            ("x-amz-Data-Length", str(BLOCK_SIZE)),
            ("x-amz-Checksum", checksum),
            ("x-amz-Checksum-Algorithm", "SHA256"),
        )
        return Answer(200, "application/octet-stream", content, headers)

    def _disturb(self, snapshot: Any) -> None:
        self._asked += 1
        throttled = self._conditions.throttled_every
        if throttled and self._asked % throttled == 0:
            raise RefusalError("RequestThrottledException", "Rate exceeded", 400)
        image = self._told(snapshot)
        if image is not None and image.is_key_denied:
            key = "arn:aws:kms:us-east-1:123456789012:key/simulated"
            message = f"User: scanner is not authorized to perform: kms:Decrypt on resource: {key}"
            raise RefusalError("AccessDeniedException", message, 403)

    def _snapshot(self, call: Call, name: str) -> Any:
        asked = str(call.arguments.get(name, ""))
        backend = get_backend("ec2")[call.account_id][call.region]
        found = next((row for row in backend.snapshots.values() if row.id == asked), None)
        if found is None:
            raise RefusalError("ResourceNotFoundException", f"The snapshot {asked} does not exist.", 404)
        return found

    def _told(self, snapshot: Any) -> VolumeImage | None:
        """What the volume held when the snapshot was made."""
        made = snapshot.start_time.replace(tzinfo=UTC)
        known = [fact for since, fact in self._images.get(snapshot.volume.id, ()) if since <= made]
        return known[-1] if known else None

    def _image(self, snapshot: Any) -> Path | None:
        told = self._told(snapshot)
        return None if told is None else Path(told.path)


def _page_size(call: Call) -> int:
    most = int(call.arguments.get("maxResults", _MOST))
    if not _LEAST <= most <= _MOST:
        raise RefusalError("ValidationException", f"maxResults must be between {_LEAST} and {_MOST}.")
    return most


def _page_start(call: Call, about: str) -> int:
    token = call.arguments.get("pageToken", "")
    if not token:
        return 0
    index = str(base64.urlsafe_b64decode(token)).rpartition(":")[2].rstrip("'")
    if not index.isdigit() or token != _token(about, int(index)):
        raise RefusalError("ValidationException", "The page token is not valid: INVALID_PAGE_TOKEN")
    return int(index)


def _token(about: str, index: int) -> str:
    proof = hashlib.sha256(f"{about}:{index}".encode()).hexdigest()[:12]
    return base64.urlsafe_b64encode(f"{proof}:{about}:{index}".encode()).decode()


def _held(image: Path | None, start: int) -> Iterator[int]:
    """The blocks of a file that are more than zeros. Holes are leapt over."""
    if image is None:
        return
    with image.open("rb") as file:
        at = start * BLOCK_SIZE
        size = file.seek(0, os.SEEK_END)
        while at < size:
            try:
                at = os.lseek(file.fileno(), at, os.SEEK_DATA) // BLOCK_SIZE * BLOCK_SIZE
            except OSError:  # nothing but a hole until the end
                return
            if os.pread(file.fileno(), BLOCK_SIZE, at).strip(b"\0"):
                yield at // BLOCK_SIZE
            at += BLOCK_SIZE


def _block(image: Path | None, index: int) -> bytes:
    """Empty when it is nothing but zeros."""
    if image is None:
        return b""
    with image.open("rb") as file:
        content = os.pread(file.fileno(), BLOCK_SIZE, index * BLOCK_SIZE)
    return content.ljust(BLOCK_SIZE, b"\0") if content.strip(b"\0") else b""


def _differing(before: Path | None, after: Path | None, start: int) -> Iterator[int]:
    if before == after:
        return
    for index in sorted({*_held(before, start), *_held(after, start)}):
        if _block(before, index) != _block(after, index):
            yield index


def _first(numbers: Iterator[int], most: int) -> Iterator[int]:
    for _, number in zip(range(most), numbers, strict=False):
        yield number
