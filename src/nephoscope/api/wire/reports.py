"""Assessment reports on the wire (contract §7.7)."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from nephoscope.errors import BadRequestError
from nephoscope.kit.dates import zulu
from nephoscope.model.reports import Report, ReportFormat, ReportStatus
from nephoscope.qql.bound import Bound, Condition, Operator

CREATED_BY, REPORT_NAME, STATUS, REPORT_ID, REPORT_FORMAT = (
    "createdBy",
    "reportName",
    "status",
    "reportId",
    "reportFormat",
)
REPORT_IDS = "reportIds"


class RequestBody(msgspec.Struct, frozen=True, rename="camel"):
    """What was asked for, in the key order of the seed's sample. Fields that it does not print are there when they were
    said."""

    report_name: str
    description: str
    cloud_type: str
    query: str
    start_date: str | None
    end_date: str | None
    execution_type: str
    policy_ids: tuple[UUID, ...]
    tag_ids: tuple[UUID, ...]
    connector_ids: tuple[UUID, ...]
    format: str
    iac_resource_results: tuple[str, ...]
    group_ids: tuple[UUID, ...] | UnsetType = UNSET
    resource_results: tuple[str, ...] | UnsetType = UNSET
    resource_summary_include: bool | UnsetType = UNSET
    include_resource_arn: bool | UnsetType = msgspec.field(default=UNSET, name="includeResourceARN")


class CreatedReport(RequestBody, frozen=True, rename="camel", kw_only=True):
    """The request again, and where to ask for the report."""

    report_id: UUID
    status: str


class PolicyRef(msgspec.Struct, frozen=True, rename="camel"):
    cloud_type: str
    policy_id: UUID


class ArrangedReport(msgspec.Struct, frozen=True, rename="camel"):
    """A report by policies or by a mandate: the request again, and where to ask for it. It is listed and downloaded
    with the assessment reports."""

    report_id: UUID
    status: str
    title: str
    description: str
    cloud_type: str
    type: str
    mandate_id: UUID | None
    policies: tuple[PolicyRef, ...]
    connector_ids: tuple[UUID, ...]
    format: str


class ReportRow(msgspec.Struct, frozen=True, rename="camel"):
    """One report. `rows` and `size` (bytes) are of the file, once there is one; `progress` is in percent; `reason` says
    why it failed; `as_of` is the moment that it shows."""

    report_id: UUID
    report_name: str
    description: str
    cloud_type: str
    format: str
    execution_type: str
    status: str
    progress: int
    created_by: str
    created_on: str
    as_of: str | None
    completed_on: str | None
    expires_on: str
    rows: int
    size: int
    reason: str


class ReportDetail(CreatedReport, frozen=True, rename="camel", kw_only=True):
    """One report with what was asked for. `document` is the report itself when its format is ON_SCREEN and it is
    there."""

    progress: int
    created_by: str
    created_on: str
    as_of: str | None
    completed_on: str | None
    expires_on: str
    rows: int
    size: int
    reason: str


def arranged(report: Report) -> ArrangedReport:
    request = report.request
    return ArrangedReport(
        report_id=report.uuid,
        status=report.status.value,
        title=request.name,
        description=request.description,
        cloud_type=request.provider.value,
        type=request.kind.value,
        mandate_id=request.mandate_id,
        policies=tuple(PolicyRef(request.provider.value, uuid) for uuid in request.policy_ids),
        connector_ids=request.connector_ids,
        format=request.format.value,
    )


def created(report: Report) -> CreatedReport:
    return CreatedReport(**_request(report), report_id=report.uuid, status=report.status.value)


def detail(report: Report) -> ReportDetail:
    return ReportDetail(**_request(report), report_id=report.uuid, status=report.status.value, **_state(report))


def row(report: Report) -> ReportRow:
    request = report.request
    return ReportRow(
        report_id=report.uuid,
        report_name=request.name,
        description=request.description,
        cloud_type=request.provider.value,
        format=request.format.value,
        execution_type=request.execution_type.value,
        status=report.status.value,
        **_state(report),
    )


def _request(report: Report) -> dict[str, Any]:
    request = report.request
    said = {
        "group_ids": request.group_ids,
        "resource_results": tuple(result.value for result in request.results),
        "resource_summary_include": request.has_summary,
        "include_resource_arn": request.has_arns,
    }
    return {
        "report_name": request.name,
        "description": request.description,
        "cloud_type": request.provider.value,
        "query": request.query,
        "start_date": zulu(request.since) if request.since else None,
        "end_date": zulu(request.until) if request.until else None,
        "execution_type": request.execution_type.value,
        "policy_ids": request.policy_ids,
        "tag_ids": request.tag_ids,
        "connector_ids": request.connector_ids,
        "format": request.format.value,
        "iac_resource_results": (),
        **{name: value for name, value in said.items() if value},
    }


def _state(report: Report) -> dict[str, Any]:
    return {
        "progress": report.progress,
        "created_by": report.created_by,
        "created_on": zulu(report.created_on),
        "as_of": zulu(report.moment) if report.moment else None,
        "completed_on": zulu(report.finished_on) if report.finished_on else None,
        "expires_on": zulu(report.expires_on),
        "rows": report.rows,
        "size": report.size,
        "reason": report.reason,
    }


def read_conditions(named: Mapping[str, str]) -> Bound:
    """The list's own parameters, by lower-case name. BadRequestError for a status that there is not."""
    found: list[Condition] = []
    for parameter, field, operator in _PARAMETERS:
        value = named.get(parameter.lower(), "").strip()
        if value:
            found.append(Condition(field, operator, (value,)))
    status = named.get(STATUS.lower(), "").strip().casefold()
    if status and status not in {one.value.casefold() for one in ReportStatus}:
        problem = f"{STATUS}: {status[:40]!r} is none of {', '.join(ReportStatus)}"
        raise BadRequestError(f"{problem}.", [problem])
    return tuple(found)


_PARAMETERS = (
    (CREATED_BY, "created_by", Operator.EQUALS),
    (REPORT_NAME, "name", Operator.CONTAINS),
    (STATUS, "status", Operator.EQUALS),
    (REPORT_ID, "uuid", Operator.EQUALS),
)


def read_format(text: str) -> ReportFormat | None:
    """None when nothing was said. BadRequestError for a format that there is not."""
    if not text:
        return None
    found = next((one for one in ReportFormat if one.value.casefold() == text.strip().casefold()), None)
    if found is None:
        problem = f"{REPORT_FORMAT}: {text[:40]!r} is none of {', '.join(ReportFormat)}"
        raise BadRequestError(f"{problem}.", [problem])
    return found


def disposition(name: str) -> str:
    """The header that names a file; in two spellings, because not everybody reads the second."""
    plain = "".join(letter if (letter.isascii() and letter.isalnum()) or letter in "._- " else "_" for letter in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def with_document(report: Report, pieces: Iterable[bytes]) -> Iterable[bytes]:
    """The detail with its document inside, in pieces."""
    yield msgspec.json.encode(detail(report))[:-1] + b',"document":'
    yield from pieces
    yield b"}"
