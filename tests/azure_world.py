"""A simulated subscription with the whole estate in it, read and judged as a scan does it."""

from collections.abc import Collection, Mapping
from contextlib import closing
from uuid import uuid4

import msgspec

from fake_aws import FakePace
from nephoscope.clouds.azure.engine import AZURE_TABLE, open_account
from nephoscope.clouds.doors import Collected, Entry
from nephoscope.clouds.rest.account import RestAccount
from nephoscope.controls.catalogue import Catalogue
from nephoscope.controls.loading import load_catalogue
from nephoscope.jobs import scan, sweep
from nephoscope.kit.clock import system_clock
from nephoscope.kit.pages import PageRequest
from nephoscope.model.connectors import AzureAccess, AzureSignIn, Connector
from nephoscope.model.evaluations import Status
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import Outcome, Scope, ScopeReport
from nephoscope.resource_types.table import RESOURCE_TYPES, types_of
from nephoscope.simulation.azure.cloud import APPLICATION, SECRET, SUBSCRIPTION, TENANT, AzureCloud
from nephoscope.store import connectors, evaluations, scopes
from nephoscope.store.session import open_store

CATALOGUE = load_catalogue()
ON_DISKS = frozenset(range(57000, 57010))
"""Controls over what scans of disks find: the estate has none, `tests/snapshots` has."""
CONTROLS = {
    cid: control
    for cid, control in CATALOGUE.controls.items()
    if control.provider is Provider.AZURE and cid not in ON_DISKS
}
NEEDS = {row.name: frozenset(field.name for field in row.fields) for row in types_of(Provider.AZURE)}
Verdicts = Mapping[tuple[str, int], Status]


class Swept(msgspec.Struct, frozen=True):
    """`verdicts` by resource id and cid; `scopes` by type."""

    verdicts: Verdicts
    scopes: Mapping[str, ScopeReport]


def access_to(cloud: AzureCloud) -> AzureAccess:
    return AzureAccess(
        tenant_id=TENANT, application_id=APPLICATION, sign_in=AzureSignIn.KEY, endpoint_url=cloud.endpoint_url
    )


def enter(cloud: AzureCloud) -> RestAccount:
    return open_account(Entry(access_to(cloud), SUBSCRIPTION, SECRET), pace=FakePace().pace)


def collect(cloud: AzureCloud, kind: str) -> Collected:
    with closing(enter(cloud)) as account:
        return account.collect(Scope(kind, "global"), NEEDS)


def read(cloud: AzureCloud, kind: str) -> Mapping[str, Observed]:
    """By name. Every declared field is in the document or named in `unread`."""
    found = collect(cloud, kind)
    assert found.report.outcome is Outcome.COMPLETE, found.report
    declared = {field.name for field in RESOURCE_TYPES[kind].fields}
    for one in found.resources:
        assert set(one.document) | set(one.unread) == declared
        assert not set(one.document) & set(one.unread)
    return {one.name: one for one in found.resources}


def refusals(kinds: Collection[str]) -> list[tuple[str, tuple[str, ...], str]]:
    """Type, fields and permission of everything that is read item by item."""
    return [
        (kind, detail.fields, permission)
        for kind in sorted(kinds)
        for detail in AZURE_TABLE.collectors[kind].details
        for permission in detail.permissions
    ]


class Watch:
    """A connector in a store of its own, whose subscription is swept once and parts of it as often as one likes."""

    def __init__(self, cloud: AzureCloud, kinds: Collection[str] = tuple(NEEDS)) -> None:
        """With the controls over those types."""
        self._cloud = cloud
        self._store = open_store("sqlite://")
        wanted = [control for control in CONTROLS.values() if control.resource_type in kinds]
        catalogue = Catalogue(wanted, CATALOGUE.policies)
        made = Connector(
            uuid=uuid4(),
            provider=Provider.AZURE,
            account_id=SUBSCRIPTION,
            name="production",
            created_on=system_clock(),
            access=access_to(cloud),
        )
        with self._store.write() as writer:
            connector = connectors.create(writer, made)
        self._sweep = sweep.prepare(self._store, catalogue, system_clock, connector, with_wire=False)

    def sweep(self) -> Swept:
        with closing(enter(self._cloud)) as account:
            scan.run(self._sweep, account)
        return self._found()

    def sweep_again(self, kinds: Collection[str]) -> Swept:
        """Reads just those types anew, and judges what their resources decide."""
        with closing(enter(self._cloud)) as account:
            for scope in sweep.plan(self._sweep, account):
                if scope.resource_type in kinds:
                    sweep.collect(self._sweep, account, scope)
        for kind in judged_by(kinds):
            sweep.evaluate(self._sweep, kind)
        return self._found()

    def _found(self) -> Swept:
        key = self._sweep.connector.key
        with self._store.read() as reader:
            rows = evaluations.page(reader, key, None, (), PageRequest(0, 100_000)).rows
            reports = {row.report.scope.resource_type: row.report for row in scopes.of_connector(reader, key)}
        return Swept({(row.resource.resource_id, row.cid): row.status for row in rows}, reports)

    def close(self) -> None:
        self._store.close()


def judged_by(kinds: Collection[str]) -> set[str]:
    """Types of which some control looks at one of `kinds`."""
    looked_at = {cid: {row.resource_type, *(one.type for one in row.related.values())} for cid, row in CONTROLS.items()}
    return {CONTROLS[cid].resource_type for cid, types in looked_at.items() if not types.isdisjoint(kinds)}


def swept(cloud: AzureCloud, kinds: Collection[str] = tuple(NEEDS)) -> Swept:
    """One scan of the subscription with every control of Azure, or with those of some types."""
    with closing(Watch(cloud, kinds)) as watch:
        return watch.sweep()


def named(verdicts: Verdicts, status: Status) -> Mapping[int, set[str]]:
    """By cid, the last part of the ids of what is judged so; empty where nothing is."""
    found: dict[int, set[str]] = {cid: set() for _, cid in verdicts}
    for (resource_id, cid), judged in verdicts.items():
        if judged is status:
            found[cid].add(resource_id.rpartition("/")[2])
    return found
