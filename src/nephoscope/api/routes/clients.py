"""Routes of API clients: those of the subscription, and everybody's own, which act as who made them."""

from uuid import UUID

from litestar import delete, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from nephoscope.access.clients import OVERLAP
from nephoscope.api.asking import Asked, InPath, asked_listing, json_object, services, uuid_named
from nephoscope.api.authentication import proof_of
from nephoscope.api.documenting import answers, described, page_parameters
from nephoscope.api.wire import envelope
from nephoscope.api.wire import people as wire
from nephoscope.api.wire.envelope import PageBody
from nephoscope.api.wire.listing import USUAL_PAGE
from nephoscope.api.wire.reading import decode_object
from nephoscope.errors import ForbiddenError, refuse
from nephoscope.kit.pages import PageRequest
from nephoscope.model.clients import ApiClient
from nephoscope.model.identities import PrincipalKind

_TAGS = ["API clients"]
_EXAMPLE = {
    "name": "siem",
    "role": "Reader",
    "networks": ["10.0.0.0/8"],
    "expiresOn": "2030-01-31T00:00:00Z",
    "description": "Fetches what failed",
}
_OWN_EXAMPLE = {"name": "my laptop", "networks": ["192.168.0.0/16"]}
_ROTATE_WORDS = (
    "Answers a new secret, this once. The last one stays good for `overlapHours` (24 when not given, 0 ends it at "
    "once); one before that goes."
)


@get(
    "/clients",
    tags=_TAGS,
    summary="List API clients",
    operation_class=described(page_parameters(USUAL_PAGE)),
    responses=answers(PageBody[wire.ClientBody], "A page of clients, the oldest first"),
    media_type="application/json",
    sync_to_thread=True,
)
def list_clients(request: Asked) -> bytes:
    return _page(request, None)


@post(
    "/clients",
    tags=_TAGS,
    summary="Create an API client",
    description=(
        "The answer has the secret, this once: what is stored cannot be turned back into it. `role` and `reach` are as "
        "of users. `networks` are where it may come from, anywhere when there are none."
    ),
    operation_class=described(body=_EXAMPLE),
    responses=answers(wire.MadeBody, "The client was created", status=201),
    sync_to_thread=True,
)
def create_client(request: Asked, body: RawBody) -> wire.MadeBody:
    reading = json_object(request, body)
    draft, grant = wire.read_client(reading), wire.read_grant(reading)
    reading.only(*wire.CLIENT_FIELDS)
    usecases = services(request).usecases
    reading.problems += ["role: is missing"] if grant is None else usecases.roles.problems(grant)
    reading.problems += usecases.access.clients.problems(draft)
    refuse("The API client cannot be accepted", reading.problems)
    return wire.made(services(request).usecases.access.clients.create(draft, request.user, grant))


@get(
    "/clients/{client_id:str}",
    tags=_TAGS,
    summary="Get an API client",
    responses=answers(wire.ClientBody, "The client"),
    sync_to_thread=True,
)
def get_client(request: Asked, client_id: InPath) -> wire.ClientBody:
    return _client(request, services(request).usecases.access.clients.get(_uuid(client_id)))


@put(
    "/clients/{client_id:str}",
    tags=_TAGS,
    summary="Change an API client",
    description="What is left out stays. `expiresOn` may be the word `never`.",
    operation_class=described(body=_EXAMPLE),
    responses=answers(wire.ClientBody, "The client as it is now"),
    sync_to_thread=True,
)
def change_client(request: Asked, client_id: InPath, body: RawBody) -> wire.ClientBody:
    reading = json_object(request, body)
    draft, grant = wire.read_client(reading), wire.read_grant(reading)
    reading.only(*wire.CLIENT_FIELDS)
    refuse("The API client cannot be accepted", reading.problems)
    usecases = services(request).usecases
    changed = usecases.access.clients.change(_uuid(client_id), draft, request.user, grant)
    usecases.roles.forget()
    return _client(request, changed)


@post(
    "/clients/{client_id:str}/rotate",
    tags=_TAGS,
    summary="Give an API client a new secret",
    description=_ROTATE_WORDS,
    operation_class=described(body={"overlapHours": 24}),
    responses=answers(wire.MadeBody, "The new secret"),
    status_code=200,
    sync_to_thread=True,
)
def rotate_client(request: Asked, client_id: InPath, body: RawBody) -> wire.MadeBody:
    return _rotated(request, client_id, body, None)


@post(
    "/clients/{client_id:str}/disable",
    tags=_TAGS,
    summary="Disable an API client",
    description="Its tokens count no more, at once and for good.",
    responses=answers(wire.ClientBody, "The client as it is now"),
    status_code=200,
    sync_to_thread=True,
)
def disable_client(request: Asked, client_id: InPath) -> wire.ClientBody:
    clients = services(request).usecases.access.clients
    return _client(request, clients.switch(_uuid(client_id), request.user, is_disabled=True))


@post(
    "/clients/{client_id:str}/enable",
    tags=_TAGS,
    summary="Enable an API client",
    responses=answers(wire.ClientBody, "The client as it is now"),
    status_code=200,
    sync_to_thread=True,
)
def enable_client(request: Asked, client_id: InPath) -> wire.ClientBody:
    clients = services(request).usecases.access.clients
    return _client(request, clients.switch(_uuid(client_id), request.user, is_disabled=False))


@delete("/clients/{client_id:str}", tags=_TAGS, summary="Delete an API client", status_code=204, sync_to_thread=True)
def delete_client(request: Asked, client_id: InPath) -> None:
    services(request).usecases.access.clients.delete(_uuid(client_id), request.user)


@get(
    "/me/clients",
    tags=_TAGS,
    summary="List your own API clients",
    operation_class=described(page_parameters(USUAL_PAGE)),
    responses=answers(PageBody[wire.ClientBody], "A page of clients, the oldest first"),
    media_type="application/json",
    sync_to_thread=True,
)
def list_own(request: Asked) -> bytes:
    return _page(request, _owner(request))


@post(
    "/me/clients",
    tags=_TAGS,
    summary="Create an API client that acts as you",
    description="It may do what you may, as long as you may. The answer has the secret, this once.",
    operation_class=described(body=_OWN_EXAMPLE),
    responses=answers(wire.MadeBody, "The client was created", status=201),
    sync_to_thread=True,
)
def create_own(request: Asked, body: RawBody) -> wire.MadeBody:
    reading = json_object(request, body)
    draft, grant = wire.read_client(reading), wire.read_grant(reading)
    reading.only(*wire.CLIENT_FIELDS)
    if grant is not None:
        reading.problems.append("role: your own API clients have your role")
    refuse("The API client cannot be accepted", reading.problems)
    return wire.made(services(request).usecases.access.clients.create(draft, request.user, owner=_owner(request)))


@post(
    "/me/clients/{client_id:str}/rotate",
    tags=_TAGS,
    summary="Give your own API client a new secret",
    description=_ROTATE_WORDS,
    operation_class=described(body={"overlapHours": 24}),
    responses=answers(wire.MadeBody, "The new secret"),
    status_code=200,
    sync_to_thread=True,
)
def rotate_own(request: Asked, client_id: InPath, body: RawBody) -> wire.MadeBody:
    return _rotated(request, client_id, body, _owner(request))


@delete(
    "/me/clients/{client_id:str}",
    tags=_TAGS,
    summary="Delete your own API client",
    status_code=204,
    sync_to_thread=True,
)
def delete_own(request: Asked, client_id: InPath) -> None:
    services(request).usecases.access.clients.delete(_uuid(client_id), request.user, _owner(request))


def _owner(request: Asked) -> str:
    """The user who asks, himself: a program must not make others that outlive it, nor whoever has to choose another
    password first."""
    proof = proof_of(request)
    if proof.principal.kind is not PrincipalKind.USER or proof.must_change:
        raise ForbiddenError("Only a user makes API clients that act as he does.")
    return proof.principal.name


def _page(request: Asked, owner: str | None) -> bytes:
    usecases, asked = services(request).usecases, asked_listing(request, USUAL_PAGE)
    page = usecases.access.clients.list(PageRequest(asked.page, asked.size), owner)
    grants = usecases.roles.grants(PrincipalKind.CLIENT)
    rows = [wire.client(row, grants.get(str(row.uuid))) for row in page.rows]
    return envelope.page(rows, page.total, page.request)


def _rotated(request: Asked, client_id: str, body: bytes, owner: str | None) -> wire.MadeBody:
    reading = decode_object(body or b"{}", request.headers.get("content-type", ""))
    overlap = wire.read_overlap(reading, OVERLAP)
    refuse("The rotation cannot be accepted", reading.problems)
    clients = services(request).usecases.access.clients
    return wire.made(clients.rotate(_uuid(client_id), request.user, overlap, owner))


def _client(request: Asked, found: ApiClient) -> wire.ClientBody:
    grants = services(request).usecases.roles.grants(PrincipalKind.CLIENT)
    return wire.client(found, grants.get(str(found.uuid)))


def _uuid(text: str) -> UUID:
    return uuid_named(text, "API client")


ROUTES: tuple[HTTPRouteHandler, ...] = (
    list_clients,
    create_client,
    get_client,
    change_client,
    rotate_client,
    disable_client,
    enable_client,
    delete_client,
    list_own,
    create_own,
    rotate_own,
    delete_own,
)
