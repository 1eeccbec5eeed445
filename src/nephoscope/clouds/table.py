"""Which clouds can be entered, and how: one row for each provider."""

from typing import Protocol

from nephoscope.clouds.aws import engine as aws
from nephoscope.clouds.doors import OpenAccount
from nephoscope.errors import CloudError
from nephoscope.model.connectors import Access
from nephoscope.model.providers import Provider


class Opener(Protocol):
    def __call__(self, access: Access, *, workers: int) -> OpenAccount: ...


OPENERS: dict[Provider, Opener] = {Provider.AWS: aws.open_account}


def open_account(provider: Provider, access: Access, *, workers: int = 32) -> OpenAccount:
    """Enter an account of any cloud. Raises CloudError when it cannot be entered."""
    opener = OPENERS.get(provider)
    if opener is None:
        raise CloudError(f"Accounts of {provider} cannot be entered; those of {', '.join(OPENERS)} can.")
    return opener(access, workers=workers)
