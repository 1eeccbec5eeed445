"""What AWS Config records of IAM, keys, trails and what guards an account."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from nephoscope.clouds.aws.collecting import Raw
from nephoscope.clouds.exported.account import untold
from nephoscope.clouds.exported.config.rows import UNTOLD, Answer, Everything, Item, Row, called, document_beside
from nephoscope.clouds.exported.config.spelling import members_of, spelled
from nephoscope.errors import UnavailableError

_DETAILS = ("iam", "GetAccountAuthorizationDetails")
_NO_REPORT = UnavailableError("the export does not tell the credential report")


def _policy_data(text: Any) -> Any:
    """Config keeps policies URL-encoded; null for what is no policy."""
    if not isinstance(text, str):
        return text
    try:
        return json.loads(unquote(text))
    except (ValueError, RecursionError):
        return text


def _role(item: Item) -> Raw:
    found = dict(item.configuration)
    if found.get("assumeRolePolicyDocument"):
        found["assumeRolePolicyDocument"] = _policy_data(found["assumeRolePolicyDocument"])
    return found


def _decoded(raw: Raw, _item: Item, _account: Everything) -> Raw:
    """The trust policy as data, which the API's model calls a text."""
    return {"Path": raw.get("Path", "/")}


def _user_more(raw: Raw, _item: Item, account: Everything) -> Raw:
    """The credential report is no item."""
    try:
        groups = {group["GroupName"]: group for group in account.listed("IAM_GROUP")}
    except UnavailableError:
        missing = ["userGroups"] if raw.get("GroupList") else []
        return {"Groups": [], "Report": None, "Trouble": _NO_REPORT, UNTOLD: missing}
    wears = [groups[name] for name in raw.get("GroupList", ()) if name in groups]
    return {"Groups": wears, "Report": None, "Trouble": _NO_REPORT}


def _group_more(raw: Raw, _item: Item, account: Everything) -> Raw:
    try:
        users = account.listed("IAM_USER")
    except UnavailableError:
        return {"Users": [], UNTOLD: ["userNames"]}
    return {"Users": [user["UserName"] for user in users if raw["GroupName"] in user.get("GroupList", ())]}


def _policy_name(item: Item) -> Raw:
    return {"policyName": item.name, **item.configuration}


def _key_more(_raw: Raw, item: Item, _account: Everything) -> Raw:
    """Aliases are items of their own, which tell nothing but a name."""
    return {"KeyId": item.configuration.get("keyId") or item.identity, "KeyArn": item.arn, "Aliases": []}


def _key(item: Item, _account: Everything) -> Any:
    found = spelled(item.configuration, members_of("kms", "DescribeKey", "KeyMetadata"))
    if "KeyState" not in found:
        raise untold("the state of the key")
    return {"KeyMetadata": {"KeySpec": found.get("CustomerMasterKeySpec"), **found}}


def _trail_more(_raw: Raw, item: Item, _account: Everything) -> Raw:
    return {"TrailARN": item.configuration.get("trailARN") or item.arn}


def _detector(item: Item) -> Raw:
    found = called(Id="DetectorId")(item)
    if "Enable" in found:
        found["Status"] = "ENABLED" if found.pop("Enable") else "DISABLED"
    found["Features"] = [
        {"Name": row.get("Name"), "Status": row.get("Status")} for row in found.get("Features") or () if row
    ]
    return found


def _detector_more(raw: Raw, item: Item, _account: Everything) -> Raw:
    missing = [] if item.configuration.get("Features") else ["features"]
    return {"DetectorId": raw.get("DetectorId") or item.configuration.get("Id") or item.identity, UNTOLD: missing}


def _rotation(item: Item, _account: Everything) -> Any:
    found = item.beside.get("KeyRotationStatus")
    if found is None:
        raise untold("KeyRotationStatus")
    return {"KeyRotationEnabled": str(found).lower() == "true"}


_KEY_ANSWERS: Mapping[tuple[str, str], Answer] = {
    ("kms", "describe_key"): _key,
    ("kms", "get_key_rotation_status"): _rotation,
    ("kms", "get_key_policy"): document_beside("Policy", "Policy"),
}

_USER = {
    "userPolicies": "UserPolicyList",
    "userInlinePolicies": "UserPolicyList",
    "userAttachedPolicies": "AttachedManagedPolicies",
    "userGroups": "GroupList",
}
_INLINE = {"AttachedManagedPolicies": "AttachedManagedPolicies"}

ROWS: tuple[Row, ...] = (
    Row(
        "IAM_USER",
        ("AWS::IAM::User",),
        (*_DETAILS, "UserDetailList"),
        more=_user_more,
        told_by=_USER,
        unset=("PermissionsBoundary",),
    ),
    Row(
        "IAM_GROUP",
        ("AWS::IAM::Group",),
        (*_DETAILS, "GroupDetailList"),
        more=_group_more,
        told_by={**_INLINE, "GroupPolicyList": "GroupPolicyList"},
    ),
    Row(
        "IAM_ROLE",
        ("AWS::IAM::Role",),
        (*_DETAILS, "RoleDetailList"),
        renamed=_role,
        more=_decoded,
        told_by={
            **_INLINE,
            "RolePolicyList": "RolePolicyList",
            "InstanceProfileList": "InstanceProfileList",
            "trustedEntities": "AssumeRolePolicyDocument",
            "isServiceLinked": "Path",
        },
        unset=("PermissionsBoundary",),
        never=("RoleLastUsed",),
    ),
    Row("IAM_POLICY", ("AWS::IAM::Policy",), (*_DETAILS, "Policies"), renamed=_policy_name),
    Row(
        "KMS_KEY",
        ("AWS::KMS::Key",),
        ("kms", "ListKeys", "Keys"),
        more=_key_more,
        never=("aliases", "rotationPeriodInDays"),
        answers=_KEY_ANSWERS,
        is_ours=lambda item: item.configuration.get("keyManager") != "AWS",
    ),
    Row(
        "CLOUDTRAIL",
        ("AWS::CloudTrail::Trail",),
        ("cloudtrail", "DescribeTrails", "trailList"),
        more=_trail_more,
        unset=("KmsKeyId", "CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn", "S3KeyPrefix", "SnsTopicARN"),
        told_by={"insightSelectors": "HasInsightSelectors"},
        is_ours=lambda item: item.configuration.get("homeRegion", item.region) == item.region,
    ),
    Row(
        "GUARDDUTY_DETECTOR",
        ("AWS::GuardDuty::Detector",),
        ("guardduty", "GetDetector", ""),
        renamed=_detector,
        more=_detector_more,
    ),
)
