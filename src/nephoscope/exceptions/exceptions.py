"""The rules of exceptions, and what people ask about them. What a row shows is not decided here: the store derives it
whenever it reads (`store.exemptions`), so every decision counts in the transaction that records it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from nephoscope.exceptions.answers import Explanation, Outlook, Preview, Trail
from nephoscope.exceptions.drafts import Draft, draft_of
from nephoscope.kit.clock import Clock
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.controls import Control
from nephoscope.model.exceptions import PolicyException
from nephoscope.qql.bound import Bound
from nephoscope.store.session import Store

__all__ = ["Draft", "Exceptions", "draft_of"]


class Exceptions:
    """One for each process. `controls` are those of the catalogue by cid, `trail` is `audit.trail.record`, `zone` is
    the tenant's (`settings.time_zone`), `needs_approval` is `settings.needs_approval`."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        controls: Mapping[int, Control],
        trail: Trail,
        zone: ZoneInfo,
        needs_approval: bool = False,
    ) -> None:
        self._store = store
        self._clock = clock
        self._controls = controls
        self._trail = trail
        self._zone = zone
        self._needs_approval = needs_approval

    def create(self, draft: Draft, by: str) -> PolicyException:
        """BadRequestError with every problem at once (`problems`, each as `field: what is wrong`); ConflictError when
        nothing is wrong but that the name is taken. In force at once when its first day is today, unless a second
        person must approve it."""
        raise NotImplementedError

    def list(self, conditions: Bound, request: PageRequest) -> Page[PolicyException]:
        """Fields: see `store.exceptions.FIELDS`. In order of creation unless the request says otherwise. Without the
        exceptions' lists of resources; `state(now)` says what each one is."""
        raise NotImplementedError

    def get(self, uuid: UUID) -> PolicyException:
        """Whole. NotFoundError when there is none."""
        raise NotImplementedError

    def delete(self, uuids: Sequence[UUID], by: str) -> None:
        """All or nothing; NotFoundError names the unknown ones."""
        raise NotImplementedError

    def renew(self, uuid: UUID, new_end: date, by: str) -> PolicyException:
        """Gives it another last day, later or earlier; the old one is kept in `renewals`. BadRequestError for a day
        that is past, before its first one or the one it has; ConflictError when it has expired (the days between were
        not covered: create another one) or is not approved; ForbiddenError when approval is needed and `by` created
        it."""
        raise NotImplementedError

    def approve(self, uuid: UUID, by: str) -> PolicyException:
        """ConflictError unless it waits for approval; ForbiddenError when `by` created it."""
        raise NotImplementedError

    def reject(self, uuid: UUID, by: str) -> PolicyException:
        """Like `approve`. It stays listed, without effect."""
        raise NotImplementedError

    def expiring(self, days: int) -> tuple[PolicyException, ...]:
        """Those in force that end within so many days from now, the soonest first; without their lists of resources.
        BadRequestError for days below 0 or over 3,660."""
        raise NotImplementedError

    def preview(self, draft: Draft) -> Preview:
        """What it would cover if it were in force now. Only what says what it covers must be there (cloudType,
        exceptionScope, controlIds and the fields of the scope): BadRequestError names what is wrong with these."""
        raise NotImplementedError

    def explain(self, resource: UUID, cid: int, at: datetime | None = None) -> Explanation:
        """Of one evaluation, now or at another moment: every exception that matches, which wins, and why. NotFoundError
        when the resource or its evaluation by that control does not exist."""
        raise NotImplementedError

    def as_of(self, day: date) -> Outlook:
        """What would fail on that day (from its first second in the tenant's zone), with the verdicts of now."""
        raise NotImplementedError
