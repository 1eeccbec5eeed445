"""Buckets, databases, datasets, clusters of Dataproc, topics and repositories."""

from nephoscope.simulation.gcp.cloud import PROJECT, GcpCloud
from nephoscope.simulation.gcp.estate.words import (
    BASE,
    DEFAULT_ACCOUNT,
    KEY,
    REGION,
    WEB_ACCOUNT,
    Document,
    private,
    public,
)

_ROOT = f"projects/{PROJECT}"


def fill(cloud: GcpCloud) -> None:
    _buckets(cloud)
    _databases(cloud)
    _bigquery(cloud)
    _dataproc(cloud)
    _topics(cloud)
    _repositories(cloud)


def _buckets(cloud: GcpCloud) -> None:
    uniform = {"uniformBucketLevelAccess": {"enabled": True}, "publicAccessPrevention": "enforced"}
    good: Document = {
        "iamConfiguration": uniform,
        "versioning": {"enabled": True},
        "encryption": {"defaultKmsKeyName": KEY},
        "logging": {"logBucket": "meridian-logs"},
        "lifecycle": {"rule": [{"action": {"type": "Delete"}, "condition": {"age": 400}}]},
        "timeCreated": "2025-01-01T00:00:00.1Z",
    }
    bad: Document = {"iamConfiguration": {"publicAccessPrevention": "inherited"}}
    buckets = {
        "meridian-data": (good, private("roles/storage.objectViewer")),
        "meridian-website": (bad, public("roles/storage.objectViewer")),
        "meridian-audit": ({**good, "retentionPolicy": {"retentionPeriod": "31536000", "isLocked": True}}, []),
        "meridian-errors": ({**good, "retentionPolicy": {"retentionPeriod": "31536000"}}, []),
    }
    for name, (data, bindings) in buckets.items():
        known = {"name": name, "location": "EUROPE-WEST1"}
        cloud.add("storage.googleapis.com/Bucket", name, known | data, bindings=bindings, location=REGION)


def flags(**values: str) -> list[Document]:
    """`__` stands for a dot, `_S_` for a space."""
    return [{"name": name.replace("_S_", " ").replace("__", "."), "value": value} for name, value in values.items()]


_GOOD_SETTINGS: Document = {
    "tier": "db-custom-2-7680",
    "availabilityType": "REGIONAL",
    "ipConfiguration": {
        "ipv4Enabled": False,
        "privateNetwork": f"{BASE}/global/networks/main",
        "sslMode": "ENCRYPTED_ONLY",
    },
    "backupConfiguration": {
        "enabled": True,
        "pointInTimeRecoveryEnabled": True,
        "transactionLogRetentionDays": 7,
        "backupRetentionSettings": {"retainedBackups": 14},
    },
    "deletionProtectionEnabled": True,
    "storageAutoResize": True,
    "insightsConfig": {"queryInsightsEnabled": True},
    "passwordValidationPolicy": {"enablePasswordPolicy": True},
    "maintenanceWindow": {"day": 7, "hour": 3},
}
_BAD_SETTINGS: Document = {
    "tier": "db-f1-micro",
    "availabilityType": "ZONAL",
    "ipConfiguration": {
        "ipv4Enabled": True,
        "requireSsl": False,
        "authorizedNetworks": [{"name": "all", "value": "0.0.0.0/0"}],
    },
    "backupConfiguration": {"enabled": False},
}
_POSTGRES_FLAGS = flags(
    log_connections="on",
    log_disconnections="on",
    log_statement="ddl",
    cloudsql__enable_pgaudit="on",
    cloudsql__iam_authentication="on",
    log_lock_waits="on",
)
_TERSE_FLAGS = flags(
    log_error_verbosity="terse",
    log_min_messages="fatal",
    log_min_error_statement="panic",
    log_min_duration_statement="500",
)
_LOOSE_FLAGS = flags(
    external_S_scripts_S_enabled="on",
    cross_S_db_S_ownership_S_chaining="on",
    contained_S_database_S_authentication="on",
    user_S_connections="20",
    user_S_options="16",
)


def _databases(cloud: GcpCloud) -> None:
    instances = {
        "orders": ("POSTGRES_16", _GOOD_SETTINGS | {"databaseFlags": _POSTGRES_FLAGS}),
        "reports": ("POSTGRES_12", _BAD_SETTINGS | {"databaseFlags": _TERSE_FLAGS}),
        "shop": (
            "MYSQL_8_4",
            _GOOD_SETTINGS | {"databaseFlags": flags(skip_show_database="on", local_infile="off", slow_query_log="on")},
        ),
        "wiki": ("MYSQL_5_7", _BAD_SETTINGS),
        "ledger": (
            "SQLSERVER_2022_STANDARD",
            _GOOD_SETTINGS | {"databaseFlags": flags(remote_S_access="off", **{"3625": "on"})},
        ),
        "crm": (
            "SQLSERVER_2019_WEB",
            _BAD_SETTINGS | {"databaseFlags": _LOOSE_FLAGS},
        ),
    }
    for name, (version, settings) in instances.items():
        kind = "PRIVATE" if settings is not _BAD_SETTINGS and settings["availabilityType"] == "REGIONAL" else "PRIMARY"
        data: Document = {
            "name": name,
            "databaseVersion": version,
            "region": REGION,
            "state": "RUNNABLE",
            "instanceType": "CLOUD_SQL_INSTANCE",
            "settings": settings,
            "ipAddresses": [{"type": kind, "ipAddress": "10.1.0.3" if kind == "PRIVATE" else "203.0.113.9"}],
            "serverCaCert": {"expirationTime": "2024-01-01T00:00:00Z" if name == "wiki" else "2134-01-01T00:00:00.5Z"},
            "createTime": "2025-03-01T00:00:00.25Z",
        }
        if kind == "PRIVATE":
            data["diskEncryptionConfiguration"] = {"kmsKeyName": KEY}
        cloud.add("sqladmin.googleapis.com/Instance", f"{_ROOT}/instances/{name}", data, location=REGION)


def _bigquery(cloud: GcpCloud) -> None:
    owners = {"role": "OWNER", "specialGroup": "projectOwners"}
    datasets: dict[str, Document] = {
        "sales": {
            "access": [owners],
            "defaultEncryptionConfiguration": {"kmsKeyName": KEY},
            "defaultTableExpirationMs": "7776000000",
        },
        "open_data": {"access": [owners, {"role": "READER", "specialGroup": "allAuthenticatedUsers"}]},
        "scratch": {"access": [owners, {"role": "WRITER", "domain": "meridian.example"}]},
    }
    for name, data in datasets.items():
        known = {"location": "EU", "creationTime": "1735689600000"}
        cloud.add("bigquery.googleapis.com/Dataset", f"{_ROOT}/datasets/{name}", known | data, location="eu")
    for name, data in {"orders": {"encryptionConfiguration": {"kmsKeyName": KEY}}, "copy": {}}.items():
        known = {"type": "TABLE", "location": "EU", "creationTime": "1735689600000"}
        cloud.add("bigquery.googleapis.com/Table", f"{_ROOT}/datasets/sales/tables/{name}", known | data, location="eu")
    view: Document = {"type": "VIEW", "location": "EU"}
    cloud.add("bigquery.googleapis.com/Table", f"{_ROOT}/datasets/sales/tables/today", view, location="eu")


def _dataproc(cloud: GcpCloud) -> None:
    good = {
        "encryptionConfig": {"gcePdKmsKeyName": KEY},
        "gceClusterConfig": {
            "internalIpOnly": True,
            "serviceAccount": WEB_ACCOUNT,
            "shieldedInstanceConfig": {"enableSecureBoot": True},
        },
    }
    bad = {"gceClusterConfig": {"serviceAccount": DEFAULT_ACCOUNT}}
    for name, config in (("nightly", good), ("adhoc", bad)):
        data = {"clusterName": name, "status": {"state": "RUNNING"}, "config": config}
        cloud.add("dataproc.googleapis.com/Cluster", f"{_ROOT}/regions/{REGION}/clusters/{name}", data, location=REGION)


def _topics(cloud: GcpCloud) -> None:
    cloud.add(
        "pubsub.googleapis.com/Topic",
        f"{_ROOT}/topics/orders",
        {"name": f"{_ROOT}/topics/orders", "kmsKeyName": KEY},
        bindings=private("roles/pubsub.publisher"),
    )
    cloud.add(
        "pubsub.googleapis.com/Topic",
        f"{_ROOT}/topics/hooks",
        {"name": f"{_ROOT}/topics/hooks"},
        bindings=public("roles/pubsub.publisher"),
    )
    signed = {"pushEndpoint": "https://shop.meridian.example/push", "oidcToken": {"serviceAccountEmail": WEB_ACCOUNT}}
    subscriptions: dict[str, Document] = {
        "orders": {"pushConfig": signed, "deadLetterPolicy": {"deadLetterTopic": f"{_ROOT}/topics/dead"}},
        "hooks": {"pushConfig": {"pushEndpoint": "http://shop.meridian.example/push"}},
    }
    for name, data in subscriptions.items():
        known = {"topic": f"{_ROOT}/topics/{name}", "state": "ACTIVE"}
        bindings = public("roles/pubsub.subscriber") if name == "hooks" else []
        cloud.add(
            "pubsub.googleapis.com/Subscription", f"{_ROOT}/subscriptions/{name}", known | data, bindings=bindings
        )


def _repositories(cloud: GcpCloud) -> None:
    good: Document = {
        "format": "DOCKER",
        "kmsKeyName": KEY,
        "dockerConfig": {"immutableTags": True},
        "vulnerabilityScanningConfig": {"enablementState": "SCANNING_ACTIVE"},
        "cleanupPolicies": {"old": {"id": "old", "action": "DELETE"}},
    }
    bad: Document = {"format": "DOCKER", "vulnerabilityScanningConfig": {"enablementState": "DISABLED"}}
    for name, data in (("apps", good), ("playground", bad)):
        path = f"{_ROOT}/locations/{REGION}/repositories/{name}"
        bindings = public("roles/artifactregistry.reader") if name == "playground" else []
        known = {"name": path}
        cloud.add("artifactregistry.googleapis.com/Repository", path, known | data, bindings=bindings, location=REGION)
