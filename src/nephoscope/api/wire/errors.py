"""The error body: the keys of both shapes that clients know, in one object (contract §4)."""

from datetime import datetime
from http import HTTPStatus

import msgspec

from nephoscope.kit.dates import precise


class ErrorBody(msgspec.Struct, frozen=True, rename="camel"):
    """`status` is a number, everything else text. `message` names every problem of a request at once."""

    timestamp: str
    status: int
    error: str
    error_code: str
    message: str
    path: str


def error_body(status: int, code: str, message: str, path: str, now: datetime) -> ErrorBody:
    return ErrorBody(precise(now), status, HTTPStatus(status).phrase, code, message, path)
