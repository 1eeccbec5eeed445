"""Which tokens a listing knows, and which field of the listing each one means."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from nephoscope.resource_types.types import Field, Kind, ResourceType


class Match(StrEnum):
    """How a bare value is compared."""

    WHOLE = "whole"
    """The whole value, in any case."""
    PART = "part"
    """A part of the text, in any case; the whole of it in backticks."""
    NUMBER = "number"
    FLAG = "flag"
    DATE = "date"
    NOTHING = "nothing"
    """Known, accepted, and without anything here that it could match."""


class Token(msgspec.Struct, frozen=True):
    """`inside` are the tokens of the objects that the field holds, for `token:(…)`. Text without a token does not look
    at what is `is_apart`: it belongs to something else than the row."""

    field: str
    match: Match = Match.WHOLE
    inside: Mapping[str, "Token"] = {}
    is_apart: bool = False

    @property
    def is_searched(self) -> bool:
        """Whether text without a token looks here."""
        return self.match in (Match.WHOLE, Match.PART) and not self.is_apart


Tokens = Mapping[str, Token]
"""By lower-case name."""


def _table(rows: Mapping[str, Token]) -> Tokens:
    return {name.lower(): token for name, token in rows.items()}


def _prefixed(prefix: str, rows: Mapping[str, Token], of: str = "") -> dict[str, Token]:
    """`severity` as `secret.severity`; `of` the field that holds such objects, where there are several in a row."""
    return {
        f"{prefix}.{name}": Token(f"{of}.{token.field}", token.match, is_apart=True) if of else token
        for name, token in rows.items()
    }


TAG_NAME = "tag_name"
"""The field of tags that are worn here; `tag` is the cloud's own."""

CONTROL_TOKENS = _table(
    {
        "control.name": Token("name", Match.PART),
        "resource.type": Token("resource_type"),
        "service.type": Token("service_type"),
        "cid": Token("cid", Match.NUMBER),
        "control.cid": Token("cid", Match.NUMBER),
        "provider": Token("provider"),
        "control.cloudType": Token("provider"),
        "control.criticality": Token("criticality"),
        "control.type": Token("control_type"),
        "policy.name": Token("policy_names", Match.PART),
        "createdDate": Token("created", Match.DATE),
        "modifiedDate": Token("modified", Match.DATE),
        "isCustomizable": Token("is_customizable", Match.FLAG),
    }
)

CONNECTOR_TOKENS = _table(
    {
        "name": Token("name", Match.PART),
        "description": Token("description", Match.PART),
        "state": Token("state"),
        "connector.uuid": Token("uuid"),
        "lastSyncedOn": Token("last_synced_on", Match.DATE),
        "lastSynced": Token("last_synced_on", Match.DATE),
        "tag.name": Token(TAG_NAME),
    }
)

EVALUATION_TOKENS = _table(
    {
        "evaluatedOn": Token("evaluated_on", Match.DATE),
        "control.result": Token("status"),
        "resource.result": Token("status"),
        "evaluation.result": Token("status"),
        "result": Token("status"),
        "control.criticality": Token("criticality"),
        "service.type": Token("service_type"),
        "service": Token("service_type"),
        "control.name": Token("control_name", Match.PART),
        "policy.name": Token("policy_names", Match.PART),
        "cid": Token("cid", Match.NUMBER),
        "controlId": Token("cid", Match.NUMBER),
        "account.id": Token("account_id"),
        "region": Token("region"),
        "resource.id": Token("resource_id"),
        "resourceId": Token("resource_id"),
        "resource.type": Token("resource_type"),
        "tag.name": Token(TAG_NAME),
    }
)
"""The fields criticality, service_type, control_name and policy_names are facts of the control: whoever knows the
catalogue resolves them to cids before the store is asked."""

_FINDING = {
    "finding.kind": Token("kind"),
    "finding.status": Token("status"),
    "vulnerability.name": Token("vulnerability_name", Match.PART),
    "vulnerability.qid": Token("qid", Match.NUMBER),
    "vulnerability.severity": Token("vulnerability_severity", Match.NUMBER),
    "vulnerability.typeDetected": Token("type_detected"),
    "vulnerability.category": Token("category"),
    "vulnerability.status": Token("status"),
    "vulnerability.cve": Token("cve"),
    "vulnerability.package": Token("package"),
    "vulnerability.patchAvailable": Token("patch_available", Match.FLAG),
    "vulnerability.exploited": Token("exploited", Match.FLAG),
    "secret.type": Token("secret_type"),
    "secret.severity": Token("secret_severity"),
    "secret.state": Token("status"),
    "secret.rule": Token("rule"),
    "secret.path": Token("path", Match.PART),
    "firstFound": Token("first_found", Match.DATE),
    "lastFound": Token("last_found", Match.DATE),
    "resource.id": Token("resource_id"),
    "resource.uuid": Token("resource_uuid"),
    "resource.type": Token("resource_type"),
    "account.id": Token("account_id"),
    "provider": Token("provider"),
    "region": Token("region"),
}
FINDING_TOKENS = _table(_FINDING)
"""Of vulnerabilities and secrets in one listing."""

_VULNERABILITY = {
    "uuid": Token("uuid"),
    "qid": Token("qid", Match.NUMBER),
    "name": Token("name", Match.PART),
    "title": Token("name", Match.PART),
    "severity": Token("severity", Match.NUMBER),
    "typeDetected": Token("type_detected"),
    "status": Token("status"),
    "category": Token("category"),
    "cve": Token("cve"),
    "package": Token("package"),
    "patchAvailable": Token("patch_available", Match.FLAG),
    "exploited": Token("exploited", Match.FLAG),
    "epss": Token("epss", Match.NUMBER),
    "firstFound": Token("first_found", Match.DATE),
    "lastFound": Token("last_found", Match.DATE),
    "fixedOn": Token("fixed_on", Match.DATE),
}
_SECRET = {
    "uuid": Token("uuid"),
    "type": Token("type"),
    "rule": Token("rule"),
    "severity": Token("severity"),
    "state": Token("state"),
    "status": Token("state"),
    "path": Token("path", Match.PART),
    "line": Token("line", Match.NUMBER),
    "digest": Token("digest"),
    "live": Token("is_live", Match.FLAG),
    "firstFound": Token("first_found", Match.DATE),
    "lastFound": Token("last_found", Match.DATE),
    "fixedOn": Token("fixed_on", Match.DATE),
}
_OF_ITS_RESOURCE = {
    "resource.id": Token("resource_id"),
    "resourceId": Token("resource_id"),
    "resource.uuid": Token("resource_uuid"),
    "resource.name": Token("resource_name", Match.PART),
    "account.id": Token("account_id"),
    "region": Token("region"),
}
VULNERABILITY_TOKENS = _table({**_VULNERABILITY, **_prefixed("vulnerability", _VULNERABILITY), **_OF_ITS_RESOURCE})
SECRET_TOKENS = _table({**_SECRET, **_prefixed("secret", _SECRET), **_OF_ITS_RESOURCE})
"""Of the listings of each kind, with or without its name in front."""

DISK_SCAN_TOKENS = _table(
    {
        "scan.id": Token("uuid"),
        "state": Token("state"),
        "resource.id": Token("resource_id"),
        "resourceId": Token("resource_id"),
        "resource.uuid": Token("resource_uuid"),
        "connector.uuid": Token("connector_uuid"),
        "region": Token("region"),
        "requestedBy": Token("requested_by"),
        "permission": Token("permission"),
        "blocks": Token("blocks", Match.NUMBER),
        "queuedOn": Token("queued_on", Match.DATE),
        "finishedOn": Token("finished_on", Match.DATE),
    }
)

VULNERABILITY, SECRET = "vulnerability", "secret"
"""Fields of a resource that hold what lies on its disk; what is below them is named with a dot."""
_ON_DISK = {
    **_prefixed(VULNERABILITY, _VULNERABILITY, of=VULNERABILITY),
    **_prefixed(SECRET, _SECRET, of=SECRET),
    **{
        name: Token(VULNERABILITY, inside=_table(_VULNERABILITY), is_apart=True)
        for name in ("vulnerability", "vulnerabilities", "vulnerabilities.vulnerability")
    },
    **{name: Token(SECRET, inside=_table(_SECRET), is_apart=True) for name in ("secret", "secrets", "secrets.secret")},
}

EXCEPTION_TOKENS = _table(
    {
        "exception.name": Token("name", Match.PART),
        "name": Token("name", Match.PART),
        "exception.reason": Token("reason"),
        "reason": Token("reason"),
        "exception.status": Token("state"),
        "exception.state": Token("state"),
        "status": Token("state"),
        "state": Token("state"),
        "exception.scope": Token("scope"),
        "scope": Token("scope"),
        "exception.provider": Token("provider"),
        "provider": Token("provider"),
        "cloudType": Token("provider"),
        "account.id": Token("account_id"),
        "accountId": Token("account_id"),
        "subscriptionId": Token("account_id"),
        "projectId": Token("account_id"),
        "cid": Token("cid", Match.NUMBER),
        "control.cid": Token("cid", Match.NUMBER),
        "controlId": Token("cid", Match.NUMBER),
        "resource.id": Token("resource_id"),
        "resourceId": Token("resource_id"),
        "resource.accountId": Token("resource_account_id"),
        "resource.subscriptionId": Token("resource_account_id"),
        "resource.projectId": Token("resource_account_id"),
        "qflow.id": Token("qflow", Match.NOTHING),
        "qflow.name": Token("qflow", Match.NOTHING),
        "startingDate": Token("starting_date", Match.DATE),
        "endingDate": Token("ending_date", Match.DATE),
        "createdOn": Token("created_on", Match.DATE),
        "updatedOn": Token("updated_on", Match.DATE),
    }
)
"""`account_id` is any account that the exception names, for itself or for one of its resources; `state` is by the
clock. Where a field holds several values, one that matches is enough."""

REPORT_TOKENS = _table(
    {
        "report.id": Token("uuid"),
        "reportId": Token("uuid"),
        "report.name": Token("name", Match.PART),
        "reportName": Token("name", Match.PART),
        "name": Token("name", Match.PART),
        "report.status": Token("status"),
        "status": Token("status"),
        "report.format": Token("format"),
        "format": Token("format"),
        "report.provider": Token("provider"),
        "cloudType": Token("provider"),
        "provider": Token("provider"),
        "createdBy": Token("created_by"),
        "createdOn": Token("created_on", Match.DATE),
        "completedOn": Token("finished_on", Match.DATE),
        "expiresOn": Token("expires_on", Match.DATE),
    }
)

_RESOURCE_TOKENS = {
    "resource.id": Token("resource_id"),
    "resourceId": Token("resource_id"),
    "name": Token("name", Match.PART),
    "region": Token("region"),
    "account.id": Token("account_id"),
    "resource.uuid": Token("uuid"),
    "updated": Token("updated_on", Match.DATE),
    "created": Token("created_on", Match.DATE),
    "tag": Token("tag"),
    "tag.key": Token("tag_key"),
    "tag.value": Token("tag_value"),
    "tags": Token("tags", inside={"key": Token("key"), "value": Token("value")}),
    "tag.name": Token(TAG_NAME),
}

_MATCHES = {
    Kind.INTEGER: Match.NUMBER,
    Kind.NUMBER: Match.NUMBER,
    Kind.BOOLEAN: Match.FLAG,
    Kind.TIME: Match.DATE,
}


def resource_tokens(resource_type: ResourceType, *, with_findings: bool = True) -> Tokens:
    """The common tokens, each of the type's own fields under its token and under its own name, and what lies on its
    disk."""
    own: dict[str, Token] = {}
    for field in resource_type.fields:
        token = Token(field.name, _MATCHES.get(field.kind, Match.WHOLE), _inside(field))
        own[field.name] = token
        if field.token:
            own[field.token] = token
    return _table({**own, **_RESOURCE_TOKENS, **(_ON_DISK if with_findings else {})})


def every_resource_token(types: Iterable[ResourceType]) -> Tokens:
    """Those of all types together, and what tells types and clouds apart."""
    found: dict[str, Token] = {}
    for row in types:
        found = {**resource_tokens(row), **found}
    of_type = {"resource.type": Token("resource_type"), "provider": Token("provider"), "cloudType": Token("provider")}
    return {**found, **_table(of_type)}


def _inside(field: Field) -> Tokens:
    """Keys of the objects in a list or a map; every name is one where the type does not describe them."""
    if field.kind not in (Kind.LIST, Kind.MAP):
        return {}
    return _table({path: Token(path) for path in field.inside if "." not in path})
