"""Our own routes of settings: the tenant's, and each user's own."""

from litestar import get, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from nephoscope.api.asking import Asked, json_mapping, services
from nephoscope.api.documenting import answers, described
from nephoscope.api.wire import settings as wire

_TAGS = ["Settings"]


@get(
    "/settings",
    tags=_TAGS,
    summary="Settings of the tenant",
    responses=answers(wire.TenantBody, "The settings"),
    sync_to_thread=True,
)
def get_tenant(request: Asked) -> wire.TenantBody:
    return wire.tenant(services(request).usecases.preferences.tenant())


@put(
    "/settings",
    tags=_TAGS,
    summary="Change settings of the tenant",
    description=(
        "Only what the body names changes, at once and without a restart; null goes back to what the program was "
        "started with. `keepRunsDays` and `keepAuditDays` may be 0: forever."
    ),
    operation_class=described(body={"timeZone": "Europe/Berlin", "exceptionsNeedApproval": True}),
    responses=answers(wire.TenantBody, "The settings as they are then"),
    sync_to_thread=True,
)
def change_tenant(request: Asked, body: RawBody) -> wire.TenantBody:
    changed = wire.read_tenant(json_mapping(request, body))
    return wire.tenant(services(request).usecases.preferences.change_tenant(changed, request.user))


@get(
    "/settings/mine",
    tags=_TAGS,
    summary="Your own settings",
    responses=answers(wire.UserBody, "The settings"),
    sync_to_thread=True,
)
def get_mine(request: Asked) -> wire.UserBody:
    preferences, name = services(request).usecases.preferences, request.user.name
    return wire.user(preferences.user(name), preferences.zone_of(name).key)


@put(
    "/settings/mine",
    tags=_TAGS,
    summary="Change your own settings",
    description="`timeZone`: the first and the last day of an exception that you make are days there; null for none.",
    operation_class=described(body={"timeZone": "Asia/Kolkata"}),
    responses=answers(wire.UserBody, "The settings as they are then"),
    sync_to_thread=True,
)
def change_mine(request: Asked, body: RawBody) -> wire.UserBody:
    preferences, name = services(request).usecases.preferences, request.user.name
    changed = preferences.change_user(name, wire.read_user(json_mapping(request, body)), request.user)
    return wire.user(changed, preferences.zone_of(name).key)


ROUTES: tuple[HTTPRouteHandler, ...] = (get_tenant, change_tenant, get_mine, change_mine)
