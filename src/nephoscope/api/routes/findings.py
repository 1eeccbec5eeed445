"""Our own routes of findings: vulnerabilities and secrets over all resources, and the mask of one secret."""

from typing import Any

from litestar import get, post
from litestar.handlers import HTTPRouteHandler

from nephoscope.api.asking import Asked, InPath, filtered_page, services, uuid_named
from nephoscope.api.documenting import answers, described, list_parameters
from nephoscope.api.wire import on_disk as wire
from nephoscope.api.wire.envelope import PageBody
from nephoscope.api.wire.listing import USUAL_PAGE
from nephoscope.qql.tokens import SECRET_TOKENS, VULNERABILITY_TOKENS
from nephoscope.store import found_secrets, vulnerabilities

_TAGS = ["Findings"]


@get(
    "/findings/vulnerabilities",
    tags=_TAGS,
    summary="List vulnerabilities",
    description="Of all disks that were read, the worst first; those that are fixed too, unless the filter says no.",
    operation_class=described(list_parameters(USUAL_PAGE, "severity >= 4 and exploited:true and not status:FIXED")),
    responses=answers(PageBody[dict[str, Any]], "A page of vulnerabilities"),
    media_type="application/json",
    sync_to_thread=True,
)
def list_vulnerabilities(request: Asked) -> bytes:
    return filtered_page(
        request, VULNERABILITY_TOKENS, vulnerabilities.SORTABLE, vulnerabilities.page, wire.full_vulnerability
    )


@get(
    "/findings/secrets",
    tags=_TAGS,
    summary="List secrets",
    description="Of all disks that were searched, the worst first. Kind and place, never the secret, nor its mask.",
    operation_class=described(list_parameters(USUAL_PAGE, "severity:CRITICAL and live:true and not state:FIXED")),
    responses=answers(PageBody[dict[str, Any]], "A page of secrets"),
    media_type="application/json",
    sync_to_thread=True,
)
def list_secrets(request: Asked) -> bytes:
    return filtered_page(request, SECRET_TOKENS, found_secrets.SORTABLE, found_secrets.page, wire.full_secret)


@post(
    "/findings/secrets/{secret_id:str}/preview",
    tags=_TAGS,
    summary="The mask of one secret",
    description="A few characters at most, to recognise it by. Takes a permission of its own, and is noted.",
    status_code=200,
    sync_to_thread=True,
)
def preview_secret(request: Asked, secret_id: InPath) -> dict[str, Any]:
    uuid = uuid_named(secret_id, "secret")
    found = services(request).usecases.disks.preview(uuid, request.user.name, request.user.reach)
    return wire.full_secret(found) | {"preview": found.secret.found.preview}


ROUTES: tuple[HTTPRouteHandler, ...] = (list_vulnerabilities, list_secrets, preview_secret)
