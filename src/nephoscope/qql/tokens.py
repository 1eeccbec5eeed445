"""Which tokens a listing knows, and which field of the listing each one means."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from nephoscope.resource_types.types import Kind, ResourceType


class Match(StrEnum):
    """How a bare value is compared."""

    WHOLE = "whole"
    """The whole value, in any case."""
    PART = "part"
    """A part of the text, in any case; the whole of it in backticks."""
    NUMBER = "number"
    FLAG = "flag"
    DATE = "date"


class Token(msgspec.Struct, frozen=True):
    field: str
    match: Match = Match.WHOLE


Tokens = Mapping[str, Token]
"""By lower-case name."""


def _table(rows: Mapping[str, Token]) -> Tokens:
    return {name.lower(): token for name, token in rows.items()}


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
    }
)
"""The fields criticality, service_type, control_name and policy_names are facts of the control: whoever knows the
catalogue resolves them to cids before the store is asked."""

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
}

_MATCHES = {Kind.INTEGER: Match.NUMBER, Kind.NUMBER: Match.NUMBER, Kind.BOOLEAN: Match.FLAG}


def resource_tokens(resource_type: ResourceType) -> Tokens:
    """The common tokens and those of the type's own fields."""
    own = {
        field.token: Token(field.name, _MATCHES.get(field.kind, Match.WHOLE))
        for field in resource_type.fields
        if field.token
    }
    return _table({**own, **_RESOURCE_TOKENS})
