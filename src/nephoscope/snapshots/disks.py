"""What people ask of disks: who is scanned and when, scans now, quotes, costs, bills of materials, previews; and the
rounds that need nobody: choosing who is due, sweeping what was left behind, comparing with new advisories."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from nephoscope.audit import trail
from nephoscope.errors import BadRequestError, CloudError, ConflictError, ForbiddenError, NephoscopeError, NotFoundError
from nephoscope.images.budget import Quote
from nephoscope.model.connectors import Connector
from nephoscope.model.findings import OPEN_SCANS, DiskScan, DiskSettings, ListedSecret, ScanBudget, ScanState, ScanWish
from nephoscope.model.identities import Reach
from nephoscope.model.packages import Inventory
from nephoscope.model.resources import Resource
from nephoscope.qql.bound import Condition, Operator
from nephoscope.snapshots import choosing, keeping
from nephoscope.snapshots.digests import digest_key
from nephoscope.snapshots.keeping import Outcome
from nephoscope.snapshots.owners import by_digest, weigh
from nephoscope.snapshots.reading import MachineReading, Wanted
from nephoscope.snapshots.scanning import MACHINES, SCANNED, ScanContext, opened_door, record, wanted_of
from nephoscope.store import connectors, disk_scans, disks, found_secrets, resources
from nephoscope.store.reach import sees_whole
from nephoscope.store.session import Reader, Writer

_MOST = 1_000
"""Instances of one request."""
_LOOK_EVERY = timedelta(minutes=1)
_ORPHAN_AFTER = timedelta(hours=6)
"""A snapshot of ours that is older than this, and that no scan needs, was left behind."""
_AT_ONCE = 20
_MOST_HOURS = 24 * 365
_LONGEST_TAG = 256
USUAL = ScanWish()


class Priced(msgspec.Struct, frozen=True):
    """What scanning one instance costs at most; `error` says why that is not known."""

    resource: Resource
    disks: int = 0
    bytes: int = 0
    quote: Quote | None = None
    error: str = ""


class Started(msgspec.Struct, frozen=True):
    """`busy` are those that were being scanned already."""

    scans: tuple[DiskScan, ...]
    busy: tuple[str, ...] = ()


def _nothing() -> None:
    """For whoever need not be told."""


class Disks:
    """`on_waiting` is called when there is something new to be carried, `on_found` when other things are known to lie
    on disks than before without a scan: for whoever judges by that."""

    def __init__(
        self,
        context: ScanContext,
        *,
        on_waiting: Callable[[], None] = _nothing,
        on_found: Callable[[], None] = _nothing,
    ) -> None:
        self.context = context
        self._on_waiting = on_waiting
        self._on_found = on_found

    def settings(self, connector: UUID, reach: Reach | None = None) -> DiskSettings:
        with self.context.store.read(reach=reach) as reader:
            return disks.settings(reader, _connector(reader, connector).key)

    def put_settings(self, connector: UUID, wanted: DiskSettings, by: str, reach: Reach | None = None) -> DiskSettings:
        """BadRequestError with every problem at once; SettingsError when secrets are to be looked for and there is
        nothing to seal the key of their hashes with."""
        problems = _problems(wanted)
        if problems:
            raise BadRequestError(f"The settings cannot be taken: {'; '.join(problems)}.", problems)
        with self.context.store.read(reach=reach) as reader:
            found = _connector(reader, connector)
            if not sees_whole(reader, found.key):
                raise ForbiddenError(f"You see only a part of the connector {connector}; somebody who sees it all may.")
        if wanted.is_enabled and found.provider not in SCANNED:
            raise BadRequestError(f"Disks of {found.provider} cannot be read through snapshots.", ["isEnabled"])
        self._prepare(with_secrets=wanted.is_enabled and wanted.with_secrets)
        with self.context.store.write() as writer:
            disks.put_settings(writer, found.key, wanted)
            detail = msgspec.to_builtins(wanted)
            trail.record(writer, by, "disks.configure", str(connector), detail, self.context.clock())
        return wanted

    def quote(self, wanted: Sequence[UUID], reach: Reach | None = None) -> tuple[Priced, ...]:
        """Asks the clouds for the sizes of the disks, and makes nothing."""
        with self.context.store.read(reach=reach) as reader:
            found = _resources(reader, wanted)
            owners = {row.connector_key: connectors.get_by_key(reader, row.connector_key) for row in found}
        priced: list[Priced] = []
        for key, owner in owners.items():
            mine = [row for row in found if row.connector_key == key]
            priced.extend(self._priced(owner, mine) if owner else ())
        return tuple(priced)

    def _priced(self, connector: Connector, mine: Sequence[Resource]) -> list[Priced]:
        try:
            with opened_door(self.context, connector) as door:
                priced = []
                for row in mine:
                    try:
                        attached = door.disks_of(row.region, row.resource_id)
                    except CloudError as error:
                        priced.append(Priced(row, error=error.message))
                        continue
                    size = sum(disk.size for disk in attached)
                    priced.append(Priced(row, len(attached), size, door.quote(attached)))
                return priced
        except NephoscopeError as error:
            return [Priced(row, error=error.message) for row in mine]

    def start(self, wanted: Sequence[UUID], by: str, wish: ScanWish = USUAL, reach: Reach | None = None) -> Started:
        """Queue scans of these instances, as their connectors have it unless the wish says otherwise. ConflictError
        when all of them are being scanned already; SettingsError as above."""
        with self.context.store.read(reach=reach) as reader:
            found = _resources(reader, wanted)
        return self._started(found, by, wish)

    def start_connector(self, connector: UUID, by: str, wish: ScanWish = USUAL, reach: Reach | None = None) -> Started:
        """Of every instance that the connector's selection chooses."""
        return self._started(self._chosen(connector, reach), by, wish)

    def chosen(self, connector: UUID, reach: Reach | None = None) -> tuple[UUID, ...]:
        """The instances that the connector's selection chooses. BadRequestError when there are none."""
        return tuple(row.uuid for row in self._chosen(connector, reach))

    def _chosen(self, connector: UUID, reach: Reach | None) -> list[Resource]:
        with self.context.store.read(reach=reach) as reader:
            owner = _connector(reader, connector)
            settings = disks.settings(reader, owner.key)
            every = choosing.chosen(reader, owner, settings)
            seen = set(resources.seen_among(reader, [row.key for row in every]))
        found = [row for row in every if row.key in seen]
        if not found:
            tag = f"{settings.tag_key}={settings.tag_value}"
            raise BadRequestError(f"No instance of {owner.name} wears the tag {tag}.", ["connectorId"])
        return found

    def _started(self, found: Sequence[Resource], by: str, wish: ScanWish) -> Started:
        now = self.context.clock()
        scans: list[DiskScan] = []
        busy: list[str] = []
        with self.context.store.read() as reader:
            owners = {key: connectors.get_by_key(reader, key) for key in {row.connector_key for row in found}}
            hows = {key: wish.over(choosing.request_of(disks.settings(reader, key))) for key in owners}
        problems = [problem for how in hows.values() for problem in _budget_problems(how.budget)]
        if problems:
            raise BadRequestError(f"It cannot be scanned like that: {'; '.join(problems)}.", problems)
        self._prepare(with_secrets=any(how.with_secrets for how in hows.values()))
        with self.context.store.write() as writer:
            for row in found:
                owner, how = owners[row.connector_key], hows[row.connector_key]
                if owner is None:
                    continue
                scan = choosing.asked(row, owner, how, by, now)
                try:
                    disk_scans.create(writer, scan)
                except ConflictError:
                    busy.append(row.resource_id)
                    continue
                scans.append(scan)
                detail = {"scan": str(scan.uuid), "resource": row.resource_id, **msgspec.to_builtins(how)}
                trail.record(writer, by, "disks.scan", str(row.uuid), detail, now)
        if not scans:
            raise ConflictError(f"{', '.join(busy[:5])}: a scan is already queued or running.")
        self._on_waiting()
        return Started(tuple(scans), tuple(busy))

    def _prepare(self, *, with_secrets: bool) -> None:
        """What would fail every scan is said before one is queued."""
        if with_secrets:
            digest_key(self.context.store, self.context.sealer)

    def get(self, scan: UUID, reach: Reach | None = None) -> DiskScan:
        with self.context.store.read(reach=reach) as reader:
            found = disk_scans.get(reader, scan)
        if found is None:
            raise NotFoundError(f"There is no disk scan {scan}.")
        return found

    def under_way(self, wanted: Sequence[UUID]) -> tuple[DiskScan, ...]:
        """The scans of these instances that wait or are being carried."""
        with self.context.store.read() as reader:
            newest = disk_scans.of_resource(reader, wanted)
        return tuple(newest[one] for one in wanted if one in newest and newest[one].state in OPEN_SCANS)

    def cancel(self, scan: UUID, by: str, reach: Reach | None = None) -> DiskScan:
        """It is over at once; what it made is deleted within seconds. One that has ended stays as it is."""
        found, now = self.get(scan, reach), self.context.clock()
        over = msgspec.structs.replace(found, state=ScanState.CANCELLED, finished_on=now, error=f"Cancelled by {by}.")
        with self.context.store.write() as writer:
            if disk_scans.finish(writer, over):
                trail.record(writer, by, "disks.cancel", str(found.resource_uuid), {"scan": str(scan)}, now)
        return self.get(scan, reach)

    def preview(self, secret: UUID, by: str, reach: Reach | None = None) -> ListedSecret:
        """With the mask of what was found; that somebody looked is noted."""
        with self.context.store.read(reach=reach) as reader:
            found = found_secrets.get(reader, secret)
        if found is None:
            raise NotFoundError(f"There is no secret {secret}.")
        with self.context.store.write() as writer:
            detail = {"resource": found.resource_id, "path": found.secret.found.path}
            trail.record(writer, by, "secret.preview", str(secret), detail, self.context.clock())
        return found

    def find(self, named: str, reach: Reach | None = None) -> Resource:
        """An instance by uuid or by its id in the cloud. NotFoundError when there is none; BadRequestError when several
        are called so, or it is something without disks."""
        equal = (Condition("resource_id", Operator.EQUALS, (named,)),)
        with self.context.store.read(reach=reach) as reader:
            with suppress(ValueError):
                found = resources.get(reader, UUID(named))
                if found is not None:
                    return _machine(found)
            keys = [
                key for cloud, kind in MACHINES.items() for key in resources.matching_keys(reader, cloud, kind, equal)
            ]
            rows = resources.by_keys(reader, keys, is_counted=False)
        if not rows:
            raise NotFoundError(f"There is no instance {named[:80]!r} in the inventory; see nephoscope resources list.")
        if len(rows) > 1:
            raise BadRequestError(f"{len(rows)} instances are called {named}: name one by its uuid.")
        return rows[keys[0]]

    def keep_image(self, resource: UUID, reading: MachineReading, by: str) -> Outcome:
        """What was read from image files, as what lies on this resource."""
        with self.context.store.read() as reader:
            found = resources.get(reader, resource)
        if found is None:
            raise NotFoundError(f"There is no resource {resource}.")
        outcome = record(self.context, found, reading)
        with self.context.store.write() as writer:
            detail = {"resource": found.resource_id, "state": outcome.state.state.value}
            trail.record(writer, by, "disks.image", str(resource), detail, self.context.clock())
        self._on_found()
        return outcome

    def image_wanted(self, resource: UUID) -> Wanted:
        """To search image files for secrets as scans of this resource do."""
        with self.context.store.read() as reader:
            found = resources.get(reader, resource)
        if found is None:
            raise NotFoundError(f"There is no resource {resource}.")
        return wanted_of(self.context, found.key)

    def inventory(self, resource: UUID, reach: Reach | None = None) -> tuple[Resource, Inventory]:
        """The resource and the packages on it. NotFoundError when its disk was never read."""
        with self.context.store.read(reach=reach) as reader:
            found = resources.get(reader, resource)
            known = disks.kept(reader, found.key).inventory if found else ()
        if found is None:
            raise NotFoundError(f"There is no resource {resource}.")
        if not known:
            raise NotFoundError(f"The disks of {found.resource_id} were never read.")
        return found, keeping.inventory_of(known)

    def rematch(self, *, everything: bool = False, reach: Reach | None = None) -> int:
        """Compare all packages that are known, and seen, with the advisories as they are now; answers how many disks
        that were. No disk is touched. With `everything` also those that were compared with these already."""
        version, done, after = self.context.knowledge.version(), 0, 0
        while version:
            with self.context.store.read(reach=reach) as reader:
                due = disks.to_match(reader, "" if everything else version, _AT_ONCE, after)
            if not due:
                break
            for resource_key, _ in due:
                done += self._rematch_one(resource_key)
            after = due[-1][0]
        if done:
            self._on_found()
        return done

    def _rematch_one(self, resource_key: int) -> bool:
        with self.context.store.read() as reader:
            resource = resources.by_keys(reader, [resource_key], is_counted=False).get(resource_key)
            known = disks.kept(reader, resource_key).inventory
        judgement = keeping.judge(self.context.knowledge, known)
        if resource is None or not judgement.knowledge:
            return False
        with self.context.store.write() as writer:
            keeping.rejudged(writer, resource, judgement, self.context.clock())
        return True

    def relink(self) -> int:
        """Say of every access key that lies somewhere whose it is now; answers on how many disks that changed."""
        with self.context.store.read() as reader:
            if not disks.has_any(reader):
                return 0
        with suppress(NephoscopeError):
            key = digest_key(self.context.store, self.context.sealer)
            with self.context.store.read() as reader:
                owners = by_digest(reader, key)
            with self.context.store.write() as writer:
                touched = found_secrets.relink(writer, owners, weigh)
                for resource_key, connector_key in touched:
                    keeping.recounted(writer, resource_key, connector_key)
            return len(touched)
        return 0

    def choose(self) -> int:
        """Queue scans of the instances that are due; answers how many. Several workers may do it at once."""
        now, store = self.context.clock(), self.context.store
        with store.read() as reader:
            looking = disks.to_look_at(reader, now - _LOOK_EVERY)
        queued = 0
        for key in looking:
            with store.write() as writer:
                queued += self._choose_of(writer, key, now)
        if queued:
            self._on_waiting()
        return queued

    def _choose_of(self, writer: Writer, connector_key: int, now: datetime) -> int:
        owner = connectors.get_by_key(writer, connector_key)
        disks.looked_at(writer, connector_key, now)
        if owner is None or owner.is_disabled:
            return 0
        settings, busy = disks.settings(writer, connector_key), disk_scans.busy(writer)
        queued = 0
        for row in choosing.due(writer, owner, settings, now):
            if row.uuid not in busy:
                request = choosing.request_of(settings)
                with suppress(ConflictError):
                    disk_scans.create(writer, choosing.asked(row, owner, request, choosing.SCHEDULE, now))
                    queued += 1
        return queued

    def sweep(self) -> tuple[str, ...]:
        """Delete snapshots of ours that nobody needs any more, in all accounts whose disks were ever read."""
        with self.context.store.read() as reader:
            owners = [connectors.get_by_key(reader, key) for key in disks.touched_connectors(reader)]
        gone: list[str] = []
        for owner in owners:
            if owner is not None and owner.provider in SCANNED:
                with suppress(NephoscopeError):  # who cannot be entered now is swept another time
                    gone.extend(self._sweep_of(owner))
        return tuple(gone)

    def _sweep_of(self, owner: Connector) -> list[str]:
        kind, before = SCANNED[owner.provider], self.context.clock() - _ORPHAN_AFTER
        with self.context.store.read() as reader:
            keep = disks.snapshots_kept(reader, owner.key)
            regions = {row.region for row in resources.candidates(reader, owner.key, kind)}
            regions |= disk_scans.regions_of(reader, owner.uuid)
        gone: list[str] = []
        with opened_door(self.context, owner) as door:
            for region in sorted(regions):
                with suppress(CloudError):
                    gone.extend(door.sweep(region, before, keep))
        return gone


def _connector(reader: Reader, uuid: UUID) -> Connector:
    found = connectors.get(reader, uuid)
    if found is None:
        raise NotFoundError(f"There is no connector {uuid}.")
    return found


def _machine(found: Resource) -> Resource:
    """BadRequestError when it is none."""
    if found.resource_type not in MACHINES.values():
        kinds = ", ".join(MACHINES.values())
        raise BadRequestError(
            f"{found.resource_id} is no machine: disks of {kinds} are looked into.", ["resourceUuids"]
        )
    return found


def _resources(reader: Reader, wanted: Sequence[UUID]) -> list[Resource]:
    """BadRequestError names what is no instance; NotFoundError what is unknown or unseen."""
    if not wanted or len(wanted) > _MOST:
        raise BadRequestError(f"Name between 1 and {_MOST:,} instances, not {len(wanted):,}.", ["resourceIds"])
    found = {uuid: resources.get(reader, uuid) for uuid in dict.fromkeys(wanted)}
    missing = [str(uuid) for uuid, row in found.items() if row is None]
    if missing:
        raise NotFoundError(f"There is no resource {', '.join(missing[:5])}.")
    rows = [row for row in found.values() if row is not None]
    wrong = [row.resource_id for row in map(_machine, rows) if row.resource_type not in SCANNED.values()]
    if wrong:
        how = "attach a copy of the disk somewhere, and read that (nephoscope disk scan DEVICE --as INSTANCE)"
        raise BadRequestError(f"{', '.join(wrong[:5])}: there are no snapshots that could be read; {how}.", wrong)
    return rows


def _problems(wanted: DiskSettings) -> list[str]:
    checks = {
        f"hours: between 1 and {_MOST_HOURS}": 1 <= wanted.hours <= _MOST_HOURS,
        f"tagKey: at most {_LONGEST_TAG} characters": len(wanted.tag_key) <= _LONGEST_TAG,
        f"tagValue: at most {_LONGEST_TAG} characters": len(wanted.tag_value) <= _LONGEST_TAG,
    }
    wrong = [problem for problem, is_fine in checks.items() if not is_fine]
    return wrong + _budget_problems(wanted.budget)


def _budget_problems(budget: ScanBudget) -> list[str]:
    checks = {
        "budget.blocks: 0 or more": 0 <= budget.blocks < 2**53,
        "budget.seconds: 0 or more": 0 <= budget.seconds < 1e9,  # noqa: PLR2004 - finite, and some years
        "budget.money: 0 or more": 0 <= budget.money < 1e9,  # noqa: PLR2004 - finite
    }
    return [problem for problem, is_fine in checks.items() if not is_fine]
