"""Routes of evaluations: by control, by resource of a control, their dates, by regular expression (contract §7.4)."""

from contextlib import ExitStack
from functools import partial
from typing import Any

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody
from litestar.response import Stream

from nephoscope.api import postures
from nephoscope.api.asking import (
    Asked,
    InPath,
    asked_listing,
    conditions,
    json_object,
    page_request,
    parameter,
    provider_named,
    reading,
    services,
    uuid_named,
)
from nephoscope.api.documenting import answers, described, list_parameters, page_parameters, text_parameter
from nephoscope.api.library import ControlLibrary
from nephoscope.api.offloading import is_short, run
from nephoscope.api.streaming import LongWork
from nephoscope.api.wire import envelope, listing
from nephoscope.api.wire import evaluations as wire
from nephoscope.api.wire.envelope import PageBody
from nephoscope.api.wire.listing import EVALUATIONS_PAGE, STREAM_LIMIT, USUAL_PAGE
from nephoscope.errors import NotFoundError
from nephoscope.kit.pages import PageRequest
from nephoscope.model.connectors import Connector
from nephoscope.model.controls import Control
from nephoscope.model.providers import Provider
from nephoscope.qql.bound import Bound
from nephoscope.qql.tokens import EVALUATION_TOKENS
from nephoscope.store import evaluations

_TAGS = ["Evaluations"]
_SORTABLE = frozenset({"cid", "region", "resource_type", "resource_id", "evaluated_on"})
_DIGITS = 9


@get(
    "/{provider:str}/evaluations/{account:str}",
    tags=_TAGS,
    summary="Controls of an account",
    description=(
        "One row per control: PASS, FAIL, or NOT_EVALUATED when what it looks at could not all be read (a missing "
        "permission is never a PASS)."
    ),
    operation_class=described(list_parameters(EVALUATIONS_PAGE, "control.result:FAIL and control.criticality:HIGH")),
    responses=answers(PageBody[wire.ControlResult], "A page of controls"),
    media_type="application/json",
)
async def list_account(request: Asked, provider: InPath, account: InPath) -> bytes:
    cloud = provider_named(provider)
    asked = asked_listing(request, EVALUATIONS_PAGE)
    bound = conditions(request, asked.filter, EVALUATION_TOKENS)
    wanted = page_request(asked, EVALUATION_TOKENS, postures.SORTABLE)
    connector = services(request).usecases.connectors.find_account(cloud, account, reach=request.user.reach)
    library = services(request).library
    is_counted = not postures.looks_at_resources(library, bound)
    is_quick = is_counted and not services(request).usecases.store.counts_exceptions and request.user.reach is None
    return await run(partial(_account_page, request, library, connector, bound, wanted), is_short=is_quick)


def _account_page(
    request: Asked, library: ControlLibrary, connector: Connector, bound: Bound, wanted: PageRequest
) -> bytes:
    with reading(request) as reader:
        rows = postures.of_account(reader, library, connector, bound)
    return envelope.page(postures.page(rows, wanted), len(rows), wanted)


@get(
    "/{provider:str}/evaluations/{account:str}/resources/{cid:str}",
    tags=_TAGS,
    summary="Resources of a control",
    description="One row per resource that the control passed or failed, with the settings it looked at.",
    operation_class=described(list_parameters(EVALUATIONS_PAGE, "resource.result:FAIL")),
    responses=answers(PageBody[wire.ResourceResult], "A page of evaluations"),
    media_type="application/json",
)
async def list_resources(request: Asked, provider: InPath, account: InPath, cid: InPath) -> bytes:
    cloud = provider_named(provider)
    asked = asked_listing(request, EVALUATIONS_PAGE)
    library = services(request).library
    of_control, of_resource = library.split(conditions(request, asked.filter, EVALUATION_TOKENS))
    wanted = page_request(asked, EVALUATION_TOKENS, _SORTABLE)
    connector = services(request).usecases.connectors.find_account(cloud, account, reach=request.user.reach)
    control = _control(request, cloud, cid)
    if control.cid not in library.select(cloud, of_control):
        return envelope.page([], 0, wanted)
    make = partial(_control_page, request, connector, control, of_resource, wanted)
    is_quick = is_short(wanted) and not of_resource and request.user.reach is None
    return await run(make, is_short=is_quick)


def _control_page(request: Asked, connector: Connector, control: Control, bound: Bound, wanted: PageRequest) -> bytes:
    with reading(request) as reader:
        total, rows = postures.of_control(reader, connector, control, bound, wanted)
    return envelope.page(rows, total, wanted)


@get(
    "/{provider:str}/evaluations/stats/{cid:str}/{connector_id:str}",
    tags=_TAGS,
    summary="Dates of an evaluation",
    description=(
        "When the control was first and last evaluated on the resource, last reopened and last fixed; over all its "
        "resources without `resourceId`. An empty object when it has not been evaluated."
    ),
    operation_class=described((text_parameter(listing.RESOURCE_ID, "The resource; all of them when not given."),)),
    responses=answers(wire.DatesBody, "The dates, or nothing when there are none"),
    sync_to_thread=False,
)
def get_stats(request: Asked, provider: InPath, cid: InPath, connector_id: InPath) -> wire.DatesBody:
    usecases = services(request).usecases
    cloud = provider_named(provider)
    control = _control(request, cloud, cid)
    uuid = uuid_named(connector_id, "connector")
    connector = usecases.connectors.get(uuid, cloud, reach=request.user.reach)
    resource_id = parameter(request, listing.RESOURCE_ID) or None
    with reading(request) as reader:
        dates = evaluations.dates(reader, connector.key, control.cid, resource_id)
    return wire.dates_body(dates) if dates else wire.DatesBody()


@post(
    "/{provider:str}/evaluations/list/resources",
    tags=_TAGS,
    summary="Evaluations by regular expression",
    description=(
        "Every PASS and FAIL on resources whose whole id matches. The syntax is RE2's, which cannot blow up; a literal "
        f"`*` or `/` may be escaped. Pages of up to {STREAM_LIMIT:,} rows are sent as they are made."
    ),
    operation_class=described(page_parameters(USUAL_PAGE, STREAM_LIMIT), body={"regex": ".*prod.*"}),
    responses=answers(PageBody[dict[str, Any]], "A page of evaluations"),
    media_type="application/json",
    status_code=200,
)
async def list_matching(request: Asked, provider: InPath, body: RawBody) -> Stream:
    cloud = provider_named(provider)
    asked = asked_listing(request, USUAL_PAGE, STREAM_LIMIT)
    pattern = wire.read_regex(json_object(request, body))
    wanted = PageRequest(asked.page, asked.size)
    with ExitStack() as unless_streamed:
        work = LongWork(services(request).slots)
        unless_streamed.callback(work.close)
        find = partial(services(request).regexes.page, cloud, pattern, wanted, reach=request.user.reach)
        matched = await work.run(find)
        stream = await work.stream(envelope.HEAD, matched.chunks, envelope.tail(matched.total, wanted))
        unless_streamed.pop_all()
    return Stream(stream, media_type="application/json")


def _control(request: Asked, provider: Provider, cid: str) -> Control:
    """NotFoundError also for what is no number: no control can have it."""
    controls = services(request).usecases.catalogue.controls
    control = controls.get(int(cid)) if cid.isascii() and cid.isdigit() and len(cid) <= _DIGITS else None
    if control is None or control.provider is not provider:
        raise NotFoundError(f"There is no {provider} control {cid[:40]!r}.")
    return control


ROUTES: tuple[HTTPRouteHandler, ...] = (list_account, list_resources, get_stats, list_matching)
