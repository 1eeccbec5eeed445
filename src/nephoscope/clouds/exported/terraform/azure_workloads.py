"""What Terraform tells of machines, apps, Kubernetes clusters and registries of Azure. Of settings of apps only the
names are kept."""

from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.exported.terraform.azure_known import PLACE, by_id, by_name, diagnostics, ids, lowered, zones
from nephoscope.clouds.exported.terraform.blocks import (
    Block,
    Read,
    State,
    each,
    first,
    fixed,
    said,
    switch,
    unless,
    worded,
)
from nephoscope.clouds.exported.terraform.rows import Row


def _identity(block: Block, _: State) -> str | None:
    found = first(block, "identity")
    return str(found["type"]) if found else None


# ---- machines


def _images(block: Block, _: State) -> list[dict[str, Any]]:
    own = block.get("source_image_id") or None
    rows = [
        {key: row[key] for key in ("publisher", "offer", "sku", "version")}
        for row in each(block, "source_image_reference")
    ]
    if own:
        return [{"id": own, "publisher": None, "offer": None, "sku": None, "version": None}]
    return [{"id": None, **row} for row in rows]


def _security(block: Block, _: State) -> str | None:
    """A machine with either switch is one of the trusted launch; a disk says what is confidential."""
    disks = each(block, "os_disk")
    if any(row.get("security_encryption_type") for row in disks):
        return "ConfidentialVM"
    return "TrustedLaunch" if block["secure_boot_enabled"] or block["vtpm_enabled"] else None


def _sets(key: str) -> Read:
    """Null and an empty text both mean that it is in none."""
    return lambda block, _: str(block[key]).lower() if block[key] else None


def _listeners(block: Block, _: State) -> list[str]:
    return sorted({str(row["protocol"]).lower() for row in each(block, "winrm_listener")})


_SYSTEM: Mapping[str, Read] = {
    **PLACE,
    "licenseType": said("license_type"),
    "priority": said("priority"),
    "identityType": _identity,
    "securityType": _security,
    "secureBootEnabled": lambda block, _: bool(block["secure_boot_enabled"]),
    "vTpmEnabled": lambda block, _: bool(block["vtpm_enabled"]),
    "encryptionAtHost": lambda block, _: bool(block["encryption_at_host_enabled"]),
    "bootDiagnosticsEnabled": lambda block, _: first(block, "boot_diagnostics") is not None,
    "zones": lambda block, _: [str(block["zone"])] if block["zone"] else [],
    "unmanagedDisks": fixed([]),  # the provider only makes managed ones
    "imageData": _images,
}
_MACHINE: Mapping[str, Read] = {
    **_SYSTEM,
    "vmId": said("virtual_machine_id"),
    "size": said("size"),
    "computerName": said("computer_name"),
    "availabilitySetId": _sets("availability_set_id"),
    "scaleSetId": _sets("virtual_machine_scale_set_id"),
    "primaryPrivateIPAddress": said("private_ip_address"),
    "primaryPublicIPAddress": said("public_ip_address"),
    "networkInterfaceIds": ids("network_interface_ids"),
    "patchMode": said("patch_mode"),
    "assessmentMode": said("patch_assessment_mode"),
}
_LINUX: Mapping[str, Read] = {"osType": fixed("Linux"), "passwordLogin": unless("disable_password_authentication")}
_WINDOWS: Mapping[str, Read] = {
    "osType": fixed("Windows"),
    "passwordLogin": fixed(None),
    "remoteManagementProtocols": _listeners,
}


def _public(block: Block, _: State) -> bool:
    return any(one["public_ip_address"] for row in each(block, "network_interface") for one in row["ip_configuration"])


def _repairs(block: Block, _: State) -> bool:
    return bool((first(block, "automatic_instance_repair") or {"enabled": False})["enabled"])


def _upgrades(block: Block, _: State) -> bool:
    found = first(block, "automatic_os_upgrade_policy")
    return bool(found and found["enable_automatic_os_upgrade"])


_SCALE_SET: Mapping[str, Read] = {
    **_SYSTEM,
    "skuName": said("sku"),
    "upgradeMode": said("upgrade_mode"),
    "managedBy": fixed(None),  # what a cluster makes for itself, Terraform does not manage
    "capacity": said("instances"),
    "zones": zones,
    "hasPublicAddresses": _public,
    "automaticRepairs": _repairs,
    "automaticOsUpgrades": _upgrades,
}

# ---- apps


def _site(key: str) -> Read:
    return lambda block, _: block["site_config"][0][key] or None


def _site_switch(key: str) -> Read:
    return lambda block, _: bool(block["site_config"][0][key])


def _origins(block: Block, _: State) -> list[str]:
    return sorted(str(one) for row in block["site_config"][0]["cors"] or () for one in row["allowed_origins"] or ())


_EVERYONE = frozenset({"any", "0.0.0.0/0"})


def _is_open(rules: str, default: str) -> Read:
    """The first rule for every address decides, and the default where there is none."""

    def read(block: Block, _: State) -> bool:
        site = block["site_config"][0]
        rows = sorted(site[rules] or (), key=lambda row: row["priority"] or 0)
        found = [row["action"] for row in rows if str(row["ip_address"]).lower() in _EVERYONE and not row["headers"]]
        says = found[0] if found else site.get(default) or ("Deny" if rows else "Allow")
        return str(says).lower() != "deny"

    return read


def _settings(block: Block, _: State) -> list[dict[str, Any]]:
    """Names, and whether the value is a reference to a vault; values stay where they are."""
    found = sorted((block["app_settings"] or {}).items())
    return [{"name": name, "isVaultReference": str(value).startswith("@Microsoft.KeyVault(")} for name, value in found]


_APP: Mapping[str, Read] = {
    **PLACE,
    "kind": said("kind"),
    "defaultHostName": said("default_hostname"),
    "planId": lowered("service_plan_id"),
    "identityType": _identity,
    "publicNetworkAccess": worded("Enabled", "Disabled", "public_network_access_enabled"),
    "virtualNetworkSubnetId": lowered("virtual_network_subnet_id"),
    "httpsonly": switch("https_only"),
    "enabled": switch("enabled"),
    "clientCertEnabled": switch("client_certificate_enabled"),
    "clientCertMode": said("client_certificate_mode"),
    "vnetRouteAllEnabled": _site_switch("vnet_route_all_enabled"),
    "minTlsVersion": _site("minimum_tls_version"),
    "scmMinTlsVersion": _site("scm_minimum_tls_version"),
    "ftpsState": _site("ftps_state"),
    "healthCheckPath": _site("health_check_path"),
    "http20Enabled": _site_switch("http2_enabled"),
    "remoteDebuggingEnabled": _site_switch("remote_debugging_enabled"),
    "alwaysOn": _site_switch("always_on"),
    "webSocketsEnabled": _site_switch("websockets_enabled"),
    "usesIdentityForRegistry": _site_switch("container_registry_use_managed_identity"),
    "isOpenToAll": _is_open("ip_restriction", "ip_restriction_default_action"),
    "isScmOpenToAll": _is_open("scm_ip_restriction", "scm_ip_restriction_default_action"),
    "corsOrigins": _origins,
    "ftpBasicAuth": switch("ftp_publish_basic_authentication_enabled"),
    "scmBasicAuth": switch("webdeploy_publish_basic_authentication_enabled"),
    "appSettings": _settings,
    "diagnosticSettings": diagnostics(),
}
_ON_LINUX: Mapping[str, Read] = {"isLinux": fixed(value=True)}
_ON_WINDOWS: Mapping[str, Read] = {"isLinux": fixed(value=False)}
_FUNCTION: Mapping[str, Read] = {**_APP, "functionsVersion": said("functions_extension_version")}

# ---- clusters and registries


def _inside(block_name: str, key: str) -> Read:
    """An attribute of the only block of that name; null without one."""

    def read(block: Block, _: State) -> Any:
        found = first(block, block_name)
        return None if found is None else found[key] or None

    return read


def _network(key: str) -> Read:
    return _inside("network_profile", key)


def _ranges(block: Block, _: State) -> list[str]:
    rows = block.get("api_server_access_profile") or []
    found = rows[0]["authorized_ip_ranges"] if rows else block.get("api_server_authorized_ip_ranges")
    return sorted(found or ())


def _is_written(block_name: str) -> Read:
    return lambda block, _: first(block, block_name) is not None


def _in_entra(block: Block, _: State) -> bool:
    return first(block, "azure_active_directory_role_based_access_control") is not None


def _entra_roles(block: Block, _: State) -> bool:
    found = first(block, "azure_active_directory_role_based_access_control")
    return bool(found and found["azure_rbac_enabled"])


def _rotates(block: Block, _: State) -> bool:
    found = first(block, "key_vault_secrets_provider")
    return bool(found and found["secret_rotation_enabled"])


def _never(key: str) -> Read:
    """`none` is how Azure spells that nothing is chosen."""
    return lambda block, _: block[key] or "none"


_CLUSTER: Mapping[str, Read] = {
    **PLACE,
    "kubernetesVersion": said("kubernetes_version"),
    "currentKubernetesVersion": said("current_kubernetes_version"),
    "supportPlan": said("support_plan"),
    "skuTier": said("sku_tier"),
    "fqdn": said("fqdn"),
    "privateFQDN": said("private_fqdn"),
    "nodeResourceGroup": said("node_resource_group"),
    "identityType": _identity,
    "networkPlugin": _network("network_plugin"),
    "networkPolicy": _network("network_policy"),
    "outboundType": _network("outbound_type"),
    "upgradeChannel": _never("automatic_upgrade_channel"),
    "nodeOsUpgradeChannel": said("node_os_upgrade_channel", "node_os_channel_upgrade"),
    "diskEncryptionSetId": lowered("disk_encryption_set_id"),
    "rbacEnabled": switch("role_based_access_control_enabled"),
    "entraIntegrated": _in_entra,
    "azureRbacEnabled": _entra_roles,
    "localAccountsDisabled": lambda block, _: bool(block["local_account_disabled"]),
    "privateCluster": switch("private_cluster_enabled"),
    "runCommandDisabled": unless("run_command_enabled"),
    "azurePolicyEnabled": lambda block, _: bool(block["azure_policy_enabled"]),
    "defenderEnabled": _is_written("microsoft_defender"),
    "monitoringEnabled": _is_written("oms_agent"),
    "workloadIdentityEnabled": lambda block, _: bool(block["workload_identity_enabled"]),
    "oidcIssuerEnabled": lambda block, _: bool(block["oidc_issuer_enabled"]),
    "imageCleanerEnabled": lambda block, _: bool(block["image_cleaner_enabled"]),
    "kmsEnabled": _is_written("key_management_service"),
    "httpApplicationRouting": lambda block, _: bool(block["http_application_routing_enabled"]),
    "secretsProviderEnabled": _is_written("key_vault_secrets_provider"),
    "secretRotationEnabled": _rotates,
    "authorizedIpRanges": _ranges,
    "diagnosticSettings": diagnostics(),
}


def _default_action(block: Block, _: State) -> str:
    """Without rules everybody comes in."""
    found = first(block, "network_rule_set")
    return str(found["default_action"]) if found else "Allow"


_REGISTRY: Mapping[str, Read] = {
    **PLACE,
    "skuName": said("sku"),
    "loginServer": said("login_server"),
    "publicNetworkAccess": worded("Enabled", "Disabled", "public_network_access_enabled"),
    "defaultAction": _default_action,
    "adminUserEnabled": switch("admin_enabled"),
    "anonymousPullEnabled": lambda block, _: bool(block["anonymous_pull_enabled"]),
    "exportEnabled": switch("export_policy_enabled"),
    "quarantineEnabled": lambda block, _: bool(block["quarantine_policy_enabled"]),
    "zoneRedundancy": worded("Enabled", "Disabled", "zone_redundancy_enabled"),
    "diagnosticSettings": diagnostics(),
}

ROWS: tuple[Row, ...] = (
    Row(("azurerm_linux_virtual_machine",), "VIRTUAL_MACHINE", by_id(), {**_MACHINE, **_LINUX}),
    Row(("azurerm_windows_virtual_machine",), "VIRTUAL_MACHINE", by_id(), {**_MACHINE, **_WINDOWS}),
    Row(("azurerm_linux_virtual_machine_scale_set",), "VIRTUAL_MACHINE_SCALE_SET", by_id(), {**_SCALE_SET, **_LINUX}),
    Row(
        ("azurerm_windows_virtual_machine_scale_set",), "VIRTUAL_MACHINE_SCALE_SET", by_id(), {**_SCALE_SET, **_WINDOWS}
    ),
    Row(("azurerm_linux_web_app",), "WEB_APP", by_name, {**_APP, **_ON_LINUX}),
    Row(("azurerm_windows_web_app",), "WEB_APP", by_name, {**_APP, **_ON_WINDOWS}),
    Row(("azurerm_linux_function_app",), "FUNCTION_APP", by_name, {**_FUNCTION, **_ON_LINUX}),
    Row(("azurerm_windows_function_app",), "FUNCTION_APP", by_name, {**_FUNCTION, **_ON_WINDOWS}),
    Row(("azurerm_kubernetes_cluster",), "AZURE_KUBERNETES_CLUSTER", by_id(), _CLUSTER),
    Row(("azurerm_container_registry",), "AZURE_CONTAINER_REGISTRY", by_name, _REGISTRY),
)
