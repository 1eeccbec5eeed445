"""Kubernetes clusters, container registries and Databricks workspaces of a simulated subscription."""

from collections.abc import Iterator, Mapping

import pytest

from azure_world import CONTROLS, collect, named, read, refusals, swept
from cloud_world import Swept
from nephoscope.model.evaluations import Status
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import Outcome
from nephoscope.simulation.azure.cloud import AzureCloud
from nephoscope.simulation.azure.estate import databricks, kubernetes

KINDS = {
    "AZURE_KUBERNETES_CLUSTER": {"aks-shop", "aks-lab", "aks-erp"},
    "AZURE_CONTAINER_REGISTRY": {"meridian", "meridianlab", "meridianold"},
    "DATABRICKS_WORKSPACE": {"dbx-lake", "dbx-lab", "dbx-trial"},
}
GOOD, BAD = {"aks-shop", "meridian", "dbx-lake"}, {"aks-lab", "meridianlab", "dbx-lab"}
JUDGED = sorted(cid for cid, control in CONTROLS.items() if control.resource_type in KINDS)
NO_NETWORK_OF_ITS_OWN = 56901
CLOSED_ONLY = 56888
"""Does not apply to registries that everybody reaches."""


@pytest.fixture(scope="module")
def azure() -> Iterator[AzureCloud]:
    with AzureCloud() as cloud:
        kubernetes.fill(cloud)
        databricks.fill(cloud)
        yield cloud


@pytest.fixture(scope="module")
def whole(azure: AzureCloud) -> Swept:
    return swept(azure, (*KINDS, "VIRTUAL_NETWORK"))


@pytest.fixture(scope="module")
def clusters(azure: AzureCloud) -> Mapping[str, Observed]:
    return read(azure, "AZURE_KUBERNETES_CLUSTER")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read_whole(azure: AzureCloud, kind: str) -> None:
    assert set(read(azure, kind)) == KINDS[kind]
    assert not any(one.unread for one in read(azure, kind).values())


def test_a_cluster_says_who_gets_in(clusters: Mapping[str, Observed]) -> None:
    shop, lab, erp = (clusters[name].document for name in ("aks-shop", "aks-lab", "aks-erp"))
    assert (shop["entraIntegrated"], shop["privateCluster"], shop["runCommandDisabled"]) == (True, True, True)
    assert (lab["entraIntegrated"], lab["privateCluster"], lab["authorizedIpRanges"]) == (False, False, [])
    assert erp["authorizedIpRanges"] == ["203.0.113.0/29"]


def test_what_is_supported_depends_on_the_plan(clusters: Mapping[str, Observed]) -> None:
    assert clusters["aks-shop"].document["supportedVersions"] == ["1.33", "1.34"]
    assert clusters["aks-erp"].document["supportedVersions"] == ["1.30", "1.33", "1.34"]


def test_pools_are_part_of_their_cluster(clusters: Mapping[str, Observed]) -> None:
    pools = clusters["aks-erp"].document["nodePools"]
    assert [(pool["name"], pool["publicAddresses"], pool["zones"]) for pool in pools] == [
        ("system", False, ["1", "2", "3"]),
        ("batch", True, []),
    ]


def test_a_registry_is_called_by_its_name(azure: AzureCloud) -> None:
    found = read(azure, "AZURE_CONTAINER_REGISTRY")
    assert {one.resource_id for one in found.values()} == KINDS["AZURE_CONTAINER_REGISTRY"]
    assert found["meridianold"].document["exportEnabled"] is True  # where nothing is said


@pytest.mark.parametrize("cid", JUDGED)
def test_the_good_passes_and_the_bad_fails(whole: Swept, cid: int) -> None:
    passed, failed = named(whole.verdicts, Status.PASS)[cid], named(whole.verdicts, Status.FAIL)[cid]
    of_kind = KINDS[CONTROLS[cid].resource_type]
    assert passed >= GOOD & of_kind
    if cid == NO_NETWORK_OF_ITS_OWN:
        assert failed == {"dbx-trial"}
    elif cid == CLOSED_ONLY:
        assert failed == {"meridianold"}
    else:
        assert failed >= BAD & of_kind


@pytest.mark.parametrize(("kind", "fields", "permission"), refusals(KINDS))
def test_a_refused_detail_is_unread_and_never_empty(
    azure: AzureCloud, kind: str, fields: tuple[str, ...], permission: str
) -> None:
    with azure.refusing(permission):
        found = collect(azure, kind).resources
    assert {one.name for one in found} == KINDS[kind]
    assert all(field not in one.document and field in one.unread for one in found for field in fields)


@pytest.mark.parametrize("kind", KINDS)
def test_a_refused_kind_is_denied(azure: AzureCloud, kind: str) -> None:
    permissions = {
        "AZURE_KUBERNETES_CLUSTER": "Microsoft.ContainerService/managedClusters/read",
        "AZURE_CONTAINER_REGISTRY": "Microsoft.ContainerRegistry/registries/read",
        "DATABRICKS_WORKSPACE": "Microsoft.Databricks/workspaces/read",
    }
    with azure.refusing(permissions[kind]):
        assert collect(azure, kind).report.outcome is Outcome.DENIED


def test_a_network_that_is_not_read_leaves_its_question_open(azure: AzureCloud) -> None:
    with azure.refusing("Microsoft.Network/virtualNetworks/read"):
        verdicts = swept(azure, (*KINDS, "VIRTUAL_NETWORK")).verdicts
    assert not named(verdicts, Status.PASS).get(NO_NETWORK_OF_ITS_OWN)
    assert not named(verdicts, Status.FAIL).get(NO_NETWORK_OF_ITS_OWN)


def test_what_resource_graph_does_not_tell_of_a_workspace_is_asked_of_resource_manager() -> None:
    with AzureCloud() as cloud:
        identity = cloud.add("Microsoft.Databricks/workspaces", "dbx-new", {})
        assert read(cloud, "DATABRICKS_WORKSPACE")["dbx-new"].document["isUcEnabled"] is None
        cloud.put(identity, {"id": identity, "name": "dbx-new", "properties": {"isUcEnabled": True}})
        assert read(cloud, "DATABRICKS_WORKSPACE")["dbx-new"].document["isUcEnabled"] is True
