"""Routes of exceptions: create, list, detail, delete (contract §7.6)."""

from litestar import HttpMethod, get, post, route
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from nephoscope.api.asking import (
    Asked,
    InPath,
    asked_listing,
    conditions,
    json_mapping,
    json_value,
    page_request,
    reading,
    services,
    uuid_named,
)
from nephoscope.api.documenting import answers, described, list_parameters
from nephoscope.api.wire import envelope
from nephoscope.api.wire import exceptions as wire
from nephoscope.api.wire.envelope import PageBody
from nephoscope.api.wire.listing import EXCEPTIONS_PAGE
from nephoscope.exceptions.exceptions import draft_of
from nephoscope.model.exceptions import PolicyException
from nephoscope.qql.tokens import EXCEPTION_TOKENS
from nephoscope.store import connectors
from nephoscope.store.naming import named

_TAGS = ["Exceptions"]
SORTABLE = frozenset({"name", "starting_date", "ending_date", "created_on", "updated_on"})
DRAFT_EXAMPLE = {
    "cloudType": "AWS",
    "exceptionScope": "RESOURCE",
    "name": "Bastion keeps IMDSv1",
    "explanation": "The agent on it cannot speak IMDSv2 before its next release.",
    "startDate": "2026-12-01",
    "endDate": "2027-02-28",
    "exceptionReason": "Risk Accepted",
    "resources": [{"resourceId": "i-0123456789abcdef0", "accountId": "123456789012", "region": "eu-central-1"}],
    "controlIds": [322],
    "informationSecurityPolicy": "",
    "informationSecurityProcedure": "",
}
_IDS_EXAMPLE = ["6f0c9f5e-0f3c-4b5a-9a39-0c54e8a1c1d2"]


@post(
    "/exceptions/create",
    tags=_TAGS,
    summary="Create an exception",
    description=(
        "While it is in force, a FAIL that it covers shows and counts as PASSE. `exceptionScope` says what it covers: "
        "`RESOURCE` the `resources` (`resourceId`, `accountId`, optional `region`); `CONNECTOR` all of the "
        "`accountIds`; `QUALYSTAG` resources that wear one of the `resourceTagNames`, in all connectors "
        "(`isAllConnector`), in the `accountIds`, or in connectors that wear one of the `connectorTagNames`.\n\n"
        "`startDate` and `endDate` are days in your time zone setting, else in the server's, both inclusive. "
        "`exceptionReason` is `False Positive`, `Risk Accepted` or `Other`. What it names need not exist yet, but "
        "controls and accounts must. Everything that is wrong is said at once; a name that is taken is a 409."
    ),
    operation_class=described(body=DRAFT_EXAMPLE),
    responses=answers(wire.CreatedException, "The new exception", status=201),
    sync_to_thread=True,
)
def create_exception(request: Asked, body: RawBody) -> wire.CreatedException:
    usecases = services(request).usecases
    draft = draft_of(json_mapping(request, body))
    made = usecases.exceptions.create(draft, request.user.name, reach=request.user.reach)
    return wire.created(made, usecases.clock())


@get(
    "/exceptions/list",
    tags=_TAGS,
    summary="List exceptions",
    description=(
        "In order of creation, or by `endingDate` or `updatedOn`: `sort=endingDate:asc`. Filters know "
        "`exception.name`, `exception.status` (`ACTIVE`, `INACTIVE`, `EXPIRED`, `PENDING_APPROVAL`, `REJECTED`), "
        "`exception.scope`, `exception.reason`, `exception.provider`, `cid`, `account.id` (also `subscriptionId` and "
        "`projectId`), `resource.id`, `resource.accountId` (also `resource.subscriptionId` and `resource.projectId`), "
        "`startingDate`, "
        "`endingDate`, `createdOn` and `updatedOn`; `qflow.id` and `qflow.name` match nothing."
    ),
    operation_class=described(
        list_parameters(EXCEPTIONS_PAGE, "exception.scope:CONNECTOR and exception.status:ACTIVE")
    ),
    responses=answers(PageBody[wire.ExceptionRow], "A page of exceptions"),
    media_type="application/json",
    sync_to_thread=True,
)
def list_exceptions(request: Asked) -> bytes:
    asked = asked_listing(request, EXCEPTIONS_PAGE)
    bound = conditions(request, asked.filter, EXCEPTION_TOKENS)
    wanted = page_request(asked, EXCEPTION_TOKENS, SORTABLE)
    usecases = services(request).usecases
    page, now = usecases.exceptions.list(bound, wanted, reach=request.user.reach), usecases.clock()
    return envelope.page([wire.exception_row(row, now) for row in page.rows], page.total, wanted)


@get(
    "/exceptions/{exception_id:str}",
    tags=_TAGS,
    summary="One exception",
    description="With the controls, connectors and resources that it names, as far as they are known.",
    responses=answers(wire.ExceptionDetail, "The exception"),
    sync_to_thread=True,
)
def get_exception(request: Asked, exception_id: InPath) -> wire.ExceptionDetail:
    found = exception_named(request, exception_id)
    usecases = services(request).usecases
    return wire.exception_detail(found, _known(request, found), usecases.clock())


@route(
    "/exceptions/delete",
    http_method=[HttpMethod.DELETE, HttpMethod.POST],
    tags=_TAGS,
    summary="Delete exceptions",
    description=(
        "All or none; an unknown id is named. What they covered fails again at once. The body is the bare list of ids "
        f'or `{{"{wire.EXCEPTION_IDS}": […]}}`.'
    ),
    operation_class=described(body=_IDS_EXAMPLE),
    status_code=204,
    sync_to_thread=True,
)
def delete_exceptions(request: Asked, body: RawBody) -> None:
    ids = wire.read_ids(json_value(request, body))
    services(request).usecases.exceptions.delete(ids, request.user.name, reach=request.user.reach)


def exception_named(request: Asked, text: str) -> PolicyException:
    """Whole. NotFoundError also for what is no uuid."""
    uuid = uuid_named(text, "exception")
    return services(request).usecases.exceptions.get(uuid, reach=request.user.reach)


def _known(request: Asked, exception: PolicyException) -> wire.Known:
    with reading(request) as reader:
        owners = (connectors.find_by_account(reader, exception.provider, account) for account in exception.account_ids)
        return wire.Known(
            controls=services(request).usecases.catalogue.controls,
            connectors={owner.account_id: owner for owner in owners if owner},
            resources=named(reader, exception.provider, exception.resources),
        )


ROUTES: tuple[HTTPRouteHandler, ...] = (create_exception, list_exceptions, get_exception, delete_exceptions)
