"""Shorthand for declaring fields: one function per kind. A name may carry its query token: `"vpcId vpc.id"`."""

from nephoscope.resource_types.types import Field, Kind

DISK = "disk"
"""A field that no cloud tells: what scans found on the disks of an instance. It is there when controls judge."""
DISK_FACTS = (
    "isScanned",
    "exploitedVulnerabilities",
    "criticalVulnerabilities",
    "vulnerabilities",
    "secrets",
    "criticalSecrets",
    "liveKeys",
)


def strings(*names: str) -> tuple[Field, ...]:
    return _fields(Kind.STRING, names)


def integers(*names: str) -> tuple[Field, ...]:
    return _fields(Kind.INTEGER, names)


def booleans(*names: str) -> tuple[Field, ...]:
    return _fields(Kind.BOOLEAN, names)


def times(*names: str) -> tuple[Field, ...]:
    return _fields(Kind.TIME, names)


def lists(*names: str) -> tuple[Field, ...]:
    """Lists of plain values, or of maps that controls do not look into."""
    return _fields(Kind.LIST, names)


def maps(*names: str) -> tuple[Field, ...]:
    """Maps that controls do not look into."""
    return _fields(Kind.MAP, names)


def rows(name: str, *inside: str) -> tuple[Field, ...]:
    """One list of maps, with the paths inside them that controls may look at."""
    return (_field(Kind.LIST, name, inside),)


def parts(name: str, *inside: str) -> tuple[Field, ...]:
    """One map, with the paths inside it that controls may look at."""
    return (_field(Kind.MAP, name, inside),)


def _fields(kind: Kind, names: tuple[str, ...]) -> tuple[Field, ...]:
    return tuple(_field(kind, name, ()) for name in names)


def _field(kind: Kind, named: str, inside: tuple[str, ...]) -> Field:
    name, _, token = named.partition(" ")
    return Field(name, kind, token, inside)
