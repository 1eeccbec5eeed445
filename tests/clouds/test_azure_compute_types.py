"""Managed disks of a simulated subscription: what is read of them, and what is said when it may not be read."""

from contextlib import closing

from fake_aws import FakePace
from nephoscope.clouds.azure.collectors import compute
from nephoscope.clouds.azure.engine import Table, open_account
from nephoscope.clouds.doors import Collected, Entry
from nephoscope.model.connectors import AzureAccess, AzureSignIn
from nephoscope.model.scopes import Outcome, Scope
from nephoscope.resource_types.azure import compute as types
from nephoscope.simulation.azure.cloud import APPLICATION, SECRET, SUBSCRIPTION, TENANT, AzureCloud

TABLE = Table({"AZURE_DISK": types.DISK}, {"AZURE_DISK": compute.COLLECTORS[0]})
NEEDS = {"AZURE_DISK": frozenset(field.name for field in types.DISK.fields)}


def collect(azure: AzureCloud) -> Collected:
    access = AzureAccess(
        tenant_id=TENANT, application_id=APPLICATION, sign_in=AzureSignIn.KEY, endpoint_url=azure.endpoint_url
    )
    with closing(open_account(Entry(access, SUBSCRIPTION, SECRET), pace=FakePace().pace, table=TABLE)) as account:
        return account.collect(Scope("AZURE_DISK", "global"), NEEDS)


def test_what_azure_leaves_out_is_what_it_does_by_itself() -> None:
    with AzureCloud() as azure:
        encryption = {"type": "EncryptionAtRestWithPlatformKey"}
        azure.add("Microsoft.Compute/disks", "bare", {"diskState": "Unattached", "encryption": encryption})
        (disk,) = collect(azure).resources
    assert disk.document["networkAccessPolicy"] == "AllowAll"
    assert disk.document["publicNetworkAccess"] == "Enabled"
    assert disk.document["dataAccessAuthMode"] is None
    assert disk.document["encryptionType"] == "EncryptionAtRestWithPlatformKey"


def test_disks_that_may_not_be_read_are_denied() -> None:
    with AzureCloud() as azure, azure.refusing("Microsoft.Compute/disks/read"):
        assert collect(azure).report.outcome is Outcome.DENIED
