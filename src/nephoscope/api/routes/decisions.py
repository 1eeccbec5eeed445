"""Our own routes about exceptions: what one would cover, why a row shows what it shows, what fails when they end, and
the decisions on them (renewal, approval). Documented in OpenAPI; the compatible routes are in `exceptions`."""

import re

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from nephoscope.api.asking import Asked, InPath, json_mapping, json_object, parameter, reading, services, uuid_named
from nephoscope.api.documenting import answers, described, text_parameter
from nephoscope.api.routes.exceptions import DRAFT_EXAMPLE, exception_named
from nephoscope.api.wire import decisions as wire
from nephoscope.errors import BadRequestError
from nephoscope.exceptions.exceptions import draft_of
from nephoscope.store import connectors
from nephoscope.usecases.moments import day_of, moment_of
from nephoscope.usecases.posture import posture

_TAGS = ["Decisions"]
_END_DATE, _RESOURCE, _CID, _AT, _AS_OF, _DAYS, _POLICY = "endDate", "resource", "cid", "at", "asOf", "days", "policy"
_DEFAULT_DAYS = 30
_NUMBER = re.compile(r"[0-9]{1,9}")


@post(
    "/exceptions/preview",
    tags=_TAGS,
    summary="What an exception would cover",
    description=(
        "Takes the body of a creation and creates nothing. Only `cloudType`, `exceptionScope`, `controlIds` and the "
        "fields of the scope are needed. Counts what fails now and would be covered, how much of it other exceptions "
        "cover already, shows twenty examples, and names what does not exist yet."
    ),
    operation_class=described(body=DRAFT_EXAMPLE),
    responses=answers(wire.PreviewBody, "What it would cover"),
    status_code=200,
    sync_to_thread=True,
)
def preview_exception(request: Asked, body: RawBody) -> wire.PreviewBody:
    usecases = services(request).usecases
    draft = draft_of(json_mapping(request, body))
    found = usecases.exceptions.preview(draft, reach=request.user.reach)
    return wire.preview(found, usecases.catalogue.controls)


@get(
    "/exceptions/expiring",
    tags=_TAGS,
    summary="Exceptions that end soon",
    description="Those in force that end within so many days, the soonest first.",
    operation_class=described((text_parameter(_DAYS, f"Days from now; {_DEFAULT_DAYS} when not given."),)),
    responses=answers(wire.Expiring, "The exceptions"),
    sync_to_thread=True,
)
def list_expiring(request: Asked) -> wire.Expiring:
    usecases = services(request).usecases
    days = _number(parameter(request, _DAYS) or str(_DEFAULT_DAYS), _DAYS)
    found = usecases.exceptions.expiring(days, reach=request.user.reach)
    return wire.expiring(days, found, usecases.clock())


@get(
    "/exceptions/{exception_id:str}",
    tags=_TAGS,
    summary="One exception, whole",
    description="With what the compatible API has no keys for: approval, renewals, policy and procedure, regions.",
    responses=answers(wire.Whole, "The exception"),
    sync_to_thread=True,
)
def get_decision(request: Asked, exception_id: InPath) -> wire.Whole:
    return wire.whole(exception_named(request, exception_id), services(request).usecases.clock())


@post(
    "/exceptions/{exception_id:str}/renew",
    tags=_TAGS,
    summary="Give an exception another last day",
    description=(
        "Later or earlier; the old one stays in `renewals`. One that has expired is not renewed: the days between were "
        "not covered. Where approval is needed, somebody else than its creator has to renew it."
    ),
    operation_class=described(body={_END_DATE: "2027-02-28"}),
    responses=answers(wire.Whole, "The exception as it is now"),
    status_code=200,
    sync_to_thread=True,
)
def renew_exception(request: Asked, exception_id: InPath, body: RawBody) -> wire.Whole:
    usecases = services(request).usecases
    said = json_object(request, body)
    text = said.text(_END_DATE)
    if said.problems or not text:
        raise BadRequestError(f'The body must be {{"{_END_DATE}": "YYYY-MM-DD"}}, the new last day.', said.problems)
    day = day_of(text, _END_DATE)
    found = exception_named(request, exception_id)
    renewed = usecases.exceptions.renew(found.uuid, day, request.user.name, reach=request.user.reach)
    return wire.whole(renewed, usecases.clock())


@post(
    "/exceptions/{exception_id:str}/approve",
    tags=_TAGS,
    summary="Approve an exception",
    description=(
        "From then on it takes effect. Only where the server's setting demands a second person; whoever created it may "
        "not approve it."
    ),
    responses=answers(wire.Whole, "The exception as it is now"),
    status_code=200,
    sync_to_thread=True,
)
def approve_exception(request: Asked, exception_id: InPath) -> wire.Whole:
    usecases = services(request).usecases
    found = exception_named(request, exception_id)
    approved = usecases.exceptions.approve(found.uuid, request.user.name, reach=request.user.reach)
    return wire.whole(approved, usecases.clock())


@post(
    "/exceptions/{exception_id:str}/reject",
    tags=_TAGS,
    summary="Reject an exception",
    description="It stays listed, as REJECTED and without effect.",
    responses=answers(wire.Whole, "The exception as it is now"),
    status_code=200,
    sync_to_thread=True,
)
def reject_exception(request: Asked, exception_id: InPath) -> wire.Whole:
    usecases = services(request).usecases
    found = exception_named(request, exception_id)
    rejected = usecases.exceptions.reject(found.uuid, request.user.name, reach=request.user.reach)
    return wire.whole(rejected, usecases.clock())


@get(
    "/evaluations/explain",
    tags=_TAGS,
    summary="Why an evaluation shows what it shows",
    description=(
        "Every exception that matches it, which of them wins, and why: RESOURCE comes before CONNECTOR before "
        "QUALYSTAG; within one scope the one that ends last, then the newest."
    ),
    operation_class=described(
        (
            text_parameter(_RESOURCE, "The uuid of the resource."),
            text_parameter(_CID, "The control."),
            text_parameter(_AT, "Another moment than now: `2027-01-01`, `2027-01-01T08:00:00Z` or `now+30d`."),
        )
    ),
    responses=answers(wire.ExplanationBody, "The explanation"),
    sync_to_thread=True,
)
def explain_evaluation(request: Asked) -> wire.ExplanationBody:
    usecases = services(request).usecases
    resource, cid = parameter(request, _RESOURCE), parameter(request, _CID)
    missing = [name for name, said in ((_RESOURCE, resource), (_CID, cid)) if not said]
    if missing:
        raise BadRequestError(f"The query needs {' and '.join(missing)}.", missing)
    number, uuid = _number(cid, _CID), uuid_named(resource, "resource")
    at = parameter(request, _AT)
    zone = usecases.preferences.zone_of(request.user.name)
    moment = moment_of(at, _AT, usecases.clock(), zone) if at else None
    found = usecases.exceptions.explain(uuid, number, moment, reach=request.user.reach)
    with reading(request) as reader:
        owner = connectors.get_by_key(reader, found.resource.connector_key)
    return wire.explanation(found, owner.account_id if owner else "", usecases.catalogue.controls)


@get(
    "/posture",
    tags=_TAGS,
    summary="The posture, now or on another day",
    description=(
        "Counts of all accounts. With a day: what would fail on its first second, with the verdicts of now and the "
        "exceptions that are in force then, and how that differs from now."
    ),
    operation_class=described(
        (
            text_parameter(_AS_OF, "A day, `2027-01-01`; now when not given."),
            text_parameter(_POLICY, "Count only the controls of this policy: its title or its uuid."),
        )
    ),
    responses=answers(wire.PostureBody, "The posture"),
    sync_to_thread=True,
)
def get_posture(request: Asked) -> wire.PostureBody:
    usecases = services(request).usecases
    text = parameter(request, _AS_OF)
    day = day_of(text, _AS_OF) if text else None
    found = posture(usecases, day, parameter(request, _POLICY), request.user)
    return wire.posture(found, usecases.catalogue.controls)


def _number(text: str, name: str) -> int:
    if not _NUMBER.fullmatch(text.strip()):
        raise BadRequestError(f"{name} is {text[:40]!r}; it must be a whole number.", [name])
    return int(text)


ROUTES: tuple[HTTPRouteHandler, ...] = (
    preview_exception,
    list_expiring,
    get_decision,
    renew_exception,
    approve_exception,
    reject_exception,
    explain_evaluation,
    get_posture,
)
