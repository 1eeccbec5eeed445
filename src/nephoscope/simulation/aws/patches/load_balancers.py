"""Attributes of load balancers with the values that AWS gives to those that nobody set: moto leaves them out."""

from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend

from nephoscope.simulation.aws.answering import RefusalError
from nephoscope.simulation.aws.patches.types import Call, Operations

_EVERY_KIND = {"access_logs.s3.enabled": "false", "access_logs.s3.bucket": "", "access_logs.s3.prefix": ""}
_DEFAULTS = {
    "application": {
        **_EVERY_KIND,
        "connection_logs.s3.enabled": "false",
        "idle_timeout.timeout_seconds": "60",
        "routing.http.desync_mitigation_mode": "defensive",
        "routing.http.drop_invalid_header_fields.enabled": "false",
        "routing.http2.enabled": "true",
        "waf.fail_open.enabled": "false",
    },
    "network": _EVERY_KIND,
}
_CLASSIC_MODE = ("elb.http.desyncmitigationmode", "defensive")


def operations() -> Operations:
    return {
        ("elbv2", "DescribeLoadBalancerAttributes"): _modern,
        ("elb", "DescribeLoadBalancerAttributes"): _classic,
    }


def _modern(call: Call) -> Mapping[str, Any]:
    balancer = get_backend("elbv2")[call.account_id][call.region].load_balancers.get(call.arguments["LoadBalancerArn"])
    if balancer is None:
        raise RefusalError("LoadBalancerNotFound", "There is no such load balancer.")
    values = {**_DEFAULTS.get(balancer.type, {}), **balancer.attrs}
    return {"Attributes": [{"Key": key, "Value": value} for key, value in sorted(values.items())]}


def _classic(call: Call) -> Mapping[str, Any]:
    balancer = get_backend("elb")[call.account_id][call.region].load_balancers.get(call.arguments["LoadBalancerName"])
    if balancer is None:
        raise RefusalError("LoadBalancerNotFound", "There is no such load balancer.")
    kept = balancer.attributes
    more = dict([_CLASSIC_MODE, *kept["additional_attributes"]])
    shown = {_spelled(name): _shown(value) for name, value in kept.items() if isinstance(value, dict)}
    additional = [{"Key": key, "Value": value} for key, value in more.items()]
    return {"LoadBalancerAttributes": {**shown, "AdditionalAttributes": additional}}


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    return {_spelled(name): value for name, value in values.items()}


def _spelled(name: str) -> str:
    """`cross_zone_load_balancing` as on the wire; what came from there stays as it is."""
    return name if name[:1].isupper() else "".join(word.title() for word in name.split("_"))
