"""What Google's errors mean, as our own errors. Denied, throttled, gone, switched off and broken are told apart
by status and reason, never by guessing."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from nephoscope.clouds.rest.desk import Request
from nephoscope.clouds.rest.http import Answer
from nephoscope.clouds.troubles import Remedy, Trouble
from nephoscope.errors import DeniedError, GoneError, NotApplicableError, ThrottledError, UnavailableError

_OK = range(200, 300)
_PERMISSION = re.compile(r"[Pp]ermission '?([a-z]+(?:\.[a-zA-Z]+){2,3})'?")
_SWITCHED_OFF = frozenset({"SERVICE_DISABLED", "accessNotConfigured"})
_QUOTA = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "quotaExceeded"})
ESSENTIAL = frozenset({"cloudasset", "cloudresourcemanager"})
"""Services that must be switched on for anything to be known. Of another one that is off, the project has nothing."""
_LONGEST_WAIT = 60.0
_LONGEST = 300


class GcpDialect:
    """`rest.desk.Dialect` for Google's APIs, which share one shape of errors."""

    def trouble(self, request: Request, answer: Answer) -> Trouble | None:
        if answer.status in _OK:
            return None
        error = _error_of(answer)
        message = _clean(error.get("message"))
        said = f"{request} answered {answer.status} {_clean(error.get('status'))}".rstrip()
        return _trouble(request, answer, error, f"{said}: {message}" if message else said)


def _trouble(request: Request, answer: Answer, error: Mapping[str, Any], said: str) -> Trouble:
    reasons = set(_reasons(error))
    match answer.status:
        case 401:
            trouble = Trouble(UnavailableError(f"{said} (are the credentials still valid?)"), Remedy.RENEW)
        case 429 | 403 if answer.status != 403 or reasons & _QUOTA:  # noqa: PLR2004 - the status of the case
            throttled = ThrottledError(f"{request} is still throttled.")
            trouble = Trouble(throttled, Remedy.WAIT, seconds=_wait(answer))
        case 403 if reasons & _SWITCHED_OFF:
            trouble = Trouble(_off(request))
        case 403:
            permission = _missing(error) or request.permission
            denied = DeniedError(f"{request} is denied: the permission {permission} is missing.", permission)
            trouble = Trouble(denied)
        case 404 | 410:
            trouble = Trouble(GoneError(said))
        case 408 | 500 | 502 | 503 | 504:
            trouble = Trouble(UnavailableError(said), Remedy.REPEAT, seconds=_wait(answer))
        case _:
            trouble = Trouble(UnavailableError(said))
    return trouble


def _off(request: Request) -> NotApplicableError | UnavailableError:
    if request.service in ESSENTIAL:
        return UnavailableError(
            f"{request.service}.googleapis.com is not enabled in the project; enable it, nothing can be known without."
        )
    return NotApplicableError(f"{request.service}.googleapis.com is not enabled in the project.")


def _error_of(answer: Answer) -> Mapping[str, Any]:
    try:
        body: Any = answer.json()
    except ValueError:
        return {}
    inner = body.get("error") if isinstance(body, dict) else None
    return inner if isinstance(inner, dict) else {}


def _details(error: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in ("details", "errors"):
        rows = error.get(name)
        if isinstance(rows, list):
            yield from (row for row in rows if isinstance(row, dict))


def _reasons(error: Mapping[str, Any]) -> Iterator[str]:
    return (str(row["reason"]) for row in _details(error) if "reason" in row)


def _missing(error: Mapping[str, Any]) -> str:
    """The permission that the answer names."""
    for row in _details(error):
        inner = row.get("metadata")
        if isinstance(inner, dict) and isinstance(inner.get("permission"), str):
            return _clean(inner["permission"])
    found = _PERMISSION.search(_clean(error.get("message")))
    return found.group(1) if found else ""


def _wait(answer: Answer) -> float:
    after = answer.headers.get("retry-after", "")
    return min(float(after), _LONGEST_WAIT) if after.isascii() and after.isdigit() else 0.0


def _clean(text: Any) -> str:
    """One line, bounded: answers of servers end up on terminals."""
    if not isinstance(text, str):
        return ""
    line = " ".join("".join(char if char.isprintable() else " " for char in text[: 4 * _LONGEST]).split())
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "…"
