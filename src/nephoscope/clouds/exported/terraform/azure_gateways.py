"""What Terraform tells of firewalls, gateways, load balancers and bastions of Azure."""

from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.exported.terraform.azure_known import PLACE, by_id, diagnostics, ids, lowered, zones
from nephoscope.clouds.exported.terraform.blocks import (
    Block,
    Read,
    State,
    beside,
    each,
    first,
    listed,
    of,
    said,
    switch,
)
from nephoscope.clouds.exported.terraform.rows import Row


def _inside(block_name: str, key: str) -> Read:
    """An attribute of the only block of that name; null without one."""

    def read(block: Block, _: State) -> Any:
        found = first(block, block_name)
        return None if found is None else found[key] or None

    return read


def _has_public(block_name: str) -> Read:
    return lambda block, _: any(row["public_ip_address_id"] for row in each(block, block_name))


def _proxied(block: Block, _: State) -> bool:
    return bool((first(block, "dns") or {"proxy_enabled": False})["proxy_enabled"])


def _lowest(block: Block, _: State) -> str | None:
    """The lowest version of TLS that any policy of the gateway allows; null where Azure's own default holds. Of a
    ready-made policy only the name is told."""
    policies = [*each(block, "ssl_policy"), *(row for one in each(block, "ssl_profile") for row in one["ssl_policy"])]
    if any(row["policy_name"] and not row["min_protocol_version"] for row in policies):
        raise LookupError("policy_name")
    return min((row["min_protocol_version"] for row in policies if row["min_protocol_version"]), default=None)


def _protocols(block: Block, _: State) -> list[str]:
    return sorted({str(row["protocol"]) for row in each(block, "http_listener")})


def _policies(block: Block, _: State) -> list[str]:
    found = {block["firewall_policy_id"], *(row["firewall_policy_id"] for row in each(block, "http_listener"))}
    return sorted(str(one).lower() for one in found if one)


def _guard(block: Block, _: State) -> dict[str, Any] | None:
    found = first(block, "waf_configuration")
    if found is None:
        return None
    return {
        "enabled": found["enabled"],
        "firewallMode": found["firewall_mode"],
        "requestBodyCheck": found["request_body_check"],
    }


def _setting(key: str) -> Read:
    """Of the policy's settings."""
    return lambda block, _: block["policy_settings"][0][key]


def _is_on(block: Block, state: State) -> str:
    return "Enabled" if _setting("enabled")(block, state) else "Disabled"


def _rule_sets(block: Block, _: State) -> list[str]:
    return sorted(str(one["type"]) for row in each(block, "managed_rules") for one in row["managed_rule_set"])


def _count(key: str) -> Read:
    return lambda block, _: len(block[key] or ())


def _clients(key: str) -> Read:
    """Of the settings of people who dial in."""

    def read(block: Block, _: State) -> list[str]:
        return sorted(one for row in each(block, "vpn_client_configuration") for one in row[key] or ())

    return read


def _dials_in(block: Block, _: State) -> bool:
    return any(row["address_space"] for row in each(block, "vpn_client_configuration"))


def _front_zones(block: Block, _: State) -> list[str]:
    return sorted({str(zone) for row in each(block, "frontend_ip_configuration") for zone in row["zones"] or ()})


def _nat_rule(row: Block) -> dict[str, Any]:
    return {
        "name": row["name"],
        "protocol": row["protocol"],
        "frontendPort": row["frontend_port"],
        "backendPort": row["backend_port"],
    }


_FIREWALL: Mapping[str, Read] = {
    **PLACE,
    "threatIntelMode": said("threat_intel_mode"),
    "skuTier": said("sku_tier"),
    "firewallPolicyId": lowered("firewall_policy_id"),
    "zones": zones,
    "diagnosticSettings": diagnostics(),
}
_FIREWALL_POLICY: Mapping[str, Read] = {
    **PLACE,
    "threatIntelMode": said("threat_intelligence_mode"),
    "skuTier": said("sku"),
    "intrusionDetectionMode": _inside("intrusion_detection", "mode"),
    "basePolicyId": lowered("base_policy_id"),
    "firewallIds": ids("firewalls"),
    "dnsProxyEnabled": _proxied,
}
_APPLICATION: Mapping[str, Read] = {
    **PLACE,
    "skuName": _inside("sku", "name"),
    "skuTier": _inside("sku", "tier"),
    "firewallPolicyId": lowered("firewall_policy_id"),
    "firewallPolicyIds": _policies,
    "minTlsVersion": _lowest,
    "enableHttp2": switch("http2_enabled", "enable_http2"),
    "hasPublicFrontend": _has_public("frontend_ip_configuration"),
    "zones": zones,
    "listenerProtocols": _protocols,
    "webApplicationFirewallConfiguration": _guard,
    "diagnosticSettings": diagnostics(),
}
_WAF: Mapping[str, Read] = {
    **PLACE,
    "state": _is_on,
    "mode": _setting("mode"),
    "requestBodyCheck": _setting("request_body_check"),
    "managedRuleSets": _rule_sets,
    "customRuleCount": _count("custom_rules"),
}
_VPN: Mapping[str, Read] = {
    **PLACE,
    "gatewayType": said("type"),
    "vpnType": said("vpn_type"),
    "skuName": said("sku"),
    "hasPointToSite": _dials_in,
    "activeActive": lambda block, _: bool(of(block, "active_active")),
    "vpnAuthenticationTypes": _clients("vpn_auth_types"),
    "vpnClientProtocols": _clients("vpn_client_protocols"),
    "diagnosticSettings": diagnostics(),
}
_BALANCER: Mapping[str, Read] = {
    **PLACE,
    "skuName": said("sku"),
    "skuTier": said("sku_tier"),
    "hasPublicFrontend": _has_public("frontend_ip_configuration"),
    "frontendZones": _front_zones,
    "inboundNatRules": beside("azurerm_lb_nat_rule", "loadbalancer_id", "id", _nat_rule),
    "diagnosticSettings": diagnostics(),
}
_BASTION: Mapping[str, Read] = {
    **PLACE,
    "skuName": said("sku"),
    "disableCopyPaste": lambda block, _: not block["copy_paste_enabled"],
    "enableShareableLink": switch("shareable_link_enabled"),
    "enableFileCopy": switch("file_copy_enabled"),
    "enableSessionRecording": switch("session_recording_enabled"),
    "diagnosticSettings": diagnostics(),
}
_NAT: Mapping[str, Read] = {
    **PLACE,
    "skuName": said("sku_name"),
    "idleTimeoutInMinutes": said("idle_timeout_in_minutes"),
    "zones": listed("zones"),
}

ROWS: tuple[Row, ...] = (
    Row(("azurerm_firewall",), "FIREWALL", by_id(), _FIREWALL),
    Row(("azurerm_firewall_policy",), "FIREWALL_POLICY", by_id(), _FIREWALL_POLICY),
    Row(("azurerm_application_gateway",), "APPLICATION_GATEWAYS", by_id(), _APPLICATION),
    Row(("azurerm_web_application_firewall_policy",), "WAF_POLICY", by_id(), _WAF),
    Row(("azurerm_virtual_network_gateway",), "AZURE_VPN_GATEWAY", by_id(), _VPN),
    Row(("azurerm_lb",), "AZURE_LOAD_BALANCER", by_id(), _BALANCER),
    Row(("azurerm_bastion_host",), "BASTION_HOST", by_id(), _BASTION),
    Row(("azurerm_nat_gateway",), "NAT_GATEWAYS", by_id(), _NAT),
)
