"""Connectors."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.connectors import Connector, ConnectorState
from nephoscope.model.providers import Provider
from nephoscope.qql.bound import Bound
from nephoscope.store.session import Reader, Writer

FIELDS = ("name", "description", "state", "uuid", "last_synced_on")
"""What conditions and sorting may name."""


def page(reader: Reader, provider: Provider | None, conditions: Bound, request: PageRequest) -> Page[Connector]: ...


def get(reader: Reader, uuid: UUID) -> Connector | None: ...


def get_by_key(reader: Reader, key: int) -> Connector | None: ...


def find_by_account(reader: Reader, provider: Provider, account_id: str) -> Connector | None: ...


def find_by_name(reader: Reader, provider: Provider, name: str) -> Connector | None: ...


def create(writer: Writer, connector: Connector) -> Connector:
    """Answers it with its key. ConflictError when the account or the name is taken."""


def update(writer: Writer, connector: Connector) -> None:
    """Replaces everything but uuid, key, provider and created_on."""


def delete(writer: Writer, keys: Sequence[int]) -> None:
    """With all that belongs to them."""


def due(reader: Reader, now: datetime) -> tuple[Connector, ...]:
    """Enabled connectors whose next run is not in the future."""


def settle(
    writer: Writer,
    key: int,
    *,
    state: ConnectorState | None = None,
    error: str | None = None,
    total_assets: int | None = None,
    account_alias: str | None = None,
    last_synced_on: datetime | None = None,
    next_sync_on: datetime | None = None,
) -> None:
    """What a run found out, and nothing that a person may be changing meanwhile. None leaves a column as it was."""
