"""Groups of connectors: for people, and to say which part of the inventory somebody sees."""

from datetime import datetime
from uuid import UUID

import msgspec


class ConnectorGroup(msgspec.Struct, frozen=True):
    """`connectors` counts those in it that are seen."""

    uuid: UUID
    name: str
    created_by: str
    created_on: datetime
    connectors: int = 0
    key: int = 0
