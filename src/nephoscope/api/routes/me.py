"""Routes of whoever asks: who I am, my password, my second factor, my sessions and tokens; and the login of the
console, which is a session in a cookie."""

from functools import partial

from litestar import Response, delete, get, post, put
from litestar.datastructures import Cookie
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import RawBody

from nephoscope.access.sessions import LONGEST, Begun
from nephoscope.api.asking import Asked, InPath, json_object, services
from nephoscope.api.authentication import (
    COOKIE,
    SAFE_COOKIE,
    address_of,
    proof_of,
    refuse_foreign_page,
)
from nephoscope.api.documenting import answers, described
from nephoscope.api.permissions import OPEN
from nephoscope.api.wire import people as wire
from nephoscope.api.wire.reading import Reading
from nephoscope.errors import BadRequestError, ForbiddenError, NotFoundError, UnsupportedMediaTypeError, refuse
from nephoscope.model.identities import Permission, PrincipalKind
from nephoscope.store import users

_TAGS = ["Me"]
_LOGIN = {"username": "alice", "password": "…", "code": "123456"}


@get(
    "/me", tags=_TAGS, summary="Who I am, and what I may do", responses=answers(wire.MeBody, "You"), sync_to_thread=True
)
def get_me(request: Asked) -> wire.MeBody:
    proof = proof_of(request)
    if proof.principal.kind is not PrincipalKind.USER:
        return wire.me(request.user, None, 0)
    with services(request).usecases.store.read() as reader:
        found = users.get(reader, proof.principal.name)
        return wire.me(request.user, found, users.count_recovery(reader, proof.principal.name))


@put(
    "/me/password",
    tags=_TAGS,
    summary="Choose another password",
    description="Every session and token of yours ends, this one too.",
    operation_class=described(body={"currentPassword": "…", "newPassword": "…"}),
    status_code=204,
)
async def change_password(request: Asked, body: RawBody) -> None:
    current, new = _given(json_object(request, body), "currentPassword", "newPassword")
    own, name = services(request), _name(request)
    own.usecases.access.check_pace(name, address_of(request.scope))
    await own.hashing.done(partial(own.usecases.access.change_password, name, current, new, address_of(request.scope)))


@post(
    "/me/totp",
    tags=_TAGS,
    summary="Begin a second factor",
    description="Answers what an authenticator is given. It is asked for once a code of it was confirmed.",
    operation_class=described(body={"currentPassword": "…"}),
    responses=answers(wire.EnrolmentBody, "The secret, this once"),
    status_code=200,
)
async def enrol(request: Asked, body: RawBody) -> wire.EnrolmentBody:
    await _check_password(request, body)
    own = services(request)
    found = await own.hashing.done(partial(own.usecases.access.factors.enrol, _name(request)))
    return wire.EnrolmentBody(found.secret, found.uri)


@post(
    "/me/totp/confirm",
    tags=_TAGS,
    summary="Confirm the second factor with a code of it",
    operation_class=described(body={"code": "123456"}),
    responses=answers(wire.RecoveryBody, "Codes for the day on which the authenticator is lost, this once"),
    status_code=200,
    sync_to_thread=True,
)
def confirm(request: Asked, body: RawBody) -> wire.RecoveryBody:
    (code,) = _given(json_object(request, body), "code")
    return wire.RecoveryBody(list(services(request).usecases.access.confirm_factor(_name(request), code)))


@delete(
    "/me/totp",
    tags=_TAGS,
    summary="Remove the second factor",
    operation_class=described(body={"currentPassword": "…"}),
    status_code=204,
)
async def remove_factor(request: Asked, body: RawBody) -> None:
    await _check_password(request, body)
    name, factors = _name(request), services(request).usecases.access.factors
    await services(request).hashing.done(partial(factors.remove, name, name))


@post(
    "/sessions",
    tags=_TAGS,
    summary="Log in to the console",
    description=(
        "Sets a cookie that scripts cannot read. Whatever changes something with it has to send the answered "
        "`csrfToken` in the header `X-CSRF-Token`. `code` is for whoever has a second factor."
    ),
    operation_class=described(body=_LOGIN),
    responses=answers(wire.BegunBody, "The session", status=201),
    opt={OPEN: True},
    status_code=201,
)
async def begin_session(request: Asked, body: RawBody) -> Response[wire.BegunBody]:
    refuse_foreign_page(dict(request.scope["headers"]), "POST")
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise UnsupportedMediaTypeError("The body must be application/json.")
    reading = json_object(request, body)
    code = reading.text("code") or ""
    name, password = _given(reading, "username", "password")
    own, address = services(request), address_of(request.scope)
    own.usecases.access.check_pace(name, address)
    agent = request.headers.get("user-agent", "")
    begun = await own.hashing.done(partial(own.usecases.access.open_session, name, password, code, address, agent))
    user = own.usecases.access.accounts.get(name)
    answer = Response(wire.begun(begun, must_change=user.must_change), status_code=201)
    answer.cookies.append(cookie_of(request, begun))
    return answer


@get(
    "/sessions",
    tags=_TAGS,
    summary="List your sessions",
    responses=answers(list[wire.SessionBody], "Those that are not over, the newest first"),
    sync_to_thread=True,
)
def list_sessions(request: Asked) -> list[wire.SessionBody]:
    current = proof_of(request).mark
    return [wire.session(one, current) for one in services(request).usecases.access.sessions.of_user(_name(request))]


@get(
    "/sessions/current",
    tags=_TAGS,
    summary="The session that asks",
    description="With the value for the header `X-CSRF-Token`, for a page that was loaded anew.",
    responses=answers(wire.BegunBody, "The session"),
    sync_to_thread=True,
)
def get_session(request: Asked) -> wire.BegunBody:
    proof = proof_of(request)
    access = services(request).usecases.access
    found = next((one for one in access.sessions.of_user(_name(request)) if one.digest == proof.mark), None)
    if found is None:
        raise NotFoundError("You did not come with a session.")
    return wire.begun(Begun("", proof.csrf, found), must_change=proof.must_change)


@delete(
    "/sessions/current",
    tags=_TAGS,
    summary="Log out of the console",
    responses={204: ResponseSpec(None, description="The session is over")},
    sync_to_thread=True,
    status_code=204,
)
def end_current(request: Asked) -> Response[None]:
    services(request).usecases.access.end_session(_name(request), proof_of(request).mark)
    answer = Response(None, status_code=204)
    answer.cookies += [_ended(request, one) for one in (COOKIE, SAFE_COOKIE)]
    return answer


@delete(
    "/sessions/{session_id:str}", tags=_TAGS, summary="End a session of yours", sync_to_thread=True, status_code=204
)
def end_session(request: Asked, session_id: InPath) -> None:
    access, name = services(request).usecases.access, _name(request)
    found = wire.find_session(access.sessions.of_user(name), session_id)
    access.end_session(name, found.digest if found else "")


@post(
    "/tokens/revoke",
    tags=_TAGS,
    summary="Make a token count no more",
    description=(
        "`token`: one of your own or of your own API clients; with the permission `users:write`, for whoever sees "
        "everything, also of those who may do no more than you. With that permission also by the token's `jti` alone."
    ),
    operation_class=described(body={"token": "…"}),
    responses=answers(wire.RevokedBody, "It counts no more"),
    status_code=200,
    sync_to_thread=True,
)
def revoke_token(request: Asked, body: RawBody) -> wire.RevokedBody:
    reading, access = json_object(request, body), services(request).usecases.access
    jti, may_all = reading.text("jti"), request.user.may(Permission.USERS_WRITE) and request.user.reach is None
    if jti and may_all:
        return wire.RevokedBody(access.revoke_id(jti, request.user))
    (token,) = _given(reading, "token")
    return wire.RevokedBody(access.revoke(token, request.user, may_all=may_all))


@get(
    "/signing-keys",
    tags=["Login"],
    summary="List the keys that tokens are signed with",
    responses=answers(list[wire.SigningKeyBody], "Those that are good, the newest first"),
    sync_to_thread=True,
)
def list_keys(request: Asked) -> list[wire.SigningKeyBody]:
    return [wire.signing_key(key) for key in services(request).usecases.access.keys.good()]


@post(
    "/signing-keys/rotate",
    tags=["Login"],
    summary="Sign with a new key from now on",
    description=(
        "Tokens that were signed before stay good until they expire, unless `revokes` is true: then every token that "
        "there is counts no more."
    ),
    operation_class=described(body={"revokes": False}),
    responses=answers(wire.SigningKeyBody, "The new key"),
    status_code=200,
    sync_to_thread=True,
)
def rotate_keys(request: Asked, body: RawBody) -> wire.SigningKeyBody:
    reading = json_object(request, body or b"{}")
    revokes = reading.flag("revokes")
    refuse("The rotation cannot be accepted", reading.problems)
    return wire.signing_key(services(request).usecases.access.rotate_keys(request.user.name, revokes=bool(revokes)))


def cookie_of(request: Asked, begun: Begun) -> Cookie:
    """Over TLS with the prefix that ties it to this very host."""
    is_secure = request.scope["scheme"] == "https"
    return Cookie(
        key=SAFE_COOKIE if is_secure else COOKIE,
        value=begun.value,
        httponly=True,
        secure=is_secure,
        samesite="lax",
        path="/",
        max_age=int(LONGEST.total_seconds()),
    )


def _ended(request: Asked, key: str) -> Cookie:
    return Cookie(
        key=key, value="", httponly=True, secure=request.scope["scheme"] == "https", samesite="lax", max_age=0
    )


def _name(request: Asked) -> str:
    """The user who asks. ForbiddenError for an API client, which has nothing of all this."""
    proof = proof_of(request)
    if proof.principal.kind is not PrincipalKind.USER:
        raise ForbiddenError("This is for users, not for API clients.")
    return proof.principal.name


async def _check_password(request: Asked, body: bytes) -> None:
    """Nobody changes the second factor at a screen that was left alone."""
    (password,) = _given(json_object(request, body), "currentPassword")
    own, name, address = services(request), _name(request), address_of(request.scope)
    own.usecases.access.check_pace(name, address)
    await own.hashing.done(partial(own.usecases.access.check_own_password, name, password, address))


def _given(reading: Reading, *names: str) -> tuple[str, ...]:
    """The texts of these fields. BadRequestError names those that are missing."""
    texts = {name: reading.text(name) for name in names}
    problems = [*reading.problems, *(f"{name}: is missing" for name, text in texts.items() if not text)]
    if problems:
        raise BadRequestError("; ".join(problems) + ".", problems)
    return tuple(text or "" for text in texts.values())


ROUTES: tuple[HTTPRouteHandler, ...] = (
    get_me,
    change_password,
    enrol,
    confirm,
    remove_factor,
    begin_session,
    list_sessions,
    get_session,
    end_current,
    end_session,
    revoke_token,
    list_keys,
    rotate_keys,
)
