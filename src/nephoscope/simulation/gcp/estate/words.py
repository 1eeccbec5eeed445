"""What the parts of the estate have in common: names, addresses, keys."""

from typing import Any

from nephoscope.simulation.gcp.cloud import NUMBER, PROJECT

REGION, ZONE = "europe-west1", "europe-west1-b"
BASE = f"https://www.googleapis.com/compute/v1/projects/{PROJECT}"
KEY = f"projects/{PROJECT}/locations/{REGION}/keyRings/main/cryptoKeys/data"
DEFAULT_ACCOUNT = f"{NUMBER}-compute@developer.gserviceaccount.com"
WEB_ACCOUNT = f"web@{PROJECT}.iam.gserviceaccount.com"
FULL_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
MADE = "2025-11-03T09:30:00.000-07:00"

Document = dict[str, Any]


def public(role: str) -> list[Document]:
    return [{"role": role, "members": ["allUsers"]}]


def private(role: str) -> list[Document]:
    return [{"role": role, "members": [f"serviceAccount:{WEB_ACCOUNT}"]}]
