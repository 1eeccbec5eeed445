"""One scan of one instance: copy its disks, read what has changed, keep what was found, and leave nothing behind.

A scan may be begun again after a crash: it first deletes what an earlier attempt left in the account. Whatever goes
wrong is said on the scan, with the missing permission by its name, and changes no finding.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from nephoscope.clouds.doors import Copies, DiskDoor
from nephoscope.clouds.table import open_disks
from nephoscope.errors import CloudError, DeniedError, DiskError, NotFoundError, SettingsError, StoreError
from nephoscope.images.blocks import BlockSet
from nephoscope.images.budget import Budget, Meter, Spent, Tariff
from nephoscope.images.device import BlockSource
from nephoscope.images.machines import open_sources
from nephoscope.kit.clock import Clock
from nephoscope.kit.sealing import Sealer
from nephoscope.kit.tidying import tidy
from nephoscope.model.connectors import CREDENTIAL, Connector
from nephoscope.model.findings import (
    Baseline,
    DiskScan,
    ScanBudget,
    ScanCost,
    ScannedVolume,
    ScanResult,
    ScanState,
    VolumeInventory,
)
from nephoscope.model.packages import Inventory
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Resource
from nephoscope.settings import Settings
from nephoscope.snapshots import keeping
from nephoscope.snapshots.digests import digest_key
from nephoscope.snapshots.keeping import Outcome
from nephoscope.snapshots.knowledge import Knowledge, file_of
from nephoscope.snapshots.owners import KeyOwners
from nephoscope.snapshots.reading import MachineReading, Wanted, read_machine, search_version
from nephoscope.store import connectors, disk_scans, disks, found_secrets, resources, sealed
from nephoscope.store.session import Reader, Store

SCANNED = {Provider.AWS: "EC2_INSTANCE", Provider.AZURE: "VIRTUAL_MACHINE"}
"""The type whose disks are read through snapshots, by cloud."""
MACHINES = {**SCANNED, Provider.GCP: "VM_INSTANCE"}
"""The type that has disks; those of Google Cloud are read where they are attached."""
_LOOK_EVERY = 1.0
"""Seconds between two looks at whether the scan was cancelled."""
_CLOCKS_DIFFER = timedelta(minutes=10)


class ScanContext(msgspec.Struct, frozen=True):
    """What every scan of disks needs of this process."""

    store: Store
    clock: Clock
    sealer: Sealer
    knowledge: Knowledge


def scan_context_of(store: Store, clock: Clock, sealer: Sealer, settings: Settings) -> ScanContext:
    """Advisories are where the settings say; a process without a place of its own has none."""
    return ScanContext(store, clock, sealer, Knowledge(file_of(settings), clock))


class Subject(msgspec.Struct, frozen=True):
    """A scan, what it is of, and whose it is."""

    scan: DiskScan
    resource: Resource
    connector: Connector


class Scanner:
    """For one process. Thread-safe."""

    def __init__(self, context: ScanContext) -> None:
        self._context = context

    def scan(self, uuid: UUID, is_leaving: Callable[[], bool] = lambda: False) -> ScanState | None:
        """Carry it through; None when there is nothing to do any more. It may be repeated."""
        subject = self._begun(uuid)
        if subject is None:
            return None
        try:
            with opened_door(self._context, subject.connector) as door:
                return self._attempt(subject, door, is_leaving)
        except DeniedError as error:
            return self._failed(subject, error.message, error.permission)
        except (CloudError, DiskError, NotFoundError, SettingsError, StoreError) as error:
            return self._failed(subject, error.message)

    def fail(self, uuid: UUID, problem: str) -> None:
        """A scan that cannot be carried through; one that has ended stays as it is."""
        subject = self._begun(uuid)
        if subject is not None:
            self._failed(subject, problem)

    def _begun(self, uuid: UUID) -> Subject | None:
        store, now = self._context.store, self._context.clock()
        with store.write() as writer:
            scan = disk_scans.begin(writer, uuid, now)
            if scan is None:
                return None
            resource = resources.get(writer, scan.resource_uuid)
            connector = connectors.get_by_key(writer, resource.connector_key) if resource else None
            if resource is None or connector is None:
                gone = f"{scan.resource_id} is no longer in the inventory."
                disk_scans.finish(writer, _ended(scan, ScanState.FAILED, now, error=gone))
                return None
        return Subject(scan, resource, connector)

    def _attempt(self, subject: Subject, door: DiskDoor, is_leaving: Callable[[], bool]) -> ScanState | None:
        scan, resource = subject.scan, subject.resource
        instance, region = resource.resource_id, resource.region
        with self._context.store.read() as reader:
            known = disks.kept(reader, resource.key)
        ours = frozenset(row.snapshot_id for row in known.baselines if row.is_ours)
        door.sweep(region, self._context.clock() + _CLOCKS_DIFFER, ours, instance)
        scan = self._quoted(scan, door, region, instance)
        meter, denied = Meter(_budget(scan.request.budget)), list[str]()
        stops = _Stops(self._context.store, scan.uuid, is_leaving)
        with closing(door.copy(region, instance, existing=scan.request.use_existing)) as copies:
            if stops():
                return None
            unchanged = self._unchanged(subject, door, copies, known.baselines, meter)
            outcome, reading = unchanged, None
            if outcome is None:
                reading, baselines = self._read(subject, copies, meter, denied, stops)
                if stops():
                    return None
                outcome = record(self._context, subject.resource, reading, baselines)
            if scan.request.keep_snapshots and outcome.state.state is not ScanState.FAILED:
                copies.keep()
        self._drop_old(door, region, resource, ours)
        spent, left = meter.spent(), copies.left_behind
        return self._finish(scan, _Carried(outcome, reading, known.inventory, spent, left, tuple(denied)))

    def _quoted(self, scan: DiskScan, door: DiskDoor, region: str, instance: str) -> DiskScan:
        quote = door.quote(door.disks_of(region, instance))
        price = quote.whole if scan.request.with_secrets else quote.packages
        cost = ScanCost(quoted=price, currency=quote.currency, as_of=quote.as_of)
        scan = msgspec.structs.replace(scan, cost=cost)
        with self._context.store.write() as writer:
            disk_scans.quoted(writer, scan)
        return scan

    def _unchanged(
        self, subject: Subject, door: DiskDoor, copies: Copies, before: Sequence[Baseline], meter: Meter
    ) -> Outcome | None:
        """The result as it was, when no block that it depends on has changed since. None when that is not known."""
        store, resource = self._context.store, subject.resource
        with store.read() as reader:
            state, known = disks.get(reader, resource.key), disks.kept(reader, resource.key)
        if state is None or state.state is not ScanState.COMPLETE or not before:
            return None
        if subject.scan.request.with_secrets and known.rules != search_version():
            return None
        depends = {row.volume_id: row for row in before}
        if {disk.volume_id for disk in copies.disks} != depends.keys():
            return None
        tariffs = {
            disk.volume_id: source.tariff for disk, source in zip(copies.disks, copies.sources(meter), strict=True)
        }
        for disk in copies.disks:
            row = depends[disk.volume_id]
            meter.listing(tariffs[disk.volume_id])
            changed = door.changed(resource.region, row.snapshot_id, disk.snapshot_id)
            if changed is None or changed.meets(BlockSet(row.ranges)):
                return None
        moved = [
            Baseline(disk.volume_id, disk.snapshot_id, disk.is_ours, depends[disk.volume_id].ranges)
            for disk in copies.disks
            if subject.scan.request.keep_snapshots or not disk.is_ours
        ]
        with store.write() as writer:
            return keeping.unchanged(writer, resource, moved, self._context.clock())

    def _read(
        self, subject: Subject, copies: Copies, meter: Meter, denied: list[str], stops: "_Stops"
    ) -> tuple[MachineReading, list[Baseline]]:
        sources = [_Watched(source, denied) for source in copies.sources(meter)]
        wanted = wanted_of(self._context, subject.resource.key) if subject.scan.request.with_secrets else Wanted()
        with open_sources(sources, meter, copies.consistency) as machine:
            reading = read_machine(machine, wanted, stops)
            depends = machine.blocks_read()
        keeps = subject.scan.request.keep_snapshots
        baselines = [
            Baseline(disk.volume_id, disk.snapshot_id, disk.is_ours, blocks.ranges())
            for disk, blocks in zip(copies.disks, depends, strict=True)
            if keeps or not disk.is_ours
        ]
        return reading, baselines

    def _drop_old(self, door: DiskDoor, region: str, resource: Resource, ours: frozenset[str]) -> None:
        """The snapshots that were kept for this comparison, unless they are kept on."""
        with self._context.store.read() as reader:
            still = {row.snapshot_id for row in disks.kept(reader, resource.key).baselines}
        for snapshot_id in sorted(ours - still):
            door.delete(region, snapshot_id)

    def _finish(self, scan: DiskScan, carried: "_Carried") -> ScanState:
        outcome, reading = carried.outcome, carried.reading
        state, tallies = outcome.state, outcome.state.tallies
        result = ScanResult(
            volumes=_volumes(reading),
            reasons=state.reasons,
            consistency=state.consistency,
            packages=sum(len(one.packages) for one in carried.inventories),
            os=_system(carried.inventories),
            is_unchanged=reading is None,
            new=outcome.turned.new,
            fixed=outcome.turned.fixed,
            reopened=outcome.turned.reopened,
            vulnerabilities=tallies.vulnerabilities,
            secrets=tallies.secrets,
            unjudged=state.unjudged,
            left_behind=carried.left_behind,
        )
        error = "; ".join(state.reasons) if state.state is ScanState.FAILED else ""
        permission = next(iter(carried.denied), "")
        ended = _ended(scan, state.state, self._context.clock(), error=error, permission=permission)
        ended = msgspec.structs.replace(ended, result=result, cost=_cost(scan.cost, carried.spent))
        with self._context.store.write() as writer:
            disk_scans.finish(writer, ended)
        return ended.state

    def _failed(self, subject: Subject, problem: str, permission: str = "") -> ScanState:
        now = self._context.clock()
        with self._context.store.write() as writer:
            current = disk_scans.get(writer, subject.scan.uuid) or subject.scan
            ended = _ended(current, ScanState.FAILED, now, error=problem, permission=permission)
            if disk_scans.finish(writer, ended) and resources.get(writer, subject.resource.uuid) is not None:
                keeping.failed(writer, subject.resource, [problem], now)
        return ScanState.FAILED


def wanted_of(context: ScanContext, resource_key: int) -> Wanted:
    """To look for secrets too. SettingsError when there is nothing to seal the key of their hashes with."""
    with context.store.read() as reader:
        known = found_secrets.open_paths(reader, resource_key)
    key = digest_key(context.store, context.sealer)
    return Wanted(key, KeyOwners(context.store).find, known, context.clock)


def record(
    context: ScanContext, resource: Resource, reading: MachineReading, baselines: Sequence[Baseline] = ()
) -> Outcome:
    """Judge what was read, and keep it. NotFoundError when the resource is no more."""
    with context.store.read() as reader:
        before = disks.kept(reader, resource.key).inventory
    volumes = keeping.merged(before, reading)
    judgement = keeping.judge(context.knowledge, volumes)
    with context.store.write() as writer:
        if resources.get(writer, resource.uuid) is None:
            raise NotFoundError(f"{resource.resource_id} is no longer in the inventory.")
        return keeping.keep(
            writer,
            resource,
            reading,
            judgement,
            volumes=volumes,
            baselines=baselines,
            rules=search_version() if reading.has_searched else "",
            now=context.clock(),
        )


@contextmanager
def opened_door(context: ScanContext, connector: Connector) -> Iterator[DiskDoor]:
    """CloudError when the account cannot be entered, or its cloud has no way to its disks."""
    with context.store.read() as reader:
        secret = _secret(reader, context.sealer, connector)
    door = open_disks(connector.provider, connector.access, account_id=connector.account_id, secret=secret)
    try:
        with closing(door):
            yield door
    finally:
        tidy()


def _secret(reader: Reader, sealer: Sealer, connector: Connector) -> str:
    return sealed.get(reader, sealer, connector.uuid, CREDENTIAL)


class _Carried(NamedTuple):
    """`reading` is None when nothing had changed."""

    outcome: Outcome
    reading: MachineReading | None
    before: tuple[VolumeInventory, ...]
    spent: Spent
    left_behind: tuple[str, ...]
    denied: tuple[str, ...]

    @property
    def inventories(self) -> tuple[Inventory, ...]:
        """What was read, or what was known and has not changed."""
        return tuple(one.inventory for one in (self.before if self.reading is None else self.reading.volumes))


class _Stops:
    """Whether a scan is to stop: somebody cancelled it, or the process is on its way out. Looks now and then."""

    def __init__(self, store: Store, uuid: UUID, is_leaving: Callable[[], bool]) -> None:
        self._store = store
        self._uuid = uuid
        self._is_leaving = is_leaving
        self._next = 0.0
        self._is_over = False

    def __call__(self) -> bool:
        if self._is_leaving():
            return True
        if not self._is_over and time.monotonic() >= self._next:
            with self._store.read() as reader:
                scan = disk_scans.get(reader, self._uuid)
            self._is_over = scan is None or scan.state is not ScanState.RUNNING
            self._next = time.monotonic() + _LOOK_EVERY
        return self._is_over


class _Watched:
    """A source that remembers which permissions were missing: the parser passes on only words."""

    def __init__(self, source: BlockSource, denied: list[str]) -> None:
        self._source = source
        self._denied = denied
        self.name, self.size, self.block_size = source.name, source.size, source.block_size
        self.tariff: Tariff = source.tariff

    def holds(self, block: int) -> bool:
        with self._watching():
            return self._source.holds(block)

    def fetch(self, block: int) -> bytes:
        with self._watching():
            return self._source.fetch(block)

    def close(self) -> None:
        self._source.close()

    @contextmanager
    def _watching(self) -> Iterator[None]:
        try:
            yield
        except DeniedError as error:
            self._denied.append(error.permission)
            raise


def _ended(scan: DiskScan, state: ScanState, now: datetime, *, error: str = "", permission: str = "") -> DiskScan:
    return msgspec.structs.replace(scan, state=state, finished_on=now, error=error, permission=permission)


def _budget(wanted: ScanBudget) -> Budget:
    return Budget(wanted.blocks, wanted.seconds, wanted.money)


def _cost(quoted: ScanCost, spent: Spent) -> ScanCost:
    return msgspec.structs.replace(
        quoted,
        money=spent.money,
        blocks=spent.blocks,
        bytes=spent.bytes,
        listings=spent.listings,
        seconds=round(spent.seconds, 3),
    )


def _volumes(reading: MachineReading | None) -> tuple[ScannedVolume, ...]:
    volumes = reading.coverage.volumes if reading else ()
    return tuple(
        ScannedVolume(volume.name, volume.kind, volume.state.value, volume.reason, (*volume.notes, *volume.gaps))
        for volume in volumes
    )


def _system(inventories: Sequence[Inventory]) -> str:
    system = next((one.os for one in inventories if one.os), None)
    return (system.title or system.id) if system else ""
