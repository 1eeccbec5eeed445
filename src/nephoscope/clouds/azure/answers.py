"""What Azure's errors mean, as our own errors. Denied, throttled, gone and broken are told apart by status and
code, never by guessing."""

import re
from typing import Any

from nephoscope.clouds.rest.desk import Request
from nephoscope.clouds.rest.http import Answer
from nephoscope.clouds.troubles import Remedy, Trouble
from nephoscope.errors import DeniedError, GoneError, NotApplicableError, ThrottledError, UnavailableError

_OK = range(200, 300)

_ACTION = re.compile(r"perform action '([A-Za-z0-9./*_-]{3,200})'")
_SCOPES = re.compile(r"(?:one of the following )?(?:scopes?|permissions?)[^.]{0,40}?:\s*([A-Za-z]+(?:\.[A-Za-z]+)+)")
_UNLICENSED = re.compile(r"licen[cs]e|premium", re.IGNORECASE)
"""What Microsoft Graph says of what a tenant did not buy. No permission would help."""
_NOT_REGISTERED = frozenset({"MissingSubscriptionRegistration", "SubscriptionNotRegistered"})
"""The resource provider was never switched on in the subscription: nothing of its kinds exists there."""
_RESETS = re.compile(r"(\d{1,3}):(\d\d):(\d\d)")
_LONGEST_WAIT = 60.0
_LONGEST = 300


class AzureDialect:
    """`rest.desk.Dialect` for Resource Manager, Resource Graph and Microsoft Graph, which share one shape of errors."""

    def trouble(self, request: Request, answer: Answer) -> Trouble | None:
        if answer.status in _OK:
            return None
        code, message = _error_of(answer)
        said = f"{request} answered {answer.status} {code}".rstrip() + (f": {message}" if message else "")
        return _trouble(request, answer, code, said, message)


def _trouble(request: Request, answer: Answer, code: str, said: str, message: str) -> Trouble:
    match answer.status:
        case 401:
            trouble = Trouble(UnavailableError(f"{said} (are the credentials still valid?)"), Remedy.RENEW)
        case 429:
            throttled = ThrottledError(f"{request} is still throttled.")
            trouble = Trouble(throttled, Remedy.WAIT, seconds=_wait(answer))
        case 403 if not _ACTION.search(message) and _UNLICENSED.search(f"{code} {message}"):
            trouble = Trouble(UnavailableError(said))
        case 403:
            permission = _missing(message) or request.permission
            denied = DeniedError(f"{request} is denied: the permission {permission} is missing.", permission)
            trouble = Trouble(denied)
        case _ if code in _NOT_REGISTERED:
            trouble = Trouble(NotApplicableError(said))
        case 404 | 410:
            trouble = Trouble(GoneError(said))
        case 408 | 500 | 502 | 503 | 504:
            trouble = Trouble(UnavailableError(said), Remedy.REPEAT, seconds=_wait(answer))
        case _:
            trouble = Trouble(UnavailableError(said))
    return trouble


def _error_of(answer: Answer) -> tuple[str, str]:
    """Code and message, of whatever the answer has of them."""
    try:
        body: Any = answer.json()
    except ValueError:
        return "", ""
    inner = body.get("error") if isinstance(body, dict) else None
    if isinstance(inner, dict):
        return _clean(inner.get("code")), _clean(inner.get("message"))
    if isinstance(inner, str) and isinstance(body, dict):
        return _clean(inner), _clean(body.get("error_description"))
    return "", ""


def _missing(message: str) -> str:
    found = _ACTION.search(message) or _SCOPES.search(message)
    return found.group(1) if found else ""


def _wait(answer: Answer) -> float:
    """Seconds that the cloud asks to wait, in either of its spellings, bounded."""
    after = answer.headers.get("retry-after", "")
    if after.isascii() and after.isdigit():
        return min(float(after), _LONGEST_WAIT)
    resets = _RESETS.fullmatch(answer.headers.get("x-ms-user-quota-resets-after", ""))
    if resets:
        hours, minutes, seconds = (int(part) for part in resets.groups())
        return min(float(hours * 3600 + minutes * 60 + seconds), _LONGEST_WAIT)
    return 0.0


def _clean(text: Any) -> str:
    """One line, bounded: answers of servers end up on terminals."""
    if not isinstance(text, str):
        return ""
    line = " ".join("".join(char if char.isprintable() else " " for char in text[: 4 * _LONGEST]).split())
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "…"
