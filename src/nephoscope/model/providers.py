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
