"""What a draft says of entering a Google Cloud project."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from nephoscope.connectors.draft import Draft, is_endpoint, said
from nephoscope.model.connectors import GcpAccess, GcpSignIn

_PROJECT = re.compile(r"(?:[a-z][a-z0-9.-]{0,60}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")
_EMAIL = re.compile(r"[A-Za-z0-9._-]{1,64}@[A-Za-z0-9.-]{1,128}")
_LONGEST_FILE = 64 * 1024
_ADDRESSES = ("token_uri", "token_url", "token_info_url", "service_account_impersonation_url")
_HOSTS = frozenset({"accounts.google.com", "oauth2.googleapis.com", "sts.googleapis.com"})
_TOKEN_FOLDERS = ("/var/run/secrets/", "/run/secrets/")
_AWS_ADDRESSES = {
    "region_url": ("", "http://169.254.169.254/latest/meta-data/placement/availability-zone"),
    "url": ("", "http://169.254.169.254/latest/meta-data/iam/security-credentials"),
    "regional_cred_verification_url": (
        "",
        "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15",
    ),
    "imdsv2_session_token_url": ("", "http://169.254.169.254/latest/api/token"),
}
_SOURCES = frozenset({"file", "format", "environment_id", *_AWS_ADDRESSES})
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
    yield from _address_problems(file)


def _host(url: str) -> str:
    """Empty for what is no URL."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _address_problems(file: dict[str, Any]) -> Iterator[str]:
    """Whoever uploads a file must not choose where we send requests, or which files of ours we read."""
    for name in _ADDRESSES:
        host = _host(str(file.get(name) or "https://oauth2.googleapis.com/"))
        if host not in _HOSTS and not host.endswith(".googleapis.com"):
            yield f"configFile: {name} must be an address of Google's (…googleapis.com)"
    source = file.get("credential_source") or {}
    path = str(source.get("file") or "") if isinstance(source, dict) else ""
    if not isinstance(source, dict) or not set(source) <= _SOURCES or (path and not path.startswith(_TOKEN_FOLDERS)):
        yield (
            "configFile: credential_source may only name a file below /var/run/secrets or /run/secrets, or AWS "
            "(environment_id, region_url, url, regional_cred_verification_url, imdsv2_session_token_url)"
        )
    elif any(str(source.get(key) or "") not in allowed for key, allowed in _AWS_ADDRESSES.items()):
        yield "configFile: credential_source names other addresses than those of the AWS metadata service"


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
