"""Whatever was raised, in the words of the wire: one handler for the error tree, the framework and the unforeseen."""

import logging
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any, cast

from litestar import Request, Response
from litestar.exceptions import HTTPException

from nephoscope import errors
from nephoscope.api.authentication import CHALLENGE
from nephoscope.api.edge import asked_path, is_gone, request_id
from nephoscope.api.limits import COUNTED
from nephoscope.api.wire.errors import ErrorBody, error_body
from nephoscope.api.wire.portal import refusal_headers
from nephoscope.kit.clock import Clock
from nephoscope.kit.logs import told
from nephoscope.kit.printable import one_line
from nephoscope.qql.binder import UnknownTokenError

_LOG = logging.getLogger("nephoscope.api")

_KINDS: tuple[tuple[type[errors.NephoscopeError], HTTPStatus, str], ...] = (
    (errors.QuerySyntaxError, HTTPStatus.BAD_REQUEST, "INVALID_FILTER"),
    (UnknownTokenError, HTTPStatus.BAD_REQUEST, "UNKNOWN_TOKEN"),
    (errors.BadRequestError, HTTPStatus.BAD_REQUEST, "BAD_REQUEST"),
    (errors.NotFoundError, HTTPStatus.NOT_FOUND, "NOT_FOUND"),
    (errors.ConflictError, HTTPStatus.CONFLICT, "CONFLICT"),
    (errors.UnauthenticatedError, HTTPStatus.UNAUTHORIZED, "UNAUTHORIZED"),
    (errors.ForbiddenError, HTTPStatus.FORBIDDEN, "FORBIDDEN"),
    (errors.TooManyRequestsError, HTTPStatus.TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS"),
    (errors.UnsupportedMediaTypeError, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE"),
    (errors.TooLargeError, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "TOO_LARGE"),
    (errors.SettingsError, HTTPStatus.CONFLICT, "NOT_CONFIGURED"),
    (errors.CloudError, HTTPStatus.BAD_GATEWAY, "CLOUD_ERROR"),
)
"""First match wins. What is missing here is our own fault: 500."""

_LONGEST_LOGGED, _LONGEST_SAID = 300, 2_000
"""Characters of a path."""

Failure = tuple[HTTPStatus, str, str]
"""Status, error code, message."""


def failure_handler(clock: Clock) -> Callable[[Request[Any, Any, Any], Exception], Response[ErrorBody]]:
    def answer(request: Request[Any, Any, Any], error: Exception) -> Response[ErrorBody]:
        return _answer(request, error, clock())

    return answer


def _answer(request: Request[Any, Any, Any], error: Exception, now: datetime) -> Response[ErrorBody]:
    status, code, message = _describe(error, request)
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = CHALLENGE
    if isinstance(error, errors.TooManyRequestsError):
        headers |= cast("dict[str, Any]", request.scope).get(COUNTED, {}) | refusal_headers(error.wait_seconds)
    body = error_body(status, code, message, asked_path(request.scope)[:_LONGEST_SAID], now)
    return Response(body, status_code=status, headers=headers, media_type="application/json")


def _describe(error: Exception, request: Request[Any, Any, Any]) -> Failure:
    for kind, status, code in _KINDS:
        if isinstance(error, kind):
            return status, code, error.message
    if isinstance(error, HTTPException) and error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _framework(error, request)
    if isinstance(error, HTTPException) and is_gone(request.scope):
        return HTTPStatus.BAD_REQUEST, "BAD_REQUEST", "The client went away before its request had come whole."
    return _own_fault(error, request)


def _own_fault(error: Exception, request: Request[Any, Any, Any]) -> Failure:
    """The log has the whole story, the answer only the way to it."""
    identity = request_id(request.scope)
    facts = told(request_id=identity)
    path = one_line(asked_path(request.scope))[:_LONGEST_LOGGED]
    more = f"The log says more under the request id {identity}."
    if isinstance(error, errors.StoreError):  # whatever asks while it is away would fill the log with the same story
        _LOG.error("Request %s failed: %s %s: %s", identity, request.method, path, one_line(error.message), extra=facts)
        return HTTPStatus.SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE", f"The database does not answer. {more}"
    _LOG.error("Request %s failed: %s %s", identity, request.method, path, exc_info=error, extra=facts)
    return HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR", f"Something went wrong here. {more}"


def _framework(error: HTTPException, request: Request[Any, Any, Any]) -> Failure:
    status = HTTPStatus(error.status_code)
    match status:
        case HTTPStatus.NOT_FOUND:
            message = f"There is nothing at {asked_path(request.scope)[:_LONGEST_SAID]}."
        case HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = (error.headers or {}).get("allow", "")
            message = f"{request.method} is not possible here; allowed: {allowed}."
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return status, "TOO_LARGE", "The body is larger than this server accepts."
        case _:
            message = error.detail or status.phrase
    return status, status.name, message
