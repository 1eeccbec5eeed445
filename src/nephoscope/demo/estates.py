"""Three clouds on this machine, each with an estate in it, and what connectors to them say."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

import msgspec

from nephoscope.cli.printing import note
from nephoscope.connectors.connectors import Draft
from nephoscope.demo.disks import disks_in
from nephoscope.model.connectors import AzureSignIn
from nephoscope.model.providers import Provider
from nephoscope.settings import lend_aws_credentials
from nephoscope.simulation.aws import ACCESS_KEY, REGIONS, SECRET_KEY, Simulation, fill_estate, start
from nephoscope.simulation.azure.cloud import APPLICATION, SECRET, SUBSCRIPTION, TENANT, AzureCloud
from nephoscope.simulation.azure.estate import fill_azure
from nephoscope.simulation.gcp.cloud import PROJECT, GcpCloud
from nephoscope.simulation.gcp.estate import fill_gcp

TITLES: Mapping[Provider, str] = {
    Provider.AWS: "AWS account",
    Provider.AZURE: "Azure subscription",
    Provider.GCP: "Google Cloud project",
}


class Estates(msgspec.Struct, frozen=True):
    """`drafts` are of the connectors to all of them."""

    aws: Simulation
    drafts: Mapping[Provider, Draft]


@contextmanager
def simulated() -> Iterator[Estates]:
    """Gone when the block ends."""
    note("Simulating an AWS account, an Azure subscription and a Google Cloud project on this machine …")
    with ExitStack() as stack:
        azure, gcp = stack.enter_context(AzureCloud()), stack.enter_context(GcpCloud())
        aws = stack.enter_context(start())
        lend_aws_credentials(ACCESS_KEY, SECRET_KEY)
        note(f"Filling them; of AWS the regions {' and '.join(REGIONS)} …")
        fill_azure(azure)
        fill_gcp(gcp)
        fill_estate(aws)
        stack.enter_context(disks_in(aws))
        yield Estates(aws, {Provider.AWS: _to_aws(aws), Provider.AZURE: _to_azure(azure), Provider.GCP: _to_gcp(gcp)})


def _to_aws(cloud: Simulation) -> Draft:
    """Entered with the credentials of this process."""
    return Draft(
        name="Meridian (simulated)", account_id=cloud.account_id, endpoint_url=cloud.endpoint_url, regions=REGIONS
    )


def _to_azure(cloud: AzureCloud) -> Draft:
    return Draft(
        name="Meridian on Azure (simulated)",
        account_id=SUBSCRIPTION,
        endpoint_url=cloud.endpoint_url,
        tenant_id=TENANT,
        application_id=APPLICATION,
        sign_in=AzureSignIn.KEY,
        secret=SECRET,
    )


def _to_gcp(cloud: GcpCloud) -> Draft:
    return Draft(
        name="Meridian on Google Cloud (simulated)",
        account_id=PROJECT,
        endpoint_url=cloud.endpoint_url,
        secret=cloud.key_file,
    )
