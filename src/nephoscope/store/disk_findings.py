"""What findings on disks have alike, vulnerabilities and secrets: whose they are, and how many changed."""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Table, select

from nephoscope.store.conditions import Translate, identities, words
from nephoscope.store.tables.core import connectors, resources
from nephoscope.store.tables.findings import disks


class Turned(NamedTuple):
    """How many findings changed their status."""

    new: int = 0
    fixed: int = 0
    reopened: int = 0


RESOURCE_FIELDS: dict[str, Translate] = {
    "resource_id": words(resources.c.resource_id),
    "resource_uuid": identities(resources.c.uuid),
    "resource_name": words(resources.c.name),
    "region": words(resources.c.region),
    "account_id": words(connectors.c.account_id),
}
"""Of the resource that a finding is on, in what `joined` selects from."""


def joined(findings: Table, *columns: ColumnElement[Any]) -> Select[Any]:
    """A selection of findings, their resources and connectors, and the disks as they were read last."""
    own = findings.c.resource_key
    return (
        select(*columns)
        .select_from(findings)
        .join(resources, resources.c.key == own)
        .join(connectors, connectors.c.key == resources.c.connector_key)
        .outerjoin(disks, disks.c.resource_key == own)
    )
