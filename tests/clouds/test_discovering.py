"""Accounts are found where they are listed, all of them or none."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from nephoscope.clouds.table import discover
from nephoscope.errors import CloudError, DeniedError
from nephoscope.model.connectors import Access, AwsAccess, AzureAccess, AzureSignIn, GcpAccess, GcpSignIn
from nephoscope.model.providers import Provider
from nephoscope.simulation.azure.cloud import APPLICATION, SECRET, SUBSCRIPTION, TENANT, AzureCloud
from nephoscope.simulation.gcp.cloud import PROJECT, GcpCloud


@pytest.fixture
def azure() -> Iterator[AzureCloud]:
    with AzureCloud() as cloud:
        yield cloud


@pytest.fixture
def gcp() -> Iterator[GcpCloud]:
    with GcpCloud() as cloud:
        yield cloud


def azure_names(azure: AzureCloud, within: str = "") -> list[str]:
    access = AzureAccess(
        tenant_id=TENANT, application_id=APPLICATION, sign_in=AzureSignIn.KEY, endpoint_url=azure.endpoint_url
    )
    return [row.name for row in discover(Provider.AZURE, access, secret=SECRET, within=within)]


def gcp_names(gcp: GcpCloud, within: str = "") -> list[str]:
    access = GcpAccess(sign_in=GcpSignIn.KEY, endpoint_url=gcp.endpoint_url)
    return [row.name for row in discover(Provider.GCP, access, secret=gcp.key_file, within=within)]


def test_every_subscription_of_a_tenant_is_found(azure: AzureCloud) -> None:
    for number in range(120):
        azure.subscriptions[str(uuid4())] = f"Number {number}"
    assert len(azure_names(azure)) == 121


def test_a_management_group_narrows_them(azure: AzureCloud) -> None:
    azure.subscriptions[str(uuid4())] = "Elsewhere"
    assert azure_names(azure, "meridian") == [azure.subscriptions[SUBSCRIPTION]]
    with pytest.raises(CloudError, match="not found"):
        azure_names(azure, "nobody")


def test_projects_are_found_at_any_depth(gcp: GcpCloud) -> None:
    gcp.folders.append({"name": "folders/9002", "parent": "folders/9001", "displayName": "Deep", "state": "ACTIVE"})
    for name, parent, state in (
        ("deep-1", "folders/9002", "ACTIVE"),
        ("gone-1", "folders/9002", "DELETE_REQUESTED"),
        ("other-1", "organizations/7002", "ACTIVE"),
    ):
        gcp.projects[name] = {"projectId": name, "displayName": name, "parent": parent, "state": state}
    assert gcp_names(gcp, "organizations/7001") == ["deep-1", "Meridian Production"]
    assert gcp_names(gcp, "folders/9002") == ["deep-1"]
    assert sorted(gcp_names(gcp)) == ["Meridian Production", "deep-1", "other-1"]
    assert PROJECT in gcp.projects


def test_a_list_that_may_not_be_read_is_no_empty_list(azure: AzureCloud, gcp: GcpCloud) -> None:
    with azure.refusing("Microsoft.Resources/subscriptions/read"), pytest.raises(DeniedError):
        azure_names(azure)
    with gcp.refusing("resourcemanager.folders.list"), pytest.raises(DeniedError) as caught:
        gcp_names(gcp, "organizations/7001")
    assert caught.value.permission == "resourcemanager.folders.list"


@pytest.mark.parametrize(
    ("provider", "access"),
    [(Provider.AWS, AwsAccess()), (Provider.AZURE, GcpAccess()), (Provider.GCP, AwsAccess())],
)
def test_credentials_of_another_cloud_list_nothing(provider: Provider, access: Access) -> None:
    with pytest.raises(CloudError):
        discover(provider, access)
