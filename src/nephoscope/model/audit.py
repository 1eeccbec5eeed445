"""The audit trail: what people decided, chained so that a change of the past shows."""

from datetime import datetime
from typing import Any

import msgspec


class AuditEntry(msgspec.Struct, frozen=True):
    """`hash` covers everything else of the entry, `previous` (the hash of the entry before) among it; both hex."""

    sequence: int
    at: datetime
    who: str
    action: str
    """Noun and verb: `exception.create`."""
    subject: str
    """The uuid or name of what it was done to."""
    detail: dict[str, Any]
    previous: str
    hash: str
