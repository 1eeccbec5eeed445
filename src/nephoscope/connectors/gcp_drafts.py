"""What a draft says of entering a Google Cloud project."""

import json
import re
from collections.abc import Iterator
from typing import Any

from nephoscope.connectors.draft import Draft, is_endpoint, said
from nephoscope.model.connectors import GcpAccess, GcpSignIn

_PROJECT = re.compile(r"(?:[a-z][a-z0-9.-]{0,60}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")
_EMAIL = re.compile(r"[A-Za-z0-9._-]{1,64}@[A-Za-z0-9.-]{1,128}")
_LONGEST_FILE = 64 * 1024
_KEY_FIELDS = ("client_email", "private_key", "token_uri")
_FEDERATION_FIELDS = ("audience", "subject_token_type", "token_url", "credential_source")


def merge(draft: Draft, before: GcpAccess) -> GcpAccess:
    file = _parsed(draft.secret)
    return GcpAccess(
        sign_in=_sign_in(file) or before.sign_in,
        client_email=str(file.get("client_email", "")) if file else before.client_email,
        impersonated=said(draft.impersonated, before.impersonated),
        endpoint_url=said(draft.endpoint_url, before.endpoint_url),
    )


def account_of(draft: Draft, before: str) -> str:
    """The project that was named, or else the one that the key belongs to."""
    if draft.account_id:
        return draft.account_id.strip().lower()
    return before or str(_parsed(draft.secret).get("project_id", ""))


def problems(draft: Draft, access: GcpAccess, account_id: str) -> Iterator[str]:
    if not _PROJECT.fullmatch(account_id):
        yield "projectId: the id of a project is needed, such as my-project-123456 (not its number)"
    if draft.secret:
        yield from _file_problems(draft.secret)
    if access.impersonated and not _EMAIL.fullmatch(access.impersonated):
        yield "impersonated: the address of a service account is expected"
    if access.endpoint_url and not is_endpoint(access.endpoint_url):
        yield "endpointUrl: expected http://host[:port] or https://host[:port]"


def _file_problems(text: str) -> Iterator[str]:
    if len(text) > _LONGEST_FILE:
        yield f"configFile: at most {_LONGEST_FILE:,} characters"
        return
    file = _parsed(text)
    kind = _sign_in(file)
    if kind is None:
        yield "configFile: the JSON of a service account key or of a workload identity federation is expected"
        return
    needed = _KEY_FIELDS if kind is GcpSignIn.KEY else _FEDERATION_FIELDS
    missing = [name for name in needed if not file.get(name)]
    if missing:
        yield f"configFile: it lacks {', '.join(missing)}"


def _sign_in(file: dict[str, Any]) -> GcpSignIn | None:
    match file.get("type"):
        case "service_account":
            return GcpSignIn.KEY
        case "external_account":
            return GcpSignIn.FEDERATION
        case _:
            return None


def _parsed(text: str | None) -> dict[str, Any]:
    """Empty for anything but a JSON object."""
    if not text or len(text) > _LONGEST_FILE:
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
