"""Service accounts, custom roles, keys and secrets."""

from nephoscope.simulation.gcp.cloud import NUMBER, PROJECT, GcpCloud
from nephoscope.simulation.gcp.estate.words import DEFAULT_ACCOUNT, KEY, REGION, WEB_ACCOUNT, Document, private, public

OLD_ACCOUNT = f"old@{PROJECT}.iam.gserviceaccount.com"
RETIRED_ACCOUNT = f"retired@{PROJECT}.iam.gserviceaccount.com"
EMPTY_ACCOUNT = f"empty@{PROJECT}.iam.gserviceaccount.com"
_RING = f"projects/{PROJECT}/locations/{REGION}/keyRings"


def fill(cloud: GcpCloud) -> None:
    account(cloud, WEB_ACCOUNT, "101", bindings=private("roles/iam.serviceAccountTokenCreator"))
    account(cloud, DEFAULT_ACCOUNT, "102")
    account(cloud, OLD_ACCOUNT, "103", keys=["2024-01-01T00:00:00Z"], bindings=public("roles/iam.serviceAccountUser"))
    for name, number in ((RETIRED_ACCOUNT, "104"), (EMPTY_ACCOUNT, "105")):
        account(cloud, name, number, is_disabled=True)
    _role(cloud, "deployer", ["run.services.update", "iam.serviceAccounts.actAs"])
    _role(cloud, "reader", ["storage.objects.get"])
    _crypto_keys(cloud)
    _secrets(cloud)


def account(
    cloud: GcpCloud,
    email: str,
    number: str,
    *,
    keys: list[str] | None = None,
    bindings: list[Document] | None = None,
    is_disabled: bool = False,
) -> None:
    """`keys` are the moments at which somebody made one."""
    base = f"projects/{PROJECT}/serviceAccounts/{email}"
    data: Document = {"name": base, "email": email, "uniqueId": number, "displayName": email.partition("@")[0]}
    if is_disabled:
        data["disabled"] = True
    cloud.add(
        "iam.googleapis.com/ServiceAccount",
        f"projects/{PROJECT}/serviceAccounts/{number}",
        data,
        bindings=bindings or [],
    )
    rows = [
        {"name": f"{base}/keys/k{at}", "keyType": "USER_MANAGED", "validAfterTime": made, "validBeforeTime": None}
        for at, made in enumerate(keys or [])
    ]
    cloud.put("iam", f"v1/{base}/keys", {"keys": rows}, "iam.serviceAccountKeys.list")


def _role(cloud: GcpCloud, name: str, permissions: list[str]) -> None:
    path = f"projects/{PROJECT}/roles/{name}"
    data = {"name": path, "title": name.title(), "stage": "GA", "includedPermissions": permissions}
    cloud.add("iam.googleapis.com/Role", path, data)


def _crypto_keys(cloud: GcpCloud) -> None:
    common = {"purpose": "ENCRYPT_DECRYPT", "createTime": "2024-05-01T00:00:00.25Z"}
    good = {
        **common,
        "primary": {"state": "ENABLED", "protectionLevel": "HSM"},
        "rotationPeriod": "7776000s",
        "nextRotationTime": "2026-12-20T00:00:00Z",
        "destroyScheduledDuration": "2592000s",
        "versionTemplate": {"protectionLevel": "HSM", "algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION"},
    }
    bad = {**common, "primary": {"state": "ENABLED"}, "destroyScheduledDuration": "86400s"}
    kind = "cloudkms.googleapis.com/CryptoKey"
    cloud.add(kind, KEY, good, bindings=private("roles/cloudkms.cryptoKeyDecrypter"), location=REGION)
    cloud.add(kind, f"{_RING}/open/cryptoKeys/legacy", bad, bindings=[], location=REGION)
    cloud.add(
        "cloudkms.googleapis.com/KeyRing",
        f"{_RING}/open",
        {"name": f"{_RING}/open"},
        bindings=public("roles/cloudkms.cryptoKeyDecrypter"),
        location=REGION,
    )


def _secrets(cloud: GcpCloud) -> None:
    kind = "secretmanager.googleapis.com/Secret"
    good = {
        "replication": {"automatic": {"customerManagedEncryption": {"kmsKeyName": KEY}}},
        "rotation": {"rotationPeriod": "7776000s", "nextRotationTime": "2027-01-01T00:00:00Z"},
        "createTime": "2026-01-01T00:00:00.5Z",
    }
    cloud.add(kind, f"projects/{NUMBER}/secrets/database", good, bindings=private("roles/secretmanager.secretAccessor"))
    cloud.add(
        kind,
        f"projects/{NUMBER}/secrets/shared",
        {"replication": {"automatic": {}}, "createTime": "2026-01-01T00:00:00Z"},
        bindings=public("roles/secretmanager.secretAccessor"),
    )
