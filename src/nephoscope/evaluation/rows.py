"""Evaluations as the JSON rows of the list by regular expression, a million at a time.

What a resource and a control contribute is encoded once; a row is those fragments, the status and the derived uuid,
joined by Arrow. The keys and their order are those of the seed's sample.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha1
from uuid import UUID

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from nephoscope.controls.catalogue import Catalogue
from nephoscope.kit.dates import compact
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Resource
from nephoscope.model.scopes import GLOBAL_REGION
from nephoscope.resource_types.table import RESOURCE_TYPES
from nephoscope.store import connectors, resources
from nephoscope.store.evaluating.verdict_arrays import SHOWN, VerdictArrays, verdict_arrays
from nephoscope.store.evaluating.verdict_arrays import Integers as Positions
from nephoscope.store.session import Reader

_NO_REGION = "all-region"
"""How this listing spells what belongs to no region."""


class Window(msgspec.Struct, frozen=True):
    """Some matching resources, in order of key; of their rows, skip the first `skip` and take `take`."""

    keys: Sequence[int]
    skip: int
    take: int


class RowWriter:
    """Writes windows of rows. One for each page: controls' fragments are encoded once in it."""

    def __init__(self, catalogue: Catalogue, provider: Provider) -> None:
        self._account_key = provider.account_key
        self._is_everywhere = provider is Provider.AZURE
        """Azure's listings go through all regions at once, and this one says so, as the sample does."""
        self._controls = {
            control.cid: str(control.cid).encode() + b',"controlName":' + _json(control.name)
            for control in catalogue.controls.values()
        }
        self._connectors: dict[int, tuple[str, str]] = {}

    def chunks(self, reader: Reader, window: Window) -> Iterator[bytes]:
        """One chunk of rows joined by commas (none when the window is empty)."""
        found = verdict_arrays(reader, window.keys).part(window.skip, window.take)
        if len(found.keys):
            keys, at = np.unique(found.keys, return_inverse=True)
            yield _joined(found, at, self._frames(reader, keys.tolist()), self._controls)

    def _frames(self, reader: Reader, keys: Sequence[int]) -> "_Frames":
        rows = resources.by_keys(reader, keys, is_counted=False)
        for connector_key in {row.connector_key for row in rows.values()} - set(self._connectors):
            connector = connectors.get_by_key(reader, connector_key)
            if connector is not None:
                self._connectors[connector_key] = (str(connector.uuid), connector.account_id)
        return _Frames([self._frame(rows[key]) for key in keys], [rows[key].uuid for key in keys])

    def _frame(self, row: Resource) -> tuple[bytes, bytes, bytes]:
        """What stands between uuid and status, between status and cid, and after the control."""
        connector, account = self._connectors[row.connector_key]
        kind = RESOURCE_TYPES[row.resource_type]
        head = _pairs({"resourceId": row.resource_id, "evaluatedOn": compact(row.seen_on)})
        middle = _pairs(
            {
                "connectorUuid": connector,
                "serviceType": kind.service_type,
                "resourceType": row.resource_type,
                "resourceName": row.name,
                "region": _NO_REGION if self._is_everywhere or row.region == GLOBAL_REGION else row.region,
            }
        )
        tail = b"," + _pairs({self._account_key: account, "resourceGroupName": None}) + b"}"
        return b'",' + head + b',"status":"', b'",' + middle + b',"cid":', tail


class _Frames:
    """The fragments of some resources, as Arrow arrays by position."""

    def __init__(self, frames: Sequence[tuple[bytes, bytes, bytes]], uuids: Sequence[UUID]) -> None:
        self.heads, self.middles, self.tails = (pa.array(part, pa.binary()) for part in zip(*frames, strict=True))
        self.names = [uuid.bytes for uuid in uuids]


def _joined(found: VerdictArrays, at: Positions, frames: _Frames, controls: Mapping[int, bytes]) -> bytes:
    where = pa.array(at, pa.int32())
    cids, which = np.unique(found.cids, return_inverse=True)
    named = pa.array([controls.get(cid) or _unnamed(cid) for cid in cids.tolist()], pa.binary())
    rows = pc.binary_join_element_wise(
        pa.scalar(b'{"uuid":"', pa.binary()),
        _uuids(at, found.cids, frames),
        frames.heads.take(where),
        _STATUSES.take(pa.array(found.statuses)),
        frames.middles.take(where),
        named.take(pa.array(which, pa.int32())),
        frames.tails.take(where),
        pa.scalar(b"", pa.binary()),
    )
    whole = pa.ListArray.from_arrays(pa.array([0, len(rows)], pa.int32()), rows)
    return bytes(pc.binary_join(whole, pa.scalar(b",", pa.binary()))[0].as_py())


_STATUSES = pa.array([status.encode() for status in SHOWN], pa.binary())


def _uuids(at: Positions, cids: Positions, frames: _Frames) -> pa.Array:
    """What `kit.ids.evaluation_uuid` answers, for many rows: SHA-1 a row, the rest a column at a time."""
    names = {cid: str(cid).encode() for cid in np.unique(cids).tolist()}
    pairs = zip(at.tolist(), cids.tolist(), strict=True)
    digests = b"".join([sha1(frames.names[position] + names[cid]).digest() for position, cid in pairs])  # noqa: S324 - a name, not a secret
    raw = np.frombuffer(digests, np.uint8).reshape(-1, 20)[:, :16].copy()
    raw[:, 6] = raw[:, 6] & 0x0F | 0x50
    raw[:, 8] = raw[:, 8] & 0x3F | 0x80
    digits = np.frombuffer(raw.tobytes().hex().encode(), np.uint8).reshape(-1, 32)
    text = np.full((len(raw), 36), ord("-"), np.uint8)
    for start, end, shift in ((0, 8, 0), (8, 12, 1), (12, 16, 2), (16, 20, 3), (20, 32, 4)):
        text[:, start + shift : end + shift] = digits[:, start:end]
    offsets = np.arange(0, 36 * (len(raw) + 1), 36, dtype=np.int32)
    return pa.Array.from_buffers(pa.binary(), len(raw), [None, pa.py_buffer(offsets), pa.py_buffer(text.tobytes())])


def _unnamed(cid: int) -> bytes:
    """A control that has left the catalogue and still has rows until its resources are judged again."""
    return str(cid).encode() + b',"controlName":""'


def _json(value: object) -> bytes:
    return msgspec.json.encode(value)


def _pairs(values: Mapping[str, str | None]) -> bytes:
    return _json(values)[1:-1]
