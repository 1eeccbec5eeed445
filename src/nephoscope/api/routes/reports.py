"""Routes of assessment reports (contract §7.7, §11): create, list, one, rerun, cancel, delete, two downloads."""

from collections.abc import Sequence
from uuid import UUID

from litestar import HttpMethod, delete, get, post, route
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody
from litestar.response import Response, Stream

from nephoscope.api.asking import (
    Asked,
    InPath,
    asked_listing,
    conditions,
    json_mapping,
    json_value,
    page_request,
    parameter,
    services,
    uuid_named,
)
from nephoscope.api.documenting import answers, described, list_parameters, text_parameter
from nephoscope.api.downloads import attachment, streamed, zipped
from nephoscope.api.wire import envelope, listing
from nephoscope.api.wire import reports as wire
from nephoscope.api.wire.envelope import PageBody
from nephoscope.api.wire.listing import EXCEPTIONS_PAGE
from nephoscope.api.wire.reading import identifiers
from nephoscope.kit.pages import PageRequest
from nephoscope.model.reports import ReportFormat
from nephoscope.qql.tokens import REPORT_TOKENS
from nephoscope.reports.renderers.table import RENDERINGS
from nephoscope.reports.reports import draft_of, file_name

_TAGS = ["Reports"]
SORTABLE = frozenset({"name", "provider", "format", "status", "created_by", "created_on", "finished_on", "expires_on"})
_FILES = tuple(dict.fromkeys(rendering.media_type for rendering in RENDERINGS.values()))
_EXAMPLE = {
    "reportName": "AWS Assessment Report",
    "description": "",
    "cloudType": "AWS",
    "query": "control.criticality:HIGH",
    "startDate": "2026-05-03T00:12:53Z",
    "endDate": "2026-05-10T18:53:53Z",
    "executionType": "RUN_TIME",
    "policyIds": [],
    "tagIds": [],
    "connectorIds": [],
    "format": "csv",
    "resourceResults": ["FAIL"],
    "iacResourceResults": [],
}
_LIST_PARAMETERS = (
    *list_parameters(EXCEPTIONS_PAGE, "status:Completed and createdOn:[now-7d..now]"),
    text_parameter(wire.REPORT_ID, "Only this one."),
    text_parameter(wire.REPORT_NAME, "Whose name has this in it."),
    text_parameter(wire.CREATED_BY, "Of this person."),
    text_parameter(wire.STATUS, "Accepted, Processing, Generated, Completed or Failed."),
)


def _named_by_path(_: HTTPRouteHandler, method: str, path: Sequence[str | object]) -> str:
    """In the OpenAPI document, of handlers with two addresses."""
    words = "/".join(map(str, path)).replace(".", "/").split("/")
    return "".join(word.title() for word in (*words, getattr(method, "value", method)))


@post(
    ["/report/assessment/create", "/report/assessment"],
    tags=_TAGS,
    operation_id=_named_by_path,
    summary="Create a report",
    description=(
        "It is made in the background: ask for it until its status is `Completed`, or `Failed` with a reason. Every "
        "field narrows what it shows, and inside a list any of the values will do; what is left out or empty narrows "
        "nothing. `startDate` and `endDate` are about the day of evaluation, both inclusive. `tagIds` are worn by a "
        "resource or its connector, `groupIds` are groups of connectors. `resourceResults` are PASS, PASSE and FAIL. "
        "`resourceSummaryInclude` adds counts by control, policy and connector and what could not be read; "
        "`includeResourceARN` adds the ARN (AWS alone). `executionType` is RUN_TIME, or SCHEDULED for what a schedule "
        "asks for; BUILD_TIME is about templates, which are not scanned here. `format` is csv, json, xlsx or ON_SCREEN."
        "\n\nWhat names nothing that exists, or contradicts itself, is refused, everything at once."
    ),
    operation_class=described(body=_EXAMPLE),
    responses=answers(wire.CreatedReport, "The request, and the report's id and status", status=201),
    sync_to_thread=True,
)
def create_report(request: Asked, body: RawBody) -> wire.CreatedReport:
    draft = draft_of(json_mapping(request, body))
    return wire.created(services(request).usecases.reports.create(draft, request.user))


@get(
    ["/report/assessment/list", "/report/assessment"],
    tags=_TAGS,
    operation_id=_named_by_path,
    summary="List reports",
    description=(
        "The newest first. Whoever has a reach sees only their own. `/list` counts pages from 1, as the vendor's own "
        "client does, and takes 0 for the first too; without `/list` they are counted from 0, as everywhere."
    ),
    operation_class=described(_LIST_PARAMETERS),
    responses=answers(PageBody[wire.ReportRow], "A page of reports"),
    media_type="application/json",
    sync_to_thread=True,
)
def list_reports(request: Asked) -> bytes:
    asked = asked_listing(request, EXCEPTIONS_PAGE)
    named = listing.parameters(request.scope["query_string"])
    bound = (*conditions(request, asked.filter, REPORT_TOKENS), *wire.read_conditions(named))
    ordered = page_request(asked, REPORT_TOKENS, SORTABLE)
    first = 1 if str(request.scope["path_template"]).endswith("/list") else 0
    wanted = PageRequest(max(0, asked.page - first), asked.size, ordered.sort)
    page = services(request).usecases.reports.list(request.user, bound, wanted)
    return envelope.page([wire.row(report) for report in page.rows], page.total, wanted)


@get(
    "/report/assessment/{report_id:str}",
    tags=_TAGS,
    summary="One report",
    description="How it is doing and what was asked for; with the report itself when its format is ON_SCREEN.",
    responses=answers(wire.ReportDetail, "The report"),
)
async def get_report(request: Asked, report_id: InPath) -> Response[wire.ReportDetail] | Stream:
    reports, uuid = services(request).usecases.reports, _named(report_id)
    report = reports.get(uuid, request.user)
    if report.request.format is not ReportFormat.ON_SCREEN or not report.is_readable:
        return Response(wire.detail(report), media_type="application/json")
    document = reports.document(uuid, request.user)
    return await streamed(wire.with_document(document.report, document.pieces), document.media_type)


@get(
    "/report/assessment/{report_id:str}/download",
    tags=_TAGS,
    summary="Download the file of a report",
    operation_class=described((text_parameter(wire.REPORT_FORMAT, "The format that it was made as."),), files=_FILES),
    responses=answers(bytes, "The file as it is"),
)
async def download_file(request: Asked, report_id: InPath) -> Stream:
    wanted = wire.read_format(parameter(request, wire.REPORT_FORMAT))
    found = services(request).usecases.reports.document(_named(report_id), request.user, wanted)
    return await streamed(found.pieces, found.media_type, attachment(found.name, found.size))


@get(
    "/report/assessment/download/{report_id:str}",
    tags=_TAGS,
    summary="Download the file of a report in a zip archive",
    operation_class=described(files=("application/zip",)),
    responses=answers(bytes, "A zip archive with the file in it"),
)
async def download_archive(request: Asked, report_id: InPath) -> Stream:
    found = services(request).usecases.reports.document(_named(report_id), request.user)
    moment = found.report.moment or found.report.created_on
    headers = attachment(file_name(found.report, "zip"))
    return await streamed(zipped(found.name, moment, found.size, found.pieces), "application/zip", headers)


@post(
    "/report/assessment/{report_id:str}/rerun",
    tags=_TAGS,
    summary="Make a report once more",
    description="Under the same id, of what is there now. The file that there was goes.",
    responses=answers(wire.CreatedReport, "The report, accepted"),
    status_code=200,
    sync_to_thread=True,
)
def rerun_report(request: Asked, report_id: InPath) -> wire.CreatedReport:
    return wire.created(services(request).usecases.reports.rerun(_named(report_id), request.user))


@post(
    "/report/assessment/{report_id:str}/cancel",
    tags=_TAGS,
    summary="Stop making a report",
    description="Its status is Failed at once, and the reason says who cancelled it.",
    responses=answers(wire.CreatedReport, "The report"),
    status_code=200,
    sync_to_thread=True,
)
def cancel_report(request: Asked, report_id: InPath) -> wire.CreatedReport:
    return wire.created(services(request).usecases.reports.cancel(_named(report_id), request.user))


@delete("/report/assessment/{report_id:str}", tags=_TAGS, summary="Delete a report", sync_to_thread=True)
def delete_report(request: Asked, report_id: InPath) -> None:
    services(request).usecases.reports.delete([_named(report_id)], request.user)


@route(
    "/report/assessment/delete",
    http_method=[HttpMethod.DELETE, HttpMethod.POST],
    tags=_TAGS,
    summary="Delete reports",
    description=f'All or none. The body is the bare list of ids or `{{"{wire.REPORT_IDS}": […]}}`.',
    operation_class=described(body=["6f0c9f5e-0f3c-4b5a-9a39-0c54e8a1c1d2"]),
    status_code=204,
    sync_to_thread=True,
)
def delete_reports(request: Asked, body: RawBody) -> None:
    ids = identifiers(json_value(request, body), wire.REPORT_IDS)
    services(request).usecases.reports.delete(ids, request.user)


def _named(report_id: str) -> UUID:
    return uuid_named(report_id, "report")


ROUTES: tuple[HTTPRouteHandler, ...] = (
    create_report,
    list_reports,
    get_report,
    download_file,
    download_archive,
    rerun_report,
    cancel_report,
    delete_report,
    delete_reports,
)
