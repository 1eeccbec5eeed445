"""Routes of users, for whoever looks after them."""

from litestar import delete, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from nephoscope.api.asking import Asked, InPath, asked_listing, json_object, services
from nephoscope.api.documenting import answers, described, page_parameters
from nephoscope.api.wire import envelope
from nephoscope.api.wire import people as wire
from nephoscope.api.wire.envelope import PageBody
from nephoscope.api.wire.listing import USUAL_PAGE
from nephoscope.api.wire.reading import decode_object
from nephoscope.errors import BadRequestError, refuse
from nephoscope.kit.pages import PageRequest
from nephoscope.model.identities import Principal, PrincipalKind

_TAGS = ["Users"]
_EXAMPLE = {"name": "alice", "role": "Analyst", "reach": {"accounts": ["111122223333"]}, "mustChange": True}
_ROLE_WORDS = "`reach` is the part of the inventory that the role covers: groups, accounts, tags; without it all of it."


@get(
    "/users",
    tags=_TAGS,
    summary="List users",
    operation_class=described(page_parameters(USUAL_PAGE)),
    responses=answers(PageBody[wire.UserBody], "A page of users, in order of name"),
    media_type="application/json",
    sync_to_thread=True,
)
def list_users(request: Asked) -> bytes:
    usecases, asked = services(request).usecases, asked_listing(request, USUAL_PAGE)
    page = usecases.access.accounts.list(PageRequest(asked.page, asked.size))
    grants = usecases.roles.grants(PrincipalKind.USER)
    return envelope.page([wire.user(row, grants.get(row.name)) for row in page.rows], page.total, page.request)


@post(
    "/users",
    tags=_TAGS,
    summary="Add a user",
    description=(
        "Without `password` one is made and answered, this once. The user has to choose another one at the first "
        f"login, unless `mustChange` is false. {_ROLE_WORDS}"
    ),
    operation_class=described(body=_EXAMPLE),
    responses=answers(wire.PasswordBody, "The user was added", status=201),
    sync_to_thread=True,
)
def add_user(request: Asked, body: RawBody) -> wire.PasswordBody:
    reading = json_object(request, body)
    name, password, grant = reading.text("name"), reading.text("password"), wire.read_grant(reading)
    must_change = reading.flag("mustChange")
    reading.only(*wire.USER_FIELDS, "password")
    roles, accounts = services(request).usecases.roles, services(request).usecases.access.accounts
    reading.problems += accounts.problems(name, password) if name else ["name: is missing"]
    reading.problems += ["role: is missing"] if grant is None else roles.problems(grant)
    refuse("The user cannot be accepted", reading.problems)
    if name is None or grant is None:
        raise BadRequestError("The user needs a name and a role.")
    made = accounts.add(name, password, request.user, grant, must_change=must_change is not False)
    roles.forget()
    return wire.PasswordBody(name, made)


@get(
    "/users/{name:str}",
    tags=_TAGS,
    summary="Get a user",
    responses=answers(wire.UserBody, "The user"),
    sync_to_thread=True,
)
def get_user(request: Asked, name: InPath) -> wire.UserBody:
    return _user(request, name)


@put(
    "/users/{name:str}",
    tags=_TAGS,
    summary="Change what a user may do, and whether he may log in",
    description=(
        f"`role` and `reach`, `isDisabled`, `mustChange`; what is left out stays. {_ROLE_WORDS} Disabling ends every "
        "session and token of the user."
    ),
    operation_class=described(body={"role": "Auditor", "isDisabled": False}),
    responses=answers(wire.UserBody, "The user as it is now"),
    sync_to_thread=True,
)
def change_user(request: Asked, name: InPath, body: RawBody) -> wire.UserBody:
    reading = json_object(request, body)
    grant = wire.read_grant(reading)
    is_disabled, must_change = reading.flag("isDisabled"), reading.flag("mustChange")
    reading.only(*wire.USER_FIELDS)
    refuse("The change cannot be accepted", reading.problems)
    usecases, accounts = services(request).usecases, services(request).usecases.access.accounts
    found = accounts.get(name)
    if grant is not None:
        usecases.roles.give(Principal.user(name), grant, request.user)
    if is_disabled is not None and is_disabled is not found.is_disabled:
        accounts.switch(name, request.user, is_disabled=is_disabled)
    if must_change:
        accounts.require_change(name, request.user)
    return _user(request, name)


@delete(
    "/users/{name:str}",
    tags=_TAGS,
    summary="Remove a user",
    description="With the sessions, the tokens, and the API clients that act for the user. The last Manager stays.",
    status_code=204,
    sync_to_thread=True,
)
def remove_user(request: Asked, name: InPath) -> None:
    services(request).usecases.access.accounts.remove(name, request.user)
    services(request).usecases.roles.forget()


@post(
    "/users/{name:str}/password",
    tags=_TAGS,
    summary="Give a user another password",
    description="As when a user is added. Every session and token of the user ends.",
    operation_class=described(body={"mustChange": True}),
    responses=answers(wire.PasswordBody, "The password was changed"),
    status_code=200,
    sync_to_thread=True,
)
def set_password(request: Asked, name: InPath, body: RawBody) -> wire.PasswordBody:
    reading = decode_object(body or b"{}", request.headers.get("content-type", ""))
    password, must_change = reading.text("password"), reading.flag("mustChange")
    refuse("The password cannot be accepted", reading.problems)
    accounts = services(request).usecases.access.accounts
    made = accounts.set_password(name, password, request.user, must_change=must_change is not False)
    return wire.PasswordBody(name, made)


@delete(
    "/users/{name:str}/sessions",
    tags=_TAGS,
    summary="End every session and token of a user",
    status_code=204,
    sync_to_thread=True,
)
def log_out_user(request: Asked, name: InPath) -> None:
    services(request).usecases.access.accounts.log_out(name, request.user)


@delete(
    "/users/{name:str}/totp",
    tags=_TAGS,
    summary="Take the second factor off a user who has lost it",
    status_code=204,
    sync_to_thread=True,
)
def remove_factor(request: Asked, name: InPath) -> None:
    services(request).usecases.access.accounts.remove_factor(name, request.user)


def _user(request: Asked, name: str) -> wire.UserBody:
    usecases = services(request).usecases
    return wire.user(usecases.access.accounts.get(name), usecases.roles.grants(PrincipalKind.USER).get(name))


ROUTES: tuple[HTTPRouteHandler, ...] = (
    list_users,
    add_user,
    get_user,
    change_user,
    remove_user,
    set_password,
    log_out_user,
    remove_factor,
)
