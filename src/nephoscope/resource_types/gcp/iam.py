"""Google Cloud resource types: identities and keys. Of a service account's keys only the facts are kept."""

from nephoscope.resource_types.fields import booleans, lists, parts, rows, strings, times
from nephoscope.resource_types.gcp.declaring import BINDINGS, declared

SERVICE_ACCOUNT = declared(
    "SERVICE_ACCOUNT",
    "IAM & Admin",
    "Service Account",
    *strings("email", "displayName", "description", "uniqueId"),
    *booleans("disabled", "isDefault"),
    *rows("userManagedKeys", "keyId", "validAfterTime", "validBeforeTime", "disabled"),
    *rows("projectRoles", "role", "condition"),
    *BINDINGS,
)
IAM_CUSTOM_ROLE = declared(
    "IAM_CUSTOM_ROLE",
    "IAM & Admin",
    "Custom Role",
    *strings("title", "description", "stage"),
    *booleans("deleted"),
    *lists("includedPermissions"),
)
CRYPTO_KEY = declared(
    "CRYPTO_KEY",
    "Cloud KMS",
    "KMS Key",
    *strings("purpose", "protectionLevel", "primaryState", "algorithm", "keyRing"),
    *times("createTime", "nextRotationTime"),
    *strings("rotationPeriod", "destroyScheduledDuration"),
    *BINDINGS,
    *rows("keyRingBindings", "role", "members"),
    aliases=("KMS_KEY",),
)
SECRET = declared(
    "SECRET",
    "Secret Manager",
    "Secret",
    *times("createTime", "expireTime"),
    *parts("rotation", "rotationPeriod", "nextRotationTime"),
    *lists("kmsKeyNames"),
    *BINDINGS,
    aliases=("SECRET_MANAGER_SECRET",),
)

TYPES = (SERVICE_ACCOUNT, IAM_CUSTOM_ROLE, CRYPTO_KEY, SECRET)
