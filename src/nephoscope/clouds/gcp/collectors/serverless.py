"""How functions, Cloud Run services and App Engine versions are read. Of an environment only the names are kept:
values are where people put secrets."""

from collections.abc import Iterable, Mapping
from typing import Any

from nephoscope.clouds.gcp.collecting import BINDINGS, Calls, Collector, Place, Raw, assets
from nephoscope.clouds.gcp.shaping import data_of, iso, last, placed, resource
from nephoscope.errors import GoneError
from nephoscope.model.resources import Document, Observed
from nephoscope.resource_types.gcp import serverless as types

_FIRST, _SECOND = "cloudfunctions.googleapis.com/CloudFunction", "cloudfunctions.googleapis.com/Function"
_SERVICE = "run.googleapis.com/Service"


def _shape_function(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    known = _first(data) if raw["assetType"] == _FIRST else _second(data)
    known |= {"name": last(raw["name"]), "updateTime": iso(data.get("updateTime"))}
    return resource(types.CLOUD_FUNCTION, raw, known, resource_id=placed(raw["name"]), name=last(raw["name"]))


def _first(data: Mapping[str, Any]) -> dict[str, Any]:
    trigger: Mapping[str, Any] = data.get("httpsTrigger") or {}
    return {
        "generation": "1",
        "status": data.get("status"),
        "runtime": data.get("runtime"),
        "ingressSettings": data.get("ingressSettings"),
        "securityLevel": trigger.get("securityLevel"),
        "httpsUrl": trigger.get("url"),
        "serviceAccountEmail": data.get("serviceAccountEmail"),
        "vpcConnector": data.get("vpcConnector") or None,
        "kmsKeyName": data.get("kmsKeyName") or None,
        "environmentVariableNames": _names(data, "environmentVariables", "buildEnvironmentVariables"),
        "secretNames": _secrets(data),
    }


def _second(data: Mapping[str, Any]) -> dict[str, Any]:
    """Functions of the second generation answer over HTTPS only."""
    service: Mapping[str, Any] = data.get("serviceConfig") or {}
    build: Mapping[str, Any] = data.get("buildConfig") or {}
    event = data.get("eventTrigger")
    return {
        "generation": "2",
        "status": data.get("state"),
        "runtime": build.get("runtime"),
        "ingressSettings": service.get("ingressSettings"),
        "securityLevel": None if event else "SECURE_ALWAYS",
        "httpsUrl": None if event else service.get("uri"),
        "serviceAccountEmail": service.get("serviceAccountEmail"),
        "vpcConnector": service.get("vpcConnector") or None,
        "kmsKeyName": data.get("kmsKeyName") or None,
        "environmentVariableNames": sorted(
            {*_names(service, "environmentVariables"), *_names(build, "environmentVariables")}
        ),
        "secretNames": _secrets(service),
    }


def _names(data: Mapping[str, Any], *keys: str) -> list[str]:
    return sorted({name for key in keys for name in data.get(key) or {}})


def _secrets(data: Mapping[str, Any]) -> list[str]:
    return sorted(str(row.get("key")) for row in data.get("secretEnvironmentVariables") or ())


def _shape_service(raw: Raw, _: Place) -> Observed:
    """As Knative spells it; that is what the inventory has."""
    data = data_of(raw)
    own = (data.get("metadata") or {}).get("annotations") or {}
    template: Mapping[str, Any] = (data.get("spec") or {}).get("template") or {}
    noted = (template.get("metadata") or {}).get("annotations") or {}
    spec: Mapping[str, Any] = template.get("spec") or {}
    containers = spec.get("containers") or ()
    variables = [row for one in containers for row in one.get("env") or ()]
    known = {
        "name": last(raw["name"]),
        "ingress": own.get("run.googleapis.com/ingress") or "all",
        "binaryAuthorization": own.get("run.googleapis.com/binary-authorization"),
        "serviceAccountEmail": spec.get("serviceAccountName"),
        "vpcConnector": noted.get("run.googleapis.com/vpc-access-connector"),
        "kmsKeyName": noted.get("run.googleapis.com/encryption-key"),
        "url": (data.get("status") or {}).get("url"),
        "environmentVariableNames": sorted(str(row.get("name")) for row in variables if "valueFrom" not in row),
        "secretNames": sorted(str(row.get("name")) for row in variables if "valueFrom" in row),
        "images": [one.get("image") for one in containers],
    }
    labels = (data.get("metadata") or {}).get("labels")
    flat = {**raw, "resource": {**raw["resource"], "data": {"labels": labels, "name": known["name"]}}}
    return resource(types.CLOUD_RUN_SERVICE, flat, known, resource_id=placed(raw["name"]))


def _fetch_versions(calls: Calls) -> Iterable[Raw]:
    """A project without an application has none."""
    base = f"v1/apps/{calls.place.account_id}/services"
    try:
        services = list(calls.items("appengine", base, "services", permission="appengine.services.list"))
    except GoneError:
        return
    for service in services:
        split = (service.get("split") or {}).get("allocations") or {}
        for version in calls.items(
            "appengine",
            f"{base}/{service['id']}/versions",
            "versions",
            permission="appengine.versions.list",
            query="view=FULL",
        ):
            yield {**version, "isServing": version["id"] in split, "ofService": service["id"]}


def _shape_version(raw: Raw, _: Place) -> Observed:
    handlers = [_handler(row) for row in raw.get("handlers") or ()]
    known = {
        "service": raw["ofService"],
        "runtime": raw.get("runtime"),
        "environment": raw.get("env") or "standard",
        "servingStatus": raw.get("servingStatus"),
        "serviceAccountEmail": raw.get("serviceAccount"),
        "handlers": handlers,
        "insecureHandlers": sum(row["securityLevel"] != "SECURE_ALWAYS" for row in handlers),
        "isServing": bool(raw["isServing"]),
    }
    name = f"services/{raw['ofService']}/versions/{raw['id']}"
    return resource(types.APP_ENGINE_VERSION, raw, known, resource_id=name, name=str(raw["id"]))


def _handler(row: Raw) -> Document:
    return {"urlRegex": row.get("urlRegex"), "securityLevel": row.get("securityLevel") or "SECURE_OPTIONAL"}


COLLECTORS = (
    Collector("CLOUD_FUNCTION", assets(_FIRST, _SECOND), _shape_function, (BINDINGS,)),
    Collector("CLOUD_RUN_SERVICE", assets(_SERVICE), _shape_service, (BINDINGS,)),
    Collector("APP_ENGINE_VERSION", _fetch_versions, _shape_version),
)
ASSET_KINDS = (_FIRST, _SECOND, _SERVICE)
