"""The form fields and answers of `/auth` (contract §2)."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

import msgspec

from nephoscope.errors import BadRequestError

LIFETIME_SECONDS = 4 * 60 * 60
CLIENT_CREDENTIALS = "client_credentials"
_MOST_FIELDS = 20
_LARGEST_FORM = 16_384


class TokenBody(msgspec.Struct, frozen=True):
    """RFC 6749 §5.1: only for whoever posts a `grant_type`."""

    access_token: str
    expires_in: int = LIFETIME_SECONDS
    token_type: str = "Bearer"  # noqa: S105 - a word


class KeyBody(msgspec.Struct, frozen=True):
    kty: str
    use: str
    alg: str
    kid: str
    n: str
    e: str


class KeySetBody(msgspec.Struct, frozen=True):
    keys: list[KeyBody]


def read_form(body: bytes) -> Mapping[str, str]:
    """Whatever the content type says: clients forget it. Of a field that is there twice the last counts."""
    if len(body) > _LARGEST_FORM:
        raise BadRequestError(f"The form has more than {_LARGEST_FORM:,} bytes.")
    try:
        text = body.decode()
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise BadRequestError("The body must be form fields: username=…&password=…&token=true.") from None
    return dict(pairs)


def read_login(form: Mapping[str, str]) -> tuple[str, str, str]:
    """User name, password, and the code of the second factor, empty for none. BadRequestError names what is missing."""
    problems = [f"{name}: is missing" for name in ("username", "password") if not form.get(name)]
    if problems:
        raise BadRequestError("; ".join(problems) + ".", problems)
    return form["username"], form["password"], form.get("code") or form.get("otp") or ""
