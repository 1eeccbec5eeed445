"""Tokens for Google Cloud, from whichever identity enters. They are kept until shortly before they expire."""

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import google.auth
import urllib3
from google.auth import aws, identity_pool, impersonated_credentials
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError
from google.auth.transport.urllib3 import Request
from google.oauth2 import service_account

from nephoscope.errors import CloudError
from nephoscope.model.connectors import GcpAccess, GcpSignIn

SCOPE = "https://www.googleapis.com/auth/cloud-platform.read-only"
_IMPERSONATING = "https://www.googleapis.com/auth/cloud-platform"
_SPARE = timedelta(seconds=300)
"""Before its end a token is not used any more."""
_LONGEST = 300


class Credential(Protocol):
    token: str | None
    expiry: datetime | None

    def refresh(self, request: Any) -> None: ...


class GcpTokens:
    """`rest.desk.Tokens` over a credential; there is one audience. Thread-safe."""

    def __init__(self, credential: Credential) -> None:
        self._credential = credential
        self._request = Request(urllib3.PoolManager(retries=False))
        self._lock = threading.Lock()

    def token(self, audience: str) -> str:
        """CloudError when the identity gets none, with the reason."""
        del audience
        with self._lock:
            if not self._is_fresh():
                try:
                    self._credential.refresh(self._request)
                except (GoogleAuthError, ValueError) as error:
                    raise CloudError(f"Google gives no token: {_first_line(_said(error))}") from None
            if not self._credential.token:
                raise CloudError("Google gives no token for these credentials.")
            return self._credential.token

    def forget(self, audience: str, token: str) -> None:
        del audience
        with self._lock:
            if self._credential.token == token:
                self._credential.token = None

    def _is_fresh(self) -> bool:
        """The library's moments are in UTC without saying so."""
        if not self._credential.token:
            return False
        expiry = self._credential.expiry
        return expiry is None or expiry.replace(tzinfo=UTC) - _SPARE > datetime.now(UTC)


def tokens_of(access: GcpAccess, secret: str) -> GcpTokens:
    """CloudError when what is needed to sign in is missing or cannot be read."""
    try:
        credential = _credential(access, secret)
    except DefaultCredentialsError:
        raise CloudError(
            "There are no Google credentials: give a key file, set GOOGLE_APPLICATION_CREDENTIALS, log in with "
            "`gcloud auth application-default login`, or run where a service account is attached."
        ) from None
    except (GoogleAuthError, ValueError, KeyError) as error:
        raise CloudError(f"The Google credentials cannot be used: {_first_line(str(error))}") from None
    return GcpTokens(credential)


def _credential(access: GcpAccess, secret: str) -> Credential:
    scopes = [_IMPERSONATING if access.impersonated else SCOPE]
    source = _source(access, secret, scopes)
    if not access.impersonated:
        return source
    acting: Credential = impersonated_credentials.Credentials(source, access.impersonated, [SCOPE])
    return acting


def _source(access: GcpAccess, secret: str, scopes: list[str]) -> Credential:
    match access.sign_in:
        case GcpSignIn.KEY:
            info = json.loads(secret)
            if access.endpoint_url:
                info["token_uri"] = f"{access.endpoint_url.rstrip('/')}/oauth2/token"
            key: Credential = service_account.Credentials.from_service_account_info(info, scopes=scopes)
            return key
        case GcpSignIn.FEDERATION:
            info = json.loads(secret)
            if access.endpoint_url:
                info["token_url"] = f"{access.endpoint_url.rstrip('/')}/sts/v1/token"
            return _federated(info, scopes)
        case GcpSignIn.AMBIENT:
            found: Credential = google.auth.default(scopes=scopes)[0]
            return found


def _federated(info: dict[str, Any], scopes: list[str]) -> Credential:
    """Of AWS, or of whoever leaves a token in a file: nothing else was let in."""
    source = info.get("credential_source") or {}
    is_aws = str(source.get("environment_id") or "").startswith("aws")
    made: Credential = (aws if is_aws else identity_pool).Credentials.from_info(info, scopes=scopes)
    return made


def _said(error: Exception) -> str:
    """The library's errors carry the answer behind the words."""
    return str(error.args[0]) if error.args else str(error)


def _first_line(text: str) -> str:
    line = " ".join(text.strip().partition("\n")[0].split())
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "…"
