"""What the handlers ask of a request, in one line each."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request
from litestar.datastructures import State
from litestar.params import FromPath

from nephoscope.api.authentication import Hashing
from nephoscope.api.library import ControlLibrary, Libraries
from nephoscope.api.meters import Meters
from nephoscope.api.wire import envelope, listing
from nephoscope.api.wire.listing import Listing
from nephoscope.api.wire.reading import Reading, decode_json, decode_object, parse_uuid
from nephoscope.errors import BadRequestError, NotFoundError, UnsupportedMediaTypeError
from nephoscope.evaluation.regexes import Regexes
from nephoscope.kit.pages import Page, PageRequest, Row
from nephoscope.model.identities import Identity
from nephoscope.model.providers import Provider
from nephoscope.qql.binder import UnknownTokenError, bind
from nephoscope.qql.bound import Bound, Either
from nephoscope.qql.parser import parse
from nephoscope.qql.tokens import Tokens
from nephoscope.store.session import Reader
from nephoscope.usecases.usecases import UseCases

Asked = Request[Identity, None, State]
InPath = FromPath[str]


class Services(msgspec.Struct, frozen=True):
    """What every handler may use."""

    usecases: UseCases
    libraries: Libraries
    regexes: Regexes
    meters: Meters
    slots: asyncio.Semaphore
    """Of long work (`api.streaming`)."""
    hashing: Hashing
    """For what costs a password's hash."""

    @property
    def library(self) -> ControlLibrary:
        """As policies are now. Ask once for each answer."""
        return self.libraries.current()


def services(request: Asked) -> Services:
    found: Services = request.app.state.services
    return found


def reading(request: Asked, at: datetime | None = None) -> AbstractContextManager[Reader]:
    """A read session that shows what this identity may see, and nothing else."""
    return services(request).usecases.store.read(at, reach=request.user.reach)


def asked_listing(request: Asked, default: int, limit: int = listing.USUAL_LIMIT) -> Listing:
    return listing.listing(listing.parameters(request.scope["query_string"]), default, limit)


def parameter(request: Asked, name: str) -> str:
    """Empty when it is missing."""
    return listing.parameters(request.scope["query_string"]).get(name.lower(), "")


def conditions(request: Asked, text: str, tokens: Tokens) -> Bound:
    """A filter, parsed and bound. With the setting for it, an unknown token matches nothing instead of being a 400."""
    usecases = services(request).usecases
    try:
        return bind(parse(text), tokens, usecases.clock())
    except UnknownTokenError:
        if not usecases.settings.unknown_token_is_empty:
            raise
        return (Either(()),)


def page_request(asked: Listing, tokens: Tokens, sortable: frozenset[str]) -> PageRequest:
    """`sortable` are the fields of the listing that it can be ordered by."""
    if asked.sort is None:
        return PageRequest(asked.page, asked.size)
    token, descends = asked.sort
    found = tokens.get(token.lower())
    if found is None or found.field not in sortable:
        known = ", ".join(sorted(name for name, row in tokens.items() if row.field in sortable))
        raise BadRequestError(f"{listing.SORT}: {token[:60]!r} is not sortable here; these are: {known}.")
    return PageRequest(asked.page, asked.size, (found.field, descends))


def filtered_page(
    request: Asked,
    tokens: Tokens,
    sortable: frozenset[str],
    page: Callable[[Reader, Bound, PageRequest], Page[Row]],
    show: Callable[[Row], Any],
) -> bytes:
    """A page of a table, as `filter`, `sort`, `pageNo` and `pageSize` of the request choose it."""
    asked = asked_listing(request, listing.USUAL_PAGE)
    bound = conditions(request, asked.filter, tokens)
    wanted = page_request(asked, tokens, sortable)
    with reading(request) as reader:
        found = page(reader, bound, wanted)
    return envelope.page([show(row) for row in found.rows], found.total, wanted)


def provider_named(name: str) -> Provider:
    """In any case. NotFoundError for a cloud that we do not know."""
    try:
        return Provider(name.upper())
    except ValueError:
        known = ", ".join(Provider)
        raise NotFoundError(f"There is no provider {name[:40]!r}; known: {known}.") from None


def uuid_named(text: str, noun: str) -> UUID:
    """The uuid in a path. NotFoundError for what is no uuid: nothing of that noun can have it."""
    found = parse_uuid(text)
    if found is None:
        raise NotFoundError(f"There is no {noun} {text[:80]!r}: {noun} ids are uuids.")
    return found


def json_object(request: Asked, body: bytes) -> Reading:
    return decode_object(body, _json_type(request))


def json_value(request: Asked, body: bytes) -> Any:
    return decode_json(body, _json_type(request))


def json_mapping(request: Asked, body: bytes) -> dict[str, Any]:
    """The object in a JSON body, for whoever reads it field by field."""
    value = json_value(request, body)
    if not isinstance(value, dict):
        raise BadRequestError("The body must be a JSON object.")
    return value


def _json_type(request: Asked) -> str:
    coding = request.headers.get("content-encoding", "identity")
    if coding.lower() not in {"", "identity"}:
        raise UnsupportedMediaTypeError(f"The body must not be compressed ({coding[:40]}).")
    return request.headers.get("content-type", "")
