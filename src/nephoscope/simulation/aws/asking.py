"""Reading a signed request: which service, operation, region and account, and with which arguments.

Operations are found in botocore's own service models, so every protocol of AWS is named in the same way.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote

import botocore.session
import msgspec
from botocore.exceptions import UnknownServiceError

SERVICES_BY_SIGNING_NAME = {
    "access-analyzer": "accessanalyzer",
    "elasticfilesystem": "efs",
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "states": "stepfunctions",
    "email": "ses",
}
"""Where the name in the signature differs from botocore's."""

_CLASSIC_LOAD_BALANCERS = "2012-06-01"
"""The version in a request tells `elb` from `elbv2`, which sign with the same name."""


class Request(msgspec.Struct, frozen=True):
    """What came over the wire, body read."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    """Lower-case names."""
    body: bytes


class Asked(msgspec.Struct, frozen=True):
    """A request, understood. `operation` is empty when botocore's models do not know it."""

    service: str
    operation: str
    region: str
    access_key: str
    protocol: str
    arguments: Mapping[str, Any]


class _Route(msgspec.Struct, frozen=True):
    method: str
    path: re.Pattern[str]
    query: frozenset[str]
    operation: str


def understand(request: Request) -> Asked | None:
    """None for a request without a signature."""
    scope = re.search(
        r"Credential=([^/\s]+)/\d+/([^/]+)/([^/]+)/aws4_request", request.headers.get("authorization", "")
    )
    if scope is None:
        return None
    access_key, region, signing_name = scope.groups()
    service = _service(signing_name, request)
    model = _model(service)
    if model is None:
        return Asked(service, "", region, access_key, "", {})
    protocol = str(model.metadata["protocol"])
    operation, arguments = _READERS[protocol](service, request) if protocol in _READERS else ("", {})
    return Asked(service, operation, region, access_key, protocol, arguments)


def _service(signing_name: str, request: Request) -> str:
    service = SERVICES_BY_SIGNING_NAME.get(signing_name, signing_name)
    if service == "elbv2" and f"Version={_CLASSIC_LOAD_BALANCERS}".encode() in request.body:
        return "elb"
    if service == "s3" and request.path.startswith("/v20180820/"):
        return "s3control"
    return service


@cache
def _model(service: str) -> Any:
    try:
        return botocore.session.get_session().get_service_model(service)
    except UnknownServiceError:
        return None


_HOLE = re.compile(r"\\\{([\w\\-]+?)(\\\+)?\\\}")


def _hole(found: re.Match[str]) -> str:
    name = re.sub(r"\W", "_", found[1].replace("\\", ""))
    return f"(?P<{name}>{'.+' if found[2] else '[^/]+'})"


@cache
def _routes(service: str) -> tuple[_Route, ...]:
    """Most specific first: more demanded query words, then fewer holes in the path."""
    model = _model(service)
    rows = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        path, _, query = http["requestUri"].partition("?")
        pattern = _HOLE.sub(_hole, re.escape(path))
        words = frozenset(word for word in query.split("&") if word)
        rows.append((-len(words), path.count("{"), _Route(http["method"], re.compile(pattern + "/?"), words, name)))
    return tuple(row for _, _, row in sorted(rows, key=lambda row: row[:2]))


def _read_rest(service: str, request: Request) -> tuple[str, dict[str, Any]]:
    query = {key: values[0] for key, values in parse_qs(request.query, keep_blank_values=True).items()}
    present = {*query, *(f"{key}={value}" for key, value in query.items())}
    for route in _routes(service):
        found = route.path.fullmatch(request.path) if route.method == request.method else None
        if found is not None and route.query <= present:
            in_path = {key: unquote(value) for key, value in found.groupdict().items()}
            return route.operation, {**query, **_json(request.body), **in_path}
    return "", query


def _read_query(_service: str, request: Request) -> tuple[str, dict[str, Any]]:
    pairs = parse_qs(request.body.decode("utf-8", "replace") or request.query, keep_blank_values=True)
    arguments = {key: values[0] for key, values in pairs.items()}
    return arguments.get("Action", ""), arguments


def _read_target(_service: str, request: Request) -> tuple[str, dict[str, Any]]:
    return request.headers.get("x-amz-target", "").rpartition(".")[2], _json(request.body)


def _json(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body) if body[:1] == b"{" else {}
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


_READERS: Mapping[str, Callable[[str, Request], tuple[str, dict[str, Any]]]] = {
    "query": _read_query,
    "ec2": _read_query,
    "json": _read_target,
    "rest-json": _read_rest,
    "rest-xml": _read_rest,
}
