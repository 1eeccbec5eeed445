"""How Kubernetes clusters and container registries are read. A registry's name is unique in all of Azure and is its id
here."""

from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.azure.collecting import Calls, Collector, Detail, Place, Raw, resources
from nephoscope.clouds.azure.collectors.diagnostics import diagnostics
from nephoscope.clouds.azure.collectors.key_vault import connections
from nephoscope.clouds.azure.collectors.network import placed, sku_of
from nephoscope.clouds.azure.shaping import iso, lower, picked, properties, resource
from nephoscope.errors import GoneError
from nephoscope.model.resources import Document, Observed
from nephoscope.resource_types.azure import kubernetes as types

_VERSIONS = "2024-09-01"
_USUAL_PLAN = "KubernetesOfficial"


def _on(source: Mapping[str, Any], *path: str) -> bool:
    """Whether a switch down a path is on: `enabled` of the last step. What is not there is off."""
    for step in path:
        source = source.get(step) or {}
    return bool(source.get("enabled"))


def _shape_cluster(raw: Raw, _: Place) -> Observed:
    known = placed(raw)
    network, upgrades = known.get("networkProfile") or {}, known.get("autoUpgradeProfile") or {}
    more = {
        **sku_of(raw),
        **_access(known),
        **_workloads(known),
        **picked(network, ("networkPlugin", "networkDataplane", "outboundType")),
        "networkPolicy": lower(network.get("networkPolicy")),
        "currentKubernetesVersion": known.get("currentKubernetesVersion") or known.get("kubernetesVersion"),
        "powerState": (known.get("powerState") or {}).get("code"),
        "identityType": (raw.get("identity") or {}).get("type"),
        "upgradeChannel": lower(upgrades.get("upgradeChannel")),
        "nodeOsUpgradeChannel": upgrades.get("nodeOSUpgradeChannel"),
        "diskEncryptionSetId": known.get("diskEncryptionSetID"),
        "nodeGroupRestriction": (known.get("nodeResourceGroupProfile") or {}).get("restrictionLevel"),
        "nodePools": [_pool(row) for row in known.get("agentPoolProfiles") or ()],
    }
    return resource(types.KUBERNETES_CLUSTER, raw, {**known, **more})


def _access(known: Mapping[str, Any]) -> Document:
    """Who gets in, and from where."""
    people, server = known.get("aadProfile") or {}, known.get("apiServerAccessProfile") or {}
    return {
        "rbacEnabled": bool(known.get("enableRBAC")),
        "entraIntegrated": bool(people.get("managed")),
        "azureRbacEnabled": bool(people.get("enableAzureRBAC")),
        "adminGroupIds": sorted(people.get("adminGroupObjectIDs") or ()),
        "localAccountsDisabled": bool(known.get("disableLocalAccounts")),
        "privateCluster": bool(server.get("enablePrivateCluster")),
        "runCommandDisabled": bool(server.get("disableRunCommand")),
        "authorizedIpRanges": sorted(server.get("authorizedIPRanges") or ()),
    }


def _workloads(known: Mapping[str, Any]) -> Document:
    """What watches over what runs in it. Azure has spelled the names of add-ons in several ways."""
    added = {str(name).lower(): row for name, row in (known.get("addonProfiles") or {}).items() if row}
    secrets = (added.get("azurekeyvaultsecretsprovider") or {}).get("config") or {}
    security = known.get("securityProfile") or {}
    return {
        "azurePolicyEnabled": _on(added, "azurepolicy"),
        "monitoringEnabled": _on(added, "omsagent"),
        "httpApplicationRouting": _on(added, "httpapplicationrouting"),
        "dashboardEnabled": _on(added, "kubedashboard"),
        "secretsProviderEnabled": _on(added, "azurekeyvaultsecretsprovider"),
        "secretRotationEnabled": str(secrets.get("enableSecretRotation")).lower() == "true",
        "defenderEnabled": _on(security, "defender", "securityMonitoring"),
        "workloadIdentityEnabled": _on(security, "workloadIdentity"),
        "imageCleanerEnabled": _on(security, "imageCleaner"),
        "kmsEnabled": _on(security, "azureKeyVaultKms"),
        "oidcIssuerEnabled": _on(known, "oidcIssuerProfile"),
    }


def _pool(raw: Mapping[str, Any]) -> Document:
    security = raw.get("securityProfile") or {}
    return {
        **picked(raw, ("name", "mode", "osType", "vmSize", "count", "nodeImageVersion")),
        "osSku": raw.get("osSKU"),
        "version": raw.get("currentOrchestratorVersion") or raw.get("orchestratorVersion"),
        "zones": sorted(str(zone) for zone in raw.get("availabilityZones") or ()),
        "subnetId": lower(raw.get("vnetSubnetID")),
        "publicAddresses": bool(raw.get("enableNodePublicIP")),
        "encryptionAtHost": bool(raw.get("enableEncryptionAtHost")),
        "fips": bool(raw.get("enableFIPS")),
        "autoScaling": bool(raw.get("enableAutoScaling")),
        "secureBoot": bool(security.get("enableSecureBoot")),
        "vTpm": bool(security.get("enableVTPM")),
        "sshAccess": security.get("sshAccess"),
    }


def _read_versions(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    """Null where the region does not say."""
    place = str(raw["location"]).lower()
    rows = calls.shared(f"kubernetes versions {place}", lambda: _versions(calls, place))
    plan = properties(raw).get("supportPlan") or _USUAL_PLAN
    supported = None if rows is None else sorted(str(row["version"]) for row in rows if _supports(row, plan))
    return {"supportedVersions": supported}


def _versions(calls: Calls, place: str) -> list[Raw] | None:
    try:
        found = calls.get(f"providers/Microsoft.ContainerService/locations/{place}/kubernetesVersions", _VERSIONS)
    except GoneError:
        return None
    return list(found.get("values") or ())


def _supports(row: Mapping[str, Any], plan: str) -> bool:
    return plan in ((row.get("capabilities") or {}).get("supportPlan") or ()) and not row.get("isPreview")


def _shape_registry(raw: Raw, _: Place) -> Observed:
    known = placed(raw)
    rules, encryption = known.get("networkRuleSet") or {}, known.get("encryption") or {}
    key = encryption.get("keyVaultProperties") or {}
    more = {
        **_policies({str(name).lower(): row or {} for name, row in (known.get("policies") or {}).items()}),
        **{name: bool(known.get(name)) for name in ("adminUserEnabled", "anonymousPullEnabled", "dataEndpointEnabled")},
        "skuName": (raw.get("sku") or {}).get("name"),
        "identityType": (raw.get("identity") or {}).get("type"),
        "publicNetworkAccess": known.get("publicNetworkAccess") or "Enabled",
        "defaultAction": rules.get("defaultAction") or "Allow",
        "ipRules": sorted(str(row.get("value")) for row in rules.get("ipRules") or ()),
        "encryptionStatus": lower(encryption.get("status")) or "disabled",
        "encryptionKeyId": key.get("keyIdentifier"),
        "creationDate": iso(known.get("creationDate")),
        "privateEndpointConnections": connections(known),
    }
    return resource(types.CONTAINER_REGISTRY, raw, {**known, **more}, resource_id=raw["name"])


def _policies(given: Mapping[str, Mapping[str, Any]]) -> Document:
    """By their names in lower case, which Azure spells in two ways. Export and tokens of Resource Manager are on where
    nothing is said."""

    def status(name: str, usual: str) -> bool:
        return str((given.get(name) or {}).get("status") or usual).lower() == "enabled"

    deleted, kept = given.get("softdeletepolicy") or {}, given.get("retentionpolicy") or {}
    return {
        "trustEnabled": status("trustpolicy", "disabled"),
        "quarantineEnabled": status("quarantinepolicy", "disabled"),
        "exportEnabled": status("exportpolicy", "enabled"),
        "managerTokensEnabled": status("azureadauthenticationasarmpolicy", "enabled"),
        "softDeleteEnabled": status("softdeletepolicy", "disabled"),
        "softDeleteDays": deleted.get("retentionDays"),
        "retentionEnabled": status("retentionpolicy", "disabled"),
        "retentionDays": kept.get("days"),
    }


COLLECTORS = (
    Collector(
        "AZURE_KUBERNETES_CLUSTER",
        resources("microsoft.containerservice/managedclusters"),
        _shape_cluster,
        (
            diagnostics(),
            Detail(
                ("supportedVersions",),
                ("Microsoft.ContainerService/locations/kubernetesVersions/read",),
                _read_versions,
            ),
        ),
    ),
    Collector(
        "AZURE_CONTAINER_REGISTRY",
        resources("microsoft.containerregistry/registries"),
        _shape_registry,
        (diagnostics(),),
    ),
)
