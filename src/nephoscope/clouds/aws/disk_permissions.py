"""What looking inside disks takes, beside what a scan takes: as narrow as AWS can say it."""

from typing import Any

DISK_READS = (
    "ebs:GetSnapshotBlock",
    "ebs:ListChangedBlocks",
    "ebs:ListSnapshotBlocks",
    "ec2:DescribeInstances",
    "ec2:DescribeSnapshots",
    "ec2:DescribeVolumes",
)
DISK_WRITES = ("ec2:CreateSnapshots", "ec2:DeleteSnapshot")


def disk_policy_document(partition: str = "aws") -> dict[str, Any]:
    """The IAM policy document for reading disks through snapshots: our own may be deleted, no others, and nothing else
    may be tagged. `kms:Decrypt` is for encrypted disks; the keys' own policies must allow it too."""

    def arn(service: str, rest: str) -> str:
        return f"arn:{partition}:{service}:{rest}"

    tag = "nephoscope:scan"
    statements = [
        ("NephoscopeDisksFind", [name for name in DISK_READS if name.startswith("ec2:")], "*", None),
        (
            "NephoscopeDisksRead",
            [name for name in DISK_READS if name.startswith("ebs:")],
            arn("ec2", "*::snapshot/*"),
            None,
        ),
        (
            "NephoscopeDisksCopy",
            ["ec2:CreateSnapshots"],
            [arn("ec2", "*:*:instance/*"), arn("ec2", "*:*:volume/*")],
            None,
        ),
        (
            "NephoscopeDisksCopyTagged",
            ["ec2:CreateSnapshots"],
            arn("ec2", "*::snapshot/*"),
            {"StringLike": {f"aws:RequestTag/{tag}": "*"}},
        ),
        (
            "NephoscopeDisksTag",
            ["ec2:CreateTags"],
            arn("ec2", "*::snapshot/*"),
            {"StringEquals": {"ec2:CreateAction": "CreateSnapshots"}},
        ),
        (
            "NephoscopeDisksDelete",
            ["ec2:DeleteSnapshot"],
            arn("ec2", "*::snapshot/*"),
            {"StringLike": {f"aws:ResourceTag/{tag}": "*"}},
        ),
        ("NephoscopeDisksDecrypt", ["kms:Decrypt"], arn("kms", "*:*:key/*"), None),
    ]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}
            | ({"Condition": condition} if condition else {})
            for sid, actions, resource, condition in statements
        ],
    }
