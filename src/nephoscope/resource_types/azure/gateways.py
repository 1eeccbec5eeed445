"""Azure resource types: what stands between networks (firewalls, gateways, load balancers, bastions, perimeters)."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.azure.network import DIAGNOSTICS, PLACE
from nephoscope.resource_types.fields import booleans, integers, lists, parts, rows, strings
from nephoscope.resource_types.types import ResourceType

FIREWALL = ResourceType(
    name="FIREWALL",
    provider=Provider.AZURE,
    service_type="Azure Firewall",
    title="Azure Firewall",
    permissions=("Microsoft.Network/azureFirewalls/read",),
    aliases=("AZURE_FIREWALL",),
    is_regional=False,
    fields=(*PLACE, *strings("threatIntelMode", "skuTier", "firewallPolicyId"), *lists("zones"), *DIAGNOSTICS),
)

FIREWALL_POLICY = ResourceType(
    name="FIREWALL_POLICY",
    provider=Provider.AZURE,
    service_type="Azure Firewall",
    title="Azure Firewall Policy",
    permissions=("Microsoft.Network/firewallPolicies/read",),
    is_regional=False,
    fields=(
        *PLACE,
        *strings("threatIntelMode", "skuTier", "intrusionDetectionMode", "basePolicyId"),
        *lists("firewallIds"),
        *booleans("dnsProxyEnabled"),
    ),
)

APPLICATION_GATEWAYS = ResourceType(
    name="APPLICATION_GATEWAYS",
    provider=Provider.AZURE,
    service_type="Application Gateway",
    title="Azure Application Gateway",
    permissions=("Microsoft.Network/applicationGateways/read",),
    aliases=("APPLICATION_GATEWAY",),
    is_regional=False,
    fields=(
        *PLACE,
        *strings("skuName", "skuTier", "firewallPolicyId", "minTlsVersion", "operationalState"),
        *booleans("enableHttp2", "hasPublicFrontend"),
        *lists("zones", "listenerProtocols", "firewallPolicyIds", "unguardedListeners"),
        *parts("webApplicationFirewallConfiguration", "enabled", "firewallMode", "requestBodyCheck"),
        *DIAGNOSTICS,
    ),
)

WAF_POLICY = ResourceType(
    name="WAF_POLICY",
    provider=Provider.AZURE,
    service_type="Application Gateway",
    title="Web Application Firewall Policy of Application Gateways",
    permissions=("Microsoft.Network/applicationGatewayWebApplicationFirewallPolicies/read",),
    is_regional=False,
    fields=(
        *PLACE,
        *strings("state", "mode"),
        *booleans("requestBodyCheck"),
        *lists("managedRuleSets", "gatewayIds"),
        *integers("customRuleCount"),
    ),
)

VPN_GATEWAY = ResourceType(
    name="AZURE_VPN_GATEWAY",
    provider=Provider.AZURE,
    service_type="VPN Gateway",
    title="Azure Virtual Network Gateway",
    permissions=("Microsoft.Network/virtualNetworkGateways/read",),
    aliases=("VPN_GATEWAY", "VIRTUAL_NETWORK_GATEWAY"),
    is_regional=False,
    fields=(
        *PLACE,
        *strings("gatewayType", "vpnType", "skuName"),
        *booleans("hasPointToSite", "activeActive"),
        *lists("vpnAuthenticationTypes", "vpnClientProtocols"),
        *DIAGNOSTICS,
    ),
)

LOAD_BALANCER = ResourceType(
    name="AZURE_LOAD_BALANCER",
    provider=Provider.AZURE,
    service_type="Load Balancer",
    title="Azure Load Balancer",
    permissions=("Microsoft.Network/loadBalancers/read",),
    aliases=("LOAD_BALANCER",),
    is_regional=False,
    fields=(
        *PLACE,
        *strings("skuName", "skuTier"),
        *booleans("hasPublicFrontend"),
        *lists("frontendZones"),
        *integers("backendCount", "probeCount", "ruleCount"),
        *rows("inboundNatRules", "name", "protocol", "frontendPort", "backendPort"),
        *DIAGNOSTICS,
    ),
)

NAT_GATEWAYS = ResourceType(
    name="NAT_GATEWAYS",
    provider=Provider.AZURE,
    service_type="NAT Gateway",
    title="Azure NAT Gateway",
    permissions=("Microsoft.Network/natGateways/read",),
    aliases=("NAT_GATEWAY",),
    is_regional=False,
    fields=(
        *PLACE,
        *strings("skuName"),
        *integers("idleTimeoutInMinutes"),
        *lists("zones", "subnetIds", "publicIpAddressIds"),
    ),
)

BASTION_HOST = ResourceType(
    name="BASTION_HOST",
    provider=Provider.AZURE,
    service_type="Azure Bastion",
    title="Azure Bastion Host",
    permissions=("Microsoft.Network/bastionHosts/read",),
    aliases=("BASTION",),
    is_regional=False,
    fields=(
        *PLACE,
        *strings("skuName", "provisioningState"),
        *booleans("disableCopyPaste", "enableShareableLink", "enableFileCopy", "enableSessionRecording"),
        *DIAGNOSTICS,
    ),
)

NETWORK_SECURITY_PERIMETER = ResourceType(
    name="NETWORK_SECURITY_PERIMETER",
    provider=Provider.AZURE,
    service_type="Network Security Perimeter",
    title="Azure Network Security Perimeter",
    permissions=(
        "Microsoft.Network/networkSecurityPerimeters/read",
        "Microsoft.Network/networkSecurityPerimeters/resourceAssociations/read",
    ),
    is_regional=False,
    fields=(*PLACE, *lists("enforcedIds", "learningIds")),
)

TYPES = (
    *(FIREWALL, FIREWALL_POLICY, APPLICATION_GATEWAYS, WAF_POLICY, VPN_GATEWAY, LOAD_BALANCER, NAT_GATEWAYS),
    *(BASTION_HOST, NETWORK_SECURITY_PERIMETER),
)
