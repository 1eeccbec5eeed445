"""What Terraform tells of Azure and of Google Cloud. The id of `azurerm` is the resource's own."""

from typing import Any

from nephoscope.clouds.exported.terraform.blocks import Block, Read, State, first, said
from nephoscope.clouds.exported.terraform.rows import Known, Row
from nephoscope.model.scopes import GLOBAL_REGION

_MARK = "subscriptions/"


def _azure(block: Block) -> Known:
    identity = str(block.get("id") or "")
    after = identity.partition(_MARK)[2]
    name = str(block["name"])
    return Known(after.partition("/")[0].lower(), GLOBAL_REGION, name, name, identity)


def _google(block: Block) -> Known:
    name = str(block["name"])
    return Known(str(block.get("project") or ""), GLOBAL_REGION, name, name, str(block.get("self_link") or ""))


def _enabled(key: str) -> Read:
    return lambda block, _: "Enabled" if block[key] else "Disabled"


def _location(block: Block, _: State) -> str:
    """`West Europe` and `westeurope` are the same place."""
    return str(block["location"]).replace(" ", "").lower()


def _sku(block: Block, _: State) -> dict[str, Any]:
    return {"name": block["sku_name"]}


def _storage(block: Block, _: State) -> dict[str, Any]:
    return {
        "storageMB": block["storage_mb"],
        "backupRetentionDays": block["backup_retention_days"],
        "geoRedundantBackup": "Enabled" if block["geo_redundant_backup_enabled"] else "Disabled",
        "storageAutogrow": "Enabled" if block["auto_grow_enabled"] else "Disabled",
    }


def _tls(block: Block, _: State) -> str:
    """`TLSEnforcementDisabled` is how both spell that there is no lowest version."""
    return str(block["ssl_minimal_tls_version_enforced"])


def _is_on(key: str) -> Read:
    return lambda block, _: bool((first(block, key) or {"enabled": False})["enabled"])


def _retention(block: Block, _: State) -> Block | None:
    found = first(block, "retention_policy")
    return found and {"retentionPeriod": str(found["retention_period"]), "isLocked": bool(found["is_locked"])}


def _logs(block: Block, _: State) -> Block | None:
    found = first(block, "logging")
    return found and {"logBucket": found["log_bucket"], "logObjectPrefix": found["log_object_prefix"]}


def _default_key(block: Block, _: State) -> str | None:
    found = first(block, "encryption")
    return (found["default_kms_key_name"] or None) if found else None


AZURE_ROWS: tuple[Row, ...] = (
    Row(
        ("azurerm_mariadb_server",),
        "MARIADB_SERVER",
        _azure,
        {
            "region": _location,
            "resourceGroupName": said("resource_group_name"),
            "version": said("version"),
            "administratorLogin": said("administrator_login"),
            "fullyQualifiedDomainName": said("fqdn"),
            "sslEnforcement": _enabled("ssl_enforcement_enabled"),
            "minimalTlsVersion": _tls,
            "publicNetworkAccess": _enabled("public_network_access_enabled"),
            "sku": _sku,
            "storageProfile": _storage,
        },
    ),
)

GCP_ROWS: tuple[Row, ...] = (
    Row(
        ("google_storage_bucket",),
        "GCS_BUCKET",
        _google,
        {
            "region": lambda block, _: str(block["location"]).lower(),
            "location": said("location"),
            "storageClass": said("storage_class"),
            "publicAccessPrevention": said("public_access_prevention"),
            "uniformBucketLevelAccess": said("uniform_bucket_level_access"),
            "retentionPolicy": _retention,
            "logging": _logs,
            "versioningEnabled": _is_on("versioning"),
            "defaultKmsKeyName": _default_key,
        },
    ),
)
