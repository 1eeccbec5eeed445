"""The simulated subscription and project, collected and judged, in the small estate of `apiworld`."""

from contextlib import closing

from apiworld import World
from fake_aws import FakePace
from nephoscope.clouds.azure.engine import open_account as open_subscription
from nephoscope.clouds.doors import Entry
from nephoscope.clouds.gcp.engine import open_account as open_project
from nephoscope.connectors.draft import Draft
from nephoscope.controls.loading import load_catalogue
from nephoscope.jobs import scan, sweep
from nephoscope.model.connectors import AzureAccess, AzureSignIn, Connector, GcpAccess, GcpSignIn
from nephoscope.model.providers import Provider
from nephoscope.simulation.azure.cloud import APPLICATION, SECRET, SUBSCRIPTION, TENANT, AzureCloud
from nephoscope.simulation.azure.estate import fill_azure
from nephoscope.simulation.gcp.cloud import PROJECT, GcpCloud
from nephoscope.simulation.gcp.estate import fill_gcp


def collect_both(world: World) -> tuple[Connector, Connector]:
    """With the controls that are shipped, and a connector for each."""
    world.catalogue = load_catalogue()
    world.use(world.settings)
    return _subscription(world), _project(world)


def _subscription(world: World) -> Connector:
    with AzureCloud() as azure:
        fill_azure(azure)
        return collect_azure(world, azure, with_wire=True)


def collect_azure(world: World, azure: AzureCloud, *, with_wire: bool) -> Connector:
    """What is in the simulation, with the controls that the world has."""
    draft = Draft(
        name="Azure",
        account_id=SUBSCRIPTION,
        tenant_id=TENANT,
        application_id=APPLICATION,
        secret=SECRET,
        endpoint_url=azure.endpoint_url,
    )
    connector = world.connectors.create(Provider.AZURE, draft)
    access = AzureAccess(
        tenant_id=TENANT, application_id=APPLICATION, sign_in=AzureSignIn.KEY, endpoint_url=azure.endpoint_url
    )
    prepared = sweep.prepare(world.store, world.catalogue, world.clock, connector, with_wire=with_wire)
    with closing(open_subscription(Entry(access, SUBSCRIPTION, SECRET), pace=FakePace().pace)) as account:
        scan.run(prepared, account)
    return connector


def _project(world: World) -> Connector:
    with GcpCloud() as gcp:
        fill_gcp(gcp)
        draft = Draft(name="Google", account_id=PROJECT, secret=gcp.key_file, endpoint_url=gcp.endpoint_url)
        connector = world.connectors.create(Provider.GCP, draft)
        access = GcpAccess(sign_in=GcpSignIn.KEY, endpoint_url=gcp.endpoint_url)
        prepared = sweep.prepare(world.store, world.catalogue, world.clock, connector, with_wire=True)
        with closing(open_project(Entry(access, PROJECT, gcp.key_file), pace=FakePace().pace)) as account:
            scan.run(prepared, account)
    return connector
