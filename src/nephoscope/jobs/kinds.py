"""What flights are for: each kind of durable work says here what the engine and the housekeeping must know of it.

The id of a flight says its kind: what stands before the first colon. Runs came first and have none.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from nephoscope.jobs.engine import Steps


class Expected(msgspec.Struct, frozen=True):
    """A piece of work that has not ended, and so should have a flight. `has_begun`: somebody took it up."""

    flight: str
    has_begun: bool


class Cargo(Protocol):
    """Everything but `carry` may be done by several workers at once, and repeated."""

    @property
    def noun(self) -> str:
        """What people call it."""
        ...

    async def carry(self, flight: str, steps: Steps) -> None: ...

    def unfinished(self) -> Sequence[Expected]:
        """In the order in which it was asked for."""
        ...

    def fail(self, flight: str, problem: str) -> None:
        """What cannot be carried through ends, and says so. What has ended stays as it is."""
        ...

    def forget(self) -> None:
        """Remove what nobody needs any more."""
        ...


Cargos = Mapping[str, Cargo]
"""By kind."""


def kind_of(flight: str) -> str:
    kind, colon, _ = flight.partition(":")
    return kind if colon else ""
