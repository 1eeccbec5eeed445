"""From what was read of a machine to findings in the store, in one transaction.

What is known of each volume stays known until it is read again: a volume that failed keeps the packages that it had, so
nothing on it is fixed. What a volume that was read only in part does not show any more is kept beside what it shows.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from nephoscope.images.machines import Completeness, Coverage
from nephoscope.images.recipes import State
from nephoscope.model.findings import Baseline, DiskState, ScanState, VolumeInventory
from nephoscope.model.packages import Inventory
from nephoscope.model.resources import Resource
from nephoscope.model.vulnerabilities import Vulnerability
from nephoscope.snapshots.knowledge import Knowledge
from nephoscope.snapshots.reading import MachineReading, VolumeReading
from nephoscope.store import disks, found_secrets, vulnerabilities
from nephoscope.store.changelog import changes
from nephoscope.store.changelog.changes import ChangeKind, Note
from nephoscope.store.disk_findings import Turned
from nephoscope.store.disks import Kept
from nephoscope.store.found_secrets import Searched, SeenSecret
from nephoscope.store.session import Writer
from nephoscope.store.vulnerabilities import SeenVulnerability

_STATES = {
    Completeness.COMPLETE: ScanState.COMPLETE,
    Completeness.PARTIAL: ScanState.PARTIAL,
    Completeness.FAILED: ScanState.FAILED,
}
NO_KNOWLEDGE = "There is no file of advisories: the packages were read and not judged (`nephoscope advisories build`)."


class Judgement(msgspec.Struct, frozen=True):
    """What the advisories say about everything that is known of a machine. `knowledge` is empty when there are none."""

    seen: tuple[SeenVulnerability, ...]
    unjudged: tuple[tuple[str, int], ...]
    knowledge: str


class Outcome(msgspec.Struct, frozen=True):
    """`turned` counts vulnerabilities and secrets together."""

    state: DiskState
    turned: Turned


def state_of(coverage: Coverage) -> ScanState:
    return _STATES[coverage.state]


def judge(knowledge: Knowledge, volumes: Sequence[VolumeInventory]) -> Judgement:
    """One advisory once, with all volumes on which it holds."""
    version = knowledge.version()
    if not version:
        return Judgement((), (), "")
    found: dict[int, tuple[Vulnerability, list[VolumeInventory]]] = {}
    unjudged: dict[str, int] = {}
    for volume in volumes:
        matched = knowledge.match(volume.inventory)
        for ecosystem, count in matched.unjudged:
            unjudged[ecosystem] = unjudged.get(ecosystem, 0) + count
        for one in matched.vulnerabilities:
            known, where = found.get(one.qid, (one, []))
            found[one.qid] = (_joined(known, one) if where else one, [*where, volume])
    seen = tuple(
        SeenVulnerability(one, tuple(volume.name for volume in where), any(not volume.is_stale for volume in where))
        for one, where in found.values()
    )
    return Judgement(seen, tuple(sorted(unjudged.items())), version)


def _joined(one: Vulnerability, other: Vulnerability) -> Vulnerability:
    packages = tuple(dict.fromkeys((*one.packages, *other.packages)))
    return msgspec.structs.replace(one, packages=packages, fixed_version=one.fixed_version or other.fixed_version)


def merged(before: Sequence[VolumeInventory], reading: MachineReading) -> tuple[VolumeInventory, ...]:
    """What is known after a reading. A volume that is no more goes when everything that is there could be read."""
    known = {volume.name: volume for volume in before}
    now = [_with_remembered(one, known.pop(one.name, None)) for one in reading.volumes]
    there = {volume.name for volume in reading.coverage.volumes if volume.state is not State.NOTHING}
    has_unread = any(volume.state in (State.FAILED, State.UNSUPPORTED) for volume in reading.coverage.volumes)
    left = [volume for volume in known.values() if volume.name in there or has_unread]
    return (*now, *(msgspec.structs.replace(volume, is_stale=True) for volume in left))


def _with_remembered(one: VolumeReading, before: VolumeInventory | None) -> VolumeInventory:
    known = one.known
    if before is None or known.is_whole:
        return known
    packages = tuple(dict.fromkeys((*known.inventory.packages, *before.inventory.packages)))
    inventory = msgspec.structs.replace(
        known.inventory,
        packages=packages,
        os=known.inventory.os or before.inventory.os,
        kernels=known.inventory.kernels or before.inventory.kernels,
    )
    return msgspec.structs.replace(known, inventory=inventory)


def keep(
    writer: Writer,
    resource: Resource,
    reading: MachineReading,
    judgement: Judgement,
    *,
    volumes: Sequence[VolumeInventory],
    baselines: Sequence[Baseline],
    rules: str,
    now: datetime,
) -> Outcome:
    """Record what a scan found. One that could not read anything leaves the findings as they were."""
    before = disks.get(writer, resource.key)
    known = disks.kept(writer, resource.key)
    ended = state_of(reading.coverage)
    reasons = reading.coverage.reasons + (() if judgement.knowledge else (NO_KNOWLEDGE,))
    if ended is ScanState.FAILED:
        return failed(writer, resource, reasons, now)
    place, since = (resource.key, resource.connector_key, resource.uuid), before.scanned_on if before else None
    turned = Turned()
    if judgement.knowledge:
        turned = vulnerabilities.record(writer, place, judgement.seen, before=since, now=now)
    if reading.has_searched:
        seen = [SeenSecret(found, one.name) for one in reading.volumes for found in one.secrets]
        lying = found_secrets.record(writer, place, seen, _searched(reading), before=since, now=now)
        turned = Turned(*(one + other for one, other in zip(turned, lying, strict=True)))
    state = DiskState(
        resource_key=resource.key,
        scanned_on=now,
        attempted_on=now,
        state=ended,
        reasons=reasons,
        has_searched=reading.has_searched or (before is not None and before.has_searched),
        knowledge=judgement.knowledge or (before.knowledge if before else ""),
        unjudged=judgement.unjudged,
        consistency=reading.coverage.consistency.value,
    )
    kept_rules = rules if reading.has_searched else known.rules
    disks.save(writer, resource.connector_key, state, Kept(tuple(volumes), tuple(baselines), kept_rules))
    _note(writer, resource)
    return Outcome(disks.get(writer, resource.key) or state, turned)


def unchanged(writer: Writer, resource: Resource, baselines: Sequence[Baseline], now: datetime) -> Outcome | None:
    """Nothing that was read has changed: everything that was found is found again. None when nothing is known."""
    before, known = disks.get(writer, resource.key), disks.kept(writer, resource.key)
    if before is None:
        return None
    state = msgspec.structs.replace(before, scanned_on=now, attempted_on=now)
    disks.save(writer, resource.connector_key, state, known._replace(baselines=tuple(baselines)))
    _note(writer, resource)
    return Outcome(disks.get(writer, resource.key) or state, Turned())


def failed(writer: Writer, resource: Resource, reasons: Iterable[str], now: datetime) -> Outcome:
    """A scan that read nothing says so on the resource, and nothing else changes."""
    before, known = disks.get(writer, resource.key), disks.kept(writer, resource.key)
    blank = DiskState(resource_key=resource.key, scanned_on=None, attempted_on=now, state=ScanState.FAILED)
    state = msgspec.structs.replace(before or blank, attempted_on=now, state=ScanState.FAILED, reasons=tuple(reasons))
    disks.save(writer, resource.connector_key, state, known)
    _note(writer, resource)
    return Outcome(state, Turned())


def rejudged(writer: Writer, resource: Resource, judgement: Judgement, now: datetime) -> Turned:
    """The same packages, compared with other advisories."""
    state = disks.get(writer, resource.key)
    if state is None or not judgement.knowledge:
        return Turned()
    place = (resource.key, resource.connector_key, resource.uuid)
    turned = vulnerabilities.record(writer, place, judgement.seen, before=state.scanned_on, now=now)
    knowledge, unjudged = judgement.knowledge, judgement.unjudged
    disks.matched(writer, msgspec.structs.replace(state, knowledge=knowledge, unjudged=unjudged))
    _note(writer, resource)
    return turned


def recounted(writer: Writer, resource_key: int, connector_key: int) -> None:
    """After something else is known about what lies there."""
    state = disks.get(writer, resource_key)
    if state is not None:
        disks.matched(writer, state)
        changes.note(writer, [Note(ChangeKind.FINDINGS, connector_key, resource_key)])


def _note(writer: Writer, resource: Resource) -> None:
    changes.note(writer, [Note(ChangeKind.FINDINGS, resource.connector_key, resource.key)])


def _searched(reading: MachineReading) -> Searched:
    volumes = reading.coverage.volumes
    return Searched(
        whole=frozenset(one.name for one in reading.volumes if one.is_whole and not one.cut and not one.broke_off),
        present=frozenset(volume.name for volume in volumes if volume.state is not State.NOTHING),
        is_complete=reading.coverage.state is Completeness.COMPLETE,
        paths=frozenset((one.name, path) for one in reading.volumes for path in one.searched),
        cut=frozenset((one.name, path) for one in reading.volumes for path in one.cut),
    )


def inventory_of(volumes: Sequence[VolumeInventory]) -> Inventory:
    """Of the whole machine: what all volumes hold together. The system is that of the volume it starts from."""
    ordered = sorted(volumes, key=lambda volume: not volume.is_root)
    return Inventory(
        os=next((volume.inventory.os for volume in ordered if volume.inventory.os), None),
        packages=tuple(dict.fromkeys(package for volume in ordered for package in volume.inventory.packages)),
        kernels=tuple(dict.fromkeys(kernel for volume in ordered for kernel in volume.inventory.kernels)),
        problems=tuple(problem for volume in ordered for problem in volume.inventory.problems),
    )
