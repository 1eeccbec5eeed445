"""What Terraform tells of buckets, file systems and tables of AWS."""

from collections.abc import Callable
from typing import Any

from nephoscope.clouds.exported.terraform.aws_known import bucket, known
from nephoscope.clouds.exported.terraform.blocks import Block, Read, State, each, first, said, within
from nephoscope.clouds.exported.terraform.rows import Row


def _beside(kind: str, inline: str, read: Callable[[Block | None], Any]) -> Read:
    def told(block: Block, state: State) -> Any:
        own = state.of(f"aws_s3_bucket_{kind}", "bucket", block["bucket"])
        if own:
            return read(own[0])
        rows = block[inline]
        return read(rows[0] if rows else None)

    return told


def _policy_text(block: Block, state: State) -> str | None:
    own = state.of("aws_s3_bucket_policy", "bucket", block["bucket"])
    return (own[0]["policy"] if own else block["policy"]) or None


def _not_public(block: Block, state: State) -> bool:
    """Only AWS judges a policy; without one there is nothing to judge."""
    if _policy_text(block, state) is None:
        return False
    raise LookupError("a policy")


def _public_access(block: Block, state: State) -> dict[str, bool]:
    own = state.one("aws_s3_bucket_public_access_block", "bucket", block["bucket"])
    names = ("blockPublicAcls", "ignorePublicAcls", "blockPublicPolicy", "restrictPublicBuckets")
    snake = ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets")
    return {name: bool(own[key]) for name, key in zip(names, snake, strict=True)}


def _versioning(found: Block | None) -> dict[str, Any]:
    if found is None:
        return {"status": None, "mfaDelete": None}
    inner = first(found, "versioning_configuration") if "versioning_configuration" in found else None
    if inner is not None:
        status = inner["status"]
        return {"status": None if status == "Disabled" else status, "mfaDelete": inner["mfa_delete"] or "Disabled"}
    is_on, is_guarded = found["enabled"], found["mfa_delete"]
    return {"status": "Enabled" if is_on else None, "mfaDelete": "Enabled" if is_guarded else "Disabled"}


def _encryption(found: Block | None) -> list[dict[str, Any]]:
    defaults = [
        (rule, default)
        for rule in each(found or {"rule": []}, "rule")
        for default in each(rule, "apply_server_side_encryption_by_default")
    ]
    return [
        {
            "sseAlgorithm": default["sse_algorithm"],
            "kmsMasterKeyId": default["kms_master_key_id"] or None,
            "bucketKeyEnabled": bool(rule["bucket_key_enabled"]),
        }
        for rule, default in defaults
    ]


def _logging(found: Block | None) -> Block | None:
    return found and {"targetBucket": found["target_bucket"], "targetPrefix": found["target_prefix"] or ""}


def _ownership(block: Block, state: State) -> str:
    own = state.one("aws_s3_bucket_ownership_controls", "bucket", block["bucket"])
    return str(own["rule"][0]["object_ownership"])


def _backup(block: Block, state: State) -> str:
    own = state.one("aws_efs_backup_policy", "file_system_id", block["id"])
    return str(own["backup_policy"][0]["status"])


def _table_encryption(block: Block, _: State) -> dict[str, Any] | None:
    found = first(block, "server_side_encryption")
    if found is None or not found["enabled"]:
        return None
    return {"status": "ENABLED", "sseType": "KMS", "kmsMasterKeyArn": found["kms_key_arn"] or None}


def _recovery(found: Block) -> str:
    return "ENABLED" if found["enabled"] else "DISABLED"


ROWS: tuple[Row, ...] = (
    Row(
        ("aws_s3_bucket",),
        "BUCKET",
        bucket,
        {
            "bucketName": said("bucket"),
            "region": said("region"),
            "bucketPolicy": _policy_text,
            "isPolicyPublic": _not_public,
            "publicAccessBlock": _public_access,
            "versioning": _beside("versioning", "versioning", _versioning),
            "encryptionRules": _beside(
                "server_side_encryption_configuration", "server_side_encryption_configuration", _encryption
            ),
            "logging": _beside("logging", "logging", _logging),
            "objectOwnership": _ownership,
        },
    ),
    Row(
        ("aws_efs_file_system",),
        "EFS",
        known("id"),
        {
            "fileSystemId": said("id"),
            "name": said("name"),
            "ownerId": said("owner_id"),
            "kmsKeyId": said("kms_key_id"),
            "performanceMode": said("performance_mode"),
            "throughputMode": said("throughput_mode"),
            "availabilityZoneName": said("availability_zone_name"),
            "encrypted": said("encrypted"),
            "numberOfMountTargets": said("number_of_mount_targets"),
            "backupStatus": _backup,
        },
    ),
    Row(
        ("aws_dynamodb_table",),
        "DYNAMODB_TABLE",
        known("name", "name"),
        {
            "tableName": said("name"),
            "billingMode": said("billing_mode"),
            "tableClass": said("table_class"),
            "deletionProtectionEnabled": said("deletion_protection_enabled"),
            "sseDescription": _table_encryption,
            "pointInTimeRecoveryStatus": within("point_in_time_recovery", _recovery),
        },
    ),
)
