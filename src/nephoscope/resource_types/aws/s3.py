"""AWS resource types: buckets, and Macie, which looks into them."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.aws.account import BLOCKS
from nephoscope.resource_types.fields import booleans, lists, parts, rows, strings, times
from nephoscope.resource_types.types import ResourceType

_ABORT = "abortIncompleteMultipartUpload"

BUCKET = ResourceType(
    name="BUCKET",
    provider=Provider.AWS,
    service_type="S3",
    title="S3 Bucket",
    permissions=("s3:ListAllMyBuckets", "s3:GetBucketLocation", "tag:GetResources"),
    aliases=("S3_BUCKET", "S3"),
    is_regional=False,
    fields=(
        *strings("bucketName bucket.name", "region", "ownerName", "bucketPolicy", "bucketOwnerId", "objectOwnership"),
        *times("bucketCreationDateStr"),
        *booleans("isPolicyPublic bucket.public"),
        *rows("s3GrantList", "emailAddress", "groupUri", "displayName", "permission", "id"),
        *parts("publicAccessBlock", *BLOCKS),
        *parts("versioning", "status", "mfaDelete"),
        *rows("encryptionRules", "sseAlgorithm", "kmsMasterKeyId", "bucketKeyEnabled"),
        *parts("logging", "targetBucket", "targetPrefix"),
        *parts("objectLock", "objectLockEnabled", "mode", "days", "years"),
        *rows("lifecycleRules", "id", "status", _ABORT, f"{_ABORT}.daysAfterInitiation"),
    ),
    wire=("bucketName", "bucketCreationDateStr", "s3GrantList", "ownerName", "bucketPolicy", "bucketOwnerId"),
)

MACIE_SESSION = ResourceType(
    name="MACIE_SESSION",
    provider=Provider.AWS,
    service_type="Macie",
    title="Macie Session",
    permissions=("macie2:GetMacieSession",),
    aliases=("MACIE",),
    fields=(
        *strings("status macie.status", "findingPublishingFrequency", "serviceRole", "automatedDiscoveryStatus"),
        *lists("jobBuckets"),
        *times("createdAt", "updatedAt"),
    ),
)

TYPES: tuple[ResourceType, ...] = (BUCKET, MACIE_SESSION)
