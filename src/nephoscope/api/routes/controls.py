"""Routes of control metadata: the list in JSON and XML, and its DTD (contract §7.3)."""

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from nephoscope.api.asking import Asked, asked_listing, conditions, page_request, services
from nephoscope.api.documenting import answers, described, list_parameters
from nephoscope.api.library import SORTABLE
from nephoscope.api.permissions import OPEN
from nephoscope.api.wire.controls import ControlList, control_list, next_page_address
from nephoscope.api.wire.controls_xml import METADATA_DTD, render
from nephoscope.api.wire.listing import USUAL_PAGE
from nephoscope.qql.tokens import CONTROL_TOKENS

_TAGS = ["Controls"]
_XML, _JSON = "application/xml", "application/json"
_XML_NAMES = (_XML, "text/xml")


@get(
    "/controls/metadata/list",
    tags=_TAGS,
    summary="List controls",
    description=(
        "What is checked, why, and how to put it right. JSON, or XML when the `Accept` header prefers it. While more "
        "pages follow, the answer has a `warning` with the address of the next one."
    ),
    operation_class=described(list_parameters(USUAL_PAGE, "provider:AWS and control.criticality:HIGH"), also=(_XML,)),
    responses=answers(ControlList, "A page of controls"),
    sync_to_thread=False,
)
def list_controls(request: Asked) -> Response[bytes]:
    asked = asked_listing(request, USUAL_PAGE)
    bound = conditions(request, asked.filter, CONTROL_TOKENS)
    wanted = page_request(asked, CONTROL_TOKENS, SORTABLE)
    page = services(request).library.page(bound, wanted)
    more = wanted.offset + len(page.rows) < page.total and page.rows
    address = next_page_address(str(request.url.with_replacements(query="")), asked) if more else ""
    answer = control_list(page.rows, services(request).usecases.clock(), address)
    if prefers_xml(request.headers.get("accept", "")):
        return Response(render(answer), media_type=_XML)
    return Response(msgspec.json.encode(answer), media_type=_JSON)


@get(
    "/controls/metadata/metadata.dtd",
    tags=_TAGS,
    summary="The DTD of the XML list",
    media_type="application/xml-dtd",
    opt={OPEN: True},
    sync_to_thread=False,
)
def get_metadata_dtd() -> bytes:
    return METADATA_DTD.encode()


def prefers_xml(accept: str) -> bool:
    """Whether XML is asked for by name: before JSON in the header, or with a higher quality."""
    named = [_quality(part) for part in accept.lower().split(",")]
    wanted = [(quality, name) for name, quality in named if quality > 0 and name in {*_XML_NAMES, _JSON}]
    return bool(wanted) and max(wanted, key=lambda row: row[0])[1] in _XML_NAMES


def _quality(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip() for piece in part.split(";"))
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                return name, float(value)
            except ValueError:
                return name, 0.0
    return name, 1.0


ROUTES: tuple[HTTPRouteHandler, ...] = (list_controls, get_metadata_dtd)
