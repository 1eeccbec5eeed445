"""A simulated project with the whole estate in it, read and judged as a scan does it."""

from collections.abc import Mapping
from contextlib import closing
from uuid import uuid4

import msgspec

from fake_aws import FakePace
from nephoscope.clouds.doors import Collected, Entry
from nephoscope.clouds.gcp.engine import open_account
from nephoscope.clouds.rest.account import RestAccount
from nephoscope.controls.catalogue import Catalogue
from nephoscope.controls.loading import load_catalogue
from nephoscope.jobs import scan, sweep
from nephoscope.kit.clock import system_clock
from nephoscope.kit.pages import PageRequest
from nephoscope.model.connectors import Connector, GcpAccess, GcpSignIn
from nephoscope.model.evaluations import Status
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import Outcome, Scope, ScopeReport
from nephoscope.resource_types.table import RESOURCE_TYPES, types_of
from nephoscope.simulation.gcp.cloud import PROJECT, GcpCloud
from nephoscope.store import connectors, evaluations, scopes
from nephoscope.store.session import open_store

CATALOGUE = load_catalogue()
ON_DISKS = frozenset(range(58900, 58910))
"""Controls over what lies on disks: the estate has none that was read."""
CONTROLS = {
    cid: control
    for cid, control in CATALOGUE.controls.items()
    if control.provider is Provider.GCP and cid not in ON_DISKS
}
NEEDS = {row.name: frozenset(field.name for field in row.fields) for row in types_of(Provider.GCP)}
Verdicts = Mapping[tuple[str, int], Status]


class Swept(msgspec.Struct, frozen=True):
    """`verdicts` by resource id and cid; `scopes` by type."""

    verdicts: Verdicts
    scopes: Mapping[str, ScopeReport]


def enter(cloud: GcpCloud) -> RestAccount:
    access = GcpAccess(sign_in=GcpSignIn.KEY, endpoint_url=cloud.endpoint_url)
    return open_account(Entry(access, PROJECT, cloud.key_file), pace=FakePace().pace)


def collect(cloud: GcpCloud, kind: str) -> Collected:
    with closing(enter(cloud)) as account:
        return account.collect(Scope(kind, "global"), NEEDS)


def read(cloud: GcpCloud, kind: str) -> Mapping[str, Observed]:
    """By resource id. Every declared field is in the document or named in `unread`."""
    found = collect(cloud, kind)
    assert found.report.outcome is Outcome.COMPLETE, found.report
    declared = {field.name for field in RESOURCE_TYPES[kind].fields}
    for one in found.resources:
        assert set(one.document) | set(one.unread) == declared
        assert not set(one.document) & set(one.unread)
    return {one.resource_id: one for one in found.resources}


def swept(cloud: GcpCloud) -> Swept:
    """A scan of the project with every control of Google Cloud."""
    made = Connector(
        uuid=uuid4(),
        provider=Provider.GCP,
        account_id=PROJECT,
        name="production",
        created_on=system_clock(),
        access=GcpAccess(sign_in=GcpSignIn.KEY, endpoint_url=cloud.endpoint_url),
    )
    with closing(open_store("sqlite://")) as store:
        with store.write() as writer:
            connector = connectors.create(writer, made)
        wanted = Catalogue(CONTROLS.values(), CATALOGUE.policies)
        prepared = sweep.prepare(store, wanted, system_clock, connector, with_wire=False)
        with closing(enter(cloud)) as account:
            scan.run(prepared, account)
        with store.read() as reader:
            rows = evaluations.page(reader, connector.key, None, (), PageRequest(0, 100_000)).rows
            reports = {row.report.scope.resource_type: row.report for row in scopes.of_connector(reader, connector.key)}
    return Swept({(row.resource.resource_id, row.cid): row.status for row in rows}, reports)
