"""Findings: what lies on the disk of a resource, with its life, and the scans that found it.

A finding has a life of its own: it is new, goes on, is fixed, and may come back. It is a property of the disk as it was
read last, so a finding that is still there costs no write: when it was last found is the moment of that reading.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from nephoscope.kit.ids import stable_uuid
from nephoscope.model.packages import Inventory
from nephoscope.model.secrets import Secret
from nephoscope.model.vulnerabilities import Vulnerability


class FindingStatus(StrEnum):
    """Where a vulnerability stands in its life."""

    NEW = "NEW"
    ACTIVE = "ACTIVE"
    FIXED = "FIXED"
    REOPENED = "REOPENED"


class FoundVulnerability(msgspec.Struct, frozen=True, kw_only=True):
    """As it is kept and shown."""

    uuid: UUID
    resource_uuid: UUID
    resource_id: str
    vulnerability: Vulnerability
    volumes: tuple[str, ...]
    status: FindingStatus
    first_found: datetime
    last_found: datetime
    fixed_on: datetime | None = None


class ListedSecret(msgspec.Struct, frozen=True):
    """A secret with the name of what it lies on."""

    secret: Secret
    resource_id: str
    volume: str
    fixed_on: datetime | None = None


def vulnerability_uuid(resource: UUID, qid: int) -> UUID:
    return stable_uuid("vulnerability", str(resource), str(qid))


class Tallies(msgspec.Struct, frozen=True):
    """What is open on one disk. Severities and types without any are left out."""

    by_severity: dict[str, int] = {}
    by_type: dict[str, int] = {}
    vulnerabilities: int = 0
    exploited: int = 0
    """Whose exploitation is known (KEV)."""
    critical: int = 0
    """Severity 5, Confirmed or Potential."""
    secrets_by_severity: dict[str, int] = {}
    secrets: int = 0
    secrets_ever: int = 0
    """With those that are fixed."""
    live_keys: int = 0
    """Access keys that are active in a connected account."""


class VolumeInventory(msgspec.Struct, frozen=True):
    """What is known of one volume. `is_whole`: it was read to its end in the scan that read it last; `is_stale`: it
    could not be read since, and this is older than the last scan."""

    name: str
    inventory: Inventory
    is_root: bool = False
    is_whole: bool = True
    is_stale: bool = False


class Baseline(msgspec.Struct, frozen=True):
    """The snapshot of a disk that was read, and the blocks that the result depends on."""

    volume_id: str
    snapshot_id: str
    is_ours: bool
    ranges: tuple[tuple[int, int], ...]


class ScanState(StrEnum):
    """QUEUED and RUNNING are open; the others have ended. COMPLETE, PARTIAL and FAILED are those of what was read."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    COMPLETE = "COMPLETE"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


OPEN_SCANS = frozenset({ScanState.QUEUED, ScanState.RUNNING})
READ_SCANS = frozenset({ScanState.COMPLETE, ScanState.PARTIAL})
"""Something was read."""


class DiskState(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the disks of one resource. `scanned_on` is None while none of its scans has read anything;
    `state` and `reasons` are those of the last one that ended."""

    resource_key: int
    scanned_on: datetime | None
    attempted_on: datetime
    state: ScanState
    reasons: tuple[str, ...] = ()
    has_searched: bool = False
    """Secrets were looked for at least once."""
    knowledge: str = ""
    """The version of the advisories that the packages were compared with; empty when there were none."""
    unjudged: tuple[tuple[str, int], ...] = ()
    consistency: str = ""
    tallies: Tallies = Tallies()


class ScanBudget(msgspec.Struct, frozen=True):
    """0 is no bound; money in the currency of the cloud's tariff."""

    blocks: int = 0
    seconds: float = 0.0
    money: float = 0.0


SNAPSHOT_TAG = "QUALYS_SNAPSHOT_ENABLED"


class DiskSettings(msgspec.Struct, frozen=True):
    """How the disks of a connector's instances are looked into. Only instances that wear the tag are chosen by
    themselves; a person may scan any."""

    is_enabled: bool = False
    tag_key: str = SNAPSHOT_TAG
    tag_value: str = "true"
    """Compared without regard to case; empty takes any value."""
    hours: int = 24
    """Between two scans of an instance."""
    with_secrets: bool = True
    use_existing: bool = False
    """Read the newest snapshots that there are instead of making some."""
    keep_snapshots: bool = False
    """Keep the last scan's snapshots until the next one, which then reads only what has changed."""
    budget: ScanBudget = ScanBudget()
    """Of one scan."""


class ScanRequest(msgspec.Struct, frozen=True):
    """How one instance is scanned."""

    with_secrets: bool = True
    use_existing: bool = False
    keep_snapshots: bool = False
    budget: ScanBudget = ScanBudget()


class ScanWish(msgspec.Struct, frozen=True):
    """What somebody says about one scan. What nothing is said about is as the connector has it."""

    with_secrets: bool | None = None
    use_existing: bool | None = None
    keep_snapshots: bool | None = None
    blocks: int | None = None
    seconds: float | None = None
    money: float | None = None

    def over(self, usual: ScanRequest) -> ScanRequest:
        said = {name: value for name in self.__struct_fields__ if (value := getattr(self, name)) is not None}
        bounds = {name: said.pop(name) for name in ScanBudget.__struct_fields__ if name in said}
        budget: ScanBudget = msgspec.structs.replace(usual.budget, **bounds)
        return msgspec.structs.replace(usual, budget=budget, **said)


class ScanCost(msgspec.Struct, frozen=True):
    """What was quoted before the start, at most, and what it took. A price of 0 with no currency is one that is not
    known."""

    quoted: float = 0.0
    money: float = 0.0
    currency: str = ""
    as_of: str = ""
    blocks: int = 0
    bytes: int = 0
    listings: int = 0
    seconds: float = 0.0


class ScannedVolume(msgspec.Struct, frozen=True):
    name: str
    kind: str
    state: str
    reason: str = ""
    notes: tuple[str, ...] = ()


class ScanResult(msgspec.Struct, frozen=True):
    """What a scan says when it has ended."""

    volumes: tuple[ScannedVolume, ...] = ()
    reasons: tuple[str, ...] = ()
    consistency: str = ""
    packages: int = 0
    os: str = ""
    is_unchanged: bool = False
    """Nothing that the last scan read has changed since: its result holds."""
    new: int = 0
    fixed: int = 0
    reopened: int = 0
    vulnerabilities: int = 0
    secrets: int = 0
    unjudged: tuple[tuple[str, int], ...] = ()
    left_behind: tuple[str, ...] = ()
    """Snapshots that could not be deleted; the janitor tries again."""


class DiskScan(msgspec.Struct, frozen=True, kw_only=True):
    """One scan of the disks of one resource. `permission` is what was missing when it was refused."""

    uuid: UUID
    resource_uuid: UUID
    resource_id: str
    connector_uuid: UUID
    region: str
    requested_by: str
    queued_on: datetime
    request: ScanRequest = ScanRequest()
    state: ScanState = ScanState.QUEUED
    started_on: datetime | None = None
    finished_on: datetime | None = None
    cost: ScanCost = ScanCost()
    result: ScanResult = ScanResult()
    error: str = ""
    permission: str = ""


class ConnectorCost(msgspec.Struct, frozen=True):
    """What the scans of one connector took in a time."""

    connector_uuid: UUID
    scans: int
    blocks: int
    bytes: int
    money: float
    currency: str
