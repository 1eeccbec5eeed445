"""Routes of the audit trail, to read it and to prove it. Nothing here, or anywhere in the API, changes an entry."""

from litestar import get
from litestar.handlers import HTTPRouteHandler

from nephoscope.api.asking import Asked, asked_listing, parameter, reading, services
from nephoscope.api.documenting import answers, described, page_parameters, text_parameter
from nephoscope.api.wire import envelope
from nephoscope.api.wire import trails as wire
from nephoscope.api.wire.envelope import PageBody
from nephoscope.api.wire.listing import USUAL_PAGE
from nephoscope.audit import trail
from nephoscope.kit.pages import PageRequest

_TAGS = ["Audit"]
_DATE = "`2026-01-31`, `2026-01-31T08:00:00Z` or `now-7d`."
_PARAMETERS = {
    wire.WHO: "Only what this user did.",
    wire.ACTION: "Only this action (`exception.create`), or all of one noun (`exception`).",
    wire.SUBJECT: "Only what was done to this uuid or name.",
    wire.SINCE: f"From this moment on: {_DATE}",
    wire.UNTIL: f"Until this moment, or the end of this day: {_DATE}",
}


@get(
    "/audit",
    tags=_TAGS,
    summary="List decisions",
    description="Who decided what and when, the newest first.",
    operation_class=described(
        (*page_parameters(USUAL_PAGE), *(text_parameter(name, words) for name, words in _PARAMETERS.items()))
    ),
    responses=answers(PageBody[wire.EntryBody], "A page of entries"),
    media_type="application/json",
    sync_to_thread=True,
)
def list_entries(request: Asked) -> bytes:
    usecases = services(request).usecases
    asked = asked_listing(request, USUAL_PAGE)
    wanted = wire.wanted({name: parameter(request, name) for name in _PARAMETERS}, usecases.clock())
    with usecases.store.read() as reader:
        page = trail.page(reader, wanted, PageRequest(asked.page, asked.size))
    return envelope.page([wire.entry(row) for row in page.rows], page.total, page.request)


@get(
    "/audit/verify",
    tags=_TAGS,
    summary="Whether the trail is whole",
    description="Reads all of it. Names the first entry that was changed, removed or put elsewhere.",
    responses=answers(wire.VerifiedBody, "Whether it is, and its head"),
    sync_to_thread=True,
)
def verify_trail(request: Asked) -> wire.VerifiedBody:
    with reading(request) as reader:
        return wire.verified(trail.head(reader), trail.verify(reader))


ROUTES: tuple[HTTPRouteHandler, ...] = (list_entries, verify_trail)
