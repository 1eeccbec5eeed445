"""Configurations of AWS Config in the spelling of the API's own answers.

Config writes the same members in several ways (`dBInstanceArn`, `dbclusterArn`, `vpcid`, `Arn`): whatever the capitals,
the model of the service knows how they are written. Texts that are times become times, and `{"value": …}` its value.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, Shape, StructureShape

from nephoscope.clouds.aws.models import ModelFiles
from nephoscope.clouds.aws.permissions import policy_document
from nephoscope.clouds.collecting import Raw

_MILLISECONDS = 100_000_000_000
"""Above it a number of seconds since 1970 is one of milliseconds."""


@cache
def members_of(service: str, operation: str, path: str) -> Mapping[str, tuple[str, Shape]]:
    """What an item of an answer may have, by its name in small letters. `path` is dotted; lists are passed through."""
    shape = _model(service).operation_model(operation).output_shape
    for name in filter(None, path.split(".")):
        shape = shape.members[name]
        while isinstance(shape, ListShape):
            shape = shape.member
    return _named(shape)


def spelled(configuration: Raw, members: Mapping[str, tuple[str, Shape]]) -> Raw:
    """Only what the model knows, without what is null."""
    found = {}
    for key, value in configuration.items():
        name, shape = members.get(key.lower(), ("", None))
        if shape is not None and value is not None:
            found[name] = _value(value, shape)
    return {name: value for name, value in found.items() if value is not None}


def _value(value: Any, shape: Shape) -> Any:
    if isinstance(value, dict) and value.keys() == {"value"} and not isinstance(shape, MapShape):
        value = value["value"]
    match shape:
        case StructureShape():
            return spelled(value, _named(shape)) if isinstance(value, dict) else None
        case ListShape():
            inner = [_value(one, shape.member) for one in value] if isinstance(value, list) else []
            return [one for one in inner if one is not None]
        case MapShape():
            return {key: _value(one, shape.value) for key, one in value.items()} if isinstance(value, dict) else None
        case _:
            return moment(value) if shape.type_name == "timestamp" else value


def moment(value: Any) -> datetime | None:
    """A time, however it is written; null when it is none."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value / 1000 if value > _MILLISECONDS else value, UTC)
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@cache
def _named(shape: Shape) -> Mapping[str, tuple[str, Shape]]:
    members: Mapping[str, Shape] = shape.members if isinstance(shape, StructureShape) else {}
    return {name.lower(): (name, member) for name, member in members.items()}


@cache
def _model(service: str) -> Any:
    return _session().get_service_model(service)


@cache
def _session() -> botocore.session.Session:
    (statement,) = policy_document()["Statement"]
    session = botocore.session.Session()
    session.get_component("data_loader").file_loader = ModelFiles(statement["Action"])
    return session
