"""Tokens for Azure, from whichever identity enters. They are kept until shortly before they expire."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import (
    AzureCliCredential,
    CertificateCredential,
    ChainedTokenCredential,
    ClientSecretCredential,
    CredentialUnavailableError,
    EnvironmentCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from nephoscope.clouds.azure.addresses import Addresses
from nephoscope.errors import CloudError
from nephoscope.model.connectors import AzureAccess, AzureSignIn

logging.getLogger("azure").addHandler(logging.NullHandler())  # what it says is said in our words, once
_SPARE = 300
"""Seconds before its end at which a token is not used any more."""
_LONGEST = 300


class Credential(Protocol):
    def get_token(self, *scopes: str) -> AccessToken: ...


class AzureTokens:
    """`rest.desk.Tokens` over a credential. Thread-safe."""

    def __init__(self, make: Callable[[], Credential], clock: Callable[[], float] = time.time) -> None:
        """The library keeps tokens of its own: after a refusal a credential is made anew."""
        self._make = make
        self._credential = make()
        self._clock = clock
        self._kept: dict[str, AccessToken] = {}
        self._lock = threading.Lock()

    def token(self, audience: str) -> str:
        """CloudError when the identity gets none, with the reason."""
        with self._lock:
            kept = self._kept.get(audience)
            if kept is None or kept.expires_on - _SPARE < self._clock():
                kept = self._kept[audience] = self._asked(audience)
            return kept.token

    def forget(self, audience: str, token: str) -> None:
        with self._lock:
            kept = self._kept.get(audience)
            if kept is not None and kept.token == token:
                del self._kept[audience]
                self._credential = self._make()

    def _asked(self, audience: str) -> AccessToken:
        try:
            return self._credential.get_token(audience)
        except (ClientAuthenticationError, CredentialUnavailableError) as error:
            raise CloudError(f"Azure gives no token: {_why(str(error))}") from None
        except ValueError as error:
            raise CloudError(f"The Azure credentials cannot be used: {_first_line(str(error))}") from None


_NOTHING_FOUND = (
    "nothing on this machine signs in. Give an application (tenant, client id and its secret or certificate), set "
    "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, log in with `az login`, or run where an identity is "
    "attached"
)


def _why(text: str) -> str:
    """A chain of ways tells of each of them at length."""
    return _NOTHING_FOUND if text.startswith("ChainedTokenCredential") else _first_line(text)


def _first_line(text: str) -> str:
    line = " ".join(text.strip().partition("\n")[0].split())
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "…"


def tokens_of(access: AzureAccess, secret: str, addresses: Addresses) -> AzureTokens:
    """CloudError when what is needed to sign in is missing or cannot be read."""
    try:
        return AzureTokens(lambda: _credential(access, secret, addresses))
    except ValueError as error:
        raise CloudError(f"The Azure credentials cannot be used: {_first_line(str(error))}") from None


def _credential(access: AzureAccess, secret: str, addresses: Addresses) -> Credential:
    options: dict[str, Any] = {"authority": addresses.authority}
    if access.endpoint_url:
        options |= {"transport": _Detour(access.endpoint_url), "disable_instance_discovery": True}
    tenant, application = access.tenant_id, access.application_id
    match access.sign_in:
        case AzureSignIn.KEY:
            return ClientSecretCredential(tenant, application, secret, **options)
        case AzureSignIn.CERTIFICATE:
            return CertificateCredential(tenant, application, certificate_data=secret.encode(), **options)
        case AzureSignIn.WORKLOAD_IDENTITY:
            named = {"tenant_id": tenant or None, "client_id": application or None}
            return WorkloadIdentityCredential(**named, **options)
        case AzureSignIn.MANAGED_IDENTITY:
            return ManagedIdentityCredential(client_id=application or None)
        case AzureSignIn.CLI:
            return AzureCliCredential(tenant_id=tenant)
        case AzureSignIn.AMBIENT:
            return _ambient(access, options)


def _ambient(access: AzureAccess, options: dict[str, Any]) -> Credential:
    """The first that works, in the order in which every Azure tool looks."""
    found: list[Any] = [EnvironmentCredential(**options)]
    with suppress(ValueError):  # no token file on this machine
        found.append(WorkloadIdentityCredential(**options))
    found.append(ManagedIdentityCredential(client_id=access.application_id or None))
    found.append(AzureCliCredential(tenant_id=access.tenant_id))
    chain: Credential = ChainedTokenCredential(*found)
    return chain


class _Detour(RequestsTransport):  # type: ignore[misc]  # its stubs hide what it is
    """Sends what is meant for the authority to the address that stands for the whole cloud. The library itself insists
    on https for authorities; the operator has said otherwise."""

    def __init__(self, endpoint_url: str) -> None:
        super().__init__()
        self._target = urlsplit(endpoint_url)

    def send(self, request: Any, **options: Any) -> Any:
        parts = urlsplit(request.url)
        request.url = urlunsplit(parts._replace(scheme=self._target.scheme, netloc=self._target.netloc))
        return super().send(request, **options)
