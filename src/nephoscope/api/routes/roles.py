"""Our own routes of roles, and of what users and API clients were given: a role, and the part that it holds for."""

from litestar import delete, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from nephoscope.access.grants import is_within
from nephoscope.api.asking import Asked, InPath, asked_listing, json_object, services
from nephoscope.api.documenting import answers, described, page_parameters
from nephoscope.api.wire import envelope
from nephoscope.api.wire import roles as wire
from nephoscope.api.wire.envelope import PageBody
from nephoscope.api.wire.listing import USUAL_PAGE
from nephoscope.errors import NotFoundError
from nephoscope.kit.pages import PageRequest
from nephoscope.model.identities import Permission, Principal, PrincipalKind

_TAGS = ["Roles"]
_ROLE_EXAMPLE = {
    "name": "Tagger",
    "description": "Keeps the tags",
    "permissions": ["tags:read", "tags:write"],
}
_GRANT_EXAMPLE = {"role": "Analyst", "reach": {"groups": [], "accounts": ["123456789012"], "tags": ["team:shop"]}}
_KINDS = {
    PrincipalKind.USER: (Permission.USERS_READ, Permission.USERS_WRITE),
    PrincipalKind.CLIENT: (Permission.CLIENTS_READ, Permission.CLIENTS_WRITE),
}


@get(
    "/identity",
    tags=_TAGS,
    summary="Who asks",
    description="The name, the permissions and the reach that this request was made with.",
    responses=answers(wire.IdentityBody, "The identity"),
    sync_to_thread=False,
)
def get_identity(request: Asked) -> wire.IdentityBody:
    return wire.identity(request.user)


@get(
    "/roles",
    tags=_TAGS,
    summary="List roles",
    description="Those that come with the program first, then your own.",
    operation_class=described(page_parameters(USUAL_PAGE)),
    responses=answers(PageBody[wire.RoleBody], "A page of roles"),
    media_type="application/json",
    sync_to_thread=True,
)
def list_roles(request: Asked) -> bytes:
    asked = asked_listing(request, USUAL_PAGE)
    wanted, rows = PageRequest(asked.page, asked.size), services(request).usecases.roles.list()
    shown = rows[wanted.offset : wanted.offset + wanted.size]
    return envelope.page([wire.role(row) for row in shown], len(rows), wanted)


@post(
    "/roles",
    tags=_TAGS,
    summary="Make a role",
    description="Of permissions `capability:verb`. Nobody makes a role that may do more than he may himself.",
    operation_class=described(body=_ROLE_EXAMPLE),
    responses=answers(wire.RoleBody, "The role", status=201),
    status_code=201,
    sync_to_thread=True,
)
def create_role(request: Asked, body: RawBody) -> wire.RoleBody:
    return wire.role(services(request).usecases.roles.create(wire.read_role(json_object(request, body)), request.user))


@get(
    "/roles/{role_name:str}",
    tags=_TAGS,
    summary="One role",
    responses=answers(wire.RoleBody, "The role"),
    sync_to_thread=True,
)
def get_role(request: Asked, role_name: InPath) -> wire.RoleBody:
    return wire.role(services(request).usecases.roles.get(role_name))


@put(
    "/roles/{role_name:str}",
    tags=_TAGS,
    summary="Change a role",
    description="Only what the body names changes; it holds at once for everybody who has the role.",
    operation_class=described(body=_ROLE_EXAMPLE),
    responses=answers(wire.RoleBody, "The role as it is then"),
    sync_to_thread=True,
)
def change_role(request: Asked, role_name: InPath, body: RawBody) -> wire.RoleBody:
    draft = wire.read_role(json_object(request, body))
    return wire.role(services(request).usecases.roles.change(role_name, draft, request.user))


@delete(
    "/roles/{role_name:str}",
    tags=_TAGS,
    summary="Delete a role",
    description="409 while somebody has it.",
    sync_to_thread=True,
)
def delete_role(request: Asked, role_name: InPath) -> None:
    services(request).usecases.roles.delete(role_name, request.user)


@get(
    "/grants",
    tags=_TAGS,
    summary="List what was given",
    description=(
        "The role and the reach of each user and API client, of those that you may see, without those who may see more "
        "than you."
    ),
    operation_class=described(page_parameters(USUAL_PAGE)),
    responses=answers(PageBody[wire.GrantRow], "A page of grants"),
    media_type="application/json",
    sync_to_thread=True,
)
def list_grants(request: Asked) -> bytes:
    asked = asked_listing(request, USUAL_PAGE)
    wanted, roles = PageRequest(asked.page, asked.size), services(request).usecases.roles
    rows = [
        wire.grant_row(kind, name, grant)
        for kind, (may_read, _) in _KINDS.items()
        if request.user.may(may_read)
        for name, grant in sorted(roles.grants(kind).items())
        if is_within(grant.reach, request.user.reach)
    ]
    return envelope.page(rows[wanted.offset : wanted.offset + wanted.size], len(rows), wanted)


@put(
    "/grants/{kind:str}/{name:str}",
    tags=_TAGS,
    summary="Give a role",
    description=(
        "To a user by name (`kind` user) or an API client by id (`kind` client), in place of what they had. Without "
        "`reach` it holds everywhere; with it for what is in any of the `groups` (uuids of connector groups) or "
        "`accounts`, or wears any of the `tags`. Nobody gives more than he has, and the last Manager stays."
    ),
    operation_class=described(body=_GRANT_EXAMPLE),
    responses=answers(wire.GrantBody, "What they have then"),
    sync_to_thread=True,
)
def give(request: Asked, kind: InPath, name: InPath, body: RawBody) -> wire.GrantBody:
    who = _principal(request, kind, name)
    grant = wire.read_grant(json_object(request, body))
    return wire.grant_body(services(request).usecases.roles.give(who, grant, request.user))


def _principal(request: Asked, kind: str, name: str) -> Principal:
    """NotFoundError unless it is there, may be seen and may be changed: one reason looks like the other."""
    roles = services(request).usecases.roles
    found = next((one for one in PrincipalKind if one.value == kind), None)
    held = roles.grants(found).get(name) if found else None
    if (
        found is None
        or held is None
        or not request.user.may(_KINDS[found][1])
        or not is_within(held.reach, request.user.reach)
    ):
        raise NotFoundError(f"There is no {kind[:20]} {name[:80]!r}.")
    return Principal(found, name)


ROUTES: tuple[HTTPRouteHandler, ...] = (
    get_identity,
    list_roles,
    create_role,
    get_role,
    change_role,
    delete_role,
    list_grants,
    give,
)
