"""What Terraform tells of an account of AWS and of its regions: settings that are resources of their own."""

from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.exported.terraform.aws_known import itself, known
from nephoscope.clouds.exported.terraform.blocks import Block, Read, State, said
from nephoscope.clouds.exported.terraform.rows import Row

_PASSWORDS = "aws_iam_account_password_policy"
_BLOCK = "aws_s3_account_public_access_block"
_CONTACT = "aws_account_alternate_contact"
_PRIMARY = "aws_account_primary_contact"


def _passwords(_: Block, state: State) -> dict[str, Any]:
    """Zero is how the provider writes that nothing is asked for."""
    row = state.only(_PASSWORDS)
    return {
        "minimumPasswordLength": row["minimum_password_length"],
        "requireSymbols": bool(row["require_symbols"]),
        "requireNumbers": bool(row["require_numbers"]),
        "requireUppercaseCharacters": bool(row["require_uppercase_characters"]),
        "requireLowercaseCharacters": bool(row["require_lowercase_characters"]),
        "allowUsersToChangePassword": bool(row["allow_users_to_change_password"]),
        "expirePasswords": bool(row["max_password_age"]),
        "maxPasswordAge": row["max_password_age"] or None,
        "passwordReusePrevention": row["password_reuse_prevention"] or None,
        "hardExpiry": row["hard_expiry"],
    }


def _block(_: Block, state: State) -> dict[str, bool]:
    row = state.only(_BLOCK)
    return {
        "blockPublicAcls": bool(row["block_public_acls"]),
        "ignorePublicAcls": bool(row["ignore_public_acls"]),
        "blockPublicPolicy": bool(row["block_public_policy"]),
        "restrictPublicBuckets": bool(row["restrict_public_buckets"]),
    }


def _alternate(kind: str) -> Read:
    def read(_: Block, state: State) -> dict[str, Any]:
        row = state.one(_CONTACT, "alternate_contact_type", kind)
        return {
            "name": row["name"],
            "title": row["title"],
            "emailAddress": row["email_address"],
            "phoneNumber": row["phone_number"],
        }

    return read


def _primary(_: Block, state: State) -> dict[str, Any]:
    row = state.only(_PRIMARY)
    return {
        "fullName": row["full_name"],
        "companyName": row["company_name"] or None,
        "phoneNumber": row["phone_number"],
        "countryCode": row["country_code"],
    }


_ACCOUNT: Mapping[str, Read] = {
    "passwordPolicy": _passwords,
    "s3PublicAccessBlock": _block,
    "securityContact": _alternate("SECURITY"),
    "billingContact": _alternate("BILLING"),
    "operationsContact": _alternate("OPERATIONS"),
    "contactInformation": _primary,
}


def _of_region(kind: str, key: str) -> Read:
    """A setting of the same region. Older providers do not say of which it is: then there must be one alone."""

    def read(block: Block, state: State) -> Any:
        region = block.get("region")
        row = state.one(kind, "region", str(region)) if region else state.only(kind)
        return row[key]

    return read


def _metadata(block: Block, state: State) -> dict[str, Any]:
    kind = "aws_ec2_instance_metadata_defaults"
    return {
        "httpTokens": _of_region(kind, "http_tokens")(block, state),
        "httpEndpoint": _of_region(kind, "http_endpoint")(block, state),
    }


_REGION: Mapping[str, Read] = {
    "ebsEncryptionByDefault": _of_region("aws_ebs_encryption_by_default", "enabled"),
    "ebsDefaultKmsKeyId": _of_region("aws_ebs_default_kms_key", "key_arn"),
    "snapshotBlockPublicAccessState": _of_region("aws_ebs_snapshot_block_public_access", "state"),
    "imageBlockPublicAccessState": _of_region("aws_ec2_image_block_public_access", "state"),
    "serialConsoleAccessEnabled": _of_region("aws_ec2_serial_console_access", "enabled"),
    "instanceMetadataDefaults": _metadata,
}


def _features(block: Block, state: State) -> list[dict[str, Any]]:
    rows = state.some("aws_guardduty_detector_feature", "detector_id", str(block["id"]))
    return [{"name": row["name"], "status": row["status"]} for row in rows]


def _standards(block: Block, state: State) -> list[dict[str, Any]]:
    """Those of the same region, or all where none says of which it is."""
    region = block.get("region")
    kind = "aws_securityhub_standards_subscription"
    rows = state.of(kind, "region", str(region)) if region else [state.only(kind)]
    if not rows:
        raise LookupError(kind)
    return [{"standardsArn": row["standards_arn"], "standardsStatus": "READY"} for row in rows]


ROWS: tuple[Row, ...] = (
    Row((_PASSWORDS, _BLOCK, _CONTACT, _PRIMARY), "AWS_ACCOUNT", itself, _ACCOUNT),
    Row(
        (
            "aws_ebs_encryption_by_default",
            "aws_ebs_default_kms_key",
            "aws_ebs_snapshot_block_public_access",
            "aws_ec2_image_block_public_access",
            "aws_ec2_serial_console_access",
            "aws_ec2_instance_metadata_defaults",
        ),
        "AWS_REGION",
        itself,
        _REGION,
    ),
    Row(
        ("aws_guardduty_detector",),
        "GUARDDUTY_DETECTOR",
        known("id"),
        {
            "detectorId": said("id"),
            "status": lambda block, _: "ENABLED" if block["enable"] else "DISABLED",
            "findingPublishingFrequency": said("finding_publishing_frequency"),
            "features": _features,
        },
    ),
    Row(
        ("aws_securityhub_account",),
        "SECURITY_HUB",
        known("arn"),
        {"hubArn": said("arn"), "enabledStandards": _standards},
    ),
)
