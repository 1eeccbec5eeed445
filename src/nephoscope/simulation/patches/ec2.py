"""Settings that EC2 keeps per region: who may make snapshots and images public, metadata defaults, serial console.

EBS encryption by default is moto's own; its default key is here.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from nephoscope.simulation.patches.types import Call, Operation, Operations

_UNBLOCKED = "unblocked"
_METADATA_DEFAULTS = {
    "HttpTokens": "httpTokens",
    "HttpEndpoint": "httpEndpoint",
    "HttpPutResponseHopLimit": "httpPutResponseHopLimit",
    "InstanceMetadataTags": "instanceMetadataTags",
}


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
