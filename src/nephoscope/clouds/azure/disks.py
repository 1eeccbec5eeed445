"""`doors.DiskDoor` for Azure: incremental snapshots of a machine's managed disks, made, opened a while, and deleted.

An instance is named by its whole id in Resource Manager, and so is a snapshot; regions say nothing here.
"""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from types import TracebackType
from typing import Any
from urllib.parse import quote as quoted
from urllib.parse import urlsplit

from nephoscope.clouds.azure.addresses import Addresses, addresses_of
from nephoscope.clouds.azure.answers import AzureDialect
from nephoscope.clouds.azure.page_blobs import BLOCK_SIZE, TARIFF, PageBlobSource
from nephoscope.clouds.doors import Attached, Copied
from nephoscope.clouds.pacing import Lanes, Limits, Pace
from nephoscope.clouds.rest.desk import Desk, Request, Tokens
from nephoscope.clouds.rest.http import Answer, Http
from nephoscope.errors import CloudError, GoneError, NotApplicableError, UnavailableError
from nephoscope.images.blocks import BlockSet
from nephoscope.images.budget import Meter, Quote, quote
from nephoscope.images.machines import Consistency
from nephoscope.model.connectors import AzureAccess

TAG = "nephoscope-scan"
_OPERATIONS = "locations/diskOperations/read"
_VERSION = "2024-03-02"
_MACHINE_VERSION = "2024-07-01"
_LOOK_EVERY = 5.0
_LONGEST_WAIT = 60.0
_GROUP = 4
"""Where the resource group stands in the parts of an id."""
_READY_WITHIN = 3600.0
_OPEN_FOR = 4 * 3600
_ACCEPTED = 202
_ENDED = frozenset({"Succeeded", "Failed", "Canceled"})
_STOPPED = frozenset({"PowerState/deallocated", "PowerState/stopped"})


class AzureDisks(AbstractContextManager["AzureDisks"]):
    """Close it, or use it as a context."""

    def __init__(self, http: Http, lanes: Lanes, tokens: Tokens, addresses: Addresses, subscription_id: str) -> None:
        self._http = http
        self._lanes = lanes
        self._addresses = addresses
        self._subscription = f"/subscriptions/{subscription_id}"
        self.desk = Desk(http, lanes, tokens, AzureDialect())

    def disks_of(self, region: str, instance_id: str) -> tuple[Attached, ...]:
        del region
        return self._attached(self._machine(instance_id))

    def quote(self, disks: Sequence[Attached]) -> Quote:
        return quote(sum(disk.size for disk in disks), BLOCK_SIZE, TARIFF)

    def copy(self, region: str, instance_id: str, *, existing: bool = False) -> "AzureCopies":
        del region
        machine = self._machine(instance_id)
        attached = self._attached(machine)
        if not attached:
            raise NotApplicableError(f"{instance_id} has no managed disk: there is nothing to read.")
        if existing:
            found = [self._newest(disk) for disk in attached]
            return AzureCopies(self, found, Consistency.CRASH_PER_DISK)
        view = machine.get("properties", {}).get("instanceView", {})
        is_stopped = any(row.get("code") in _STOPPED for row in view.get("statuses", ()))
        copies = AzureCopies(self, [], Consistency.STOPPED if is_stopped else Consistency.CRASH_PER_DISK)
        is_ready = False
        try:
            copies.make(attached, instance_id, str(machine.get("location", "")))
            is_ready = True
        finally:
            if not is_ready:
                copies.close()
        return copies

    def changed(self, region: str, first: str, second: str) -> BlockSet | None:
        del region
        if first == second:
            return BlockSet()
        changed = BlockSet()
        try:
            before, after = self.source(first, 0, Meter()), self.source(second, 0, Meter())
            for _, start, end in after.ranges({"x-ms-previous-snapshot-url": before.address()}):
                changed.add(start // BLOCK_SIZE, end // BLOCK_SIZE + 1)
        except (GoneError, UnavailableError):  # the first one was deleted, or they are of different disks
            return None
        return changed

    def delete(self, region: str, snapshot_id: str) -> None:
        del region
        with suppress(GoneError, UnavailableError):  # no access was open
            self._settled(self._ask("POST", f"{snapshot_id}/endGetAccess", "snapshots/endGetAccess/action"))
        with suppress(GoneError):
            self._ask("DELETE", snapshot_id, "snapshots/delete")

    def sweep(
        self, region: str, made_before: datetime, keep: Collection[str] = (), instance_id: str = ""
    ) -> tuple[str, ...]:
        del region
        kept = {snapshot_id.casefold() for snapshot_id in keep}  # listings spell groups in capitals
        deleted = []
        for row in self._snapshots():
            told = (row.get("tags") or {}).get(TAG)
            is_meant = told is not None and (not instance_id or told == _label(instance_id))
            if is_meant and _made(row) < made_before and str(row["id"]).casefold() not in kept:
                self.delete("", row["id"])
                deleted.append(str(row["id"]))
        return tuple(deleted)

    def make(self, disk: Attached, snapshot_id: str, instance_id: str, location: str) -> None:
        """Begin to copy a disk."""
        body = {
            "location": location,
            "tags": {TAG: _label(instance_id)},
            "properties": {
                "creationData": {"createOption": "Copy", "sourceResourceId": disk.volume_id},
                "incremental": True,
            },
        }
        self._ask("PUT", snapshot_id, "snapshots/write", body=body)

    def wait(self, snapshot_id: str) -> dict[str, Any]:
        """Until it can be opened. UnavailableError when it fails or takes too long."""
        until = self._lanes.pace.now() + _READY_WITHIN
        while self._lanes.pace.now() < until:
            found = _document(self._ask("GET", snapshot_id, "snapshots/read"))
            properties = found.get("properties", {})
            state = properties.get("provisioningState")
            if state in ("Failed", "Canceled"):
                raise UnavailableError(f"The snapshot {snapshot_id} failed.")
            if state == "Succeeded" and properties.get("completionPercent", 100) >= 100:  # noqa: PLR2004 - all of it
                return found
            self._lanes.pace.sleep(_LOOK_EVERY)
        raise UnavailableError(f"The snapshot {snapshot_id} is not ready after {_READY_WITHIN:.0f} seconds.")

    def source(self, snapshot_id: str, size: int, meter: Meter) -> PageBlobSource:
        name = snapshot_id.rpartition("/")[2]
        return PageBlobSource(self.desk, name, size, meter, lambda: self._opened(snapshot_id))

    def close(self) -> None:
        self._http.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _machine(self, instance_id: str) -> dict[str, Any]:
        query = "&$expand=instanceView"
        return _document(self._ask("GET", instance_id, "virtualMachines/read", version=_MACHINE_VERSION, query=query))

    def _attached(self, machine: dict[str, Any]) -> tuple[Attached, ...]:
        storage = machine.get("properties", {}).get("storageProfile", {})
        rows = [(storage.get("osDisk") or {}, True), *((row, False) for row in storage.get("dataDisks", ()))]
        found = []
        for row, is_root in rows:
            disk_id = (row.get("managedDisk") or {}).get("id")
            if disk_id:
                size = _size(_document(self._ask("GET", disk_id, "disks/read")))
                device = "os" if is_root else f"lun {row.get('lun', '')}"
                found.append(Attached(disk_id, device, size, is_root=is_root, is_encrypted=True))
        return tuple(found)

    def _newest(self, disk: Attached) -> Copied:
        """Not of our own: those are as old as our last scan, and may be deleted at any moment."""
        wanted = disk.volume_id.casefold()
        others = (row for row in self._snapshots() if TAG not in (row.get("tags") or {}))
        rows = [row for row in others if _source_of(row).casefold() == wanted]
        if not rows:
            raise GoneError(f"{disk.volume_id} has no snapshot that could be used.")
        return copied(max(rows, key=_made), disk, is_ours=False)

    def _snapshots(self) -> list[dict[str, Any]]:
        path = f"{self._subscription}/providers/Microsoft.Compute/snapshots"
        answer = _document(self._ask("GET", path, "snapshots/read"))
        rows: list[dict[str, Any]] = list(answer.get("value", ()))
        while answer.get("nextLink"):
            answer = _document(self._follow(str(answer["nextLink"]), "snapshots/read"))
            rows.extend(answer.get("value", ()))
        return rows

    def _opened(self, snapshot_id: str) -> str:
        """The address that opens a snapshot for some hours."""
        body = {"access": "Read", "durationInSeconds": _OPEN_FOR}
        permission = "snapshots/beginGetAccess/action"
        found = self._settled(self._ask("POST", f"{snapshot_id}/beginGetAccess", permission, body=body))
        address = found.get("accessSAS") or found.get("properties", {}).get("output", {}).get("accessSAS", "")
        parts = urlsplit(str(address))
        if not (parts.scheme == "https" or parts.netloc == urlsplit(self._addresses.manager).netloc):
            raise UnavailableError(f"{snapshot_id} was not opened: Azure told no address.")
        return str(address)

    def _settled(self, answer: Answer) -> dict[str, Any]:
        """What comes of an operation that Azure carries out in its own time. UnavailableError when it fails or takes
        too long."""
        until = self._lanes.pace.now() + _READY_WITHIN
        link = ""
        while True:
            link = answer.headers.get("location") or answer.headers.get("azure-asyncoperation") or link
            found = _document(answer)
            state = found.get("status", "Succeeded")
            if answer.status != _ACCEPTED and state in _ENDED:
                break
            if self._lanes.pace.now() >= until:
                raise UnavailableError(f"Azure is not done after {_READY_WITHIN:.0f} seconds.")
            self._lanes.pace.sleep(_asked_wait(answer))
            answer = self._follow(link, _OPERATIONS)
        if state != "Succeeded":
            raise UnavailableError(f"Azure could not do it: {str(found.get('error', state))[:200]}.")
        return found

    def _ask(
        self, method: str, path: str, permission: str, *, version: str = _VERSION, query: str = "", body: Any = None
    ) -> Answer:
        url = f"{self._addresses.manager}{quoted(path, safe='/()-._~')}?api-version={version}{query}"
        return self.desk.ask(self._request(method, url, permission, body))

    def _follow(self, address: str, permission: str) -> Answer:
        """A link that Azure gave: only to itself, because our token goes with it."""
        if not address.startswith(f"{self._addresses.manager}/"):
            raise UnavailableError("Azure points at an address that is not its own.")
        return self.desk.ask(self._request("GET", address, permission, None))

    def _request(self, method: str, url: str, permission: str, body: Any) -> Request:
        audience = self._addresses.manager_audience
        return Request("compute", method, url, f"Microsoft.Compute/{permission}", audience, body)


class AzureCopies(AbstractContextManager["AzureCopies"]):
    """`doors.Copies` for Azure."""

    def __init__(self, door: AzureDisks, disks: Sequence[Copied], consistency: Consistency) -> None:
        self._door = door
        self._disks = tuple(disks)
        self._made: list[str] = []
        self._is_kept = False
        self.consistency = consistency
        self._left_behind: tuple[str, ...] = ()

    @property
    def disks(self) -> tuple[Copied, ...]:
        return self._disks

    def make(self, attached: Sequence[Attached], instance_id: str, location: str) -> None:
        """One after the other: Azure has no snapshot of a whole machine that could be read like this."""
        for disk in attached:
            snapshot_id = _new_id(disk)
            self._made.append(snapshot_id)  # before it is there: an answer may get lost
            self._door.make(disk, snapshot_id, instance_id, location)
        ready = [self._door.wait(snapshot_id) for snapshot_id in self._made]
        self._disks = tuple(copied(row, disk, is_ours=True) for row, disk in zip(ready, attached, strict=True))

    def sources(self, meter: Meter) -> tuple[PageBlobSource, ...]:
        return tuple(self._door.source(row.snapshot_id, row.size, meter) for row in self._disks)

    @property
    def left_behind(self) -> tuple[str, ...]:
        """The janitor tries again."""
        return self._left_behind

    def keep(self) -> None:
        self._is_kept = True

    def close(self) -> None:
        """Never raises for what the cloud answers: see `left_behind`."""
        made, self._made = ([] if self._is_kept else self._made), []
        for snapshot_id in made:
            try:
                self._door.delete("", snapshot_id)
            except CloudError as error:
                self._left_behind = (*self._left_behind, f"{snapshot_id}: {error.message}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_disks(
    access: AzureAccess,
    subscription_id: str,
    tokens: Tokens,
    *,
    limits: Limits | None = None,
    pace: Pace | None = None,
) -> AzureDisks:
    """CloudError for a cloud that we do not know. Nothing is asked of the cloud yet."""
    bounds = limits or Limits()
    lanes = Lanes(bounds, pace or Pace())
    return AzureDisks(Http(bounds), lanes, tokens, addresses_of(access), subscription_id)


def copied(row: dict[str, Any], disk: Attached, *, is_ours: bool) -> Copied:
    """A snapshot as Resource Manager tells it."""
    return Copied(disk.volume_id, str(row["id"]), _size(row) or disk.size, is_ours, _made(row))


def _new_id(disk: Attached) -> str:
    """Beside the disk, in the same resource group."""
    moment = f"{disk.volume_id}{datetime.now(UTC).isoformat()}"
    name = f"nephoscope-{sha256(moment.encode()).hexdigest()[:20]}"
    return f"{disk.volume_id.rpartition('/disks/')[0]}/snapshots/{name}"


def _document(answer: Answer) -> dict[str, Any]:
    """UnavailableError when it is none: a page of a proxy is never "there is none"."""
    try:
        found = answer.json()
    except ValueError:
        found = ""
    if found is not None and not isinstance(found, dict):
        raise UnavailableError("Azure answered with something that is not JSON.")
    return found or {}


def _size(disk: dict[str, Any]) -> int:
    """In bytes. Azure tells them of disks that exist; of others gigabytes alone."""
    known = disk.get("properties", {})
    return int(known.get("diskSizeBytes") or int(known.get("diskSizeGB") or 0) * 2**30)


def _label(instance_id: str) -> str:
    """Group and name: what tells a machine from others of its subscription, within what a tag may hold."""
    parts = instance_id.casefold().split("/")
    return f"{parts[_GROUP]}/{parts[-1]}" if len(parts) > _GROUP else instance_id


def _asked_wait(answer: Answer) -> float:
    """Seconds until Azure wants to be asked again."""
    text = answer.headers.get("retry-after", "")
    return min(float(text), _LONGEST_WAIT) if text.isascii() and text.isdigit() else _LOOK_EVERY


def _made(row: dict[str, Any]) -> datetime:
    text = str(row.get("properties", {}).get("timeCreated", ""))
    try:
        made = datetime.fromisoformat(text)
    except ValueError:  # not made yet, or told in another way: as new as can be
        return datetime.max.replace(tzinfo=UTC)
    return made if made.tzinfo else made.replace(tzinfo=UTC)


def _source_of(row: dict[str, Any]) -> str:
    return str(row.get("properties", {}).get("creationData", {}).get("sourceResourceId", ""))
