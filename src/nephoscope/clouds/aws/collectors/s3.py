"""How AWS resource types are read: buckets, each asked in its own region, and Macie."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from nephoscope.clouds.aws.collecting import Calls, Collector, Detail, Place, Raw
from nephoscope.clouds.aws.shaping import camel, document, iso, tags_of
from nephoscope.errors import CloudError, DeniedError, GoneError
from nephoscope.model.resources import Document, Observed
from nephoscope.resource_types.aws import s3 as types

_PAGE = 1000
"""Asking for a page of a size makes AWS name each bucket's region."""
_OLD_REGIONS = {None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}


def _fetch_buckets(calls: Calls) -> Iterator[Raw]:
    buckets = list(_with_regions(calls, calls.items("s3", "list_buckets", "Buckets", MaxBuckets=_PAGE)))
    tags = {region: _tags_in(calls, region) for region in sorted({row["BucketRegion"] for row in buckets})}
    for row in buckets:
        tagged = tags[row["BucketRegion"]]
        if isinstance(tagged, str):
            yield {**row, "TagTrouble": tagged}
        else:
            yield {**row, "Tags": tagged.get(row["Name"], ())}


def _with_regions(calls: Calls, buckets: Iterable[Raw]) -> Iterator[Raw]:
    """Stores that only resemble S3 name no region in the list."""
    for row in buckets:
        if row.get("BucketRegion"):
            yield row
            continue
        try:
            place = calls.call("s3", "get_bucket_location", Bucket=row["Name"]).get("LocationConstraint")
        except GoneError:
            continue
        yield {**row, "BucketRegion": _OLD_REGIONS.get(place, place)}


def _tags_in(calls: Calls, region: str) -> dict[str, Any] | str:
    """Tags of all buckets of a region by bucket, in one call instead of one for each; or why there are none."""
    try:
        found = calls.items(
            "resourcegroupstaggingapi",
            "get_resources",
            "ResourceTagMappingList",
            region=region,
            ResourceTypeFilters=["s3"],
        )
        return {row["ResourceARN"].rpartition(":")[2]: row["Tags"] for row in found}
    except DeniedError as error:
        return f"denied: {error.permission}"
    except CloudError as error:
        return f"failed: {error.message}"


def _shape_bucket(raw: Raw, place: Place) -> Observed:
    name = raw["Name"]
    created = raw.get("CreationDate")
    known = {
        "bucketName": name,
        "region": raw["BucketRegion"],
        "bucketCreationDateStr": None if created is None else iso(created),
    }
    unread = {"tags": raw["TagTrouble"]} if "TagTrouble" in raw else {}
    fields = (field.name for field in types.BUCKET.fields)
    arn = f"arn:{place.partition}:s3:::{name}"
    return Observed(name, name, arn, document(fields, known), unread, tags_of(raw.get("Tags")))


def _of_bucket(calls: Calls, item: Raw, operation: str) -> Raw | None:
    """Null when the bucket has no such configuration."""
    try:
        return calls.call("s3", operation, region=item["BucketRegion"], Bucket=item["Name"])
    except GoneError as error:
        if "NoSuchBucket:" in error.message or error.message.endswith("NoSuchBucket"):
            raise
        return None


def _one(field: str, permission: str, operation: str, shape: Callable[[Raw | None], Any]) -> Detail:
    def read(calls: Calls, item: Raw) -> Document:
        return {field: shape(_of_bucket(calls, item, operation))}

    return Detail((field,), (permission,), read)


def _read_policy(calls: Calls, item: Raw) -> Document:
    """A bucket without a policy is not asked whether its policy is public."""
    found = _of_bucket(calls, item, "get_bucket_policy")
    if found is None:
        return {"bucketPolicy": None, "isPolicyPublic": False}
    status = _of_bucket(calls, item, "get_bucket_policy_status")
    return {"bucketPolicy": found["Policy"], "isPolicyPublic": bool(status and status["PolicyStatus"]["IsPublic"])}


def _read_acl(calls: Calls, item: Raw) -> Document:
    found = _of_bucket(calls, item, "get_bucket_acl") or {}
    owner = found.get("Owner", {})
    return {
        "s3GrantList": [_grant(row) for row in found.get("Grants", ())],
        "ownerName": owner.get("DisplayName"),
        "bucketOwnerId": owner.get("ID"),
    }


def _grant(raw: Raw) -> Document:
    grantee = raw.get("Grantee", {})
    return {
        "emailAddress": grantee.get("EmailAddress"),
        "groupUri": grantee.get("URI"),
        "displayName": grantee.get("DisplayName"),
        "permission": raw.get("Permission"),
        "id": grantee.get("ID"),
    }


def _block(found: Raw | None) -> Document | None:
    return found and camel(found["PublicAccessBlockConfiguration"])


def _versioning(found: Raw | None) -> Document:
    """Both null on a bucket that was never versioned."""
    return {"status": (found or {}).get("Status"), "mfaDelete": (found or {}).get("MFADelete")}


def _encryption(found: Raw | None) -> list[Document]:
    rules = found["ServerSideEncryptionConfiguration"]["Rules"] if found else []
    defaults = [(rule, rule.get("ApplyServerSideEncryptionByDefault", {})) for rule in rules]
    return [
        {
            "sseAlgorithm": default.get("SSEAlgorithm"),
            "kmsMasterKeyId": default.get("KMSMasterKeyID"),
            "bucketKeyEnabled": rule.get("BucketKeyEnabled", False),
        }
        for rule, default in defaults
    ]


def _logging(found: Raw | None) -> Document | None:
    target = (found or {}).get("LoggingEnabled")
    return target and {"targetBucket": target.get("TargetBucket"), "targetPrefix": target.get("TargetPrefix")}


def _ownership(found: Raw | None) -> str | None:
    rules = found["OwnershipControls"]["Rules"] if found else []
    return rules[0]["ObjectOwnership"] if rules else None


def _object_lock(found: Raw | None) -> Document | None:
    if found is None:
        return None
    configuration = found["ObjectLockConfiguration"]
    default = configuration.get("Rule", {}).get("DefaultRetention", {})
    return {
        "objectLockEnabled": configuration.get("ObjectLockEnabled"),
        "mode": default.get("Mode"),
        "days": default.get("Days") or None,
        "years": default.get("Years") or None,
    }


def _lifecycle(found: Raw | None) -> list[Document]:
    rules: list[Document] = camel(found.get("Rules", [])) if found else []
    return [{"id": None, "abortIncompleteMultipartUpload": None, **rule} for rule in rules]


# Macie


def _fetch_macie(calls: Calls) -> Iterable[Raw]:
    """Nothing where it was never switched on."""
    try:
        return (calls.call("macie2", "get_macie_session"),)
    except GoneError:
        return ()


def _shape_macie(raw: Raw, place: Place) -> Observed:
    fields = (field.name for field in types.MACIE_SESSION.fields)
    arn = f"arn:{place.partition}:macie2:{place.region}:{place.account_id}:session"
    return Observed(f"macie-{place.region}", "Macie", arn, document(fields, camel(raw)))


def _read_automated_discovery(calls: Calls, _item: Raw) -> Document:
    return {"automatedDiscoveryStatus": calls.call("macie2", "get_automated_discovery_configuration").get("status")}


def _read_jobs(calls: Calls, _item: Raw) -> Document:
    """Buckets that jobs name one by one. A job that chooses by criteria names none."""
    names = {
        bucket
        for job in calls.items("macie2", "list_classification_jobs", "items")
        if job.get("jobStatus") != "CANCELLED"
        for definition in job.get("bucketDefinitions", ())
        for bucket in definition.get("buckets", ())
    }
    return {"jobBuckets": sorted(names)}


COLLECTORS: tuple[Collector, ...] = (
    Collector(
        "BUCKET",
        _fetch_buckets,
        _shape_bucket,
        (
            Detail(
                ("bucketPolicy", "isPolicyPublic"), ("s3:GetBucketPolicy", "s3:GetBucketPolicyStatus"), _read_policy
            ),
            Detail(("s3GrantList", "ownerName", "bucketOwnerId"), ("s3:GetBucketAcl",), _read_acl),
            _one("publicAccessBlock", "s3:GetBucketPublicAccessBlock", "get_public_access_block", _block),
            _one("versioning", "s3:GetBucketVersioning", "get_bucket_versioning", _versioning),
            _one("encryptionRules", "s3:GetEncryptionConfiguration", "get_bucket_encryption", _encryption),
            _one("logging", "s3:GetBucketLogging", "get_bucket_logging", _logging),
            _one("objectOwnership", "s3:GetBucketOwnershipControls", "get_bucket_ownership_controls", _ownership),
            _one("objectLock", "s3:GetBucketObjectLockConfiguration", "get_object_lock_configuration", _object_lock),
            _one(
                "lifecycleRules",
                "s3:GetLifecycleConfiguration",
                "get_bucket_lifecycle_configuration",
                _lifecycle,
            ),
        ),
    ),
    Collector(
        "MACIE_SESSION",
        _fetch_macie,
        _shape_macie,
        (
            Detail(
                ("automatedDiscoveryStatus",),
                ("macie2:GetAutomatedDiscoveryConfiguration",),
                _read_automated_discovery,
            ),
            Detail(("jobBuckets",), ("macie2:ListClassificationJobs",), _read_jobs),
        ),
    ),
)
