"""Where tokens come from (contract §2): for a user `POST /auth`, for an API client `POST /auth/oidc` and `/auth/oauth`;
and the keys that they are verified with."""

from collections.abc import Mapping
from functools import partial

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from nephoscope.access.proofs import Proof
from nephoscope.api.asking import Asked, services
from nephoscope.api.authentication import address_of, basic_pair, identity_of
from nephoscope.api.documenting import answers, described, header_parameter
from nephoscope.api.permissions import OPEN
from nephoscope.api.wire import logins as wire
from nephoscope.errors import BadRequestError, UnauthenticatedError

_TAGS = ["Login"]
_TEXT, _JSON = "text/plain", "application/json"
_CLIENT_WORDS = (
    "The headers `clientId` and `clientSecret` name an API client; the body is empty. Answers the bare token, valid "
    "for four hours. With the form field `grant_type=client_credentials` it is an OAuth 2 token endpoint instead: the "
    "client may also be named by HTTP Basic or by the fields `client_id` and `client_secret`, and the answer is JSON."
)


@post(
    "/auth",
    tags=_TAGS,
    summary="A token for a user",
    description=(
        "Form fields `username`, `password` and `token=true`. Answers the bare token, valid for four hours, to be sent "
        "as `Authorization: Bearer`. Whoever has a second factor sends its code in the field `code`, or right behind "
        "the password."
    ),
    operation_class=described(form={"username": "alice", "password": "…", "token": "true"}, files=(_TEXT,)),
    responses=answers(str, "The token", status=201),
    opt={OPEN: True},
    status_code=201,
    media_type=_TEXT,
)
async def log_in(request: Asked, body: RawBody) -> str:
    name, password, code = wire.read_login(wire.read_form(body))
    own, address = services(request), address_of(request.scope)
    own.usecases.access.check_pace(name, address)
    proof = await own.hashing.done(partial(own.usecases.access.log_in, name, password, code, address))
    return await own.hashing.done(partial(_issued, request, proof))


@post(
    ["/auth/oidc", "/auth/oauth"],
    tags=_TAGS,
    summary="A token for an API client",
    description=_CLIENT_WORDS,
    operation_class=described(
        (
            header_parameter("clientId", "The id of an API client."),
            header_parameter("clientSecret", "Its secret."),
        ),
        form={},
        files=(_TEXT, _JSON),
    ),
    responses=answers(str, "The token"),
    opt={OPEN: True},
    status_code=200,
    media_type=_TEXT,
)
async def log_in_client(request: Asked, body: RawBody) -> Response[str] | Response[bytes]:
    form = wire.read_form(body)
    client_id, secret = _client(request, form)
    own, address = services(request), address_of(request.scope)
    proof = await own.hashing.done(partial(own.usecases.access.prove_client, client_id, secret, address))
    token = await own.hashing.done(partial(_issued, request, proof))
    if "grant_type" not in form:
        return Response(token, media_type=_TEXT)
    return Response(msgspec.json.encode(wire.TokenBody(token)), media_type=_JSON)


@get(
    "/.well-known/jwks.json",
    tags=_TAGS,
    summary="The keys that tokens are verified with",
    description="A JSON Web Key Set. A key that was replaced stays here as long as a token that it signed is valid.",
    opt={OPEN: True},
)
async def get_keys(request: Asked) -> wire.KeySetBody:
    own = services(request)
    found = await own.hashing.done(own.usecases.access.keys.jwks)
    return msgspec.convert(found, wire.KeySetBody)


def _issued(request: Asked, proof: Proof) -> str:
    usecases = services(request).usecases
    return usecases.access.issue(proof, identity_of(usecases.roles, proof).permissions)


def _client(request: Asked, form: Mapping[str, str]) -> tuple[str, str]:
    """Id and secret, from where this client puts them."""
    named = request.headers.get("clientid"), request.headers.get("clientsecret")
    grant = form.get("grant_type")
    if grant is not None:
        if grant != wire.CLIENT_CREDENTIALS:
            raise BadRequestError(f"grant_type: only {wire.CLIENT_CREDENTIALS} is possible here.")
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            return basic_pair(encoded.encode("latin-1"))
        fields = (form.get("client_id") or form.get("clientId"), form.get("client_secret") or form.get("clientSecret"))
        named = (named[0] or fields[0], named[1] or fields[1])
    if not named[0] or not named[1]:
        raise UnauthenticatedError("The headers clientId and clientSecret are needed.")
    return named[0], named[1]


ROUTES: tuple[HTTPRouteHandler, ...] = (log_in, log_in_client, get_keys)
