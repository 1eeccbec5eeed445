"""A connector: one cloud account and how to enter it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from nephoscope.model.providers import Provider

MINIMUM_POLLING_MINUTES = 60
DEFAULT_POLLING_MINUTES = 240


class ConnectorState(StrEnum):
    """The states of the API."""

    PENDING = "PENDING"
    REGIONS_DISCOVERED = "REGIONS_DISCOVERED"
    SUCCESS = "SUCCESS"
    ERROR = "ERROR"


class AwsAccess(msgspec.Struct, frozen=True):
    """How to enter an AWS account. An empty `role_arn` means the credentials of the process itself
    (environment, profile, instance role). Empty `regions` means every enabled one."""

    role_arn: str = ""
    external_id: str = ""
    profile: str = ""
    endpoint_url: str = ""
    regions: tuple[str, ...] = ()
    partition: str = "aws"
    """`aws`, `aws-us-gov` or `aws-cn`."""


class AzureSignIn(StrEnum):
    """Whose identity enters a subscription."""

    KEY = "key"
    """The secret of an application."""
    CERTIFICATE = "certificate"
    WORKLOAD_IDENTITY = "workload_identity"
    """A token file that the platform (Kubernetes, GitHub) keeps fresh."""
    MANAGED_IDENTITY = "managed_identity"
    CLI = "cli"
    """Whoever is logged in with `az login` on this machine."""
    AMBIENT = "ambient"
    """What the process has: environment, workload identity, managed identity, the CLI's login, in this order."""


class AzureAccess(msgspec.Struct, frozen=True):
    """How to enter an Azure subscription. The secret, or the certificate with its key, is sealed in the store under the
    connector's uuid and never stands here."""

    tenant_id: str = ""
    """The directory."""
    application_id: str = ""
    """The service principal's, or the managed identity's when it has more than one."""
    sign_in: AzureSignIn = AzureSignIn.AMBIENT
    cloud: str = "AzureCloud"
    """`AzureCloud`, `AzureUSGovernment` or `AzureChinaCloud`."""
    endpoint_url: str = ""
    """Ask this address instead of Azure, for everything."""


class GcpSignIn(StrEnum):
    """Whose identity enters a project."""

    KEY = "key"
    """A service account's key file."""
    FEDERATION = "federation"
    """The configuration file of a workload identity federation: no secret in it, but where to get one."""
    AMBIENT = "ambient"
    """Application default credentials of the process."""


class GcpAccess(msgspec.Struct, frozen=True):
    """How to enter a Google Cloud project. The key or federation file is sealed in the store under the connector's uuid
    and never stands here."""

    sign_in: GcpSignIn = GcpSignIn.AMBIENT
    client_email: str = ""
    """The service account of the key, to tell people; not a secret."""
    impersonated: str = ""
    """The service account to act as, when it is not the one that signs in."""
    endpoint_url: str = ""
    """Ask this address instead of Google, for everything."""


CREDENTIAL = "credential"
"""Under this name a connector's secret is sealed."""

Access = AwsAccess | AzureAccess | GcpAccess

ACCESS: Mapping[Provider, type[Access]] = {
    Provider.AWS: AwsAccess,
    Provider.AZURE: AzureAccess,
    Provider.GCP: GcpAccess,
}


class Connector(msgspec.Struct, frozen=True):
    """`key` is the store's small number for the account: every row of the account starts with it. 0 until stored."""

    uuid: UUID
    provider: Provider
    account_id: str
    name: str
    created_on: datetime
    key: int = 0
    description: str = ""
    access: Access = AwsAccess()
    polling_minutes: int = DEFAULT_POLLING_MINUTES
    is_disabled: bool = False
    is_portal_connector: bool = False
    account_alias: str = ""
    state: ConnectorState = ConnectorState.PENDING
    error: str = ""
    """Why the last run failed as a whole; empty when healthy."""
    total_assets: int = 0
    last_synced_on: datetime | None = None
    next_sync_on: datetime | None = None
    """When it would be looked at next; `due_on` says whether it will be."""

    @property
    def due_on(self) -> datetime | None:
        """None for one that is never run, or not while it is disabled."""
        return None if self.is_disabled else self.next_sync_on

    @property
    def aws(self) -> AwsAccess:
        """TypeError for a connector of another cloud."""
        if not isinstance(self.access, AwsAccess):
            raise TypeError(f"{self.uuid} is a connector of {self.provider}")
        return self.access


class Followed(msgspec.Struct, frozen=True):
    """A place whose accounts get connectors as they come, and lose them as they go: `within` is a management group, a
    folder or an organisation, or empty for all that the credentials see. `key` is 0 until stored."""

    uuid: UUID
    provider: Provider
    within: str
    access: Access
    created_by: str
    created_on: datetime
    key: int = 0
    polling_minutes: int = DEFAULT_POLLING_MINUTES
    looked_on: datetime | None = None
    error: str = ""
    """Why the last look failed; nothing comes or goes until one goes well."""
