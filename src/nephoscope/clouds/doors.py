"""What every cloud offers to the rooms above, in the same words."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from nephoscope.images.blocks import BlockSet
from nephoscope.images.budget import Meter, Quote
from nephoscope.images.device import BlockSource
from nephoscope.images.machines import Consistency
from nephoscope.model.connectors import Access
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import Scope, ScopeReport

Needs = Mapping[str, frozenset[str]]
"""Resource type name → the fields that somebody needs. A type that is missing is not read; a call is made only when
one of the fields it fills is needed."""


class Entry(msgspec.Struct, frozen=True):
    """What it takes to enter one account. `secret` is what was sealed for the connector; empty where the process has
    credentials of its own."""

    access: Access
    account_id: str = ""
    secret: str = ""

    def __repr__(self) -> str:
        return f"Entry({self.account_id!r})"


class Account(msgspec.Struct, frozen=True):
    """An account that was found where accounts are listed: a subscription of a tenant, a project of a folder."""

    account_id: str
    name: str


class Collected(msgspec.Struct, frozen=True):
    """One scope, read. `resources` holds what was seen even when the scope did not complete."""

    report: ScopeReport
    resources: tuple[Observed, ...]


class OpenAccount(Protocol):
    """One account, entered. Thread-safe: many scopes are collected at once."""

    @property
    def provider(self) -> Provider: ...

    @property
    def account_id(self) -> str: ...

    def plan(self, needs: Needs) -> tuple[Scope, ...]:
        """The scopes of a run, in a stable order. Raises CloudError when the account cannot be entered at all."""
        ...

    def collect(self, scope: Scope, needs: Needs) -> Collected:
        """Read one scope. Never raises CloudError: how it ended is in the report."""
        ...

    def close(self) -> None: ...


class Attached(msgspec.Struct, frozen=True):
    """A disk of an instance. `size` in bytes."""

    volume_id: str
    device: str
    size: int
    is_root: bool = False
    is_encrypted: bool = False


class Copied(msgspec.Struct, frozen=True):
    """The copy of a disk. `is_ours`: it was made for this scan, and goes when the scan is over."""

    volume_id: str
    snapshot_id: str
    size: int
    is_ours: bool
    started_on: datetime


class Copies(Protocol):
    """Copies of an instance's disks, ready to be read. A context: leaving it, in whatever way, deletes what was made
    for it and was not kept."""

    @property
    def disks(self) -> tuple[Copied, ...]:
        """The disk that the instance starts from comes first."""
        ...

    @property
    def consistency(self) -> Consistency: ...

    def sources(self, meter: Meter) -> tuple[BlockSource, ...]:
        """In the order of `disks`. Each scan opens its own."""
        ...

    @property
    def left_behind(self) -> tuple[str, ...]:
        """What could not be deleted, with the reason; known once it is closed."""
        ...

    def keep(self) -> None:
        """Let what was made stay, to be compared with the next scan's: `changed` needs both."""
        ...

    def close(self) -> None: ...


class DiskDoor(Protocol):
    """How the disks of one account are read. Thread-safe."""

    def disks_of(self, region: str, instance_id: str) -> tuple[Attached, ...]: ...

    def quote(self, disks: Sequence[Attached]) -> Quote:
        """What reading them costs at most, by the public tariff, before anything is made."""
        ...

    def copy(self, region: str, instance_id: str, *, existing: bool = False) -> Copies:
        """Snapshots of all disks of the instance, made now, or with `existing` the newest that there are. Waits until
        they can be read. CloudError when it cannot be done; nothing is left behind then."""
        ...

    def changed(self, region: str, first: str, second: str) -> BlockSet | None:
        """The blocks in which two snapshots of one disk differ; None when they cannot be compared."""
        ...

    def delete(self, region: str, snapshot_id: str) -> None:
        """Delete a snapshot of ours; one that is gone already is no error."""
        ...

    def sweep(
        self, region: str, made_before: datetime, keep: Collection[str] = (), instance_id: str = ""
    ) -> tuple[str, ...]:
        """Delete what earlier scans left behind: snapshots with our tag that are older, but for those to keep; of one
        instance alone when it is named. Answers their ids."""
        ...

    def close(self) -> None: ...
