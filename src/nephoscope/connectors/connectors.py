"""The rules of connectors: names and accounts are unique, drafts are checked all at once."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from nephoscope.kit.clock import Clock
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.connectors import Connector
from nephoscope.model.providers import Provider
from nephoscope.qql.bound import Bound
from nephoscope.store.session import Store


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What a person says of a connector; None means not said (on update: as it was)."""

    name: str | None = None
    description: str | None = None
    arn: str | None = None
    external_id: str | None = None
    account_id: str | None = None
    """For credentials of the process itself; with `arn`, taken from it."""
    profile: str | None = None
    endpoint_url: str | None = None
    regions: tuple[str, ...] | None = None
    partition: str | None = None
    polling_minutes: int | None = None
    is_disabled: bool | None = None
    is_portal_connector: bool | None = None


class Connectors:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def list(self, provider: Provider | None, conditions: Bound, request: PageRequest) -> Page[Connector]:
        raise NotImplementedError

    def get(self, uuid: UUID, provider: Provider | None = None) -> Connector:
        """NotFoundError when there is none (of that provider)."""
        raise NotImplementedError

    def find_account(self, provider: Provider, account_id: str) -> Connector:
        raise NotImplementedError

    def create(self, provider: Provider, draft: Draft) -> Connector:
        """BadRequestError with every problem at once; ConflictError when name or account is taken."""
        raise NotImplementedError

    def update(self, uuid: UUID, draft: Draft) -> Connector:
        raise NotImplementedError

    def delete(self, uuids: Sequence[UUID]) -> None:
        """All or nothing; NotFoundError names the unknown ones."""
        raise NotImplementedError
