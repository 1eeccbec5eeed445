"""What stands between a match and a finding: a candidate, which holds the secret in clear, and what a check says
about it."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from nephoscope.model.secrets import KeyOwner, SecretNote, SecretSeverity

Lookup = Callable[[str], KeyOwner | None]
"""Whose access key this is, when it belongs to a connected account."""


def nobody(_key_id: str) -> KeyOwner | None:
    """The lookup where nothing is connected."""
    return None


class Candidate:
    """A match with its surroundings. Its `repr` says nothing of it, so that no log and no traceback can."""

    __slots__ = ("after", "around", "before", "lookup", "now", "secret", "severity")

    def __init__(
        self, region: bytes, span: tuple[int, int], severity: SecretSeverity, now: datetime, lookup: Lookup = nobody
    ) -> None:
        self.secret = region[slice(*span)]
        self.before = region[: span[0]]
        self.after = region[span[1] :]
        self.around = region
        self.severity = severity
        self.now = now
        self.lookup = lookup

    def __repr__(self) -> str:
        return f"Candidate({len(self.secret)} bytes)"


class Judged(NamedTuple):
    """What a check found out. `core` is hashed instead of the secret where one secret has many spellings."""

    severity: SecretSeverity
    notes: tuple[SecretNote, ...] = ()
    core: bytes = b""
    account: str = ""
    owner: KeyOwner | None = None

    def __repr__(self) -> str:
        return f"Judged({self.severity}, {self.notes})"


Check = Callable[[Candidate], Judged | None]
"""Nothing for what is no secret."""


def accepted(candidate: Candidate, *notes: SecretNote) -> Judged:
    return Judged(candidate.severity, notes)
