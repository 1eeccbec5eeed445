"""Azure resource types: networks, what filters their traffic, and what watches it."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.azure.monitoring import DIAGNOSTIC
from nephoscope.resource_types.fields import booleans, integers, lists, parts, rows, strings
from nephoscope.resource_types.types import ResourceType

DIAGNOSTICS = rows("diagnosticSettings", *DIAGNOSTIC)
PLACE = strings("region", "resourceGroupName", "lookupId")
"""`lookupId` is the full id in lower case: what other resources are joined with."""
_SUBNET = (
    *("name", "addressPrefixes", "networkSecurityGroupId", "routeTableId", "natGatewayId", "delegations"),
    *("serviceEndpoints", "defaultOutboundAccess", "privateEndpointNetworkPolicies"),
)
_RULE = ("name", "priority", "direction", "access", "protocol", "sources", "destinations", "ports")

VIRTUAL_NETWORK = ResourceType(
    name="VIRTUAL_NETWORK",
    provider=Provider.AZURE,
    service_type="Virtual Network",
    title="Azure Virtual Network",
    permissions=("Microsoft.Network/virtualNetworks/read",),
    aliases=("VNET",),
    is_regional=False,
    fields=(
        *PLACE,
        *strings("ddosProtectionPlanId", "provisioningState"),
        *booleans("enableDdosProtection"),
        *lists("addressPrefixes", "dnsServers"),
        *rows("subnets", *_SUBNET),
        *rows("peerings", "name", "peeringState", "remoteNetworkId", "allowForwardedTraffic", "allowGatewayTransit"),
        *parts("encryption", "enabled", "enforcement"),
    ),
)

NETWORK_SECURITY_GROUP = ResourceType(
    name="NETWORK_SECURITY_GROUP",
    provider=Provider.AZURE,
    service_type="Network Security Group",
    title="Azure Network Security Group",
    permissions=("Microsoft.Network/networkSecurityGroups/read",),
    aliases=("NSG",),
    is_regional=False,
    fields=(
        *PLACE,
        *strings("provisioningState"),
        *rows("securityRules", *_RULE),
        *lists("subnetIds", "networkInterfaceIds"),
        *DIAGNOSTICS,
    ),
)

NETWORK_INTERFACES = ResourceType(
    name="NETWORK_INTERFACES",
    provider=Provider.AZURE,
    service_type="Network Interface",
    title="Azure Network Interface",
    permissions=("Microsoft.Network/networkInterfaces/read",),
    aliases=("NETWORK_INTERFACE", "NIC"),
    is_regional=False,
    fields=(
        *PLACE,
        *strings("macAddress", "networkSecurityGroupId", "virtualMachineId", "privateEndpointId"),
        *booleans("enableIPForwarding", "enableAcceleratedNetworking", "primary"),
        *lists("subnetIds", "publicIpAddressIds", "privateIpAddresses"),
    ),
)

PUBLIC_IP = ResourceType(
    name="PUBLIC_IP",
    provider=Provider.AZURE,
    service_type="Public IP Address",
    title="Azure Public IP Address",
    permissions=("Microsoft.Network/publicIPAddresses/read",),
    aliases=("PUBLIC_IP_ADDRESS",),
    is_regional=False,
    fields=(
        *PLACE,
        *strings("ipAddress ip.address", "publicIPAllocationMethod", "publicIPAddressVersion", "skuName", "skuTier"),
        *strings("attachedTo", "ddosProtectionMode", "fqdn"),
        *lists("zones"),
    ),
)

NETWORK_WATCHER = ResourceType(
    name="NETWORK_WATCHER",
    provider=Provider.AZURE,
    service_type="Network Watcher",
    title="Azure Network Watcher",
    permissions=("Microsoft.Network/networkWatchers/read",),
    is_regional=False,
    fields=(*PLACE, *strings("location", "provisioningState")),
)

AZURE_FLOW_LOG = ResourceType(
    name="AZURE_FLOW_LOG",
    provider=Provider.AZURE,
    service_type="Network Watcher",
    title="Azure Flow Log",
    permissions=("Microsoft.Network/networkWatchers/flowLogs/read",),
    aliases=("FLOW_LOG",),
    is_regional=False,
    fields=(
        *PLACE,
        *strings("targetId", "targetKind", "storageId", "workspaceId"),
        *booleans("enabled", "retentionEnabled", "analyticsEnabled"),
        *integers("retentionDays", "formatVersion"),
    ),
)

TYPES = (*(VIRTUAL_NETWORK, NETWORK_SECURITY_GROUP, NETWORK_INTERFACES, PUBLIC_IP, NETWORK_WATCHER, AZURE_FLOW_LOG),)
