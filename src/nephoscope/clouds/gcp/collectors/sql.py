"""How Cloud SQL is read, from the inventory."""

from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.gcp.collecting import Collector, Place, Raw, assets
from nephoscope.clouds.gcp.shaping import data_of, iso, link, picked, resource
from nephoscope.model.resources import Observed
from nephoscope.resource_types.gcp import sql as types

_INSTANCE = "sqladmin.googleapis.com/Instance"


def _shape_instance(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    settings: Mapping[str, Any] = data.get("settings") or {}
    address: Mapping[str, Any] = settings.get("ipConfiguration") or {}
    version = str(data.get("databaseVersion") or "")
    known = {
        **picked(data, ("databaseVersion", "state", "instanceType")),
        **picked(settings, ("tier", "edition", "activationPolicy", "availabilityType")),
        **_reached(data, address),
        "region": data.get("region"),
        "engine": version.partition("_")[0] or None,
        "kmsKeyName": (data.get("diskEncryptionConfiguration") or {}).get("kmsKeyName"),
        "deletionProtectionEnabled": bool(settings.get("deletionProtectionEnabled")),
        "storageAutoResize": bool(settings.get("storageAutoResize")),
        "queryInsightsEnabled": bool((settings.get("insightsConfig") or {}).get("queryInsightsEnabled")),
        "passwordPolicyEnabled": bool((settings.get("passwordValidationPolicy") or {}).get("enablePasswordPolicy")),
        "hasMaintenanceWindow": bool((settings.get("maintenanceWindow") or {}).get("day")),
        "databaseFlags": [picked(row, ("name", "value")) for row in settings.get("databaseFlags") or ()],
        **_backups(settings.get("backupConfiguration") or {}),
        "replicaNames": list(data.get("replicaNames") or ()),
        "createTime": iso(data.get("createTime")),
        "serverCertificateExpires": iso((data.get("serverCaCert") or {}).get("expirationTime")),
    }
    return resource(types.SQL_INSTANCE, raw, known)


def _reached(data: Mapping[str, Any], address: Mapping[str, Any]) -> dict[str, Any]:
    """From where, and how."""
    return {
        "sslMode": address.get("sslMode"),
        "requireSsl": bool(address.get("requireSsl")),
        "ipv4Enabled": bool(address.get("ipv4Enabled")),
        "privateNetwork": link(address.get("privateNetwork")),
        "authorizedNetworks": [picked(row, ("name", "value")) for row in address.get("authorizedNetworks") or ()],
        "ipAddresses": [picked(row, ("type", "ipAddress")) for row in data.get("ipAddresses") or ()],
    }


def _backups(told: Mapping[str, Any]) -> dict[str, Any]:
    days = told.get("transactionLogRetentionDays")
    switches = ("enabled", "pointInTimeRecoveryEnabled", "binaryLogEnabled")
    kept = (told.get("backupRetentionSettings") or {}).get("retainedBackups")
    return {
        "backupConfiguration": {**{name: bool(told.get(name)) for name in switches}, "retainedBackups": kept},
        "transactionLogRetentionDays": None if days is None else int(days),
    }


COLLECTORS = (Collector("SQL_INSTANCE", assets(_INSTANCE), _shape_instance),)
ASSET_KINDS = (_INSTANCE,)
