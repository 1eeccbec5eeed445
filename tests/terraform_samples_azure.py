"""One resource of Azure for each kind that Terraform tells of: only what it takes to decide something about it."""

from typing import Any

SUBSCRIPTION = "5b0c9e7d-3f21-4c68-8d9a-e4a7b2c61f03"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
_ROLE = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions"
_GUID = "11111111-2222-3333-4444-555555555555"
_VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-1"


def _in_group(provider: str, name: str, **more: Any) -> dict[str, Any]:
    identity = f"{GROUP}/providers/Microsoft.{provider}/{name}"
    return {"id": identity, "name": name, "location": "West Europe", "resource_group_name": "rg", **more}


def _network(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return _in_group(f"Network/{kind}", name, **more)


_SINGLE = {
    "ssl_enforcement_enabled": True,
    "ssl_minimal_tls_version_enforced": "TLS1_2",
    "public_network_access_enabled": False,
    "infrastructure_encryption_enabled": None,
}
_RULE = {
    "name": "ssh",
    "priority": 100,
    "direction": "Inbound",
    "access": "Allow",
    "protocol": "Tcp",
    "source_address_prefix": "*",
    "source_address_prefixes": [],
    "destination_address_prefix": "*",
    "destination_address_prefixes": [],
    "destination_port_range": "22",
    "destination_port_ranges": [],
}
_SITE: dict[str, Any] = {
    "https_only": True,
    "client_certificate_enabled": False,
    "public_network_access_enabled": True,
    "virtual_network_subnet_id": "",
    "app_settings": {"DB_PASSWORD": "Never-kept-8", "MODE": "x"},
    "identity": [],
    "site_config": [
        {
            "minimum_tls_version": "1.2",
            "ftps_state": "Disabled",
            "http2_enabled": True,
            "remote_debugging_enabled": False,
            "always_on": True,
            "cors": [],
            "ip_restriction": [],
            "ip_restriction_default_action": "Allow",
        }
    ],
}
_MACHINE: dict[str, Any] = {
    "zone": "1",
    "identity": [],
    "network_interface_ids": [],
    "secure_boot_enabled": True,
    "vtpm_enabled": True,
    "encryption_at_host_enabled": True,
    "os_disk": [{"caching": "None"}],
    "patch_mode": "AutomaticByPlatform",
}
_SET: dict[str, Any] = {**_MACHINE, "zones": ["1", "2"], "instances": 2, "network_interface": [], "sku": "Standard_B2s"}
_NSG = f"{GROUP}/providers/Microsoft.Network/networkSecurityGroups/nsg-1"

SAMPLES: dict[str, dict[str, Any]] = {
    "azurerm_resource_group": {"id": GROUP, "name": "rg", "location": "westeurope"},
    "azurerm_management_lock": {"name": "keep", "scope": GROUP, "lock_level": "CanNotDelete"},
    "azurerm_role_assignment": {
        "id": f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments/{_GUID}",
        "name": _GUID,
        "scope": GROUP,
        "role_definition_id": f"{_ROLE}/acdd72a7-3385-48ef-bd42-f606fba81ae7",
        "principal_id": _GUID,
        "principal_type": "User",
        "condition": "",
    },
    "azurerm_role_definition": {
        "name": "operator",
        "role_definition_id": _GUID,
        "role_definition_resource_id": f"{_ROLE}/{_GUID}",
        "assignable_scopes": [f"/subscriptions/{SUBSCRIPTION}"],
        "permissions": [{"actions": ["*"], "not_actions": [], "data_actions": []}],
    },
    "azurerm_monitor_activity_log_alert": _in_group(
        "Insights/activityLogAlerts",
        "alert-1",
        enabled=True,
        scopes=[f"/subscriptions/{SUBSCRIPTION}"],
        criteria=[{"category": "Administrative", "operation_name": "Microsoft.Sql/servers/firewallRules/write"}],
        action=[{"action_group_id": f"{GROUP}/providers/Microsoft.Insights/actionGroups/ops"}],
    ),
    "azurerm_monitor_action_group": _in_group(
        "Insights/actionGroups", "ops", short_name="ops", enabled=True, email_receiver=[{"name": "a"}], sms_receiver=[]
    ),
    "azurerm_log_analytics_workspace": _in_group(
        "OperationalInsights/workspaces", "logs-1", retention_in_days=90, local_authentication_enabled=False
    ),
    "azurerm_iothub": _in_group("Devices/iotHubs", "hub-1", public_network_access_enabled=None),
    "azurerm_virtual_network": _network(
        "virtualNetworks", "vnet-1", address_space=["10.0.0.0/16"], dns_servers=[], ddos_protection_plan=[], subnet=[]
    ),
    "azurerm_network_security_group": _network("networkSecurityGroups", "nsg-1", security_rule=[_RULE]),
    "azurerm_network_interface": _network(
        "networkInterfaces", "nic-1", ip_forwarding_enabled=False, virtual_machine_id="", ip_configuration=[]
    ),
    "azurerm_public_ip": _network("publicIPAddresses", "ip-1", sku="Standard"),
    "azurerm_network_watcher": _network("networkWatchers", "watcher-1"),
    "azurerm_network_watcher_flow_log": _network(
        "networkWatchers/watcher-1/flowLogs",
        "flow-1",
        network_security_group_id=_NSG,
        enabled=True,
        retention_policy=[{"enabled": True, "days": 90}],
        traffic_analytics=[],
    ),
    "azurerm_firewall": _network(
        "azureFirewalls", "fw-1", threat_intel_mode="Deny", firewall_policy_id="", zones=["1"]
    ),
    "azurerm_firewall_policy": _network(
        "firewallPolicies", "fwp-1", sku="Premium", intrusion_detection=[{"mode": "Deny"}]
    ),
    "azurerm_application_gateway": _network(
        "applicationGateways",
        "agw-1",
        http2_enabled=True,
        zones=["1", "2"],
        firewall_policy_id="",
        waf_configuration=[],
        http_listener=[{"protocol": "Https", "firewall_policy_id": ""}],
    ),
    "azurerm_web_application_firewall_policy": _network(
        "applicationGatewayWebApplicationFirewallPolicies",
        "waf-1",
        policy_settings=[{"enabled": True, "mode": "Prevention", "request_body_check": True}],
        managed_rules=[{"managed_rule_set": [{"type": "OWASP", "version": "3.2"}]}],
    ),
    "azurerm_virtual_network_gateway": _network(
        "virtualNetworkGateways",
        "vpn-1",
        type="Vpn",
        vpn_client_configuration=[{"address_space": ["10.9.0.0/24"], "vpn_auth_types": ["AAD"]}],
    ),
    "azurerm_lb": _network("loadBalancers", "lb-1", sku="Standard", frontend_ip_configuration=[]),
    "azurerm_bastion_host": _network("bastionHosts", "b-1", sku="Standard", shareable_link_enabled=False),
    "azurerm_nat_gateway": _network("natGateways", "nat-1", sku_name="Standard", zones=[]),
    "azurerm_storage_account": _in_group(
        "Storage/storageAccounts",
        "meridiandata",
        account_kind="StorageV2",
        account_tier="Standard",
        account_replication_type="GRS",
        min_tls_version="TLS1_2",
        https_traffic_only_enabled=True,
        public_network_access_enabled=True,
        shared_access_key_enabled=False,
        network_rules=[
            {"default_action": "Deny", "bypass": ["AzureServices"], "ip_rules": [], "virtual_network_subnet_ids": []}
        ],
        customer_managed_key=[],
        blob_properties=[
            {
                "versioning_enabled": True,
                "change_feed_enabled": False,
                "delete_retention_policy": [{"days": 7}],
                "container_delete_retention_policy": [],
            }
        ],
    ),
    "azurerm_key_vault": _in_group(
        "KeyVault/vaults",
        "kv-1",
        rbac_authorization_enabled=True,
        purge_protection_enabled=True,
        soft_delete_retention_days=90,
        public_network_access_enabled=False,
    ),
    "azurerm_key_vault_key": {
        "id": "https://kv-1.vault.azure.net/keys/k/1",
        "name": "k",
        "resource_versionless_id": f"{_VAULT}/keys/k",
        "key_vault_id": _VAULT,
        "key_type": "RSA",
        "key_size": 4096,
        "expiration_date": "2027-01-01T00:00:00Z",
        "not_before_date": "",
        "rotation_policy": [],
    },
    "azurerm_key_vault_secret": {
        "id": "https://kv-1.vault.azure.net/secrets/s/1",
        "name": "s",
        "value": "Never-kept-3",
        "resource_versionless_id": f"{_VAULT}/secrets/s",
        "key_vault_id": _VAULT,
        "content_type": "",
        "expiration_date": "",
        "not_before_date": "",
    },
    "azurerm_managed_disk": _in_group(
        "Compute/disks", "disk-1", network_access_policy="DenyAll", public_network_access_enabled=False
    ),
    "azurerm_mariadb_server": _in_group("DBforMariaDB/servers", "maria-1", **_SINGLE),
    "azurerm_postgresql_server": _in_group("DBforPostgreSQL/servers", "pg-1", **_SINGLE),
    "azurerm_postgresql_flexible_server": _in_group("DBforPostgreSQL/flexibleServers", "pgf-1"),
    "azurerm_postgresql_flexible_server_configuration": {
        "server_id": f"{GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers/pgf-1",
        "name": "require_secure_transport",
        "value": "OFF",
    },
    "azurerm_mysql_server": _in_group("DBforMySQL/servers", "my-1", **_SINGLE),
    "azurerm_mysql_flexible_server": _in_group("DBforMySQL/flexibleServers", "myf-1"),
    "azurerm_mysql_flexible_server_configuration": {
        "server_name": "myf-1",
        "resource_group_name": "rg",
        "name": "require_secure_transport",
        "value": "ON",
    },
    "azurerm_mssql_server": _in_group(
        "Sql/servers",
        "sql-1",
        minimum_tls_version="1.2",
        public_network_access_enabled=False,
        azuread_administrator=[],
    ),
    "azurerm_mssql_firewall_rule": {
        "server_id": f"{GROUP}/providers/Microsoft.Sql/servers/sql-1",
        "name": "all",
        "start_ip_address": "0.0.0.0",  # noqa: S104 - the first of all addresses
        "end_ip_address": "255.255.255.255",
    },
    "azurerm_mssql_database": {
        "id": f"{GROUP}/providers/Microsoft.Sql/servers/sql-1/databases/db",
        "server_id": f"{GROUP}/providers/Microsoft.Sql/servers/sql-1",
        "name": "db",
        "transparent_data_encryption_enabled": True,
    },
    "azurerm_cosmosdb_account": _in_group(
        "DocumentDB/databaseAccounts",
        "cosmos-1",
        public_network_access_enabled=False,
        local_authentication_disabled=True,
        ip_range_filter="",
        is_virtual_network_filter_enabled=False,
    ),
    "azurerm_redis_cache": _in_group(
        "Cache/redis",
        "redis-1",
        non_ssl_port_enabled=False,
        minimum_tls_version="1.2",
        public_network_access_enabled=True,
    ),
    "azurerm_linux_virtual_machine": _in_group(
        "Compute/virtualMachines", "vm-1", disable_password_authentication=False, **_MACHINE
    ),
    "azurerm_windows_virtual_machine": _in_group(
        "Compute/virtualMachines", "vm-2", winrm_listener=[{"protocol": "Http"}], **_MACHINE
    ),
    "azurerm_linux_virtual_machine_scale_set": _in_group(
        "Compute/virtualMachineScaleSets", "vmss-1", disable_password_authentication=True, **_SET
    ),
    "azurerm_windows_virtual_machine_scale_set": _in_group("Compute/virtualMachineScaleSets", "vmss-2", **_SET),
    "azurerm_linux_web_app": _in_group("Web/sites", "web-1", **_SITE),
    "azurerm_windows_web_app": _in_group("Web/sites", "web-2", **_SITE),
    "azurerm_linux_function_app": _in_group("Web/sites", "fn-1", functions_extension_version="~4", **_SITE),
    "azurerm_windows_function_app": _in_group("Web/sites", "fn-2", functions_extension_version="~4", **_SITE),
    "azurerm_kubernetes_cluster": _in_group(
        "ContainerService/managedClusters",
        "aks-1",
        role_based_access_control_enabled=True,
        private_cluster_enabled=False,
        local_account_disabled=None,
        azure_active_directory_role_based_access_control=[],
        api_server_access_profile=[{"authorized_ip_ranges": ["203.0.113.0/24"]}],
        network_profile=[{"network_plugin": "azure", "network_policy": "", "outbound_type": "loadBalancer"}],
        run_command_enabled=False,
        sku_tier="Standard",
    ),
    "azurerm_container_registry": _in_group(
        "ContainerRegistry/registries", "registry1", sku="Premium", admin_enabled=True, network_rule_set=[]
    ),
}
