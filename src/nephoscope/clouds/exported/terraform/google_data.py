"""What Terraform tells of buckets, databases, queues, functions and registries of Google Cloud. Of environments only
the names are kept."""

from collections.abc import Iterator, Mapping
from typing import Any

from nephoscope.clouds.exported.terraform.blocks import Block, Read, State, each, first, fixed, of, said, switch
from nephoscope.clouds.exported.terraform.google_known import (
    bindings,
    by_name,
    by_place,
    inside,
    is_set,
    linked,
    place,
    project_of,
)
from nephoscope.clouds.exported.terraform.rows import Known, Row
from nephoscope.clouds.gcp.collectors.bigquery import moment
from nephoscope.clouds.gcp.shaping import iso, link
from nephoscope.model.scopes import GLOBAL_REGION

# ---- buckets


def _retention(block: Block, _: State) -> Block | None:
    found = first(block, "retention_policy")
    return found and {"retentionPeriod": str(found["retention_period"]), "isLocked": bool(found["is_locked"])}


def _logs(block: Block, _: State) -> Block | None:
    found = first(block, "logging")
    return found and {"logBucket": found["log_bucket"], "logObjectPrefix": found["log_object_prefix"]}


def _rules(block: Block, _: State) -> list[dict[str, Any]]:
    return [
        {
            "action": dict(one),
            "condition": {key: value for row in rule["condition"] for key, value in row.items() if value},
        }
        for rule in each(block, "lifecycle_rule")
        for one in rule["action"]
    ]


def _soft_delete(block: Block, _: State) -> int:
    return int((first(block, "soft_delete_policy") or {"retention_duration_seconds": 0})["retention_duration_seconds"])


_BUCKET: Mapping[str, Read] = {
    "region": place("location"),
    "location": said("location"),
    "storageClass": said("storage_class"),
    "publicAccessPrevention": said("public_access_prevention"),
    "timeCreated": lambda block, _: iso(block["time_created"] or None),
    "uniformBucketLevelAccess": switch("uniform_bucket_level_access"),
    "retentionPolicy": _retention,
    "logging": _logs,
    "versioningEnabled": is_set("versioning.enabled"),
    "defaultKmsKeyName": inside("encryption.default_kms_key_name"),
    "lifecycleRules": _rules,
    "softDeleteSeconds": _soft_delete,
    "bindings": bindings("google_storage_bucket", "bucket"),
}

# ---- databases


def _setting(path: str) -> Read:
    return inside(f"settings.{path}")


def _on(path: str) -> Read:
    return is_set(f"settings.{path}")


def _engine(block: Block, _: State) -> str:
    return str(block["database_version"]).partition("_")[0]


def _network(block: Block, state: State) -> str | None:
    return link(_setting("ip_configuration.private_network")(block, state))


def _networks(block: Block, _: State) -> list[dict[str, Any]]:
    rows = (row for one in block["settings"][0]["ip_configuration"] for row in one["authorized_networks"] or ())
    return [{"name": row["name"] or None, "value": row["value"]} for row in rows]


def _requires_tls(block: Block, _: State) -> bool:
    """Newer providers only know the mode."""
    return any(bool(row.get("require_ssl")) for row in block["settings"][0]["ip_configuration"])


def _addresses(block: Block, _: State) -> list[dict[str, Any]]:
    return [{"type": row["type"], "ipAddress": row["ip_address"]} for row in block["ip_address"]]


def _flags(block: Block, _: State) -> list[dict[str, Any]]:
    return [{"name": row["name"], "value": row["value"]} for row in block["settings"][0]["database_flags"] or ()]


def _backups(block: Block, _: State) -> dict[str, Any]:
    told = block["settings"][0]["backup_configuration"][0]
    kept = first(told, "backup_retention_settings")
    return {
        "enabled": bool(told["enabled"]),
        "pointInTimeRecoveryEnabled": bool(told["point_in_time_recovery_enabled"]),
        "binaryLogEnabled": bool(told["binary_log_enabled"]),
        "retainedBackups": kept and kept["retained_backups"],
    }


def _maintained(block: Block, state: State) -> bool:
    return bool(_setting("maintenance_window.day")(block, state))


def _certificate_end(block: Block, _: State) -> str | None:
    return iso(block["server_ca_cert"][0]["expiration_time"])


_SQL: Mapping[str, Read] = {
    "region": place("region"),
    "engine": _engine,
    "databaseVersion": said("database_version"),
    "instanceType": said("instance_type"),
    "tier": _setting("tier"),
    "edition": _setting("edition"),
    "activationPolicy": _setting("activation_policy"),
    "availabilityType": _setting("availability_type"),
    "sslMode": _setting("ip_configuration.ssl_mode"),
    "privateNetwork": _network,
    "kmsKeyName": said("encryption_key_name"),
    "requireSsl": _requires_tls,
    "ipv4Enabled": _on("ip_configuration.ipv4_enabled"),
    "deletionProtectionEnabled": _on("deletion_protection_enabled"),
    "storageAutoResize": _on("disk_autoresize"),
    "queryInsightsEnabled": _on("insights_config.query_insights_enabled"),
    "passwordPolicyEnabled": _on("password_validation_policy.enable_password_policy"),
    "hasMaintenanceWindow": _maintained,
    "authorizedNetworks": _networks,
    "ipAddresses": _addresses,
    "databaseFlags": _flags,
    "backupConfiguration": _backups,
    "transactionLogRetentionDays": _setting("backup_configuration.transaction_log_retention_days"),
    "serverCertificateExpires": _certificate_end,
}

# ---- BigQuery

_WHO = {
    "role": "role",
    "specialGroup": "special_group",
    "iamMember": "iam_member",
    "userByEmail": "user_by_email",
    "groupByEmail": "group_by_email",
    "domain": "domain",
}


def _entitled(block: Block, _: State) -> list[dict[str, Any]]:
    """The provider tells of everybody, whoever let them in."""
    return [{name: row.get(key) or None for name, key in _WHO.items()} for row in block["access"] or ()]


def _expiry(block: Block, _: State) -> int | None:
    """Zero is how the provider writes that nothing expires."""
    return block["default_table_expiration_ms"] or None


_DATASET: Mapping[str, Read] = {
    "region": place("location"),
    "datasetId": said("dataset_id"),
    "location": said("location"),
    "defaultKmsKeyName": inside("default_encryption_configuration.kms_key_name"),
    "defaultTableExpirationMs": _expiry,
    "access": _entitled,
    "creationTime": lambda block, _: moment(block["creation_time"]),
}
_TABLE: Mapping[str, Read] = {
    "datasetId": said("dataset_id"),
    "tableId": said("table_id"),
    "type": said("type"),
    "location": said("location"),
    "kmsKeyName": inside("encryption_configuration.kms_key_name"),
    "creationTime": lambda block, _: moment(block["creation_time"]),
}

# ---- queues and registries

_TOPIC: Mapping[str, Read] = {
    "kmsKeyName": said("kms_key_name"),
    "messageRetentionDuration": said("message_retention_duration"),
    "bindings": bindings("google_pubsub_topic", "topic"),
}
_SUBSCRIPTION: Mapping[str, Read] = {
    "topic": linked("topic"),
    "pushEndpoint": inside("push_config.push_endpoint"),
    "pushIdentity": inside("push_config.oidc_token.service_account_email"),
    "deadLetterTopic": inside("dead_letter_policy.dead_letter_topic"),
    "bindings": bindings("google_pubsub_subscription", "subscription"),
}


def _cleaning(block: Block, _: State) -> list[dict[str, Any]]:
    return sorted(({"id": row["id"], "action": row["action"]} for row in each(block, "cleanup_policies")), key=str)


def _docker(block: Block, state: State) -> dict[str, bool]:
    return {"immutableTags": is_set("docker_config.immutable_tags")(block, state)}


_REPOSITORY: Mapping[str, Read] = {
    "region": place("location"),
    "format": said("format"),
    "mode": said("mode"),
    "kmsKeyName": said("kms_key_name"),
    "vulnerabilityScanning": lambda block, _: block["vulnerability_scanning_config"][0]["enablement_state"] or None,
    "dockerConfig": _docker,
    "cleanupPolicies": _cleaning,
    "bindings": bindings("google_artifact_registry_repository", "repository", by=("id", "name", "repository_id")),
}
_CONFIG = "cluster_config.gce_cluster_config"
_DATAPROC: Mapping[str, Read] = {
    "region": place("region"),
    "clusterName": said("name"),
    "gcePdKmsKeyName": inside("cluster_config.encryption_config.kms_key_name"),
    "imageVersion": inside("cluster_config.software_config.image_version"),
    "serviceAccount": inside(f"{_CONFIG}.service_account"),
    "internalIpOnly": is_set(f"{_CONFIG}.internal_ip_only"),
    "secureBoot": is_set(f"{_CONFIG}.shielded_instance_config.enable_secure_boot"),
    "kerberosEnabled": is_set("cluster_config.security_config.kerberos_config.enable_kerberos"),
}

# ---- functions and services


def _names(*told: Mapping[str, Any] | None) -> list[str]:
    return sorted({name for one in told for name in one or {}})


def _first_variables(block: Block, _: State) -> list[str]:
    return _names(block["environment_variables"], block["build_environment_variables"])


def _first_secrets(block: Block, _: State) -> list[str]:
    return sorted(str(row["key"]) for row in each(block, "secret_environment_variables"))


_FUNCTION: Mapping[str, Read] = {
    "region": place("region"),
    "name": said("name"),
    "generation": fixed("1"),
    "status": said("status"),
    "runtime": said("runtime"),
    "ingressSettings": said("ingress_settings"),
    "securityLevel": said("https_trigger_security_level"),
    "serviceAccountEmail": said("service_account_email"),
    "vpcConnector": said("vpc_connector"),
    "kmsKeyName": said("kms_key_name"),
    "httpsUrl": said("https_trigger_url"),
    "environmentVariableNames": _first_variables,
    "secretNames": _first_secrets,
    "bindings": bindings("google_cloudfunctions_function", "cloud_function"),
}


def _second_variables(block: Block, _: State) -> list[str]:
    service, build = first(block, "service_config") or {}, first(block, "build_config") or {}
    return _names(service.get("environment_variables"), build.get("environment_variables"))


def _second_secrets(block: Block, _: State) -> list[str]:
    rows = (row for one in each(block, "service_config") for row in one["secret_environment_variables"] or ())
    return sorted(str(row["key"]) for row in rows)


def _by_request(answer: Read) -> Read:
    """Null for what only events start."""
    return lambda block, state: None if first(block, "event_trigger") else answer(block, state)


_SECOND: Mapping[str, Read] = {
    "region": place("location"),
    "name": said("name"),
    "generation": fixed("2"),
    "status": said("state"),
    "runtime": inside("build_config.runtime"),
    "ingressSettings": inside("service_config.ingress_settings"),
    "securityLevel": _by_request(fixed("SECURE_ALWAYS")),
    "serviceAccountEmail": inside("service_config.service_account_email"),
    "vpcConnector": inside("service_config.vpc_connector"),
    "kmsKeyName": said("kms_key_name"),
    "httpsUrl": _by_request(said("url")),
    "environmentVariableNames": _second_variables,
    "secretNames": _second_secrets,
    "bindings": bindings("google_cloudfunctions2_function", "cloud_function"),
}

_INGRESS = {
    "INGRESS_TRAFFIC_ALL": "all",
    "INGRESS_TRAFFIC_INTERNAL_ONLY": "internal",
    "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER": "internal-and-cloud-load-balancing",
}


def _admitted(block: Block, _: State) -> str | None:
    found = first(block, "binary_authorization")
    if found is None:
        return None
    return "default" if found["use_default"] else found.get("policy") or None


def _variables(rows: Iterator[Block], source: str, *, secret: bool) -> list[str]:
    return sorted(str(row["name"]) for row in rows if bool(row.get(source)) is secret)


def _run_variables(*, secret: bool) -> Read:
    def read(block: Block, _: State) -> list[str]:
        rows = (row for one in block["template"][0]["containers"] for row in one["env"] or ())
        return _variables(rows, "value_source", secret=secret)

    return read


def _knative_variables(*, secret: bool) -> Read:
    def read(block: Block, _: State) -> list[str]:
        rows = (row for one in block["template"][0]["spec"][0]["containers"] for row in one["env"] or ())
        return _variables(rows, "value_from", secret=secret)

    return read


_SERVICE: Mapping[str, Read] = {
    "region": place("location"),
    "name": said("name"),
    "ingress": lambda block, _: _INGRESS[block["ingress"]],
    "serviceAccountEmail": inside("template.service_account"),
    "binaryAuthorization": _admitted,
    "vpcConnector": inside("template.vpc_access.connector"),
    "kmsKeyName": inside("template.encryption_key"),
    "url": said("uri"),
    "environmentVariableNames": _run_variables(secret=False),
    "secretNames": _run_variables(secret=True),
    "images": lambda block, _: [one["image"] for one in block["template"][0]["containers"]],
    "bindings": bindings("google_cloud_run_v2_service", "name"),
}


def _noted(key: str, default: str | None = None) -> Read:
    """An annotation of the service. The provider only keeps those that people wrote, unless it tells all of them."""

    def read(block: Block, _: State) -> str | None:
        found = of(block["metadata"][0], "effective_annotations", "annotations") or {}
        value: str | None = found.get(f"run.googleapis.com/{key}", default)
        return value

    return read


def _knative(block: Block) -> Known:
    name = str(block["name"])
    return Known(project_of(block), GLOBAL_REGION, f"locations/{block['location']}/services/{name}", name)


_KNATIVE: Mapping[str, Read] = {
    "region": place("location"),
    "name": said("name"),
    "ingress": _noted("ingress", "all"),
    "binaryAuthorization": _noted("binary-authorization"),
    "serviceAccountEmail": inside("template.spec.service_account_name"),
    "url": inside("status.url"),
    "environmentVariableNames": _knative_variables(secret=False),
    "secretNames": _knative_variables(secret=True),
    "images": lambda block, _: [one["image"] for one in block["template"][0]["spec"][0]["containers"]],
    "bindings": bindings("google_cloud_run_service", "service"),
}

ROWS: tuple[Row, ...] = (
    Row(("google_storage_bucket",), "GCS_BUCKET", by_name(), _BUCKET),
    Row(("google_sql_database_instance",), "SQL_INSTANCE", by_name(), _SQL),
    Row(("google_bigquery_dataset",), "BIGQUERY_DATASET", by_name("dataset_id"), _DATASET),
    Row(("google_bigquery_table",), "BIGQUERY_TABLE", by_place(), _TABLE),
    Row(("google_pubsub_topic",), "PUBSUB_TOPIC", by_name(), _TOPIC),
    Row(("google_pubsub_subscription",), "PUBSUB_SUBSCRIPTION", by_name(), _SUBSCRIPTION),
    Row(("google_artifact_registry_repository",), "ARTIFACT_REPOSITORY", by_place(), _REPOSITORY),
    Row(("google_dataproc_cluster",), "DATAPROC_CLUSTER", by_place(), _DATAPROC),
    Row(("google_cloudfunctions_function",), "CLOUD_FUNCTION", by_place(), _FUNCTION),
    Row(("google_cloudfunctions2_function",), "CLOUD_FUNCTION", by_place(), _SECOND),
    Row(("google_cloud_run_v2_service",), "CLOUD_RUN_SERVICE", by_place(), _SERVICE),
    Row(("google_cloud_run_service",), "CLOUD_RUN_SERVICE", _knative, _KNATIVE),
)
