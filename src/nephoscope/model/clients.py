"""Programs that may log in."""

from datetime import datetime
from uuid import UUID

import msgspec

from nephoscope.model.identities import shown_client


class ClientSecret(msgspec.Struct, frozen=True):
    """`digest` is the SHA-256 of 256 random bits: there is nothing to guess, and nothing slow is needed."""

    digest: str
    created_on: datetime
    expires_on: datetime | None = None
    last_used_on: datetime | None = None


class ApiClient(msgspec.Struct, frozen=True):
    """Without an `owner` it is of the subscription and has a grant of its own; with one it acts as that user."""

    uuid: UUID
    name: str
    created_by: str
    created_on: datetime
    generation: str
    owner: str = ""
    description: str = ""
    is_disabled: bool = False
    expires_on: datetime | None = None
    networks: tuple[str, ...] = ()
    """Where it may come from, in CIDR notation; empty is anywhere."""
    last_used_on: datetime | None = None
    secrets: tuple[ClientSecret, ...] = ()
    """The newest first; two at most."""
    key: int = 0

    @property
    def shown_as(self) -> str:
        """In the trail; with the user as whom it acts. See `person_of`."""
        return shown_client(self.name, self.owner)
