"""The one value that every door is given."""

from typing import Protocol
from uuid import UUID

import msgspec

from nephoscope.access.access import AccessControl
from nephoscope.access.preferences import Preferences
from nephoscope.access.roles import Roles
from nephoscope.access.sso import SingleSignOn
from nephoscope.audit.trail import LOCAL
from nephoscope.connectors.connectors import Connectors
from nephoscope.connectors.following import Following
from nephoscope.connectors.groups import Groups
from nephoscope.controls.catalogue import Catalogue
from nephoscope.exceptions.exceptions import Exceptions
from nephoscope.imports.importing import Importing
from nephoscope.kit.clock import Clock
from nephoscope.kit.outbound import Outbound
from nephoscope.kit.sealing import Sealer
from nephoscope.model.runs import Run
from nephoscope.policies.policies import Policies
from nephoscope.reports.delivery.schedules import Schedules
from nephoscope.reports.exports.exports import Exports
from nephoscope.reports.reports import Reports
from nephoscope.settings import Settings
from nephoscope.snapshots.disks import Disks
from nephoscope.store.session import Store
from nephoscope.tags.tags import Tags


class Runs(Protocol):
    """Durable sweeps, as the jobs room carries them."""

    def request(self, connector: UUID, by: str = LOCAL) -> Run:
        """Queue a run, on record as the wish of `by`. ConflictError while one is queued or running, NotFoundError for
        an unknown connector."""
        ...

    @property
    def is_carrying(self) -> bool:
        """Whether runs are carried in this process, and its keeper of order is alive."""
        ...

    def get(self, run: UUID) -> Run: ...

    def cancel(self, run: UUID) -> None: ...


class UseCases(msgspec.Struct, frozen=True):
    """`store` is here for plain reads; whatever has a rule goes through the room that knows it."""

    settings: Settings
    clock: Clock
    store: Store
    catalogue: Catalogue
    access: AccessControl
    sso: SingleSignOn
    connectors: Connectors
    following: Following
    importing: Importing
    exceptions: Exceptions
    policies: Policies
    exports: Exports
    reports: Reports
    schedules: Schedules
    preferences: Preferences
    groups: Groups
    roles: Roles
    sealer: Sealer
    outbound: Outbound
    tags: Tags
    disks: Disks
    runs: Runs
