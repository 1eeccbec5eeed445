"""Conditions of resources on what lies on their disks: for SQL, and for rows in memory."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, exists, select

from nephoscope.model.findings import FoundVulnerability, ListedSecret
from nephoscope.qql.bound import Bound, Node, names
from nephoscope.qql.tokens import SECRET, VULNERABILITY
from nephoscope.store import found_secrets, vulnerabilities
from nephoscope.store.conditions import Objects, Translate, where
from nephoscope.store.session import Reader
from nephoscope.store.tables.core import resources
from nephoscope.store.tables.findings import disks
from nephoscope.store.tables.findings import found_secrets as secrets_table
from nephoscope.store.tables.findings import vulnerabilities as vulnerabilities_table


def _one_of(table: Table, fields: Mapping[str, Translate]) -> Callable[[Node], ColumnElement[bool]]:
    """Whether one of a resource's rows satisfies a node over the fields of the table."""

    def holds(node: Node) -> ColumnElement[bool]:
        joined = table.outerjoin(disks, disks.c.resource_key == table.c.resource_key)
        mine = select(table.c.resource_key).select_from(joined).where(table.c.resource_key == resources.c.key)
        return exists(mine.where(where((node,), fields)).correlate(resources))

    return holds


def _each(field: str, fields: Mapping[str, Translate], holds: Callable[[Node], ColumnElement[bool]]) -> Any:
    def one(name: str) -> Translate:
        def translate(condition: Any) -> ColumnElement[bool]:
            return holds(type(condition)(name, condition.operator, condition.values))

        return translate

    return {f"{field}.{name}": one(name) for name in fields}


_WEAK = _one_of(vulnerabilities_table, vulnerabilities.FINDING_FIELDS)
_LYING = _one_of(secrets_table, found_secrets.FINDING_FIELDS)

CONDITIONS: dict[str, Translate] = {
    **_each(VULNERABILITY, vulnerabilities.FINDING_FIELDS, _WEAK),
    **_each(SECRET, found_secrets.FINDING_FIELDS, _LYING),
}
"""`vulnerability.severity`: one of them has it."""
OBJECTS: Objects = {VULNERABILITY: _WEAK, SECRET: _LYING}
"""One and the same of them has all of it."""


def rows(reader: Reader, keys: Sequence[int], conditions: Bound) -> dict[int, dict[str, Any]]:
    """What rows in memory need beside their own for these conditions, by resource. Empty when they look at no disk."""
    wanted = {name.partition(".")[0] for name in names(conditions)}
    found: dict[int, dict[str, Any]] = {}
    if VULNERABILITY in wanted:
        for key, weak in vulnerabilities.of_resources(reader, keys).items():
            found.setdefault(key, {}).update(_spread(VULNERABILITY, [_vulnerability(one) for one in weak]))
    if SECRET in wanted:
        for key, lying in found_secrets.of_resources(reader, keys).items():
            found.setdefault(key, {}).update(_spread(SECRET, [_secret(one) for one in lying]))
    return found


def _spread(field: str, objects: list[dict[str, Any]]) -> dict[str, Any]:
    """The objects, and each of their fields with the values of all."""
    apart: dict[str, list[Any]] = {}
    for one in objects:
        for name, value in one.items():
            apart.setdefault(f"{field}.{name}", []).append(value)
    return {field: objects, **apart}


def _vulnerability(one: FoundVulnerability) -> dict[str, Any]:
    known = one.vulnerability
    return {
        "uuid": str(one.uuid),
        "qid": known.qid,
        "name": known.name,
        "severity": known.severity,
        "type_detected": known.type_detected.value,
        "status": one.status.value,
        "category": known.category,
        "cve": list(known.cves),
        "package": [package.name for package in known.packages],
        "patch_available": known.patch_available,
        "exploited": known.kev is not None,
        "epss": known.epss,
        "first_found": one.first_found,
        "last_found": one.last_found,
        "fixed_on": one.fixed_on,
    }


def _secret(one: ListedSecret) -> dict[str, Any]:
    found = one.secret.found
    return {
        "uuid": str(one.secret.uuid),
        "type": found.type,
        "rule": found.rule,
        "severity": found.severity.value,
        "state": one.secret.state.value,
        "path": found.path,
        "line": found.line,
        "digest": found.digest,
        "is_live": found.owner is not None and found.owner.is_active,
        "first_found": one.secret.first_found,
        "last_found": one.secret.last_found,
        "fixed_on": one.fixed_on,
    }
