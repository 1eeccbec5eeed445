"""How AWS resource types are read: IAM. Two bulk answers (authorization details, credential report) fill nearly all."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from nephoscope.clouds.aws.collecting import Calls, Collector, Detail, Place, Raw, listing
from nephoscope.clouds.aws.collectors.credential_report import PERMISSIONS, Row, credential_report, milliseconds
from nephoscope.clouds.aws.collectors.policy_texts import (
    attached_policies,
    inline_policies,
    policy_text,
    trust_text,
    trusted_entities,
)
from nephoscope.clouds.aws.shaping import camel, document, iso, tags_of
from nephoscope.errors import CloudError, UnavailableError
from nephoscope.model.resources import Document, Observed
from nephoscope.resource_types.aws import iam as types
from nephoscope.resource_types.types import ResourceType

_LISTS = {
    "User": "UserDetailList",
    "Group": "GroupDetailList",
    "Role": "RoleDetailList",
    "LocalManagedPolicy": "Policies",
}
_SERVICE_LINKED = "/aws-service-role/"


def details_of(calls: Calls, kind: str) -> list[Raw]:
    """All `User`, `Group`, `Role` or `LocalManagedPolicy` details; shared between the types that need them."""
    found: list[Raw] = calls.shared("iam", "get_account_authorization_details", _LISTS[kind], Filter=[kind])
    return found


def _observed(kind: ResourceType, raw: Raw, name: str, known: Mapping[str, Any], *, resource_id: str = "") -> Observed:
    facts = {"displayName": name, "createDate": _iso(raw.get("CreateDate")), "path": raw.get("Path"), **known}
    fields = (field.name for field in kind.fields)
    return Observed(resource_id or name, name, raw["Arn"], document(fields, facts), tags=tags_of(raw.get("Tags")))


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)


# Users


def _fetch_users(calls: Calls) -> Iterator[Raw]:
    """Each with its row of the report, or with why there is none: without the report the rest is still worth having."""
    users = details_of(calls, "User")
    groups = {group["GroupName"]: group for group in details_of(calls, "Group")}
    report: dict[str, Row] = {}
    trouble: CloudError | None = None
    try:
        report = credential_report(calls) if users else {}
    except CloudError as error:
        trouble = error
    for user in users:
        wears = [groups[name] for name in user.get("GroupList", ()) if name in groups]
        yield {**user, "Groups": wears, "Report": report.get(user["UserName"]), "Trouble": trouble}


def _shape_user(raw: Raw, _place: Place) -> Observed:
    inline = inline_policies(raw.get("UserPolicyList"))
    known = {
        "user": raw["UserName"],
        "userId": raw.get("UserId"),
        "userPolicies": [row["PolicyName"] for row in inline],
        "userAttachedPolicies": camel(attached_policies(raw.get("AttachedManagedPolicies"))),
        "userInlinePolicies": camel(inline),
        "userGroups": [_group_of_user(group) for group in raw["Groups"]],
        "permissionsBoundary": camel(raw.get("PermissionsBoundary")),
    }
    return _observed(types.IAM_USER, raw, raw["UserName"], known)


def _group_of_user(group: Raw) -> Document:
    return {
        "groupArn": group["Arn"],
        "path": group.get("Path"),
        "groupName": group["GroupName"],
        "createdDate": milliseconds(_iso(group.get("CreateDate"))),
        "groupId": group.get("GroupId"),
    }


def _report_of(item: Raw) -> Row:
    if item["Trouble"] is not None:
        raise item["Trouble"]
    if item["Report"] is None:
        raise UnavailableError("The credential report is older than this user.")
    row: Row = item["Report"]
    return row


def _read_report(_calls: Calls, item: Raw) -> Document:
    row = _report_of(item)
    facts: Document = {
        "passwordEnabled": row.password is True,
        "passwordLastUsed": row.password_used,
        "passwordLastChanged": row.password_changed,
        "passwordNextRotation": row.password_rotation,
        "mfaActive": row.mfa,
    }
    for number, (key, certificate) in enumerate(zip(row.keys, row.certificates, strict=True), start=1):
        facts[f"accessKey{number}Active"] = key.active
        facts[f"accessKey{number}LastRotated"] = key.rotated
        facts[f"accessKey{number}LastUsed"] = key.used
        facts[f"cert{number}Active"], facts[f"cert{number}LastRotated"] = certificate
    return facts


_REPORTED = (
    *("passwordEnabled", "passwordLastUsed", "passwordLastChanged", "passwordNextRotation", "mfaActive"),
    *(f"{name}{number}{fact}" for number in (1, 2) for name, facts in (
        ("accessKey", ("Active", "LastRotated", "LastUsed")),
        ("cert", ("Active", "LastRotated")),
    ) for fact in facts),
)  # fmt: skip


def _read_user_dto(calls: Calls, item: Raw) -> Document:
    """The API's own object about a user. Keys are only asked for by id where the report knows of one."""
    row = _report_of(item)
    found = (
        calls.items("iam", "list_access_keys", "AccessKeyMetadata", UserName=item["UserName"]) if row.has_key else ()
    )
    keys = sorted(found, key=lambda key: (key["CreateDate"], key["AccessKeyId"]))
    return {
        "accessKeys": [_access_key(key, _iso(key["CreateDate"])) for key in keys],
        "userDto": {
            **_dto_of_report(row),
            "accessKeys": [_access_key(key, milliseconds(_iso(key["CreateDate"]))) for key in keys],
            "username": item["UserName"],
            "userId": item.get("UserId"),
            "arn": item["Arn"],
            "path": item.get("Path"),
            "createdDate": milliseconds(_iso(item.get("CreateDate"))),
        },
    }


def _access_key(key: Raw, created: str | int | None) -> Document:
    return {"accessKeyId": key["AccessKeyId"], "status": key["Status"], "createDate": created}


def _dto_of_report(row: Row) -> Document:
    facts: Document = {
        "userCreationTime": milliseconds(row.created),
        "passwordEnabled": row.password is True,
        "passwordLastUsed": milliseconds(row.password_used),
        "passwordLastChanged": milliseconds(row.password_changed),
        "passwordNextRotation": milliseconds(row.password_rotation),
        "mfaActive": row.mfa,
    }
    for number, (key, (is_active, rotated)) in enumerate(zip(row.keys, row.certificates, strict=True), start=1):
        facts |= {
            f"accessKey{number}Active": key.active,
            f"accessKey{number}LastRotated": milliseconds(key.rotated),
            f"accessKey{number}LastUsed": milliseconds(key.used),
            f"accessKey{number}LastUsedRegion": key.region,
            f"accessKey{number}LastUsedService": key.service,
            f"cert{number}Active": is_active,
            f"cert{number}LastRotated": milliseconds(rotated),
        }
    return facts


# Groups and roles


def _fetch_groups(calls: Calls) -> Iterator[Raw]:
    users = details_of(calls, "User")
    for group in details_of(calls, "Group"):
        yield {
            **group,
            "Users": [user["UserName"] for user in users if group["GroupName"] in user.get("GroupList", ())],
        }


def _shape_group(raw: Raw, _place: Place) -> Observed:
    known = {
        "groupName": raw["GroupName"],
        "groupId": raw.get("GroupId"),
        "arn": raw["Arn"],
        "userNames": sorted(raw["Users"]),
        "GroupPolicyList": inline_policies(raw.get("GroupPolicyList")),
        "AttachedManagedPolicies": attached_policies(raw.get("AttachedManagedPolicies")),
    }
    return _observed(types.IAM_GROUP, raw, raw["GroupName"], known)


def _shape_role(raw: Raw, _place: Place) -> Observed:
    trust = raw.get("AssumeRolePolicyDocument")
    known = {
        "roleName": raw["RoleName"],
        "roleId": raw.get("RoleId"),
        "arn": raw["Arn"],
        "isServiceLinked": raw["Path"].startswith(_SERVICE_LINKED),
        "AssumeRolePolicyDocument": trust_text(trust),
        "trustedEntities": trusted_entities(trust),
        "RoleLastUsed": _iso((raw.get("RoleLastUsed") or {}).get("LastUsedDate")),
        "RolePolicyList": inline_policies(raw.get("RolePolicyList")),
        "AttachedManagedPolicies": attached_policies(raw.get("AttachedManagedPolicies")),
        "PermissionsBoundary": raw.get("PermissionsBoundary"),
        "InstanceProfileList": [_instance_profile(row) for row in raw.get("InstanceProfileList", ())],
    }
    return _observed(types.IAM_ROLE, raw, raw["RoleName"], known)


def _instance_profile(raw: Raw) -> Document:
    """In AWS's own spelling, with dates as the API has them here: seconds since 1970."""
    names = ("Path", "InstanceProfileName", "InstanceProfileId", "Arn")
    roles = [
        {
            **{name: role.get(name) for name in ("Path", "RoleName", "RoleId", "Arn")},
            "AssumeRolePolicyDocument": trust_text(role.get("AssumeRolePolicyDocument")),
            "CreateDate": _seconds(role.get("CreateDate")),
        }
        for role in raw.get("Roles", ())
    ]
    return {**{name: raw.get(name) for name in names}, "CreateDate": _seconds(raw.get("CreateDate")), "Roles": roles}


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())


# Policies and certificates


def _fetch_policies(calls: Calls) -> Iterable[Raw]:
    """The account's own ones, and those of AWS that somebody wears."""
    yield from details_of(calls, "LocalManagedPolicy")
    yield from calls.items("iam", "list_policies", "Policies", Scope="AWS", OnlyAttached=True)


def _shape_policy(raw: Raw, _place: Place) -> Observed:
    name = raw.get("PolicyName") or raw["Arn"].rpartition("/")[2]
    kept = ("IsAttachable", "PermissionsBoundaryUsageCount", "AttachmentCount", "DefaultVersionId")
    known = {
        **{key: raw.get(key) for key in kept},
        "policyName": name,
        "policyId": raw.get("PolicyId"),
        "arn": raw["Arn"],
        "type": "AWS Managed" if ":iam::aws:" in raw["Arn"] else "Customer Managed",
        "description": raw.get("Description"),
        "updateDate": _iso(raw.get("UpdateDate")),
    }
    return _observed(types.IAM_POLICY, raw, name, known, resource_id=raw["Arn"])


def _read_default_version(calls: Calls, item: Raw) -> Document:
    """Details of the account's own policies carry their versions; those of AWS are asked for."""
    versions = item.get("PolicyVersionList")
    if versions is None:
        wanted = item["DefaultVersionId"]
        version = calls.call("iam", "get_policy_version", PolicyArn=item["Arn"], VersionId=wanted)["PolicyVersion"]
    else:
        version = next(row for row in versions if row["IsDefaultVersion"])
    return {
        "defaultPolicyVersion": {
            "VersionId": version["VersionId"],
            "IsDefaultVersion": True,
            "Document": policy_text(version["Document"]),
            "CreateDate": _seconds(version.get("CreateDate")),
        }
    }


def _shape_certificate(raw: Raw, _place: Place) -> Observed:
    name = raw["ServerCertificateName"]
    return _observed(types.IAM_SERVER_CERTIFICATE, raw, name, camel(raw))


COLLECTORS: tuple[Collector, ...] = (
    Collector(
        "IAM_USER",
        _fetch_users,
        _shape_user,
        (
            Detail(_REPORTED, PERMISSIONS, _read_report),
            Detail(("userDto", "accessKeys"), (*PERMISSIONS, "iam:ListAccessKeys"), _read_user_dto),
        ),
    ),
    Collector("IAM_GROUP", _fetch_groups, _shape_group),
    Collector("IAM_ROLE", lambda calls: details_of(calls, "Role"), _shape_role),
    Collector(
        "IAM_POLICY",
        _fetch_policies,
        _shape_policy,
        (Detail(("defaultPolicyVersion",), ("iam:GetPolicyVersion",), _read_default_version),),
    ),
    Collector(
        "IAM_SERVER_CERTIFICATE",
        listing("iam", "list_server_certificates", "ServerCertificateMetadataList"),
        _shape_certificate,
    ),
)
