"""Schedules of reports: what people say of them, and asking for what is due."""

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from cronsim import CronSim, CronSimError

from nephoscope.access.standing import standing
from nephoscope.audit import trail
from nephoscope.errors import BadRequestError, ForbiddenError, NephoscopeError, NotFoundError, StoreError, refuse
from nephoscope.kit.clock import Clock
from nephoscope.kit.outbound import Outbound
from nephoscope.kit.sealing import Sealer
from nephoscope.model.identities import Identity, Permission
from nephoscope.model.reports import ExecutionType
from nephoscope.model.schedules import (
    WEBHOOK_ADDRESS,
    WEBHOOK_SECRET,
    Delivery,
    FolderTarget,
    MailTarget,
    ReportSchedule,
    Target,
    WebhookTarget,
)
from nephoscope.reports.bodies import Draft, draft_of
from nephoscope.reports.reports import Reports
from nephoscope.store import report_schedules as store
from nephoscope.store import sealed
from nephoscope.store.session import Store, Writer
from nephoscope.store.text import is_storable

_LONGEST_FOLDER = 200
_LONGEST_NAME = 200
_MOST_TARGETS, _MOST_ADDRESSES = 10, 50
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}")
_KEY_BYTES = 32


class ScheduleDraft(msgspec.Struct, frozen=True):
    """A schedule as asked for, and what could not be read of it, each as `field: what is right`."""

    name: str
    cron: str
    time_zone: str
    report: Draft
    targets: tuple[Target, ...]
    problems: tuple[str, ...] = ()


def schedule_draft(said: Mapping[str, Any], zone: str) -> ScheduleDraft:
    """What an object says: `name`, `cron`, `timeZone`, `report` (as for creating one), `deliveries` (objects with
    `folder`, `url` or `to`). Never raises."""
    problems: list[str] = []
    report = said.get("report")
    if not isinstance(report, dict):
        problems.append("report: an object is expected, as for creating a report")
    targets = tuple(_targets(said.get("deliveries"), problems))
    words = {name: said.get(name) for name in ("name", "cron", "timeZone")}
    problems += [f"{name}: a text is expected" for name, text in words.items() if not isinstance(text, str | None)]
    named = {name: text.strip() if isinstance(text, str) else "" for name, text in words.items()}
    body = {"reportName": named["name"], **report} if isinstance(report, dict) else {"reportName": named["name"]}
    draft = draft_of({**body, "executionType": ExecutionType.SCHEDULED.value})
    return ScheduleDraft(named["name"], named["cron"], named["timeZone"] or zone, draft, targets, tuple(problems))


def _targets(said: Any, problems: list[str]) -> Iterator[Target]:
    if not isinstance(said, list):
        problems.append("deliveries: a list of objects is expected, each with folder, url or to")
        return
    for one in said[: _MOST_TARGETS + 1]:
        match one:
            case {"folder": str(folder), **rest} if not rest:
                yield FolderTarget(folder.strip())
            case {"url": str(url), **rest} if not rest:
                yield WebhookTarget(url.strip())
            case {"to": str(to), **rest} if not rest:
                yield MailTarget(tuple(part.strip() for part in to.split(",") if part.strip()))
            case {"to": list(to), **rest} if not rest and all(isinstance(part, str) for part in to):
                yield MailTarget(tuple(part.strip() for part in to))
            case _:
                problems.append("deliveries: each is an object with folder, url or to, and nothing else")


class Made(msgspec.Struct, frozen=True):
    """`secret` signs the webhooks; it is shown this once. Empty without one."""

    schedule: ReportSchedule
    secret: str


class Schedules:
    """`has_folder` and `has_mail`: whether the operator set them up."""

    def __init__(
        self,
        store_: Store,
        clock: Clock,
        sealer: Sealer,
        reports: Reports,
        *,
        outbound: Outbound,
        has_folder: bool,
        has_mail: bool,
    ) -> None:
        self._store = store_
        self._clock = clock
        self._sealer = sealer
        self._reports = reports
        self._outbound = outbound
        self._has_folder = has_folder
        self._has_mail = has_mail

    def create(self, draft: ScheduleDraft, asker: Identity) -> Made:
        """BadRequestError names everything that is wrong, with the schedule and with its report."""
        now = self._clock()
        problems = [*draft.problems, *self._problems(draft, now)]
        try:
            self._reports.check(draft.report, asker)
        except BadRequestError as error:
            problems += [f"report.{problem}" for problem in error.problems or (error.message,)]
        refuse("The schedule is not acceptable", problems)
        wanted = ReportSchedule(
            uuid=uuid4(),
            name=draft.name,
            cron=draft.cron,
            time_zone=draft.time_zone,
            request=draft.report.request,
            targets=draft.targets,
            created_by=asker.name,
            created_on=now,
            next_on=following(draft.cron, draft.time_zone, now),
            owner=asker.principal,
        )
        has_webhook = any(isinstance(target, WebhookTarget) for target in draft.targets)
        secret = secrets.token_urlsafe(_KEY_BYTES) if has_webhook else ""
        with self._store.write() as writer:
            made = store.create(writer, msgspec.structs.replace(wanted, targets=self._sealed(writer, wanted)))
            if secret:
                sealed.put(writer, self._sealer, made.uuid, WEBHOOK_SECRET, secret)
            told = {"name": made.name, "cron": made.cron, "deliveries": len(made.targets)}
            trail.record(writer, asker.name, "report_schedule.create", str(made.uuid), told, now)
        return Made(made, secret)

    def every(self, asker: Identity) -> tuple[ReportSchedule, ...]:
        with self._store.read() as reader:
            return store.every(reader, asker)

    def get(self, uuid: UUID, asker: Identity) -> ReportSchedule:
        with self._store.read() as reader:
            found = store.get(reader, uuid, asker)
        if found is None:
            raise NotFoundError(f"There is no schedule {uuid}.")
        return found

    def deliveries(self, uuid: UUID, asker: Identity) -> Sequence[Delivery]:
        """The newest first."""
        found = self.get(uuid, asker)
        with self._store.read() as reader:
            return store.deliveries(reader, found.key)

    def delete(self, uuid: UUID, asker: Identity) -> None:
        found = self.get(uuid, asker)
        with self._store.write() as writer:
            store.remove(writer, found.key)
            sealed.remove(writer, uuid)
            trail.record(writer, asker.name, "report_schedule.delete", str(uuid), {"name": found.name}, self._clock())

    def switch(self, uuid: UUID, asker: Identity, *, is_disabled: bool) -> ReportSchedule:
        """Off, or on again from the next time on."""
        found, now = self.get(uuid, asker), self._clock()
        with self._store.write() as writer:
            upcoming = following(found.cron, found.time_zone, now)
            store.switch(writer, found.key, is_disabled=is_disabled, next_on=upcoming)
            action = "report_schedule.disable" if is_disabled else "report_schedule.enable"
            trail.record(writer, asker.name, action, str(uuid), {}, now)
        return self.get(uuid, asker)

    def run(self, uuid: UUID, asker: Identity) -> UUID:
        """Now, beside its times; answers the report."""
        return self._ask(self.get(uuid, asker))

    def run_due(self) -> None:
        """Ask for every report whose time has come, once however many look for it. A time that passed while nobody
        served counts once."""
        self.seal_addresses()
        now = self._clock()
        with self._store.read() as reader:
            due = store.due(reader, now)
        for schedule in due:
            with self._store.write() as writer:
                is_mine = store.claim(writer, schedule, following(schedule.cron, schedule.time_zone, now))
            if is_mine:
                self._ask_or_tell(schedule)

    def seal_addresses(self) -> None:
        """Addresses of webhooks that were written as they are: by an older version, or taken from its backup."""
        with self._store.read() as reader:
            found = store.with_open_addresses(reader)
        for schedule in found:
            with self._store.write() as writer:
                store.change_targets(writer, schedule, self._sealed(writer, schedule))

    def _sealed(self, writer: Writer, schedule: ReportSchedule) -> tuple[Target, ...]:
        """The targets as they are stored: of a webhook what may be shown, and the whole sealed."""
        targets: list[Target] = []
        for number, target in enumerate(schedule.targets, 1):
            if isinstance(target, WebhookTarget) and not target.kept:
                kept = WebhookTarget(target.shown, f"{WEBHOOK_ADDRESS} {number}")
                sealed.put(writer, self._sealer, schedule.uuid, kept.kept, target.url)
                targets.append(kept)
            else:
                targets.append(target)
        return tuple(targets)

    def _ask_or_tell(self, schedule: ReportSchedule) -> None:
        try:
            self._ask(schedule)
        except StoreError:
            raise
        except NephoscopeError as error:
            with self._store.write() as writer:
                store.note(writer, schedule.key, None, error.message)

    def _ask(self, schedule: ReportSchedule) -> UUID:
        with self._store.read() as reader:
            asker = standing(reader, schedule.owner, schedule.created_by, self._clock())
        if not asker.may(Permission.REPORTS_WRITE):
            raise ForbiddenError(f"{asker.name}, who made this schedule, may not have reports made any more.")
        report = self._reports.create(Draft(schedule.request, ()), asker)
        with self._store.write() as writer:
            store.send(writer, schedule, report.uuid, self._clock())
            store.note(writer, schedule.key, report.uuid, "")
        return report.uuid

    def _problems(self, draft: ScheduleDraft, now: datetime) -> Iterator[str]:
        if not 1 <= len(draft.name) <= _LONGEST_NAME or not draft.name.isprintable():
            yield f"name: a line of at most {_LONGEST_NAME} characters is expected"
        try:
            following(draft.cron, draft.time_zone, now)
        except BadRequestError as error:
            yield from error.problems
        if len(draft.targets) > _MOST_TARGETS:
            yield f"deliveries: at most {_MOST_TARGETS}"
        for target in draft.targets:
            yield from self._target_problems(target)

    def _target_problems(self, target: Target) -> Iterator[str]:
        match target:
            case FolderTarget(folder):
                if not self._has_folder:
                    yield "deliveries: this server has no folder for reports; NEPHOSCOPE_REPORT_FOLDER names one"
                if folder.startswith(("/", "\\")) or ".." in folder.replace("\\", "/").split("/"):
                    yield f"deliveries: {folder[:60]!r} leads out of the folder for reports"
                if len(folder) > _LONGEST_FOLDER or not folder.isprintable() or not is_storable(folder):
                    yield f"deliveries: a folder has a name of at most {_LONGEST_FOLDER} printable characters"
            case WebhookTarget(url):
                refusal = self._outbound.refusal(url)
                if refusal:
                    yield f"deliveries: {refusal.rstrip('.')}"
            case MailTarget(to):
                if not self._has_mail:
                    yield "deliveries: this server sends no mail; NEPHOSCOPE_SMTP and NEPHOSCOPE_MAIL_FROM set it up"
                wrong = [address for address in to if not _ADDRESS.fullmatch(address)]
                if wrong or not 1 <= len(to) <= _MOST_ADDRESSES:
                    named = ", ".join(repr(address[:60]) for address in wrong[:5])
                    yield f"deliveries: 1 to {_MOST_ADDRESSES} mail addresses are expected {named}".rstrip()


def following(cron: str, time_zone: str, now: datetime) -> datetime:
    """When it is time next, after now. BadRequestError for a time that never comes or cannot be read."""
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problem = f"timeZone: {time_zone[:60]!r} is no time zone; expected a name such as Europe/Berlin"
        raise BadRequestError(problem, (problem,)) from None
    try:
        found: datetime = next(CronSim(cron, now.astimezone(zone)))
    except (CronSimError, StopIteration):
        problem = f"cron: {cron[:60]!r} is no time; expected five fields such as 0 6 * * MON (Mondays at 06:00)"
        raise BadRequestError(problem, (problem,)) from None
    return found.astimezone(UTC)
