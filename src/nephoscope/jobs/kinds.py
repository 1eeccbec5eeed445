"""The kinds of jobs: each kind of durable work says here what the engine and the housekeeping must know of it.

The id of a job says its kind: what stands before the first colon. Runs came first and have none.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from nephoscope.jobs.engine import Steps


class Expected(msgspec.Struct, frozen=True):
    """A piece of work that has not ended, and so should have a job. `has_begun`: somebody took it up."""

    job: str
    has_begun: bool


class JobKind(Protocol):
    """Everything but `carry` may be done by several workers at once, and repeated."""

    @property
    def noun(self) -> str:
        """What people call it."""
        ...

    async def carry(self, job: str, steps: Steps) -> None: ...

    def unfinished(self) -> Sequence[Expected]:
        """In the order in which it was asked for."""
        ...

    def fail(self, job: str, problem: str) -> None:
        """What cannot be carried through ends, and says so. What has ended stays as it is."""
        ...

    def forget(self) -> None:
        """Remove what nobody needs any more."""
        ...


JobKinds = Mapping[str, JobKind]
"""By kind."""


def kind_of(job: str) -> str:
    kind, colon, _ = job.partition(":")
    return kind if colon else ""
