"""What a draft says of entering an Azure subscription."""

import re
from collections.abc import Iterator

from nephoscope.connectors.draft import Draft, is_endpoint, said
from nephoscope.model.connectors import AzureAccess, AzureSignIn

CLOUDS = ("AzureCloud", "AzureUSGovernment", "AzureChinaCloud")

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DOMAIN = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z-]{0,62}\.){1,6}[A-Za-z]{2,24}")
_WITH_SECRET = frozenset({AzureSignIn.KEY, AzureSignIn.CERTIFICATE})
_LONGEST_SECRET = 64 * 1024


def merge(draft: Draft, before: AzureAccess) -> AzureAccess:
    return AzureAccess(
        tenant_id=said(draft.tenant_id, before.tenant_id).lower(),
        application_id=said(draft.application_id, before.application_id).lower(),
        sign_in=_sign_in(draft, before),
        cloud=said(draft.partition, before.cloud),
        endpoint_url=said(draft.endpoint_url, before.endpoint_url),
    )


def _sign_in(draft: Draft, before: AzureAccess) -> AzureSignIn:
    """A secret says by itself what kind it is, where nothing else does."""
    if draft.sign_in is not None:
        try:
            return AzureSignIn(draft.sign_in.strip().lower())
        except ValueError:
            return before.sign_in
    if not draft.secret:
        return before.sign_in
    return AzureSignIn.CERTIFICATE if "-----BEGIN" in draft.secret else AzureSignIn.KEY


def account_of(draft: Draft, before: str) -> str:
    return (draft.account_id.strip() if draft.account_id else before).lower()


def problems(draft: Draft, access: AzureAccess, account_id: str, *, has_secret: bool) -> Iterator[str]:
    """`has_secret`: one was sealed before."""
    if not _UUID.fullmatch(account_id):
        yield "subscriptionId: the uuid of a subscription is needed, such as 00000000-0000-0000-0000-000000000000"
    if draft.sign_in is not None and draft.sign_in.strip().lower() not in set(AzureSignIn):
        yield f"signIn: one of {', '.join(AzureSignIn)}"
    if access.cloud not in CLOUDS:
        yield f"cloud: one of {', '.join(CLOUDS)}"
    if access.tenant_id and not (_UUID.fullmatch(access.tenant_id) or _DOMAIN.fullmatch(access.tenant_id)):
        yield "directoryId: the uuid of the tenant (or its domain) is expected"
    if access.application_id and not _UUID.fullmatch(access.application_id):
        yield "applicationId: the uuid of the application is expected"
    if access.endpoint_url and not is_endpoint(access.endpoint_url):
        yield "endpointUrl: expected http://host[:port] or https://host[:port]"
    yield from _principal_problems(draft, access, has_secret=has_secret)


def _principal_problems(draft: Draft, access: AzureAccess, *, has_secret: bool) -> Iterator[str]:
    if access.sign_in not in _WITH_SECRET:
        if draft.application_id and draft.tenant_id and draft.sign_in is None:
            yield (
                "authenticationKey: the secret of the application is needed, or another way in must be named: "
                + ", ".join(kind for kind in AzureSignIn if kind not in _WITH_SECRET)
            )
        return
    if not access.tenant_id:
        yield "directoryId: the tenant of the application is needed"
    if not access.application_id:
        yield "applicationId: the application is needed"
    if not draft.secret and not has_secret:
        yield "authenticationKey: the secret (or the certificate with its key, in PEM) of the application is needed"
    elif draft.secret and len(draft.secret) > _LONGEST_SECRET:
        yield f"authenticationKey: at most {_LONGEST_SECRET:,} characters"
