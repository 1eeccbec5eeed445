"""What a person says of a connector, whatever the cloud."""

from urllib.parse import urlsplit

import msgspec

_LONGEST_URL = 2_000


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """None means not said (on update: as it was)."""

    name: str | None = None
    description: str | None = None
    account_id: str | None = None
    """AWS: for credentials of the process itself; with `arn`, taken from it. Azure: the subscription. Google Cloud: the
    project; by default that of the key."""
    polling_minutes: int | None = None
    is_disabled: bool | None = None
    is_portal_connector: bool | None = None
    endpoint_url: str | None = None
    partition: str | None = None
    """AWS: the partition. Azure: the cloud, such as `AzureUSGovernment`."""
    arn: str | None = None
    external_id: str | int | None = None
    """Digits; some clients send them as a number."""
    profile: str | None = None
    regions: tuple[str, ...] | None = None
    tenant_id: str | None = None
    application_id: str | None = None
    sign_in: str | None = None
    impersonated: str | None = None
    secret: str | None = None
    """Azure: the application's secret, or its certificate with the key in PEM. Google Cloud: the key or federation
    file. Sealed in the store, never shown again."""


def said(text: str | None, before: str) -> str:
    return before if text is None else text.strip()


def is_endpoint(url: str) -> bool:
    if len(url) > _LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.query and not parts.fragment
