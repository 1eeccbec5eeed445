"""How key vaults are read, with what is known of their keys and secrets. Through Resource Manager, which never tells
a value; a vault's own rules on who may read it do not matter there."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from nephoscope.clouds.azure.collecting import Calls, Collector, Detail, Place, Raw, resources
from nephoscope.clouds.azure.collectors.diagnostics import diagnostics
from nephoscope.clouds.azure.collectors.network import placed
from nephoscope.clouds.azure.shaping import from_epoch, picked, properties, resource
from nephoscope.model.resources import Observed
from nephoscope.resource_types.azure import key_vault as types

_KIND = "microsoft.keyvault/vaults"
_KEYS = "Microsoft.KeyVault/vaults/keys"
_MATERIAL = ("kty", "curveName", "keySize")
_VERSION = "2023-07-01"
_CERTIFICATES = ("application/x-pkcs12", "application/x-pem-file")
_SWITCHES = (
    *("enableRbacAuthorization", "enablePurgeProtection", "enabledForDeployment", "enabledForDiskEncryption"),
    "enabledForTemplateDeployment",
)
"""False where Azure answers nothing."""


def connections(known: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Private endpoints of a service, and whether its owners let them in."""
    rows = ((row, properties(row)) for row in known.get("privateEndpointConnections") or ())
    return [
        {"id": row.get("id"), "status": (inner.get("privateLinkServiceConnectionState") or {}).get("status")}
        for row, inner in rows
    ]


def _ip_rule(row: Raw) -> dict[str, Any]:
    """As the compatible API has it; a rule that says nothing lets in."""
    return {"action": row.get("action") or "Allow", "value": row.get("value")}


def network_rules(known: Mapping[str, Any]) -> dict[str, Any] | None:
    found = known.get("networkAcls")
    if not found:
        return None
    return {
        **picked(found, ("bypass", "defaultAction")),
        "ipRules": sorted((_ip_rule(row) for row in found.get("ipRules") or ()), key=lambda row: str(row["value"])),
        "virtualNetworkRules": sorted(str(row.get("id")).lower() for row in found.get("virtualNetworkRules") or ()),
    }


def _shape_vault(raw: Raw, _: Place) -> Observed:
    known = placed(raw)
    more = {
        **{name: bool(known.get(name)) for name in _SWITCHES},
        "enableSoftDelete": known.get("enableSoftDelete", True) is not False,
        "skuName": (known.get("sku") or {}).get("name"),
        "publicNetworkAccess": known.get("publicNetworkAccess") or "Enabled",
        "accessPolicyCount": len(known.get("accessPolicies") or ()),
        "networkAcls": network_rules(known),
        "privateEndpointConnections": connections(known),
    }
    return resource(types.KEY_VAULT, raw, {**known, **more}, resource_id=raw["name"])


def _items(what: str) -> Callable[[Calls], Iterator[Raw]]:
    def fetch(calls: Calls) -> Iterator[Raw]:
        for vault in calls.resources(_KIND):
            more = {"vault": vault["name"], "usesRbac": bool(properties(vault).get("enableRbacAuthorization"))}
            for row in calls.items(f"{vault['id']}/{what}", _VERSION):
                yield {**row, **more, "location": vault.get("location")}

    return fetch


def _item(raw: Raw) -> dict[str, Any]:
    attributes = properties(raw).get("attributes") or {}
    return {
        "vaultName": raw["vault"],
        "vaultUsesRbac": raw["usesRbac"],
        "enabled": attributes.get("enabled"),
        "createdOn": from_epoch(attributes.get("created")),
        "updatedOn": from_epoch(attributes.get("updated")),
        "notBefore": from_epoch(attributes.get("nbf")),
        "expiresOn": from_epoch(attributes.get("exp")),
    }


def _shape_key(raw: Raw, _: Place) -> Observed:
    return resource(types.VAULT_KEY, raw, {**properties(raw), **_item(raw)})


def _read_key(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    """Only the key itself tells what it is made of and how it rotates."""
    known = properties(calls.get(raw["id"], _VERSION))
    actions = (known.get("rotationPolicy") or {}).get("lifetimeActions") or ()
    rotates = [row for row in actions if str((row.get("action") or {}).get("type")).lower() == "rotate"]
    trigger = (rotates[0].get("trigger") or {}) if rotates else {}
    after = trigger.get("timeAfterCreate") or trigger.get("timeBeforeExpiry")
    return {**picked(known, _MATERIAL), "rotatesAutomatically": bool(rotates), "rotateAfter": after}


def _shape_secret(raw: Raw, _: Place) -> Observed:
    kind = properties(raw).get("contentType")
    return resource(types.SECRETS, raw, {**_item(raw), "contentType": kind, "isCertificate": kind in _CERTIFICATES})


COLLECTORS = (
    Collector("KEY_VAULT", resources(_KIND), _shape_vault, (diagnostics(),)),
    Collector(
        "VAULT_KEY",
        _items("keys"),
        _shape_key,
        (Detail((*_MATERIAL, "rotatesAutomatically", "rotateAfter"), (f"{_KEYS}/read",), _read_key),),
    ),
    Collector("SECRETS", _items("secrets"), _shape_secret),
)
