"""Routes of single sign-on: out to the provider, and back with a session of the console."""

from functools import partial
from urllib.parse import quote

import msgspec
from litestar import get
from litestar.datastructures import Cookie
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from nephoscope.access.sso import LONGEST_WAY
from nephoscope.api.asking import Asked, parameter, services
from nephoscope.api.authentication import address_of, cookie
from nephoscope.api.documenting import described, text_parameter
from nephoscope.api.permissions import OPEN
from nephoscope.api.routes.me import cookie_of
from nephoscope.errors import UnauthenticatedError

_TAGS = ["Login"]
_COOKIE, _SAFE_COOKIE = "nephoscope_sso", "__Host-nephoscope_sso"
"""Over TLS the second: browsers take it from this very host alone, so that a neighbour makes nobody finish a login that
he began himself."""
_PATH = "/api/sso"


class ProviderBody(msgspec.Struct, frozen=True):
    """One that people can come in by. `login` is where a browser is sent."""

    name: str
    login: str


@get(
    "/sso/providers",
    tags=_TAGS,
    summary="The providers of single sign-on",
    description="For a page that people log in on. Needs no password.",
    opt={OPEN: True},
    sync_to_thread=False,
)
def list_providers(request: Asked) -> list[ProviderBody]:
    names = services(request).usecases.sso.names
    return [ProviderBody(name, f"{_PATH}/login?provider={quote(name, safe='')}") for name in names]


@get(
    "/sso/login",
    tags=_TAGS,
    summary="Log in through the provider of single sign-on",
    description="Redirects the browser to the provider. 404 where there is none.",
    operation_class=described(
        (
            text_parameter("next", "A path of this server to go to afterwards; `/` if missing."),
            text_parameter("provider", "Which provider, where there are several; the first when not given."),
        )
    ),
    opt={OPEN: True},
    status_code=302,
)
async def begin_sign_on(request: Asked) -> Redirect:
    own = services(request)
    onward, name = parameter(request, "next") or "/", parameter(request, "provider")
    begun = await own.hashing.asked(partial(own.usecases.sso.begin, onward, name))
    return Redirect(begun.location, cookies=[_cookie(request, begun.cookie, int(LONGEST_WAY.total_seconds()))])


@get(
    "/sso/callback",
    tags=_TAGS,
    summary="Come back from the provider of single sign-on",
    operation_class=described(
        (
            text_parameter("code", "What the provider gave the browser."),
            text_parameter("state", "What it was given by us."),
            text_parameter("iss", "Which provider it is; some say so."),
        )
    ),
    opt={OPEN: True},
    status_code=302,
)
async def finish_sign_on(request: Asked) -> Redirect:
    own = services(request)
    code, state, issuer = (parameter(request, name) for name in ("code", "state", "iss"))
    if not code:
        raise UnauthenticatedError("The provider of single sign-on sent you back without a code.")
    way = cookie(dict(request.scope["headers"]), _SAFE_COOKIE if _is_secure(request) else _COOKIE)
    user, onward = await own.hashing.asked(partial(own.usecases.sso.finish, way, state, code, issuer))
    agent = request.headers.get("user-agent", "")
    admit = partial(own.usecases.access.admit, user, address_of(request.scope), agent, "sso")
    begun = await own.hashing.done(admit)
    return Redirect(onward, cookies=[cookie_of(request, begun), _cookie(request, "", 0)])


def _cookie(request: Asked, value: str, seconds: int) -> Cookie:
    is_secure = _is_secure(request)
    return Cookie(
        key=_SAFE_COOKIE if is_secure else _COOKIE,
        value=value,
        httponly=True,
        secure=is_secure,
        samesite="lax",
        path="/" if is_secure else _PATH,  # the name demands it
        max_age=seconds,
    )


def _is_secure(request: Asked) -> bool:
    return request.scope["scheme"] == "https"


ROUTES: tuple[HTTPRouteHandler, ...] = (list_providers, begin_sign_on, finish_sign_on)
