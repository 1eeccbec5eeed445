"""How storage accounts are read. A name is unique in all of Azure and is the id here."""

from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.azure.collecting import Calls, Collector, Detail, Place, Raw, resources
from nephoscope.clouds.azure.collectors.diagnostics import diagnostics
from nephoscope.clouds.azure.collectors.key_vault import connections, network_rules
from nephoscope.clouds.azure.collectors.locks import LOCKS
from nephoscope.clouds.azure.collectors.network import placed, sku_of
from nephoscope.clouds.azure.shaping import iso, picked, properties, resource
from nephoscope.model.resources import Observed
from nephoscope.resource_types.azure import storage as types

_VERSION = "2023-05-01"
_ON_UNLESS_TOLD = ("allowSharedKeyAccess", "isLocalUserEnabled")
_OFF_UNLESS_TOLD = ("defaultToOAuthAuthentication", "isSftpEnabled")


def _shape(raw: Raw, _: Place) -> Observed:
    known = placed(raw)
    return resource(
        types.STORAGE_ACCOUNT, raw, {**known, **_settings(raw, known), **_wire(raw, known)}, resource_id=raw["name"]
    )


def _settings(raw: Raw, known: Mapping[str, Any]) -> dict[str, Any]:
    """Azure leaves out what was never set: what holds then is what it does by itself."""
    encryption, times = known.get("encryption") or {}, known.get("keyCreationTime") or {}
    return {
        **{name: known.get(name) is not False for name in _ON_UNLESS_TOLD},
        **{name: bool(known.get(name)) for name in _OFF_UNLESS_TOLD},
        "publicNetworkAccess": known.get("publicNetworkAccess") or "Enabled",
        "keySource": encryption.get("keySource"),
        "requireInfrastructureEncryption": bool(encryption.get("requireInfrastructureEncryption")),
        "keyExpirationPeriodInDays": (known.get("keyPolicy") or {}).get("keyExpirationPeriodInDays"),
        "sasExpirationPeriod": (known.get("sasPolicy") or {}).get("sasExpirationPeriod"),
        "creationTime": iso(known.get("creationTime")),
        "key1CreatedOn": iso(times.get("key1")),
        "key2CreatedOn": iso(times.get("key2")),
        "privateEndpointConnections": connections(known),
        "kind": raw.get("kind"),
    }


def _wire(raw: Raw, known: Mapping[str, Any]) -> dict[str, Any]:
    """What the compatible API calls its own way."""
    services = (known.get("encryption") or {}).get("services") or {}
    identity = raw.get("identity")
    return {
        **sku_of(raw),
        "displayName": raw["name"],
        "resourceIdentity": {"type": identity.get("type")} if identity else None,
        "blob": _service(services.get("blob")),
        "file": _service(services.get("file")),
        "hnsEnabled": bool(known.get("isHnsEnabled")),
        "resourceGroupId": str(raw["id"]).partition("/providers/")[0],
        "location": raw.get("location"),
        "networkAcls": network_rules(known),
    }


def _service(raw: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not raw:
        return None
    return {**picked(raw, ("enabled", "keyType")), "lastEnabledTime": iso(raw.get("lastEnabledTime"))}


def _has(raw: Raw, service: str) -> bool:
    """Special kinds of accounts have one service, and so have premium ones of the general kind: page blobs."""
    kind, tier = raw.get("kind"), (raw.get("sku") or {}).get("tier")
    if kind == "FileStorage":
        return service == "file"
    return service == "blob" or not (kind in _ONLY_BLOBS or tier == "Premium")


def _read_blobs(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    if not _has(raw, "blob"):
        return dict.fromkeys(_BLOBS)
    known = properties(calls.get(f"{raw['id']}/blobServices/default", _VERSION))
    return {
        "blobSoftDelete": _kept(known.get("deleteRetentionPolicy")),
        "containerSoftDelete": _kept(known.get("containerDeleteRetentionPolicy")),
        "blobVersioning": bool(known.get("isVersioningEnabled")),
        "blobChangeFeed": bool((known.get("changeFeed") or {}).get("enabled")),
    }


def _kept(policy: Mapping[str, Any] | None) -> dict[str, Any]:
    """How long what was deleted is kept."""
    found = policy or {}
    return {"enabled": bool(found.get("enabled")), "days": found.get("days")}


def _read_files(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    if not _has(raw, "file"):
        return dict.fromkeys(_FILES)
    known = properties(calls.get(f"{raw['id']}/fileServices/default", _VERSION))
    smb = (known.get("protocolSettings") or {}).get("smb") or {}
    names = ("versions", "channelEncryption", "authenticationMethods")
    return {
        "shareSoftDelete": _kept(known.get("shareDeleteRetentionPolicy")),
        "smb": {name: [word for word in str(smb.get(name) or "").split(";") if word] for name in names},
    }


def _logged(service: str) -> Detail:
    """Null where the account has no such service."""
    field = f"{service}DiagnosticSettings"
    whole = diagnostics(field, f"/{service}Services/default")

    def read(calls: Calls, raw: Raw) -> Mapping[str, Any]:
        return whole.read(calls, raw) if _has(raw, service) else {field: None}

    return Detail(whole.fields, whole.permissions, read)


_ONLY_BLOBS = ("BlobStorage", "BlockBlobStorage")
_BLOBS = ("blobSoftDelete", "containerSoftDelete", "blobVersioning", "blobChangeFeed")
_FILES = ("shareSoftDelete", "smb")

COLLECTORS = (
    Collector(
        "STORAGE_ACCOUNT",
        resources("microsoft.storage/storageaccounts"),
        _shape,
        (
            Detail(_BLOBS, ("Microsoft.Storage/storageAccounts/blobServices/read",), _read_blobs),
            Detail(_FILES, ("Microsoft.Storage/storageAccounts/fileServices/read",), _read_files),
            _logged("blob"),
            _logged("queue"),
            _logged("table"),
            LOCKS,
        ),
    ),
)
