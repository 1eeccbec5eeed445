"""Buckets: private, public by list, public by policy, encrypted or not, logged or not; and the account's own block."""

from collections.abc import Callable
from typing import Any

from nephoscope.simulation.aws.estate.world import (
    CONFIG_BUCKET,
    HOME,
    PARTNER_ACCOUNT,
    REGIONS,
    TRAIL_BUCKET,
    World,
    label,
    log_bucket,
    policy,
    statement,
    team,
)
from nephoscope.simulation.aws.facts import ACCOUNT_ID

BUCKETS = 18
_PURPOSES = ("exports", "assets", "lake", "backups", "uploads", "reports")
_BLOCK_ALL = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


def fill(world: World) -> None:
    """From the home region, for both: S3 is asked in one place."""
    s3 = world.client("s3")
    for name, region in (
        *((log_bucket(region), region) for region in REGIONS),
        (TRAIL_BUCKET, HOME),
        (CONFIG_BUCKET, HOME),
    ):
        _create(s3, name, region)
        _guard(s3, name)
    for region in REGIONS:
        s3.put_bucket_acl(Bucket=log_bucket(region), ACL="log-delivery-write")
    s3.put_bucket_policy(Bucket=TRAIL_BUCKET, Policy=policy(_trail_statement(), _https_only(TRAIL_BUCKET)))
    _log(s3, TRAIL_BUCKET, HOME)
    for index in range(BUCKETS * world.scale):
        name = f"meridian-{team(index)}-{_PURPOSES[index // 3 % len(_PURPOSES)]}-{index:03d}"
        region = REGIONS[index % len(REGIONS)]
        _create(s3, name, region)
        _HABITS[index % len(_HABITS)](s3, name, region)
        if index % 2:
            s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": label(index)})
    world.client("s3control").put_public_access_block(
        AccountId=ACCOUNT_ID, PublicAccessBlockConfiguration={**_BLOCK_ALL, "RestrictPublicBuckets": False}
    )


def _create(s3: Any, name: str, region: str) -> None:
    place = {} if region == HOME else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, ObjectOwnership="ObjectWriter", **place)


def _trail_statement() -> dict[str, object]:
    return statement(
        "Allow", {"Service": "cloudtrail.amazonaws.com"}, "s3:PutObject", f"arn:aws:s3:::{TRAIL_BUCKET}/AWSLogs/*"
    )


def _https_only(name: str) -> dict[str, object]:
    everything = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    return statement("Deny", "*", "s3:*", everything, Condition={"Bool": {"aws:SecureTransport": "false"}})


def _guard(s3: Any, name: str) -> None:
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=_BLOCK_ALL)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    _encrypt(s3, name, "aws:kms")


def _encrypt(s3: Any, name: str, algorithm: str) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})


def _log(s3: Any, name: str, region: str) -> None:
    """To the log bucket of its own region, as S3 demands."""
    target = {"TargetBucket": log_bucket(region), "TargetPrefix": f"{name}/"}
    s3.put_bucket_logging(Bucket=name, BucketLoggingStatus={"LoggingEnabled": target})


def _good(s3: Any, name: str, region: str) -> None:
    _guard(s3, name)
    s3.put_bucket_policy(Bucket=name, Policy=policy(_https_only(name)))
    _log(s3, name, region)


def _public_by_list(s3: Any, name: str, _region: str) -> None:
    s3.put_bucket_acl(Bucket=name, ACL="public-read")


def _public_by_policy(s3: Any, name: str, _region: str) -> None:
    s3.put_bucket_policy(Bucket=name, Policy=policy(statement("Allow", "*", "s3:GetObject", f"arn:aws:s3:::{name}/*")))
    s3.put_bucket_website(Bucket=name, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})


def _plain(s3: Any, name: str, _region: str) -> None:
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=_BLOCK_ALL)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})


def _half_blocked(s3: Any, name: str, _region: str) -> None:
    half = {**_BLOCK_ALL, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=half)
    _encrypt(s3, name, "AES256")


def _shared(s3: Any, name: str, _region: str) -> None:
    partner = {"AWS": f"arn:aws:iam::{PARTNER_ACCOUNT}:root"}
    reading = statement(
        "Allow", partner, ["s3:GetObject", "s3:ListBucket"], [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    )
    s3.put_bucket_policy(Bucket=name, Policy=policy(reading))
    s3.put_bucket_acl(Bucket=name, ACL="authenticated-read")


_HABITS: tuple[Callable[[Any, str, str], None], ...] = (
    _good, _public_by_list, _plain, _public_by_policy, _good, _half_blocked, _plain, _shared, _good,
)  # fmt: skip
