"""Secrets that lie on disks, and what is kept of one: kind, place, keyed hash and mask, never the secret itself."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from nephoscope.kit.ids import stable_uuid


class SecretSeverity(StrEnum):
    """From the worst down."""

    CRITICAL = "CRITICAL"
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"

    def raised(self) -> "SecretSeverity":
        return _FROM_THE_WORST[max(0, self.rank - 1)]

    def lowered(self) -> "SecretSeverity":
        return _FROM_THE_WORST[min(len(_FROM_THE_WORST) - 1, self.rank + 1)]

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _FROM_THE_WORST.index(self)


_FROM_THE_WORST = tuple(SecretSeverity)


class SecretState(StrEnum):
    """Where a finding stands in its life."""

    NEW = "NEW"
    ACTIVE = "ACTIVE"
    FIXED = "FIXED"
    REOPENED = "REOPENED"


class SecretNote(StrEnum):
    """What was learnt beside the match, and often why the severity is not that of the rule."""

    CHECKSUM = "CHECKSUM"
    """The token carries a checksum, and it is right."""
    ENCRYPTED = "ENCRYPTED"
    EXPIRED = "EXPIRED"
    PAIRED = "PAIRED"
    """The other half, key id or secret, lies beside it."""
    ALONE = "ALONE"
    """A key id without its secret."""
    LIVE = "LIVE"
    """The key exists in a connected account, and is active there."""
    INACTIVE = "INACTIVE"
    """The key exists in a connected account, and is switched off there."""
    DECODED = "DECODED"
    """It was found inside base64."""


class KeyOwner(msgspec.Struct, frozen=True):
    """To whom an access key of a connected account belongs; `user_uuid` is the resource, if it is in the inventory."""

    account: str
    user: str
    is_active: bool
    user_uuid: UUID | None = None


class FoundSecret(msgspec.Struct, frozen=True, kw_only=True):
    """One secret in one file, as a search finds it.

    `line` counts from 1 and is that of its first occurrence, 0 in a binary file; `times` says how often it occurs in
    the file. `digest` is 64 hexadecimal digits of HMAC-SHA-256 under the installation's key: equal for equal secrets,
    and of no use to who does not have the key. `preview` shows at most four characters of the beginning and two of the
    end, never more than a quarter, nothing of short ones.
    """

    rule: str
    title: str
    type: str
    severity: SecretSeverity
    path: str
    line: int
    digest: str
    preview: str
    notes: tuple[SecretNote, ...] = ()
    times: int = 1
    account: str = ""
    """The cloud account that an access key names, where its form tells."""
    owner: KeyOwner | None = None

    def uuid_on(self, resource: UUID) -> UUID:
        """The same secret in the same file of the same resource is the same finding, whatever line it moves to."""
        return stable_uuid("secret", str(resource), self.rule, self.digest, self.path)


class Secret(msgspec.Struct, frozen=True, kw_only=True):
    """A finding with its life, as it is kept and shown."""

    uuid: UUID
    resource_uuid: UUID
    found: FoundSecret
    first_found: datetime
    last_found: datetime
    state: SecretState = SecretState.NEW
