"""The clouds, by the names that the API uses."""

from enum import StrEnum


class Provider(StrEnum):
    AWS = "AWS"
    AZURE = "AZURE"
    GCP = "GCP"
