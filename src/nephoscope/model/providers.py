"""The clouds, in the API's spelling."""

from enum import StrEnum


class Provider(StrEnum):
    AWS = "AWS"
    AZURE = "AZURE"
    GCP = "GCP"

    @property
    def account(self) -> str:
        """What people call one account of it."""
        return {"AWS": "AWS account", "AZURE": "Azure subscription", "GCP": "Google Cloud project"}[self.value]

    @property
    def account_key(self) -> str:
        """What the API calls one account of it."""
        return {"AWS": "accountId", "AZURE": "subscriptionId", "GCP": "projectId"}[self.value]
