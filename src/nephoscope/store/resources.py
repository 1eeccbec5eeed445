"""Resources and their documents. Documents are compressed and kept out of the scanned table."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.evaluations import Candidate
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed, Resource, StoredDocument
from nephoscope.qql.bound import Bound
from nephoscope.store.session import Reader, Writer

FIELDS = ("resource_id", "name", "region", "account_id", "uuid", "updated_on", "created_on", "tag")
"""What conditions and sorting may name; any other name is a field of the document (first level)."""


class Recorded(msgspec.Struct, frozen=True):
    added: int
    changed: int
    unchanged: int
    retired: int


def record(
    writer: Writer, connector_key: int, scope_key: int, observed: Sequence[Observed], *, complete: bool, now: datetime
) -> Recorded:
    """Diff, then write: reads what is stored for the scope (ids and hashes), touches only what differs, and retires
    what was not seen when the scope is complete (with its evaluations and tallies)."""


def page(
    reader: Reader, provider: Provider, resource_type: str, conditions: Bound, request: PageRequest
) -> Page[Resource]: ...


def get(reader: Reader, uuid: UUID) -> Resource | None: ...


def by_keys(reader: Reader, keys: Sequence[int]) -> dict[int, Resource]: ...


def documents(reader: Reader, keys: Sequence[int]) -> dict[int, StoredDocument]: ...


def candidates(reader: Reader, connector_key: int, resource_type: str) -> tuple[Candidate, ...]:
    """Every resource of a type in an account, in order of key."""


def count_by_type(reader: Reader, connector_key: int) -> dict[str, int]: ...


def identities(reader: Reader, provider: Provider) -> Any:
    """A pyarrow table `key: int64, resource_id: string, evaluations: int32` (evaluations that are PASS or FAIL), in
    order of key: what the regular expression index is made of."""


def seen(reader: Reader, keys: Iterable[int]) -> dict[int, datetime]:
    """When the scope of each resource was last complete."""
