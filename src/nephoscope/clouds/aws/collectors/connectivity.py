"""How AWS resource types are read: VPC endpoints, load balancers of both generations, VPNs, transit gateways."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nephoscope.clouds.aws.collecting import Calls, Collector, Detail, Place, Raw, listing
from nephoscope.clouds.aws.collectors.ec2_words import arn, listed, made
from nephoscope.clouds.aws.shaping import camel
from nephoscope.model.resources import Observed
from nephoscope.resource_types.aws import connectivity as types

_ENDPOINT = listed(types.VPC_ENDPOINT)
_SERVICE = listed(types.VPC_ENDPOINT_SERVICE, without=("allowedPrincipals",))
_BALANCER = listed(types.LOAD_BALANCER, without=("listeners", "attributes", "webAclArn"))
_VPN = listed(types.VPN_CONNECTION)
_TRANSIT = listed(types.TRANSIT_GATEWAY)

# ---- endpoints


def _shape_endpoint(raw: Raw, place: Place) -> Observed:
    endpoint_id = raw["VpcEndpointId"]
    known = camel(raw) | {
        "dnsOption": raw.get("DnsOptions", {}).get("DnsRecordIpType"),
        "securityGroupSet": camel(raw.get("Groups", [])),
        "dnsEntrySets": camel(raw.get("DnsEntries", [])),
    }
    return _displayed(made(_ENDPOINT, place, known, endpoint_id, raw=raw, kind="vpc-endpoint"))


def _shape_service(raw: Raw, place: Place) -> Observed:
    """The services that the account offers; those it could use belong to others."""
    service_id = raw["ServiceId"]
    known = camel(raw) | {
        "owner": place.account_id,
        "availabilityZone": raw.get("AvailabilityZones", []),
        "baseEndpointDnsName": raw.get("BaseEndpointDnsNames", []),
        "supportedIpAddressType": ", ".join(raw.get("SupportedIpAddressTypes", [])) or None,
        "serviceTypes": ", ".join(row["ServiceType"] for row in raw.get("ServiceType", [])) or None,
        "privateDnsNameVerificationState": raw.get("PrivateDnsNameConfiguration", {}).get("State"),
    }
    return _displayed(made(_SERVICE, place, known, service_id, raw=raw, kind="vpc-endpoint-service"))


def _displayed(observed: Observed) -> Observed:
    observed.document["displayName"] = observed.name
    return observed


def _read_principals(calls: Calls, service: Raw) -> Mapping[str, Any]:
    rows = calls.items(
        "ec2", "describe_vpc_endpoint_service_permissions", "AllowedPrincipals", ServiceId=service["ServiceId"]
    )
    return {"allowedPrincipals": [row["Principal"] for row in rows]}


# ---- load balancers

_TAGS_AT_A_TIME = 20
"""As many as one call describes."""


def _fetch_balancers(calls: Calls) -> Iterator[Raw]:
    """Both generations, with their tags."""
    modern = list(calls.items("elbv2", "describe_load_balancers", "LoadBalancers"))
    classic = list(calls.items("elb", "describe_load_balancers", "LoadBalancerDescriptions"))
    yield from _tagged(calls, "elbv2", modern, "LoadBalancerArn", ("ResourceArns", "ResourceArn"))
    yield from _tagged(calls, "elb", classic, "LoadBalancerName", ("LoadBalancerNames", "LoadBalancerName"))


def _tagged(calls: Calls, service: str, rows: list[Raw], key: str, words: tuple[str, str]) -> Iterator[Raw]:
    many, one = words
    for start in range(0, len(rows), _TAGS_AT_A_TIME):
        some = rows[start : start + _TAGS_AT_A_TIME]
        arguments: dict[str, Any] = {many: [row[key] for row in some]}
        answer = calls.call(service, "describe_tags", **arguments)
        tags = {row[one]: row.get("Tags", []) for row in answer["TagDescriptions"]}
        for row in some:
            yield row | {"Tags": tags.get(row[key], [])}


def _is_modern(raw: Raw) -> bool:
    return "LoadBalancerArn" in raw


def _shape_balancer(raw: Raw, place: Place) -> Observed:
    if not _is_modern(raw):
        return _shape_classic(raw, place)
    zones = raw.get("AvailabilityZones", [])
    known = camel(raw) | {
        "subnetAvailabilityZonePair": [f"{row.get('SubnetId', '')}:{row.get('ZoneName', '')}" for row in zones],
        "availabilityZones": [row.get("ZoneName") for row in zones],
        "subnets": [row.get("SubnetId") for row in zones],
        "state": raw.get("State", {}).get("Code"),
        "vpcid": raw.get("VpcId"),
        "securityGroups": raw.get("SecurityGroups", []),
        "instances": [],
    }
    arn_of = raw["LoadBalancerArn"]
    return made(_BALANCER, place, known, arn_of, raw=raw, arn_of=arn_of, name=raw["LoadBalancerName"])


def _shape_classic(raw: Raw, place: Place) -> Observed:
    name = raw["LoadBalancerName"]
    arn_of = arn(place, f"loadbalancer/{name}", "elasticloadbalancing")
    known = camel(raw) | {
        "loadBalancerArn": arn_of,
        "type": "classic",
        "instances": [row["InstanceId"] for row in raw.get("Instances", [])],
        "vpcid": raw.get("VPCId"),
    }
    return made(_BALANCER, place, known, name, raw=raw, arn_of=arn_of, name=name)


def _read_listeners(calls: Calls, balancer: Raw) -> Mapping[str, Any]:
    """The classic generation lists them with the balancer."""
    if not _is_modern(balancer):
        return {"listeners": [_classic_listener(row) for row in balancer.get("ListenerDescriptions", [])]}
    rows = calls.items("elbv2", "describe_listeners", "Listeners", LoadBalancerArn=balancer["LoadBalancerArn"])
    return {"listeners": [_listener(row) for row in rows]}


def _listener(raw: Raw) -> dict[str, Any]:
    """Secrets of an OIDC action stay out."""
    actions = raw.get("DefaultActions", [])
    return {
        "listenerArn": raw.get("ListenerArn"),
        "port": raw.get("Port"),
        "protocol": raw.get("Protocol"),
        "sslPolicy": raw.get("SslPolicy"),
        "certificateArn": next((row.get("CertificateArn") for row in raw.get("Certificates", [])), None),
        "defaultActions": [
            {"type": row.get("Type"), "redirectConfig": camel(row.get("RedirectConfig"))} for row in actions
        ],
    }


def _classic_listener(raw: Raw) -> dict[str, Any]:
    listener = raw.get("Listener", {})
    return {
        "port": listener.get("LoadBalancerPort"),
        "protocol": listener.get("Protocol"),
        "instancePort": listener.get("InstancePort"),
        "instanceProtocol": listener.get("InstanceProtocol"),
        "certificateArn": listener.get("SSLCertificateId") or None,
        "policyNames": raw.get("PolicyNames", []),
    }


def _read_attributes(calls: Calls, balancer: Raw) -> Mapping[str, Any]:
    if _is_modern(balancer):
        answer = calls.call("elbv2", "describe_load_balancer_attributes", LoadBalancerArn=balancer["LoadBalancerArn"])
        return {"attributes": _attributes({row["Key"]: row.get("Value") for row in answer["Attributes"]})}
    answer = calls.call("elb", "describe_load_balancer_attributes", LoadBalancerName=balancer["LoadBalancerName"])
    return {"attributes": _classic_attributes(answer["LoadBalancerAttributes"])}


_FLAGS = {
    "accessLogsEnabled": "access_logs.s3.enabled",
    "connectionLogsEnabled": "connection_logs.s3.enabled",
    "deletionProtectionEnabled": "deletion_protection.enabled",
    "crossZoneEnabled": "load_balancing.cross_zone.enabled",
    "dropInvalidHeaderFields": "routing.http.drop_invalid_header_fields.enabled",
    "wafFailOpen": "waf.fail_open.enabled",
}


def _attributes(said: Mapping[str, str | None]) -> dict[str, Any]:
    """One spelling for both generations; null for what this kind of load balancer does not have."""
    timeout = said.get("idle_timeout.timeout_seconds")
    return {name: said[key] == "true" if key in said else None for name, key in _FLAGS.items()} | {
        "accessLogsBucket": said.get("access_logs.s3.bucket") or None,
        "desyncMitigationMode": said.get("routing.http.desync_mitigation_mode"),
        "connectionDrainingEnabled": None,
        "idleTimeoutSeconds": int(timeout) if timeout else None,
    }


def _classic_attributes(raw: Raw) -> dict[str, Any]:
    logs = raw.get("AccessLog", {})
    more = {row["Key"]: row.get("Value") for row in raw.get("AdditionalAttributes", [])}
    return {
        "accessLogsEnabled": logs.get("Enabled"),
        "accessLogsBucket": logs.get("S3BucketName") or None,
        "connectionLogsEnabled": None,
        "deletionProtectionEnabled": None,
        "crossZoneEnabled": raw.get("CrossZoneLoadBalancing", {}).get("Enabled"),
        "dropInvalidHeaderFields": None,
        "desyncMitigationMode": more.get("elb.http.desyncmitigationmode"),
        "connectionDrainingEnabled": raw.get("ConnectionDraining", {}).get("Enabled"),
        "idleTimeoutSeconds": raw.get("ConnectionSettings", {}).get("IdleTimeout"),
        "wafFailOpen": None,
    }


def _read_web_acl(calls: Calls, balancer: Raw) -> Mapping[str, Any]:
    """Asked only where the region has a web ACL at all: one call finds that out for every load balancer."""
    if balancer.get("Type") != "application":
        return {"webAclArn": None}
    if not calls.shared("wafv2", "list_web_acls", Scope="REGIONAL", Limit=1).get("WebACLs"):
        return {"webAclArn": None}
    answer = calls.call("wafv2", "get_web_acl_for_resource", ResourceArn=balancer["LoadBalancerArn"])
    return {"webAclArn": (answer.get("WebACL") or {}).get("ARN")}


# ---- to other networks


def _shape_vpn(raw: Raw, place: Place) -> Observed:
    """Its configuration stays out: it holds the keys of the tunnels."""
    known = camel({key: value for key, value in raw.items() if key not in ("CustomerGatewayConfiguration", "Options")})
    known |= {
        "staticRoutesOnly": raw.get("Options", {}).get("StaticRoutesOnly"),
        "tunnels": [_tunnel(row) for row in raw.get("VgwTelemetry", [])],
    }
    return made(_VPN, place, known, raw["VpnConnectionId"], raw=raw, kind="vpn-connection")


def _tunnel(raw: Raw) -> dict[str, Any]:
    """Without the moment of its last change, which says nothing about how it is set."""
    return {
        "outsideIpAddress": raw.get("OutsideIpAddress"),
        "status": raw.get("Status"),
        "statusMessage": raw.get("StatusMessage"),
        "acceptedRouteCount": raw.get("AcceptedRouteCount"),
    }


def _shape_transit(raw: Raw, place: Place) -> Observed:
    known = camel(raw) | {"amazonSideAsn": raw.get("Options", {}).get("AmazonSideAsn")}
    arn_of = raw.get("TransitGatewayArn", "")
    return made(_TRANSIT, place, known, raw["TransitGatewayId"], raw=raw, kind="transit-gateway", arn_of=arn_of)


def _own_transit_gateways(calls: Calls) -> Iterable[Raw]:
    """Those that other accounts share are theirs to set."""
    rows = calls.items("ec2", "describe_transit_gateways", "TransitGateways")
    return (row for row in rows if row.get("OwnerId") == calls.place.account_id)


COLLECTORS: tuple[Collector, ...] = (
    Collector("VPC_ENDPOINT", listing("ec2", "describe_vpc_endpoints", "VpcEndpoints"), _shape_endpoint),
    Collector(
        "VPC_ENDPOINT_SERVICE",
        listing("ec2", "describe_vpc_endpoint_service_configurations", "ServiceConfigurations"),
        _shape_service,
        (Detail(("allowedPrincipals",), ("ec2:DescribeVpcEndpointServicePermissions",), _read_principals),),
    ),
    Collector(
        "LOAD_BALANCER",
        _fetch_balancers,
        _shape_balancer,
        (
            Detail(("listeners",), ("elasticloadbalancing:DescribeListeners",), _read_listeners),
            Detail(("attributes",), ("elasticloadbalancing:DescribeLoadBalancerAttributes",), _read_attributes),
            Detail(
                ("webAclArn",),
                ("wafv2:ListWebACLs", "wafv2:GetWebACL", "wafv2:GetWebACLForResource"),
                _read_web_acl,
            ),
        ),
    ),
    Collector("VPN_CONNECTION", listing("ec2", "describe_vpn_connections", "VpnConnections"), _shape_vpn),
    Collector("TRANSIT_GATEWAY", _own_transit_gateways, _shape_transit),
)
