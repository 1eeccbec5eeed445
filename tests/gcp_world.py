"""A simulated project with the whole estate in it, read and judged as a scan does it."""

from collections.abc import Mapping
from contextlib import closing
from uuid import uuid4

from cloud_world import CATALOGUE, Swept, controls_of, found_in, needs_of, whole
from fake_aws import FakePace
from fresh_stores import open_fresh
from nephoscope.clouds.doors import Collected, Entry
from nephoscope.clouds.gcp.engine import open_account
from nephoscope.clouds.rest.account import RestAccount
from nephoscope.controls.catalogue import Catalogue
from nephoscope.jobs import scan, sweep
from nephoscope.kit.clock import system_clock
from nephoscope.model.connectors import Connector, GcpAccess, GcpSignIn
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import Scope
from nephoscope.simulation.gcp.cloud import PROJECT, GcpCloud
from nephoscope.store import connectors

CONTROLS = controls_of(Provider.GCP, range(58900, 58910))
NEEDS = needs_of(Provider.GCP)


def enter(cloud: GcpCloud) -> RestAccount:
    access = GcpAccess(sign_in=GcpSignIn.KEY, endpoint_url=cloud.endpoint_url)
    return open_account(Entry(access, PROJECT, cloud.key_file), pace=FakePace().pace)


def collect(cloud: GcpCloud, kind: str) -> Collected:
    with closing(enter(cloud)) as account:
        return account.collect(Scope(kind, "global"), NEEDS)


def read(cloud: GcpCloud, kind: str) -> Mapping[str, Observed]:
    """By resource id. Every declared field is in the document or named in `unread`."""
    return {one.resource_id: one for one in whole(collect(cloud, kind), kind)}


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
    with closing(open_fresh()) as store:
        with store.write() as writer:
            connector = connectors.create(writer, made)
        wanted = Catalogue(CONTROLS.values(), CATALOGUE.policies)
        prepared = sweep.prepare(store, wanted, system_clock, connector, with_wire=False)
        with closing(enter(cloud)) as account:
            scan.run(prepared, account)
        return found_in(store, connector.key)
