"""What Terraform tells of users, groups, roles, policies and certificates of AWS."""

import json
from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.aws.collectors.policy_texts import trust_text, trusted_entities
from nephoscope.clouds.exported.terraform.aws_known import known
from nephoscope.clouds.exported.terraform.blocks import Block, Read, State, beside, each, fixed, said
from nephoscope.clouds.exported.terraform.rows import Row
from nephoscope.clouds.gcp.shaping import iso

_SERVICE_LINKED = "/aws-service-role/"


def _name_of(arn: str) -> str:
    return arn.rpartition("/")[2]


def _worn(kind: str, key: str, words: tuple[str, str]) -> Read:
    """Policies that are attached by resources of their own. LookupError for none: they may be attached elsewhere."""
    arn, name = words
    return beside(kind, key, "name", lambda row: {arn: row["policy_arn"], name: _name_of(str(row["policy_arn"]))})


def _members(block: Block, state: State) -> list[str]:
    rows = state.some("aws_iam_group_membership", "group", str(block["name"]))
    return sorted({str(user) for row in rows for user in row["users"]})


def _inline(block: Block, _: State) -> list[dict[str, Any]]:
    """The provider tells of all of them. An empty block is how it writes that there is none."""
    rows = (row for row in each(block, "inline_policy") if row.get("name"))
    return [{"PolicyName": row["name"], "PolicyDocument": row["policy"]} for row in rows]


def _attached(block: Block, _: State) -> list[dict[str, Any]]:
    """The provider tells of all of them."""
    arns = sorted(str(one) for one in block["managed_policy_arns"] or ())
    return [{"PolicyArn": arn, "PolicyName": _name_of(arn)} for arn in arns]


def _trust(block: Block) -> Any:
    return json.loads(block["assume_role_policy"])


def _boundary(block: Block, _: State) -> dict[str, Any] | None:
    arn = block["permissions_boundary"]
    return {"PermissionsBoundaryArn": arn, "PermissionsBoundaryType": "Policy"} if arn else None


def _moment(key: str) -> Read:
    return lambda block, _: iso(block[key] or None)


def _version(block: Block, _: State) -> dict[str, Any]:
    return {"VersionId": None, "IsDefaultVersion": True, "Document": block["policy"], "CreateDate": None}


_COMMON: Mapping[str, Read] = {"displayName": said("name"), "path": said("path"), "arn": said("arn")}
_USER: Mapping[str, Read] = {
    "user": said("name"),
    "userId": said("unique_id"),
    "path": said("path"),
    "userAttachedPolicies": _worn("aws_iam_user_policy_attachment", "user", ("policyArn", "policyName")),
}
_GROUP: Mapping[str, Read] = {
    **_COMMON,
    "groupName": said("name"),
    "groupId": said("unique_id"),
    "userNames": _members,
    "AttachedManagedPolicies": _worn("aws_iam_group_policy_attachment", "group", ("PolicyArn", "PolicyName")),
}
_ROLE: Mapping[str, Read] = {
    **_COMMON,
    "roleName": said("name"),
    "roleId": said("unique_id"),
    "AssumeRolePolicyDocument": lambda block, _: trust_text(_trust(block)),
    "trustedEntities": lambda block, _: trusted_entities(_trust(block)),
    "isServiceLinked": lambda block, _: str(block["path"]).startswith(_SERVICE_LINKED),
    "createDate": _moment("create_date"),
    "RolePolicyList": _inline,
    "AttachedManagedPolicies": _attached,
    "PermissionsBoundary": _boundary,
}
_POLICY: Mapping[str, Read] = {
    **_COMMON,
    "policyName": said("name"),
    "policyId": said("policy_id"),
    "type": fixed("Customer Managed"),
    "description": said("description"),
    "IsAttachable": fixed(value=True),
    "AttachmentCount": said("attachment_count"),
    "defaultPolicyVersion": _version,
}
_CERTIFICATE: Mapping[str, Read] = {
    "serverCertificateName": said("name"),
    "serverCertificateId": said("id"),
    "path": said("path"),
    "expiration": _moment("expiration"),
    "uploadDate": _moment("upload_date"),
}

ROWS: tuple[Row, ...] = (
    Row(("aws_iam_user",), "IAM_USER", known("name", "name"), _USER),
    Row(("aws_iam_group",), "IAM_GROUP", known("name", "name"), _GROUP),
    Row(("aws_iam_role",), "IAM_ROLE", known("name", "name"), _ROLE),
    Row(("aws_iam_policy",), "IAM_POLICY", known("arn", "name"), _POLICY),
    Row(("aws_iam_server_certificate",), "IAM_SERVER_CERTIFICATE", known("name", "name"), _CERTIFICATE),
)
