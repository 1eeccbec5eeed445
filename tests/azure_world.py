"""A simulated subscription with the whole estate in it, read and judged as a scan does it."""

from collections.abc import Collection, Mapping
from contextlib import closing
from uuid import uuid4

from cloud_world import CATALOGUE, Swept, Verdicts, controls_of, found_in, needs_of, whole
from fake_aws import FakePace
from fresh_stores import open_fresh
from nephoscope.clouds.azure.engine import AZURE_TABLE, open_account
from nephoscope.clouds.doors import Collected, Entry
from nephoscope.clouds.rest.account import RestAccount
from nephoscope.controls.catalogue import Catalogue
from nephoscope.jobs import scan, sweep
from nephoscope.kit.clock import system_clock
from nephoscope.model.connectors import AzureAccess, AzureSignIn, Connector
from nephoscope.model.evaluations import Status
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import Outcome, Scope
from nephoscope.simulation.azure.cloud import APPLICATION, SECRET, SUBSCRIPTION, TENANT, AzureCloud
from nephoscope.store import connectors

CONTROLS = controls_of(Provider.AZURE, range(57000, 57010))
NEEDS = needs_of(Provider.AZURE)


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
    return {one.name: one for one in whole(collect(cloud, kind), kind)}


def assert_denied(cloud: AzureCloud, kind: str, permission: str) -> None:
    """Of a kind that may not be read nothing is read, and what is missing is named."""
    with cloud.refusing(permission):
        found = collect(cloud, kind)
    assert (found.report.outcome, found.resources) == (Outcome.DENIED, ())
    assert found.report.permission.lower() == permission.lower()


def assert_unread(cloud: AzureCloud, kind: str, fields: Collection[str], permission: str) -> None:
    """Those fields of every resource, and no others."""
    with cloud.refusing(permission):
        found = read(cloud, kind)
    assert found
    assert all(row.unread == dict.fromkeys(fields, f"denied: {permission}") for row in found.values())


def refusals(kinds: Collection[str]) -> list[tuple[str, tuple[str, ...], str]]:
    """Type, fields and permission of everything that is read item by item. What takes the permission of the listing
    itself is not read without it either."""
    return [
        (kind, detail.fields, permission)
        for kind in sorted(kinds)
        for detail in AZURE_TABLE.collectors[kind].details
        for permission in detail.permissions
        if permission not in AZURE_TABLE.types[kind].permissions
    ]


class Watch:
    """A connector in a store of its own, whose subscription is swept once and parts of it as often as one likes."""

    def __init__(self, cloud: AzureCloud, kinds: Collection[str] = tuple(NEEDS)) -> None:
        """With the controls over those types."""
        self._cloud = cloud
        self._store = open_fresh()
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
        return found_in(self._store, self._sweep.connector.key)

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
