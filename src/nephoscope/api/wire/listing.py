"""The parameters of a list request: names in any case, unknown ones ignored, each wrong value named."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

import msgspec

from nephoscope.errors import BadRequestError

PAGE_NUMBER, PAGE_SIZE, FILTER, SORT, UPDATED, RESOURCE_ID = (
    "pageNo",
    "pageSize",
    "filter",
    "sort",
    "updated",
    "resourceId",
)

CONNECTORS_PAGE, EXCEPTIONS_PAGE, USUAL_PAGE, EVALUATIONS_PAGE = 50, 50, 100, 300
"""Default page sizes. The last one is generous because a well-known client reads one page of evaluations only."""
USUAL_LIMIT, STREAM_LIMIT = 1_000, 1_000_000
"""Larger pages are cut to these without a word."""

_MOST_PARAMETERS = 200
_LAST_PAGE = 10**9
_INTEGER = re.compile(r"-?[0-9]{1,18}")


class Listing(msgspec.Struct, frozen=True):
    """What a list request asks for. `sort` is a token and whether it descends."""

    page: int
    size: int
    filter: str
    sort: tuple[str, bool] | None
    updated: str


def parameters(query: bytes) -> dict[str, str]:
    """Lower-case name → the first value that is not empty. BadRequestError for bytes that are not UTF-8."""
    try:
        pairs = parse_qsl(query.decode(), errors="strict", max_num_fields=_MOST_PARAMETERS)
    except UnicodeDecodeError:
        raise BadRequestError("The query string is not UTF-8.") from None
    except ValueError:
        raise BadRequestError(f"The query string has more than {_MOST_PARAMETERS} parameters.") from None
    named: dict[str, str] = {}
    for name, value in pairs:
        named.setdefault(name.lower(), value)
    return named


def listing(named: Mapping[str, str], default: int, limit: int) -> Listing:
    """BadRequestError names every wrong parameter at once."""
    problems: list[str] = []
    page = _number(named, PAGE_NUMBER, 0, 0, problems)
    size = _number(named, PAGE_SIZE, default, 1, problems)
    sort = _sort(named.get(SORT, ""), problems)
    if problems:
        raise BadRequestError(" ".join(problems), problems)
    return Listing(page, min(size, limit), named.get(FILTER, ""), sort, named.get(UPDATED, ""))


def _number(named: Mapping[str, str], name: str, default: int, least: int, problems: list[str]) -> int:
    text = named.get(name.lower())
    if text is None:
        return default
    value = int(text) if _INTEGER.fullmatch(text.strip()) else None
    if value is None or not least <= value <= _LAST_PAGE:
        problems.append(f"{name} is {text[:40]!r}; it must be a whole number from {least}.")
        return default
    return value


def _sort(text: str, problems: list[str]) -> tuple[str, bool] | None:
    token, _, direction = text.strip().partition(":")
    if not token:
        return None
    if direction.lower() not in {"", "asc", "desc"}:
        problems.append(f"{SORT} is {text[:60]!r}; it must look like {token[:40]}:asc or {token[:40]}:desc.")
    return token, direction.lower() == "desc"
