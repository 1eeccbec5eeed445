"""Where the Azure clouds are."""

from collections.abc import Mapping

import msgspec

from nephoscope.errors import CloudError
from nephoscope.model.connectors import AzureAccess


class Addresses(msgspec.Struct, frozen=True):
    """`manager` and `directory` are Resource Manager and Microsoft Graph. The audience of a token is the address that
    it opens in the cloud itself, also while another address is asked."""

    authority: str
    manager: str
    directory: str
    manager_audience: str
    directory_audience: str


_CLOUDS: Mapping[str, tuple[str, str, str]] = {
    "AzureCloud": ("login.microsoftonline.com", "management.azure.com", "graph.microsoft.com"),
    "AzureUSGovernment": ("login.microsoftonline.us", "management.usgovcloudapi.net", "graph.microsoft.us"),
    "AzureChinaCloud": (
        "login.partner.microsoftonline.cn",
        "management.chinacloudapi.cn",
        "microsoftgraph.chinacloudapi.cn",
    ),
}


def addresses_of(access: AzureAccess) -> Addresses:
    """CloudError for a cloud that we do not know."""
    if access.cloud not in _CLOUDS:
        raise CloudError(f"There is no Azure cloud {access.cloud!r}; there are {', '.join(_CLOUDS)}.")
    authority, manager, directory = _CLOUDS[access.cloud]
    elsewhere = access.endpoint_url.rstrip("/")
    return Addresses(
        authority=f"https://{authority}",
        manager=elsewhere or f"https://{manager}",
        directory=elsewhere or f"https://{directory}",
        manager_audience=f"https://{manager}/.default",
        directory_audience=f"https://{directory}/.default",
    )
