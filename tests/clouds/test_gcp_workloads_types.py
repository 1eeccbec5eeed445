"""Kubernetes, functions, Cloud Run and App Engine, as they are read from the simulation."""

from collections.abc import Iterator

import pytest

from gcp_world import read
from nephoscope.simulation.gcp.cloud import PROJECT, GcpCloud
from nephoscope.simulation.gcp.estate import fill_gcp
from nephoscope.simulation.gcp.estate.words import WEB_ACCOUNT
from nephoscope.simulation.gcp.estate.workloads import HIDDEN


@pytest.fixture(scope="module")
def gcp() -> Iterator[GcpCloud]:
    with GcpCloud() as cloud:
        fill_gcp(cloud)
        yield cloud


def test_clusters_are_read_without_guessing(gcp: GcpCloud) -> None:
    """What an answer leaves out is off."""
    found = read(gcp, "K8S_CLUSTER")
    good, bad = (found[f"locations/europe-west1/clusters/{name}"].document for name in ("prod", "lab"))
    assert (good["releaseChannel"], bad["releaseChannel"]) == ("REGULAR", None)
    assert (good["legacyAbac"], bad["legacyAbac"]) == (False, True)
    assert (good["basicAuthentication"], bad["basicAuthentication"]) == (False, True)
    assert (good["dashboardEnabled"], bad["dashboardEnabled"]) == (False, True)
    assert (good["privateNodes"], bad["privateNodes"]) == (True, False)
    assert bad["authorizedNetworks"] == [{"displayName": None, "cidrBlock": "0.0.0.0/0"}]
    assert good["createTime"] == "2025-06-01T00:00:00Z"


def test_node_pools_know_their_cluster(gcp: GcpCloud) -> None:
    found = read(gcp, "NODE_POOL")
    good, bad = (found[f"locations/europe-west1/clusters/{name}/nodePools/main"].document for name in ("prod", "lab"))
    assert (good["clusterName"], good["serviceAccount"], good["isLegacyEndpointOff"]) == ("prod", WEB_ACCOUNT, True)
    assert (bad["serviceAccount"], bad["autoUpgrade"], bad["workloadMetadataMode"]) == ("default", False, None)


def test_functions_of_both_generations_are_one_type(gcp: GcpCloud) -> None:
    found = read(gcp, "CLOUD_FUNCTION")
    hook, resize = (found[f"locations/europe-west1/functions/{name}"].document for name in ("hook", "resize"))
    assert (hook["generation"], hook["runtime"], hook["securityLevel"]) == ("1", "nodejs14", "SECURE_OPTIONAL")
    assert (resize["generation"], resize["runtime"], resize["securityLevel"]) == ("2", "python313", "SECURE_ALWAYS")
    assert (hook["environmentVariableNames"], hook["secretNames"]) == (["DB_PASSWORD", "STAGE"], [])
    assert (resize["environmentVariableNames"], resize["secretNames"]) == (["STAGE"], ["DB_PASSWORD"])


def test_services_of_cloud_run(gcp: GcpCloud) -> None:
    found = read(gcp, "CLOUD_RUN_SERVICE")
    api, demo = (found[f"locations/europe-west1/services/{name}"] for name in ("api", "demo"))
    assert (api.document["ingress"], demo.document["ingress"]) == ("internal", "all")
    assert (api.document["secretNames"], demo.document["environmentVariableNames"]) == (["API_KEY"], ["API_KEY"])
    assert [(tag.key, tag.value) for tag in api.tags] == [("team", "api")]


def test_values_of_environments_are_not_kept(gcp: GcpCloud) -> None:
    assert HIDDEN not in str(read(gcp, "CLOUD_FUNCTION")) + str(read(gcp, "CLOUD_RUN_SERVICE"))


def test_versions_of_app_engine(gcp: GcpCloud) -> None:
    found = {name: row.document for name, row in read(gcp, "APP_ENGINE_VERSION").items()}
    assert {name: (row["isServing"], row["insecureHandlers"]) for name, row in found.items()} == {
        "services/admin/versions/v1": (True, 1),
        "services/default/versions/v1": (False, 1),
        "services/default/versions/v2": (True, 0),
    }


def test_a_project_without_an_application_has_no_versions() -> None:
    with GcpCloud() as cloud:
        fill_gcp(cloud)
        del cloud.listings[f"appengine/v1/apps/{PROJECT}/services"]
        assert read(cloud, "APP_ENGINE_VERSION") == {}
