"""Taking reports where they are wanted: tried again for about a day, and what went wrong stands beside it."""

import tempfile
from collections.abc import Mapping
from datetime import timedelta
from email.message import EmailMessage
from hashlib import sha256
from hmac import HMAC
from pathlib import Path

import msgspec

from nephoscope.access.grants import is_within
from nephoscope.access.standing import standing
from nephoscope.errors import ConflictError, ForbiddenError, NephoscopeError, NotFoundError, UnavailableError
from nephoscope.kit.clock import Clock
from nephoscope.kit.dates import zulu
from nephoscope.kit.outbound import Outbound
from nephoscope.kit.sealing import Sealer
from nephoscope.model.identities import Identity, Permission
from nephoscope.model.reports import Report, ReportStatus
from nephoscope.model.schedules import (
    WEBHOOK_SECRET,
    Delivery,
    DeliveryState,
    FolderTarget,
    MailTarget,
    ReportSchedule,
    WebhookTarget,
)
from nephoscope.reports.delivery.mail import Mailer
from nephoscope.reports.reports import Document, Reports
from nephoscope.store import report_schedules as store
from nephoscope.store import sealed
from nephoscope.store.session import Store

WAITS = (60, 300, 900, 3_600, 4 * 3_600, 8 * 3_600, 12 * 3_600)
"""Seconds after each attempt that failed; after the last wait comes the last attempt."""
LARGEST_ATTACHED = 20 * 1024 * 1024
"""Bytes of a file that goes into a mail or a webhook; of a larger one only word is sent."""
_POLL = timedelta(seconds=10)
_LEASE = timedelta(minutes=10)
"""For so long nobody else tries."""
_OK = range(200, 300)
SIGNATURE = "X-Nephoscope-Signature"


class Deliverer:
    """One for each process. `folder` is where reports may be written; None for nowhere."""

    def __init__(
        self,
        store_: Store,
        clock: Clock,
        reports: Reports,
        *,
        sealer: Sealer,
        outbound: Outbound,
        folder: Path | None,
        mailer: Mailer | None,
    ) -> None:
        self._store = store_
        self._clock = clock
        self._reports = reports
        self._sealer = sealer
        self._outbound = outbound
        self._folder = folder
        self._mailer = mailer

    def deliver_due(self) -> None:
        """Try whatever is due, once however many look for it."""
        with self._store.read() as reader:
            due = store.waiting(reader, self._clock())
        for one in due:
            with self._store.write() as writer:
                is_mine = store.take(writer, one, self._clock() + _LEASE)
            if is_mine:
                self._try(one)

    def _try(self, one: Delivery) -> None:
        with self._store.read() as reader:
            schedule = store.schedule_of(reader, one.schedule_key)
        if schedule is None:
            return self._settle(one, DeliveryState.FAILED, "The schedule was removed.")
        try:
            report = self._reports.get(one.report_uuid, Identity.local())
        except NotFoundError:
            return self._settle(one, DeliveryState.FAILED, "The report is gone.")
        refusal = self._refusal(schedule, report)
        if refusal:
            return self._settle(one, DeliveryState.FAILED, refusal)
        if not report.is_readable:
            return self._later(one)
        try:
            document = self._reports.document(report.uuid, Identity.local())
            self._send(one, schedule, report, document)
        except (NephoscopeError, OSError) as error:
            return self._failed(one, error.message if isinstance(error, NephoscopeError) else str(error))
        return self._settle(one, DeliveryState.DELIVERED, "")

    def _refusal(self, schedule: ReportSchedule, report: Report) -> str:
        """Why the report will not go: it failed, or is not for whoever made the schedule any more; empty if it may."""
        if report.status is ReportStatus.FAILED:
            return f"The report failed: {report.reason}"
        with self._store.read() as reader:
            try:
                owner = standing(reader, schedule.owner, schedule.created_by, self._clock())
            except ForbiddenError as error:
                return error.message
        if not owner.may(Permission.REPORTS_READ) or not is_within(report.reach, owner.reach):
            return f"{owner.name}, who made this schedule, may not see what is in this report any more."
        return ""

    def _opened(self, schedule: ReportSchedule, kept: str) -> str:
        """The address of a webhook. StoreError when no key opens it."""
        with self._store.read() as reader:
            return sealed.get(reader, self._sealer, schedule.uuid, kept)

    def _send(self, one: Delivery, schedule: ReportSchedule, report: Report, document: Document) -> None:
        match one.target:
            case FolderTarget(folder):
                self._write(folder, document)
            case WebhookTarget(url, kept):
                self._post(self._opened(schedule, kept) if kept else url, schedule, report, document)
            case MailTarget(to):
                self._mail(to, schedule, report, document)

    def _write(self, inside: str, document: Document) -> None:
        """Under its name when it is whole, and never over another."""
        if self._folder is None:
            raise ConflictError("This server has no folder for reports any more.")
        root = self._folder.resolve()
        if not inside.isprintable():  # what an older version took: no file system would
            raise ConflictError("The name of the folder has characters that none can have.")
        folder = (root / inside).resolve()
        if not folder.is_relative_to(root):
            raise ConflictError(f"{inside} leads out of the folder for reports.")
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        stem, _, extension = document.name.rpartition(".")
        moment = document.report.moment or self._clock()
        place = folder / f"{stem} {moment:%Y-%m-%dT%H%M%SZ}.{extension}"
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".report-", delete=False) as file:
            part = Path(file.name)
            try:
                for piece in document.pieces:
                    file.write(piece)
                file.flush()
                part.replace(place)
            finally:
                part.unlink(missing_ok=True)

    def _post(self, url: str, schedule: ReportSchedule, report: Report, document: Document) -> None:
        """The file as the body, or word of it as JSON when it is large; signed."""
        with self._store.read() as reader:
            secret = sealed.get(reader, self._sealer, schedule.uuid, WEBHOOK_SECRET)
        is_attached = document.size <= LARGEST_ATTACHED
        body = b"".join(document.pieces) if is_attached else msgspec.json.encode(_word(schedule, report, document))
        headers = {
            "Content-Type": document.media_type if is_attached else "application/json",
            "X-Nephoscope-Event": "report.completed" if is_attached else "report.available",
            "X-Nephoscope-Report": str(report.uuid),
            "X-Nephoscope-Schedule": str(schedule.uuid),
            SIGNATURE: signature(secret, body, int(self._clock().timestamp())),
        }
        reply = self._outbound.send("POST", url, headers=headers, body=body)
        if reply.status not in _OK:
            raise UnavailableError(f"The webhook answered {reply.status}.")

    def _mail(self, to: tuple[str, ...], schedule: ReportSchedule, report: Report, document: Document) -> None:
        if self._mailer is None:
            raise ConflictError("This server sends no mail any more.")
        message = EmailMessage()
        message["Subject"] = _line(f"{report.request.name}: {report.rows:,} rows")
        message["To"] = ", ".join(to)
        message["X-Nephoscope-Report"] = str(report.uuid)
        word = _word(schedule, report, document)
        message.set_content("\n".join(f"{name}: {value}" for name, value in word.items()) + "\n")
        if document.size <= LARGEST_ATTACHED:
            main, _, sub = document.media_type.partition("/")
            content = b"".join(document.pieces)
            message.add_attachment(content, maintype=main, subtype=sub, filename=_line(document.name))
        self._mailer.send(message, to)

    def _later(self, one: Delivery) -> None:
        with self._store.write() as writer:
            store.settle(writer, one.key, DeliveryState.WAITING, one.attempts, self._clock() + _POLL, "")

    def _failed(self, one: Delivery, why: str) -> None:
        if one.attempts >= len(WAITS):
            return self._settle(one, DeliveryState.FAILED, why)
        next_on = self._clock() + timedelta(seconds=WAITS[one.attempts])
        with self._store.write() as writer:
            store.settle(writer, one.key, DeliveryState.WAITING, one.attempts + 1, next_on, why)
        return None

    def _settle(self, one: Delivery, state: DeliveryState, error: str) -> None:
        with self._store.write() as writer:
            store.settle(writer, one.key, state, one.attempts + 1, self._clock(), error)


def signature(secret: str, body: bytes, now: int) -> str:
    """`t=<seconds since 1970>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, so that an old request cannot be sent again
    as a new one."""
    return f"t={now},v1={HMAC(secret.encode(), f'{now}.'.encode() + body, sha256).hexdigest()}"


def _word(schedule: ReportSchedule, report: Report, document: Document) -> Mapping[str, str | int | None]:
    return {
        "schedule": schedule.name,
        "reportId": str(report.uuid),
        "reportName": report.request.name,
        "format": report.request.format.value,
        "asOf": zulu(report.moment) if report.moment else None,
        "rows": report.rows,
        "size": document.size,
        "download": f"/cloudview-api/rest/v1/report/assessment/{report.uuid}/download",
    }


def _line(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)
