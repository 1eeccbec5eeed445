"""Settings that EC2 keeps per region: who may make snapshots and images public, metadata defaults, serial console.

EBS encryption by default is moto's own; its default key is here. So are the regions that an account has.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from nephoscope.simulation.aws.patches.types import Call, Operation, Operations

_UNBLOCKED = "unblocked"
_METADATA_DEFAULTS = {
    "HttpTokens": "httpTokens",
    "HttpEndpoint": "httpEndpoint",
    "HttpPutResponseHopLimit": "httpPutResponseHopLimit",
    "InstanceMetadataTags": "instanceMetadataTags",
}


ENABLED_REGIONS = {
    "aws": (
        "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
        "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1",
        "us-east-1", "us-east-2", "us-west-1", "us-west-2",
    ),
    "aws-cn": ("cn-north-1", "cn-northwest-1"),
    "aws-us-gov": ("us-gov-east-1", "us-gov-west-1"),
}  # fmt: skip
"""What a new account of each partition may use (moto lists those of all partitions together)."""


class Ec2Settings:
    """One map of settings per account and region; absent means the state of a new account."""

    def __init__(self) -> None:
        self._settings: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)

    def operations(self) -> Operations:
        rows: dict[str, Operation] = {
            "EnableSnapshotBlockPublicAccess": lambda call: self._set(call, "state", call.arguments["State"]),
            "DisableSnapshotBlockPublicAccess": lambda call: self._set(call, "state", _UNBLOCKED),
            "GetSnapshotBlockPublicAccessState": lambda call: self._get(call, "state", _UNBLOCKED),
            "EnableImageBlockPublicAccess": lambda call: self._set(
                call, "imageBlockPublicAccessState", call.arguments["ImageBlockPublicAccessState"]
            ),
            "DisableImageBlockPublicAccess": lambda call: self._set(call, "imageBlockPublicAccessState", _UNBLOCKED),
            "GetImageBlockPublicAccessState": lambda call: self._get(call, "imageBlockPublicAccessState", _UNBLOCKED),
            "EnableSerialConsoleAccess": lambda call: self._set(call, "serialConsoleAccessEnabled", value=True),
            "DisableSerialConsoleAccess": lambda call: self._set(call, "serialConsoleAccessEnabled", value=False),
            "GetSerialConsoleAccessStatus": lambda call: self._get(call, "serialConsoleAccessEnabled", absent=False),
            "ModifyEbsDefaultKmsKeyId": lambda call: self._set(call, "kmsKeyId", call.arguments["KmsKeyId"]),
            "GetEbsDefaultKmsKeyId": lambda call: self._get(call, "kmsKeyId", "alias/aws/ebs"),
            "ModifyInstanceMetadataDefaults": self._modify_metadata_defaults,
            "GetInstanceMetadataDefaults": lambda call: self._get(call, "accountLevel", {}),
            "DescribeVpcBlockPublicAccessOptions": self._vpc_options,
            "DescribeRegions": _regions,
        }
        return {("ec2", name): operation for name, operation in rows.items()}

    def _set(self, call: Call, name: str, value: Any) -> Mapping[str, Any]:
        self._settings[call.place][name] = value
        return {name: value}

    def _get(self, call: Call, name: str, absent: Any) -> Mapping[str, Any]:
        return {name: self._settings[call.place].get(name, absent)}

    def _modify_metadata_defaults(self, call: Call) -> Mapping[str, Any]:
        named = {wire: call.arguments[name] for name, wire in _METADATA_DEFAULTS.items() if name in call.arguments}
        level = self._settings[call.place].get("accountLevel", {})
        self._settings[call.place]["accountLevel"] = {**level, **named}
        return {"return": True}

    def _vpc_options(self, call: Call) -> Mapping[str, Any]:
        return {
            "vpcBlockPublicAccessOptions": {
                "awsAccountId": call.account_id,
                "awsRegion": call.region,
                "state": "default-state",
                "internetGatewayBlockMode": "off",
            }
        }


def _regions(call: Call) -> Mapping[str, Any]:
    asked = {value for name, value in call.arguments.items() if name.startswith("RegionName.")}
    rows = [
        {
            "regionName": name,
            "regionEndpoint": f"ec2.{name}.amazonaws.com",
            "optInStatus": "opt-in-not-required",
        }
        for name in ENABLED_REGIONS[call.partition]
        if not asked or name in asked
    ]
    return {"regionInfo": rows}
