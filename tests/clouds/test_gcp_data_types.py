"""Buckets, databases, datasets, topics and repositories, as they are read from the simulation."""

from collections.abc import Iterator

import pytest

from gcp_world import read
from nephoscope.simulation.gcp.cloud import PROJECT, GcpCloud
from nephoscope.simulation.gcp.estate import fill_gcp
from nephoscope.simulation.gcp.estate.words import KEY, WEB_ACCOUNT


@pytest.fixture(scope="module")
def gcp() -> Iterator[GcpCloud]:
    with GcpCloud() as cloud:
        fill_gcp(cloud)
        yield cloud


def test_buckets(gcp: GcpCloud) -> None:
    found = {name: row.document for name, row in read(gcp, "GCS_BUCKET").items()}
    assert found["meridian-audit"]["retentionPolicy"] == {"retentionPeriod": "31536000", "isLocked": True}
    assert found["meridian-errors"]["retentionPolicy"] == {"retentionPeriod": "31536000", "isLocked": False}
    assert (found["meridian-website"]["versioningEnabled"], found["meridian-website"]["lifecycleRules"]) == (False, [])
    assert found["meridian-website"]["bindings"][0]["members"] == ["allUsers"]


def test_databases_of_each_engine(gcp: GcpCloud) -> None:
    found = {name: row.document for name, row in read(gcp, "SQL_INSTANCE").items()}
    assert {name: row["engine"] for name, row in found.items()} == {
        "orders": "POSTGRES",
        "reports": "POSTGRES",
        "shop": "MYSQL",
        "wiki": "MYSQL",
        "ledger": "SQLSERVER",
        "crm": "SQLSERVER",
    }
    orders, crm = found["orders"], found["crm"]
    assert (orders["sslMode"], orders["ipv4Enabled"], orders["kmsKeyName"]) == ("ENCRYPTED_ONLY", False, KEY)
    assert {"name": "cloudsql.enable_pgaudit", "value": "on"} in orders["databaseFlags"]
    assert orders["backupConfiguration"]["retainedBackups"] == 14
    assert orders["privateNetwork"] == f"projects/{PROJECT}/global/networks/main"
    assert crm["authorizedNetworks"] == [{"name": "all", "value": "0.0.0.0/0"}]
    assert {"name": "external scripts enabled", "value": "on"} in crm["databaseFlags"]


def test_datasets_and_tables(gcp: GcpCloud) -> None:
    datasets, tables = read(gcp, "BIGQUERY_DATASET"), read(gcp, "BIGQUERY_TABLE")
    sales = datasets["sales"].document
    assert (sales["defaultKmsKeyName"], sales["defaultTableExpirationMs"]) == (KEY, 7_776_000_000)
    assert (sales["creationTime"], sales["region"]) == ("2025-01-01T00:00:00Z", "eu")
    assert datasets["open_data"].document["access"][1]["specialGroup"] == "allAuthenticatedUsers"
    assert {name: row.document["type"] for name, row in tables.items()} == {
        "datasets/sales/tables/copy": "TABLE",
        "datasets/sales/tables/orders": "TABLE",
        "datasets/sales/tables/today": "VIEW",
    }


def test_clusters_of_dataproc(gcp: GcpCloud) -> None:
    found = read(gcp, "DATAPROC_CLUSTER")
    good = found["regions/europe-west1/clusters/nightly"].document
    assert (good["gcePdKmsKeyName"], good["internalIpOnly"], good["serviceAccount"]) == (KEY, True, WEB_ACCOUNT)
    assert found["regions/europe-west1/clusters/adhoc"].document["internalIpOnly"] is False


def test_topics_and_subscriptions(gcp: GcpCloud) -> None:
    topics, subscriptions = read(gcp, "PUBSUB_TOPIC"), read(gcp, "PUBSUB_SUBSCRIPTION")
    assert (topics["orders"].document["kmsKeyName"], topics["hooks"].document["kmsKeyName"]) == (KEY, None)
    assert subscriptions["orders"].document["pushIdentity"] == WEB_ACCOUNT
    assert subscriptions["orders"].document["deadLetterTopic"] == f"projects/{PROJECT}/topics/dead"
    assert subscriptions["hooks"].document["pushIdentity"] is None


def test_repositories(gcp: GcpCloud) -> None:
    found = read(gcp, "ARTIFACT_REPOSITORY")
    apps = found["locations/europe-west1/repositories/apps"].document
    assert (apps["dockerConfig"], apps["cleanupPolicies"]) == (
        {"immutableTags": True},
        [{"id": "old", "action": "DELETE"}],
    )
    assert found["locations/europe-west1/repositories/playground"].document["vulnerabilityScanning"] == "DISABLED"
