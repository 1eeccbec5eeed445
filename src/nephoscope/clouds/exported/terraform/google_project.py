"""What Terraform tells of a project of Google Cloud: who may do what in it, its keys, where its logs go, and who is
told."""

from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.exported.terraform.blocks import Block, Read, State, each, first, listed, said
from nephoscope.clouds.exported.terraform.google_known import bindings, by_name, by_place, inside, last, place, whole
from nephoscope.clouds.exported.terraform.rows import Known, Row
from nephoscope.clouds.gcp.shaping import iso
from nephoscope.model.scopes import GLOBAL_REGION

_STORAGE = "storage.googleapis.com/"
_DEFAULTS = ("-compute@developer.gserviceaccount.com", "@appspot.gserviceaccount.com")


def _moment(key: str) -> Read:
    return lambda block, _: iso(block[key] or None)


# ---- the project


def _project(block: Block) -> Known:
    name = str(block["project_id"])
    return Known(name, GLOBAL_REGION, name, str(block.get("name") or name))


def _audited(block: Block, state: State) -> list[dict[str, Any]]:
    rows = state.some("google_project_iam_audit_config", "project", str(block["project_id"]))
    return [
        {
            "service": row["service"],
            "auditLogConfigs": [
                {"logType": one["log_type"], "exemptedMembers": sorted(one["exempted_members"] or ())}
                for one in row["audit_log_config"]
            ],
        }
        for row in rows
    ]


def _services(block: Block, state: State) -> list[str]:
    """Only a state that holds everything tells that a service is off."""
    if not state.is_known("google_project_service", "project"):
        raise LookupError("google_project_service")
    rows = state.of("google_project_service", "project", str(block["project_id"]))
    return sorted(str(row["service"]) for row in rows)


def _contacts(block: Block, state: State) -> list[dict[str, Any]]:
    names = (f"projects/{block['project_id']}", f"projects/{block['number']}")
    rows = [row for name in names for row in state.of("google_essential_contacts_contact", "parent", name)]
    if not rows:
        raise LookupError("parent")
    return [
        {
            "email": row["email"],
            "notificationCategories": sorted(row["notification_category_subscriptions"]),
            "validationState": None,
        }
        for row in rows
    ]


_PROJECT: Mapping[str, Read] = {
    "displayName": said("name"),
    "projectId": said("project_id"),
    "projectNumber": said("number"),
    "bindings": whole("google_project", "project", by=("project_id", "id")),
    "auditConfigs": _audited,
    "essentialContacts": _contacts,
    "enabledServices": _services,
}

# ---- identities and keys


def _is_default(block: Block, _: State) -> bool:
    return str(block["email"]).endswith(_DEFAULTS)


def _keys(block: Block, state: State) -> list[dict[str, Any]]:
    """That there is one counts; how old the others are is not told while keys may be made by other means."""
    names = (str(block[key]) for key in ("email", "name", "id") if block.get(key))
    kind, key = "google_service_account_key", "service_account_id"
    rows = {str(row["name"]): row for name in names for row in state.of(kind, key, name)}
    is_known = state.is_known(kind, key)
    if not rows and not is_known:
        raise LookupError(kind)
    return [_key(name, row, is_known=is_known) for name, row in sorted(rows.items())]


def _key(name: str, row: Block, *, is_known: bool) -> dict[str, Any]:
    common = {"keyId": name.rpartition("/")[2], "validBeforeTime": iso(row["valid_before"]), "disabled": False}
    return {**common, "validAfterTime": iso(row["valid_after"])} if is_known else common


def _strong(role: str) -> bool:
    return role in {"roles/owner", "roles/editor"} or "admin" in role.lower()


def _roles(block: Block, state: State) -> list[dict[str, Any]]:
    """That one of them is strong counts; the others may be granted by other means."""
    kind, member = "google_project_iam_member", f"serviceAccount:{block['email']}"
    rows = [
        {"role": str(row["role"]), "condition": first(row, "condition")} for row in state.of(kind, "member", member)
    ]
    if not any(_strong(str(row["role"])) for row in rows):
        raise LookupError(kind)
    return rows


_ACCOUNT: Mapping[str, Read] = {
    "email": said("email"),
    "displayName": said("display_name"),
    "description": said("description"),
    "uniqueId": said("unique_id"),
    "disabled": lambda block, _: bool(block["disabled"]),
    "isDefault": _is_default,
    "userManagedKeys": _keys,
    "projectRoles": _roles,
    "bindings": bindings("google_service_account", "service_account_id", by=("id", "name", "email")),
}
_ROLE: Mapping[str, Read] = {
    "title": said("title"),
    "description": said("description"),
    "stage": said("stage"),
    "deleted": lambda block, _: bool(block["deleted"]),
    "includedPermissions": listed("permissions"),
}
_CRYPTO_KEY: Mapping[str, Read] = {
    "region": lambda block, _: _ring_place(block),
    "purpose": said("purpose"),
    "protectionLevel": inside("version_template.protection_level"),
    "algorithm": inside("version_template.algorithm"),
    "primaryState": inside("primary.state"),
    "keyRing": last("key_ring"),
    "rotationPeriod": said("rotation_period"),
    "destroyScheduledDuration": said("destroy_scheduled_duration"),
    "bindings": bindings("google_kms_crypto_key", "crypto_key_id", by=("id",)),
    "keyRingBindings": bindings("google_kms_key_ring", "key_ring_id", by=("key_ring",)),
}


def _ring_place(block: Block) -> str | None:
    region = str(block["key_ring"]).partition("/locations/")[2].partition("/")[0]
    return None if region == "global" else region or None


def _rotation(block: Block, _: State) -> dict[str, Any] | None:
    found = first(block, "rotation")
    if found is None:
        return None
    return {
        "rotationPeriod": found["rotation_period"] or None,
        "nextRotationTime": iso(found["next_rotation_time"] or None),
    }


def _kms_names(block: Block, _: State) -> list[str]:
    replication = block["replication"][0]
    places = [
        *(replication["auto"] or ()),
        *(row for one in replication["user_managed"] or () for row in one["replicas"]),
    ]
    return sorted(str(row["kms_key_name"]) for one in places for row in one["customer_managed_encryption"] or ())


_SECRET: Mapping[str, Read] = {
    "createTime": _moment("create_time"),
    "expireTime": _moment("expire_time"),
    "rotation": _rotation,
    "kmsKeyNames": _kms_names,
    "bindings": bindings("google_secret_manager_secret", "secret_id", by=("id", "name", "secret_id")),
}
_RESTRICTIONS = {
    "browser_key_restrictions": "browserKeyRestrictions",
    "server_key_restrictions": "serverKeyRestrictions",
    "android_key_restrictions": "androidKeyRestrictions",
    "ios_key_restrictions": "iosKeyRestrictions",
}


def _restrictions(block: Block, _: State) -> list[str]:
    found = first(block, "restrictions") or {}
    return sorted(name for key, name in _RESTRICTIONS.items() if found.get(key))


def _callers(kind: str, name: str) -> Read:
    """Whom restrictions of a kind name."""

    def read(block: Block, _: State) -> list[str]:
        found = first(block, "restrictions") or {}
        return [str(value) for row in found.get(kind) or () for value in row.get(name) or ()]

    return read


def _targets(block: Block, _: State) -> list[str]:
    return [str(row["service"]) for one in each(block, "restrictions") for row in one["api_targets"] or ()]


_API_KEY: Mapping[str, Read] = {
    "displayName": said("display_name"),
    "applicationRestrictions": _restrictions,
    "allowedReferrers": _callers("browser_key_restrictions", "allowed_referrers"),
    "allowedIps": _callers("server_key_restrictions", "allowed_ips"),
    "apiTargets": _targets,
}

# ---- logs


def _bucket_of(block: Block, _: State) -> str | None:
    destination = str(block["destination"])
    return destination.removeprefix(_STORAGE) if destination.startswith(_STORAGE) else None


def _exclusions(block: Block, _: State) -> list[dict[str, Any]]:
    rows = each(block, "exclusions")
    return [{"name": row["name"], "filter": row["filter"], "disabled": bool(row["disabled"])} for row in rows]


_SINK: Mapping[str, Read] = {
    "destination": said("destination"),
    "bucketName": _bucket_of,
    "filter": lambda block, _: block["filter"] or "",
    "writerIdentity": said("writer_identity"),
    "disabled": lambda block, _: bool(block["disabled"]),
    "exclusions": _exclusions,
}
_LOG_BUCKET: Mapping[str, Read] = {
    "region": place("location"),
    "lifecycleState": said("lifecycle_state"),
    "kmsKeyName": inside("cmek_settings.kms_key_name"),
    "retentionDays": said("retention_days"),
    "locked": lambda block, _: bool(block["locked"]),
    "analyticsEnabled": lambda block, _: bool(block["enable_analytics"]),
}


def _metric_type(block: Block, _: State) -> str:
    return f"logging.googleapis.com/user/{block['name']}"


_METRIC: Mapping[str, Read] = {
    "filter": lambda block, _: block["filter"] or "",
    "bucketName": said("bucket_name"),
    "metricType": _metric_type,
    "disabled": lambda block, _: bool(block["disabled"]),
}
_CONDITIONS = {
    "condition_threshold": "threshold",
    "condition_absent": "absent",
    "condition_matched_log": "log",
    "condition_monitoring_query_language": "query",
    "condition_prometheus_query_language": "query",
}


def _conditions(block: Block, _: State) -> list[dict[str, Any]]:
    return [_condition(row) for row in each(block, "conditions")]


def _condition(row: Block) -> dict[str, Any]:
    key = next((key for key in _CONDITIONS if row.get(key)), "")
    inner = row[key][0] if key else {}
    return {
        "displayName": row["display_name"],
        "kind": _CONDITIONS.get(key),
        "filter": inner.get("filter"),
        "query": inner.get("query"),
    }


_ALERT: Mapping[str, Read] = {
    "displayName": said("display_name"),
    "combiner": said("combiner"),
    "enabled": lambda block, _: block["enabled"] is not False,
    "conditions": _conditions,
    "notificationChannels": lambda block, _: list(block["notification_channels"] or ()),
}
_CHANNEL: Mapping[str, Read] = {
    "displayName": said("display_name"),
    "type": said("type"),
    "channelName": said("name", "id"),
    "verificationStatus": said("verification_status"),
    "enabled": lambda block, _: block["enabled"] is not False,
}

ROWS: tuple[Row, ...] = (
    Row(("google_project",), "PROJECT", _project, _PROJECT),
    Row(("google_service_account",), "SERVICE_ACCOUNT", by_name("email"), _ACCOUNT),
    Row(("google_project_iam_custom_role",), "IAM_CUSTOM_ROLE", by_name("role_id"), _ROLE),
    Row(("google_kms_crypto_key",), "CRYPTO_KEY", by_place(), _CRYPTO_KEY),
    Row(("google_secret_manager_secret",), "SECRET", by_name("secret_id"), _SECRET),
    Row(("google_apikeys_key",), "API_KEY", by_name("uid"), _API_KEY),
    Row(("google_logging_project_sink",), "LOG_SINK", by_name(), _SINK),
    Row(("google_logging_project_bucket_config",), "LOG_BUCKET", by_place(), _LOG_BUCKET),
    Row(("google_logging_metric",), "LOG_METRIC", by_name(), _METRIC),
    Row(("google_monitoring_alert_policy",), "ALERT_POLICY", by_name(), _ALERT),
    Row(("google_monitoring_notification_channel",), "NOTIFICATION_CHANNEL", by_name(), _CHANNEL),
)
