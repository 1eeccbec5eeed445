"""Role ARNs and AWS regions: which partition and account they name."""

import re

import msgspec

PARTITIONS = ("aws", "aws-us-gov", "aws-cn")

_ROLE = re.compile(r"arn:(aws|aws-us-gov|aws-cn):iam::([0-9]{12}):role/[\x21-\x7e]{1,512}")
_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]{2,16}){1,3}-[0-9]{1,2}")


class RoleArn(msgspec.Struct, frozen=True):
    """`arn:aws:iam::123456789012:role/path/name`, taken apart."""

    partition: str
    account_id: str


def parse_role(text: str) -> RoleArn | None:
    """None for anything but the ARN of an IAM role in a partition that we know."""
    match = _ROLE.fullmatch(text)
    return RoleArn(match[1], match[2]) if match else None


def is_account(text: str) -> bool:
    return _ACCOUNT.fullmatch(text) is not None


def partition_of_region(region: str) -> str | None:
    """The partition a region lies in; None when it is not spelled like a region."""
    if len(region) > 40 or not _REGION.fullmatch(region):  # noqa: PLR2004 - twice the longest name there is
        return None
    if region.startswith("us-gov-"):
        return "aws-us-gov"
    return "aws-cn" if region.startswith("cn-") else "aws"
