"""Which clouds can be entered, and how: one row for each provider."""

from collections.abc import Callable, Mapping
from typing import Protocol

from nephoscope.clouds.doors import Account, DiskDoor, Entry, OpenAccount
from nephoscope.errors import CloudError
from nephoscope.model.connectors import Access, AwsAccess, AzureAccess
from nephoscope.model.providers import Provider


class Opener(Protocol):
    def __call__(self, entry: Entry, *, workers: int) -> OpenAccount: ...


def _open_aws(entry: Entry, *, workers: int) -> OpenAccount:
    if not isinstance(entry.access, AwsAccess):
        raise CloudError("An AWS account cannot be entered with the credentials of another cloud.")
    from nephoscope.clouds.aws import engine as aws  # noqa: PLC0415 - servers wait without the clouds' libraries

    return aws.open_account(entry.access, workers=workers)


def _open_azure(entry: Entry, *, workers: int) -> OpenAccount:
    from nephoscope.clouds.azure import engine as azure  # noqa: PLC0415 - likewise

    return azure.open_account(entry, workers=workers)


def _open_gcp(entry: Entry, *, workers: int) -> OpenAccount:
    from nephoscope.clouds.gcp import engine as gcp  # noqa: PLC0415 - likewise

    return gcp.open_account(entry, workers=workers)


def _discover_azure(entry: Entry, within: str) -> tuple[Account, ...]:
    from nephoscope.clouds.azure import discovering  # noqa: PLC0415 - likewise

    return discovering.discover(entry, within)


def _discover_gcp(entry: Entry, within: str) -> tuple[Account, ...]:
    from nephoscope.clouds.gcp import discovering  # noqa: PLC0415 - likewise

    return discovering.discover(entry, within)


_DISCOVERERS: Mapping[Provider, Callable[[Entry, str], tuple[Account, ...]]] = {
    Provider.AZURE: _discover_azure,
    Provider.GCP: _discover_gcp,
}


def discover(provider: Provider, access: Access, *, secret: str = "", within: str = "") -> tuple[Account, ...]:
    """The accounts below a management group, a folder or an organisation, or all that the credentials see. CloudError
    when they cannot all be listed, or the cloud has no such list for us."""
    discoverer = _DISCOVERERS.get(provider)
    if discoverer is None:
        raise CloudError(f"Accounts of {provider} cannot be listed; those of {', '.join(_DISCOVERERS)} can.")
    return discoverer(Entry(access, "", secret), within)


OPENERS: Mapping[Provider, Opener] = {
    Provider.AWS: _open_aws,
    Provider.AZURE: _open_azure,
    Provider.GCP: _open_gcp,
}


def open_account(
    provider: Provider, access: Access, *, account_id: str = "", secret: str = "", workers: int = 32
) -> OpenAccount:
    """Enter an account of any cloud; AWS says itself which account the credentials lead into. `secret` is what was
    sealed for the connector. Raises CloudError when it cannot be entered."""
    opener = OPENERS.get(provider)
    if opener is None:
        raise CloudError(f"Accounts of {provider} cannot be entered; those of {', '.join(OPENERS)} can.")
    return opener(Entry(access, account_id, secret), workers=workers)


def _aws_disks(entry: Entry) -> DiskDoor:
    from nephoscope.clouds.aws import disks  # noqa: PLC0415 - a scan of settings does without

    if not isinstance(entry.access, AwsAccess):
        raise CloudError("An AWS account cannot be entered with the credentials of another cloud.")
    return disks.open_disks(entry.access)


def _azure_disks(entry: Entry) -> DiskDoor:
    from nephoscope.clouds.azure import disks  # noqa: PLC0415 - likewise
    from nephoscope.clouds.azure.addresses import addresses_of  # noqa: PLC0415 - likewise
    from nephoscope.clouds.azure.signing import tokens_of  # noqa: PLC0415 - likewise

    if not isinstance(entry.access, AzureAccess):
        raise CloudError("An Azure subscription cannot be entered with the credentials of another cloud.")
    tokens = tokens_of(entry.access, entry.secret, addresses_of(entry.access))
    return disks.open_disks(entry.access, entry.account_id, tokens)


DISK_OPENERS: Mapping[Provider, Callable[[Entry], DiskDoor]] = {
    Provider.AWS: _aws_disks,
    Provider.AZURE: _azure_disks,
}
"""Google Cloud has no way to read a snapshot's blocks: there, attach a disk and scan it as an image."""


def open_disks(provider: Provider, access: Access, *, account_id: str = "", secret: str = "") -> DiskDoor:
    """How the disks of an account are read. CloudError when the cloud has no way, or it cannot be entered."""
    opener = DISK_OPENERS.get(provider)
    if opener is None:
        known = " and ".join(DISK_OPENERS)
        raise CloudError(f"Disks of {provider} cannot be read through snapshots; those of {known} can.")
    return opener(Entry(access, account_id, secret))
