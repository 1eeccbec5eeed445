"""The portal's own paths: who this is (contract §0.4), and whether it lives."""

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from nephoscope.api.asking import Asked, services
from nephoscope.api.documenting import described
from nephoscope.api.manual import VERSION
from nephoscope.api.permissions import OPEN
from nephoscope.api.wire.portal import about
from nephoscope.errors import StoreError
from nephoscope.store import evaluations, upgrading
from nephoscope.store.session import Store

_TAGS = ["Portal"]


_OK, _UNAVAILABLE = 200, 503


class Health(msgspec.Struct, frozen=True):
    status: str


class Readiness(msgspec.Struct, frozen=True):
    """`checks`: what was looked at, and whether it is well."""

    status: str
    checks: dict[str, bool]


@get(
    "/msp/about.php",
    tags=_TAGS,
    summary="Who this is",
    description="Clients log in here first, and read the rate limits from the headers of the answer.",
    operation_class=described(),
    media_type="text/xml",
    sync_to_thread=False,
)
def get_about() -> bytes:
    return about(VERSION)


@get(
    "/healthz",
    tags=_TAGS,
    summary="Whether this process can answer",
    description="Asks nobody else: whoever restarts a process that does not answer must not do so because the database "
    "is away. Needs no password.",
    opt={OPEN: True},
    sync_to_thread=False,
)
def get_health() -> Health:
    return Health("ok")


@get(
    "/readyz",
    tags=_TAGS,
    summary="Whether this process may be sent requests",
    description="The database answers and is of this version, and runs are carried. 503 names what is not. Needs no "
    "password.",
    opt={OPEN: True},
    sync_to_thread=True,
)
def get_readiness(request: Asked) -> Response[Readiness]:
    usecases = services(request).usecases
    is_there, is_current = _looked_at(usecases.store)
    checks = {"store": is_there, "schema": is_current, "jobs": usecases.runs.is_carrying}
    status = "ok" if all(checks.values()) else "unavailable"
    return Response(Readiness(status, checks), status_code=_OK if status == "ok" else _UNAVAILABLE)


def _looked_at(store: Store) -> tuple[bool, bool]:
    """Whether the database answers, and whether its schema is still the one that this process knows: another may have
    migrated it."""
    try:
        with store.read() as reader:
            evaluations.version(reader)
            try:
                upgrading.check(reader.connection)
            except StoreError:
                return True, False
    except StoreError:
        return False, False
    return True, True


@get("/", opt={OPEN: True}, include_in_schema=False, sync_to_thread=False)
def get_front() -> Redirect:
    return Redirect("/openapi")


ROUTES: tuple[HTTPRouteHandler, ...] = (get_about, get_health, get_readiness, get_front)
