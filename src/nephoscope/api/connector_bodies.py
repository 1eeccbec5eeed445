"""The bodies in which connectors come (contract §7.1): JSON, a form with a key file in it, and the form that older
scripts send under the name of JSON."""

from collections.abc import Iterator
from io import BytesIO
from urllib.parse import parse_qsl

from multipart import MultipartError, MultipartParser, parse_options_header

from nephoscope.api.asking import Asked, json_object
from nephoscope.api.wire.reading import Reading
from nephoscope.errors import BadRequestError
from nephoscope.model.providers import Provider

_FORM, _PARTS = "application/x-www-form-urlencoded", "multipart/form-data"
_MOST_FIELDS = 64
_LARGEST_PART = 256 * 1024
_UNCHANGED = "dummy"
"""The part that one client sends in place of the file when that has not changed."""


def connector_body(request: Asked, provider: Provider, body: bytes) -> Reading:
    """Forms are for the clouds whose clients send them. BadRequestError for a body that cannot be read,
    UnsupportedMediaTypeError for one of another kind."""
    if provider is Provider.AWS:
        return json_object(request, body)
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind == _PARTS:
        return Reading(dict(_parts(body, options.get("boundary", ""))))
    if kind == _FORM or (kind == "application/json" and _is_form(body)):
        return Reading(dict(_fields(body)))
    return json_object(request, body)


def _is_form(body: bytes) -> bool:
    head = body.lstrip()[:1]
    return head.isalpha() and b"=" in body[:256]


def _fields(body: bytes) -> Iterator[tuple[str, str]]:
    try:
        yield from parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=_MOST_FIELDS)
    except (UnicodeDecodeError, ValueError):
        raise BadRequestError("The body is not a form: name=value pairs joined by & are expected.") from None


def _parts(body: bytes, boundary: str) -> Iterator[tuple[str, str]]:
    """Text parts and files alike: some clients send names as files."""
    if not boundary:
        raise BadRequestError("The form has no boundary: Content-Type must be multipart/form-data; boundary=…")
    parser = MultipartParser(
        BytesIO(body),
        boundary,
        content_length=len(body),
        part_limit=_MOST_FIELDS,
        memory_limit=len(body) + 1,
        disk_limit=0,
        spool_limit=len(body) + 1,
        strict=False,
    )
    try:
        for part in parser:
            if part.name and part.name.lower() != _UNCHANGED:
                yield part.name, _text(part.name, part.raw)
    except MultipartError as error:
        raise BadRequestError(f"The form cannot be read: {error}.") from None


def _text(name: str, raw: bytes) -> str:
    if len(raw) > _LARGEST_PART:
        raise BadRequestError(f"{name}: at most {_LARGEST_PART:,} bytes are expected.")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise BadRequestError(f"{name}: text in UTF-8 is expected.") from None
