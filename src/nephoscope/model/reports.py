"""Assessment reports: what somebody asked for, and what has become of it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from nephoscope.model.evaluations import Status
from nephoscope.model.identities import Reach
from nephoscope.model.providers import Provider

SHOWN_RESULTS = (Status.PASS, Status.PASSE, Status.FAIL)
"""What a row of a report can be; what could not be read has no row."""


class ReportFormat(StrEnum):
    """As the API spells them; asked for in any case."""

    CSV = "csv"
    PDF = "pdf"
    JSON = "json"
    XLSX = "xlsx"
    ON_SCREEN = "ON_SCREEN"
    """The JSON document, inside the answer to who asks for the report."""


class ExecutionType(StrEnum):
    RUN_TIME = "RUN_TIME"
    """What runs in the cloud."""
    BUILD_TIME = "BUILD_TIME"
    """What templates would make."""
    SCHEDULED = "SCHEDULED"
    """What runs in the cloud, asked for by a schedule."""


class ReportKind(StrEnum):
    """What a report is arranged by. The words of the API for the last two."""

    ASSESSMENT = "ASSESSMENT"
    MANDATE_BASED = "MANDATE_BASED"
    """By the requirements of a mandate."""
    POLICY_BASED = "POLICY_BASED"


class ReportStatus(StrEnum):
    """The states of the API. A report that was cancelled has failed, and says so."""

    ACCEPTED = "Accepted"
    PROCESSING = "Processing"
    GENERATED = "Generated"
    """The file is there; what has to happen with it is under way."""
    COMPLETED = "Completed"
    FAILED = "Failed"


OPEN_STATUSES = (ReportStatus.ACCEPTED, ReportStatus.PROCESSING, ReportStatus.GENERATED)
READABLE_STATUSES = (ReportStatus.GENERATED, ReportStatus.COMPLETED)


class ReportRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a report is about. Every field narrows; inside one field, any of its values will do; an empty one narrows
    nothing. `since` and `until` are about the day of evaluation and both inclusive."""

    name: str
    provider: Provider
    description: str = ""
    query: str = ""
    """Over evaluations, in the query language."""
    since: datetime | None = None
    until: datetime | None = None
    execution_type: ExecutionType = ExecutionType.RUN_TIME
    policy_ids: tuple[UUID, ...] = ()
    tag_ids: tuple[UUID, ...] = ()
    """Worn by the resource or by its connector."""
    connector_ids: tuple[UUID, ...] = ()
    group_ids: tuple[UUID, ...] = ()
    """Of the connectors."""
    format: ReportFormat = ReportFormat.CSV
    results: tuple[Status, ...] = ()
    has_summary: bool = False
    has_arns: bool = False
    kind: ReportKind = ReportKind.ASSESSMENT
    mandate_id: UUID | None = None
    """Of a report by a mandate: it shows only controls that say something about its requirements."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One report. `key` is 0 until stored."""

    uuid: UUID
    request: ReportRequest
    created_by: str
    created_on: datetime
    expires_on: datetime
    """It is gone from then on."""
    reach: Reach | None = None
    """The part of the inventory that who asked for it sees: it shows nothing else, whoever has it made again."""
    status: ReportStatus = ReportStatus.ACCEPTED
    turn: int = 1
    """How often it was asked for: once, and once more for each rerun."""
    attempt: int = 0
    """The last one that somebody began."""
    published: int = 0
    """The attempt whose file is the report; 0 while there is none."""
    started_on: datetime | None = None
    finished_on: datetime | None = None
    moment: datetime | None = None
    """What it shows is as it was then."""
    rows: int = 0
    size: int = 0
    """Bytes of the file."""
    chunks: int = 0
    progress: int = 0
    """Percent of the resources that have been looked at."""
    reason: str = ""
    """Why it failed."""
    key: int = 0

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES

    @property
    def is_readable(self) -> bool:
        return self.status in READABLE_STATUSES
