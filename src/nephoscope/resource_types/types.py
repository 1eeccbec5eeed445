"""What a resource type is called, which fields it has, how queries name them, and what it takes to read it."""

from enum import StrEnum

import msgspec

from nephoscope.model.providers import Provider


class Kind(StrEnum):
    """The kind of value in a field. Every field may also be null. Times are ISO 8601 strings in UTC ending in Z."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    LIST = "list"
    MAP = "map"


class Field(msgspec.Struct, frozen=True):
    """A top-level field of the document. `token` is its name in the query language, when it has one."""

    name: str
    kind: Kind
    token: str = ""
    inside: tuple[str, ...] = ()
    """Paths below this field that controls may look at, dotted, lists passed through: `httpTokens`, `grants.grantee`.
    Empty means: not described further."""


class ResourceType(msgspec.Struct, frozen=True):
    """One row of the type table.

    `name` is the API's path name (`EC2_INSTANCE`), `title` what people read (`EC2 Instance`), `service_type` the
    display name of the service (`EC2`). `wire` lists, in order, the keys of the compatible API's object beside the
    common ones (contract §9); each is a field of the document. `permissions` are those that listing needs; what
    detail calls need stands with the collector.
    """

    name: str
    provider: Provider
    service_type: str
    title: str
    permissions: tuple[str, ...]
    fields: tuple[Field, ...]
    wire: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    is_regional: bool = True

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)
