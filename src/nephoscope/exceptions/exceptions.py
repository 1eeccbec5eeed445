"""The rules of exceptions, and what people ask about them. What a row shows is not decided here: the store derives it
whenever it reads (`store.coverage.exemptions`), so every decision counts in the transaction that records it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from nephoscope.errors import BadRequestError, ConflictError, ForbiddenError, NotFoundError
from nephoscope.exceptions import checking, days
from nephoscope.exceptions.answers import Explanation, Outlook, Preview, Trail
from nephoscope.exceptions.auditing import detail_of
from nephoscope.exceptions.drafts import Draft, draft_of
from nephoscope.exceptions.explaining import ranked
from nephoscope.exceptions.outlooks import outlook
from nephoscope.exceptions.previews import preview
from nephoscope.exceptions.reaching import beyond
from nephoscope.kit.clock import Clock
from nephoscope.kit.dates import compact
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.kit.printable import some_of
from nephoscope.model.controls import Control
from nephoscope.model.exceptions import (
    Approval,
    ExceptionReason,
    ExceptionScope,
    ExceptionState,
    PolicyException,
)
from nephoscope.model.identities import Reach, person_of
from nephoscope.model.providers import Provider
from nephoscope.qql.bound import Bound
from nephoscope.store import evaluations, exceptions, naming, resources
from nephoscope.store.coverage.effects import matching_keys
from nephoscope.store.session import Reader, Store, Writer

__all__ = ["Draft", "Exceptions", "draft_of"]

_FARTHEST_DAYS = 3_660
_EPOCH = date(1970, 1, 2)


def _never() -> bool:
    return False


class Exceptions:
    """One for each process. `controls` are those of the catalogue by cid, `trail` is `audit.trail.record`, `zone_of`
    answers a user's time zone by their name (the tenant's for whoever has none), `needs_approval` whether a second
    person must approve: both are asked each time.

    `reach` is the part that who asks sees; what lies outside does not exist for them."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        controls: Mapping[int, Control],
        trail: Trail,
        zone_of: Callable[[str], ZoneInfo],
        needs_approval: Callable[[], bool] = _never,
    ) -> None:
        self._store = store
        self._clock = clock
        self._controls = controls
        self._trail = trail
        self._zone_of = zone_of
        self._needs_approval = needs_approval

    def create(self, draft: Draft, by: str, *, reach: Reach | None = None) -> PolicyException:
        """BadRequestError with every problem at once (`problems`, each as `field: what is wrong`), what it would cover
        beyond the reach included; ConflictError when
        nothing is wrong but that the name is taken. In force at once when its first day is today, unless a second
        person must approve it."""
        now = self._clock()
        wanted = self._checked(draft, by, now, reach)
        with self._store.write() as writer:
            made = exceptions.create(writer, wanted)
            self._record(writer, by, "create", made)
        return made

    def list(self, conditions: Bound, request: PageRequest, *, reach: Reach | None = None) -> Page[PolicyException]:
        """Fields: see `store.exceptions.FIELDS`. In order of creation unless the request says otherwise. Without the
        exceptions' lists of resources; `state(now)` says what each one is."""
        with self._store.read(self._clock(), reach=reach) as reader:
            return exceptions.page(reader, conditions, request)

    def get(self, uuid: UUID, *, reach: Reach | None = None) -> PolicyException:
        """Whole, as far as it is seen. NotFoundError when there is none."""
        with self._store.read(self._clock(), reach=reach) as reader:
            return _get(reader, uuid)

    def delete(self, uuids: Sequence[UUID], by: str, *, reach: Reach | None = None) -> None:
        """All or nothing; NotFoundError names the unknown ones, ForbiddenError for what also covers what is not
        seen."""
        with self._store.write() as writer:
            found = {uuid: _seen(writer, uuid, reach) for uuid in sorted(set(uuids))}
            unknown = [str(uuid) for uuid, exception in found.items() if exception is None]
            if unknown:
                raise NotFoundError(f"There is no exception {some_of(unknown)}.")
            gone = [exception for exception in found.values() if exception is not None]
            for exception in gone:
                _refuse_beyond(writer, exception, reach)
            exceptions.delete(writer, [exception.key for exception in gone])
            for exception in gone:
                self._record(writer, by, "delete", exception)

    def renew(self, uuid: UUID, new_end: date, by: str, *, reach: Reach | None = None) -> PolicyException:
        """Gives it another last day, later or earlier; the old one is kept in `renewals`. BadRequestError for a day
        that is past, before its first one or the one it has; ConflictError when it has expired (the days between were
        not covered: create another one) or is not approved; ForbiddenError when approval is needed and `by` created
        it, and when it also covers what is not seen."""
        now = self._clock()
        with self._store.write() as writer:
            before = _decidable(writer, uuid, reach)
            ends = self._checked_end(before, new_end, by, now)
            after = exceptions.renew(writer, before, ends, by, now)
            self._record(writer, by, "renew", after, oldEnds=compact(before.ends))
        return after

    def approve(self, uuid: UUID, by: str, *, reach: Reach | None = None) -> PolicyException:
        """ConflictError unless it waits for approval; ForbiddenError when `by` created it, and when it also covers what
        is not seen."""
        return self._decide(uuid, Approval.APPROVED, by, reach)

    def reject(self, uuid: UUID, by: str, *, reach: Reach | None = None) -> PolicyException:
        """Like `approve`. It stays listed, without effect."""
        return self._decide(uuid, Approval.REJECTED, by, reach)

    def expiring(self, within: int, *, reach: Reach | None = None) -> tuple[PolicyException, ...]:
        """Those in force that end within so many days from now, the soonest first; without their lists of resources.
        BadRequestError for days below 0 or over 3,660."""
        if not 0 <= within <= _FARTHEST_DAYS:
            raise BadRequestError(
                f"days: between 0 and {_FARTHEST_DAYS:,}", [f"days: between 0 and {_FARTHEST_DAYS:,}"]
            )
        now = self._clock()
        with self._store.read(now, reach=reach) as reader:
            return tuple(one for one in exceptions.effective(reader) if one.ends <= now + timedelta(days=within))

    def preview(self, draft: Draft, *, reach: Reach | None = None) -> Preview:
        """What it would cover if it were in force now. Only what says what it covers must be there (cloudType,
        exceptionScope, controlIds and the fields of the scope): BadRequestError names what is wrong with these."""
        problems = [*checking.coverage_problems(draft), *self._control_problems(draft)]
        if problems:
            raise _refusal(problems)
        now = self._clock()
        wanted = self._exception(draft, "", now)
        with self._store.read(now, reach=reach) as reader:
            return preview(reader, wanted)

    def explain(
        self, resource: UUID, cid: int, at: datetime | None = None, *, reach: Reach | None = None
    ) -> Explanation:
        """Of one evaluation, now or at another moment: every exception that matches, which wins, and why. NotFoundError
        when the resource or its evaluation by that control does not exist."""
        moment = (at or self._clock()).replace(microsecond=0)
        with self._store.read(moment, reach=reach) as reader:
            found = resources.get(reader, resource)
            if found is None:
                raise NotFoundError(f"There is no resource {resource}.")
            row = evaluations.get(reader, found.connector_key, found.key, cid)
            if row is None:
                raise NotFoundError(f"The control {cid} has no evaluation of the resource {resource}.")
            matching = exceptions.by_keys(reader, matching_keys(reader, found.key, cid))
        return Explanation(found, cid, moment, row.status, ranked(matching.values(), moment))

    def as_of(self, day: date, by: str = "", *, reach: Reach | None = None) -> Outlook:
        """What would fail on that day (from its first second in the zone of who asks), with the verdicts of now."""
        if not _EPOCH <= day <= days.LAST:
            raise BadRequestError(f"The day {day} must lie between {_EPOCH} and {days.LAST}.")
        with self._store.read(self._clock(), reach=reach) as reader:
            return outlook(reader, reader.as_of(days.first_second(day, self._zone_of(by))))

    def _checked(self, draft: Draft, by: str, now: datetime, reach: Reach | None) -> PolicyException:
        """What the draft wants. BadRequestError for everything that is wrong with it, ConflictError for its name."""
        is_unclear = bool(checking.coverage_problems(draft))
        problems = checking.problems(draft, days.day_of(now, self._zone_of(by))) + list(self._control_problems(draft))
        with self._store.read(now, reach=reach) as reader:
            unknown = list(_account_problems(reader, draft))
            problems += unknown
            if not is_unclear and not unknown:
                problems += beyond(reader, self._exception(draft, by, now))
            taken = exceptions.find_by_name(reader, draft.name) if draft.name else None
            is_seen = taken is not None and exceptions.get(reader, taken) is not None
        about_name = f"{draft.name!r} is taken by {f'the exception {taken}' if is_seen else 'another exception'}"
        if problems:
            raise _refusal([*problems, f"name: {about_name}"] if taken else problems)
        if taken:
            raise ConflictError(f"The name {about_name}.")
        return self._exception(draft, by, now)

    def _exception(self, draft: Draft, by: str, now: datetime) -> PolicyException:
        """From a draft that was found right; what it need not say in a preview does not matter there."""
        zone = self._zone_of(by)
        return PolicyException(
            uuid=uuid4(),
            provider=draft.provider or Provider.AWS,
            scope=draft.scope or ExceptionScope.RESOURCE,
            name=draft.name,
            explanation=draft.explanation,
            reason=draft.reason or ExceptionReason.OTHER,
            starts=days.first_second(draft.starts_on, zone) if draft.starts_on else now,
            ends=days.last_second(draft.ends_on, zone) if draft.ends_on else now,
            control_ids=tuple(sorted(draft.control_ids)),
            created_by=by,
            created_on=now.replace(microsecond=0),
            updated_on=now.replace(microsecond=0),
            resources=draft.resources,
            account_ids=draft.account_ids,
            resource_tags=draft.resource_tags,
            connector_tags=draft.connector_tags,
            is_for_all_connectors=bool(draft.is_for_all_connectors),
            security_policy=draft.security_policy,
            security_procedure=draft.security_procedure,
            approval=Approval.PENDING if self._needs_approval() else Approval.NOT_NEEDED,
        )

    def _control_problems(self, draft: Draft) -> Iterator[str]:
        found = {cid: self._controls.get(cid) for cid in draft.control_ids}
        unknown = [str(cid) for cid, control in found.items() if control is None]
        if unknown:
            yield f"controlIds: there is no control {some_of(unknown)}"
        foreign = [control for control in found.values() if control and draft.provider not in {None, control.provider}]
        if foreign:
            named = (f"{control.cid} ({control.provider})" for control in foreign)
            yield f"controlIds: of another cloud than {draft.provider}: {some_of(list(named))}"

    def _checked_end(self, before: PolicyException, new_end: date, by: str, now: datetime) -> datetime:
        if self._needs_approval() and _is_same(by, before.created_by):
            raise ForbiddenError(f"Somebody else than {by}, who created the exception, must renew it.")
        state = before.state(now)
        if state not in {ExceptionState.INACTIVE, ExceptionState.ACTIVE}:
            raise ConflictError(f"The exception is {state} and cannot be renewed; create another one.")
        zone = self._zone_of(by)
        today = days.day_of(now, zone)
        if not today <= new_end <= days.LAST:
            raise _refusal([f"endDate: {new_end} is past; today is {today}" if new_end < today else _too_far()])
        ends = days.last_second(new_end, zone)
        if ends < before.starts:
            raise _refusal([f"endDate: {new_end} is before the exception begins, on {compact(before.starts)}"])
        if ends == before.ends:
            raise _refusal([f"endDate: {new_end} is its last day already"])
        return ends

    def _decide(self, uuid: UUID, approval: Approval, by: str, reach: Reach | None) -> PolicyException:
        now = self._clock()
        with self._store.write() as writer:
            before = _decidable(writer, uuid, reach)
            if before.approval is not Approval.PENDING:
                raise ConflictError(f"The exception {uuid} does not wait for approval.")
            if _is_same(by, before.created_by):
                raise ForbiddenError(f"Somebody else than {by}, who created the exception, must decide about it.")
            after = exceptions.decide(writer, before, approval, by, now)
            self._record(writer, by, "approve" if approval is Approval.APPROVED else "reject", after)
        return after

    def _record(self, writer: Writer, by: str, verb: str, exception: PolicyException, **more: str) -> None:
        detail = detail_of(exception) | more
        self._trail(writer, by, f"exception.{verb}", str(exception.uuid), detail, self._clock())


def _is_same(by: str, creator: str) -> bool:
    """A program that acts as somebody is no second person beside him."""
    return person_of(by) == person_of(creator)


def _get(reader: Reader, uuid: UUID) -> PolicyException:
    found = exceptions.get(reader, uuid)
    if found is None:
        raise NotFoundError(f"There is no exception {uuid}.")
    return found


def _seen(writer: Writer, uuid: UUID, reach: Reach | None) -> PolicyException | None:
    """Held, and whole."""
    if reach is not None and exceptions.get(writer.seen_by(reach), uuid) is None:
        return None
    return exceptions.get(writer, uuid)


def _decidable(writer: Writer, uuid: UUID, reach: Reach | None) -> PolicyException:
    """Held. NotFoundError for what is not seen, ForbiddenError for what is not seen whole."""
    found = _seen(writer, uuid, reach)
    if found is None:
        raise NotFoundError(f"There is no exception {uuid}.")
    _refuse_beyond(writer, found, reach)
    return found


def _refuse_beyond(writer: Writer, exception: PolicyException, reach: Reach | None) -> None:
    if any(beyond(writer.seen_by(reach), exception)):
        raise ForbiddenError(
            f"The exception {exception.uuid} also covers what you do not see; somebody who sees it all must decide."
        )


def _account_problems(reader: Reader, draft: Draft) -> Iterator[str]:
    if draft.provider is None:
        return
    wanted = {
        "accountIds": draft.account_ids,
        "resources": tuple(dict.fromkeys(one.account_id for one in draft.resources)),
    }
    for field, accounts in wanted.items():
        known = naming.known_accounts(reader, draft.provider, accounts)
        unknown = [account for account in accounts if account not in known]
        if unknown:
            yield f"{field}: no {draft.provider} connector enters the account {some_of(unknown)}"


def _refusal(problems: Sequence[str]) -> BadRequestError:
    return BadRequestError("The exception cannot be accepted: " + "; ".join(problems), problems)


def _too_far() -> str:
    return f"endDate: at most {days.LAST}"
