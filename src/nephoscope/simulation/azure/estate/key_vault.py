"""Key vaults with keys and secrets, which Resource Manager tells of without their values."""

from datetime import timedelta

from nephoscope.kit.clock import system_clock
from nephoscope.simulation.azure.cloud import TENANT, AzureCloud, Document
from nephoscope.simulation.azure.estate.directory import ANN
from nephoscope.simulation.azure.estate.words import endpoint, network_id, put_logs

_KIND = "Microsoft.KeyVault/vaults"
_ROTATES = "Rotate"


def fill(cloud: AzureCloud) -> None:
    _fill_good(cloud)
    _fill_bad(cloud)
    _fill_half(cloud)


def _vault(cloud: AzureCloud, name: str, *, group: str = "rg-core", **settings: object) -> str:
    known: Document = {
        "sku": {"family": "A", "name": "standard"},
        "tenantId": TENANT,
        "accessPolicies": [],
        "vaultUri": f"https://{name}.vault.azure.net/",
        "provisioningState": "Succeeded",
        **settings,
    }
    return cloud.add(_KIND, name, known, group=group)


def _fill_good(cloud: AzureCloud) -> None:
    """Everything on, and nobody gets in but through its endpoint."""
    network = network_id("virtualNetworks", "vnet-shop/subnets/App", "rg-shop")
    rules: Document = {
        "bypass": "AzureServices",
        "defaultAction": "Deny",
        "ipRules": [{"value": "192.0.2.0/24"}],
        "virtualNetworkRules": [{"id": network, "ignoreMissingVnetServiceEndpoint": False}],
    }
    whole = _vault(
        cloud,
        "kv-meridian-core",
        enableRbacAuthorization=True,
        enableSoftDelete=True,
        softDeleteRetentionInDays=90,
        enablePurgeProtection=True,
        enabledForDeployment=False,
        publicNetworkAccess="Disabled",
        networkAcls=rules,
        privateEndpointConnections=[endpoint("pe-kv-core", "Approved")],
    )
    put_logs(cloud, whole, "AuditEvent", "AzurePolicyEvaluationDetails")
    _put_keys(
        cloud,
        whole,
        [
            _key("orders", "RSA", size=3072, days=180, action=_ROTATES),
            _key("invoices", "EC-HSM", curve="P-256", days=None, action="Notify"),
            _key("retired", "RSA", size=1024, days=None, enabled=False),
        ],
    )
    _put_secrets(
        cloud,
        whole,
        [
            _secret("smtp-password", days=90),
            _secret("eternal", days=None),
            _secret("shop-certificate", days=200, kind="application/x-pkcs12", life=365),
            _secret("long-certificate", days=900, kind="application/x-pem-file", life=1095),
        ],
    )


def _fill_bad(cloud: AzureCloud) -> None:
    """As vaults were made years ago: access policies, no rules, no logs. Azure leaves out what was never set."""
    policy = {"tenantId": TENANT, "objectId": ANN, "permissions": {"keys": ["all"], "secrets": ["all"]}}
    whole = _vault(cloud, "kv-meridian-old", group="rg-lab", accessPolicies=[policy], enabledForDeployment=True)
    _put_keys(cloud, whole, [_key("short", "RSA", size=1024, days=None), _key("dated", "RSA-HSM", size=2048, days=30)])
    rows = [_secret("forgotten", days=-20), _secret("undated", days=None), _secret("off", days=-400, enabled=False)]
    _put_secrets(cloud, whole, rows)


def _fill_half(cloud: AzureCloud) -> None:
    """Closed by its rules, but its endpoint was never approved; nothing in it."""
    rules: Document = {"bypass": "None", "defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": []}
    whole = _vault(
        cloud,
        "kv-meridian-lab",
        group="rg-lab",
        enableRbacAuthorization=True,
        enableSoftDelete=True,
        networkAcls=rules,
        privateEndpointConnections=[endpoint("pe-kv-lab", "Pending")],
    )
    put_logs(cloud, whole, "allLogs")
    _put_keys(cloud, whole, [])
    _put_secrets(cloud, whole, [])


def _attributes(days: int | None, *, enabled: bool, life: int | None = None) -> Document:
    """`days` until it expires, `life` days from its beginning to then; seconds since 1970, as Azure says them here."""
    now = system_clock()
    found: Document = {"enabled": enabled, "created": 1735689600, "updated": 1735689600}
    if days is not None:
        ends = now + timedelta(days=days)
        found["exp"] = int(ends.timestamp())
        if life is not None:
            found["nbf"] = int((ends - timedelta(days=life)).timestamp())
    return found


def _key(
    name: str,
    kind: str,
    *,
    days: int | None,
    size: int | None = None,
    curve: str | None = None,
    action: str | None = None,
    enabled: bool = True,
) -> Document:
    material = {"kty": kind, "keySize": size, "curveName": curve, "keyOps": ["sign", "verify"]}
    policy: Document | None = None
    if action:
        trigger = {"timeAfterCreate": "P90D"} if action == _ROTATES else {"timeBeforeExpiry": "P30D"}
        policy = {"lifetimeActions": [{"trigger": trigger, "action": {"type": action}}], "attributes": {}}
    return {
        "name": name,
        "attributes": _attributes(days, enabled=enabled),
        "more": {**{key: value for key, value in material.items() if value is not None}, "rotationPolicy": policy},
    }


def _put_keys(cloud: AzureCloud, vault: str, keys: list[Document]) -> None:
    """A listing tells of the attributes alone; the key itself of the rest."""
    rows = []
    for key in keys:
        known = {"attributes": key["attributes"], "keyUri": f"https://x.vault.azure.net/keys/{key['name']}"}
        row = _item(vault, "keys", key["name"], known)
        rows.append(row)
        cloud.put(row["id"], {**row, "properties": {**known, **key["more"]}})
    cloud.put_listing(f"{vault}/keys", rows)


def _secret(
    name: str, *, days: int | None, kind: str | None = None, life: int | None = None, enabled: bool = True
) -> Document:
    found: Document = {"name": name, "attributes": _attributes(days, enabled=enabled, life=life)}
    return {**found, "contentType": kind} if kind else found


def _put_secrets(cloud: AzureCloud, vault: str, secrets: list[Document]) -> None:
    rows = [
        _item(vault, "secrets", secret["name"], {key: value for key, value in secret.items() if key != "name"})
        for secret in secrets
    ]
    cloud.put_listing(f"{vault}/secrets", rows)


def _item(vault: str, what: str, name: str, known: Document) -> Document:
    return {
        "id": f"{vault}/{what}/{name}",
        "name": name,
        "type": f"{_KIND}/{what}",
        "location": "westeurope",
        "tags": {},
        "properties": known,
    }
