"""AWS resource types: IAM identities, their policies and certificates."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.fields import booleans, integers, lists, maps, parts, rows, strings, times
from nephoscope.resource_types.types import ResourceType

_INLINE = ("PolicyName", "PolicyDocument")
_ATTACHED = ("PolicyArn", "PolicyName")
_CONNECTOR = ("connectorId", "customerId", "scanId", "displayName")

IAM_USER = ResourceType(
    name="IAM_USER",
    provider=Provider.AWS,
    service_type="IAM",
    title="IAM User",
    permissions=("iam:GetAccountAuthorizationDetails",),
    is_regional=False,
    fields=(
        *strings("user iam.username", "userId iam.user.id", "path"),
        *lists("userPolicies", "classifications"),
        *rows("userAttachedPolicies", "policyArn", "policyName"),
        *rows("userInlinePolicies", "policyName", "policyDocument"),
        *rows("userGroups", "groupName", "groupArn", "groupId", "path", "createdDate"),
        *rows("accessKeys", "accessKeyId", "status", "createDate"),
        *maps("userDto"),
        *parts("permissionsBoundary", "permissionsBoundaryArn", "permissionsBoundaryType"),
        *booleans("passwordEnabled iam.password.enabled", "mfaActive iam.mfa.active"),
        *booleans("accessKey1Active", "accessKey2Active", "cert1Active", "cert2Active"),
        *times("createDate", "passwordLastUsed", "passwordLastChanged", "passwordNextRotation"),
        *times("accessKey1LastRotated", "accessKey1LastUsed", "accessKey2LastRotated", "accessKey2LastUsed"),
        *times("cert1LastRotated", "cert2LastRotated"),
    ),
    wire=(
        *("userPolicies", "userAttachedPolicies", "userDto", "userGroups", "classifications", "userInlinePolicies"),
        "user",
    ),
)

IAM_GROUP = ResourceType(
    name="IAM_GROUP",
    provider=Provider.AWS,
    service_type="IAM",
    title="IAM Group",
    permissions=("iam:GetAccountAuthorizationDetails",),
    is_regional=False,
    fields=(
        *strings(*_CONNECTOR, "groupName iam.group.name", "groupId", "path", "arn"),
        *lists("classifications", "userNames"),
        *rows("GroupPolicyList", *_INLINE),
        *rows("AttachedManagedPolicies", *_ATTACHED),
        *times("createDate"),
    ),
    wire=(*_CONNECTOR, "classifications", "groupId", "GroupPolicyList", "AttachedManagedPolicies", "arn"),
)

IAM_ROLE = ResourceType(
    name="IAM_ROLE",
    provider=Provider.AWS,
    service_type="IAM",
    title="IAM Role",
    permissions=("iam:GetAccountAuthorizationDetails",),
    is_regional=False,
    fields=(
        *strings(*_CONNECTOR, "roleName iam.role.name", "roleId", "path", "arn"),
        *strings("AssumeRolePolicyDocument"),
        *lists("classifications"),
        *rows("AttachedManagedPolicies", *_ATTACHED),
        *rows("RolePolicyList", *_INLINE),
        *rows("InstanceProfileList", "Path", "InstanceProfileName", "InstanceProfileId", "Arn", "CreateDate", "Roles"),
        *maps("trustedEntities"),
        *parts("PermissionsBoundary", "PermissionsBoundaryArn", "PermissionsBoundaryType"),
        *booleans("isServiceLinked"),
        *times("createDate", "RoleLastUsed"),
    ),
    wire=(
        *(*_CONNECTOR, "AttachedManagedPolicies", "RoleLastUsed", "arn", "roleId", "PermissionsBoundary", "path"),
        *("classifications", "AssumeRolePolicyDocument", "trustedEntities", "RolePolicyList", "InstanceProfileList"),
    ),
)

IAM_POLICY = ResourceType(
    name="IAM_POLICY",
    provider=Provider.AWS,
    service_type="IAM",
    title="IAM Policy",
    permissions=("iam:GetAccountAuthorizationDetails", "iam:ListPolicies"),
    is_regional=False,
    fields=(
        *strings(*_CONNECTOR, "policyName iam.policy.name", "policyId", "path", "arn", "DefaultVersionId"),
        *strings("type iam.policy.type", "description"),
        *booleans("IsAttachable"),
        *integers("PermissionsBoundaryUsageCount", "AttachmentCount"),
        *lists("classifications"),
        *parts("defaultPolicyVersion", "VersionId", "IsDefaultVersion", "Document", "CreateDate"),
        *times("createDate", "updateDate"),
    ),
    wire=(
        *(*_CONNECTOR, "IsAttachable", "PermissionsBoundaryUsageCount", "AttachmentCount", "DefaultVersionId"),
        *("defaultPolicyVersion", "type", "path", "classifications", "policyId", "arn"),
    ),
)

IAM_SERVER_CERTIFICATE = ResourceType(
    name="IAM_SERVER_CERTIFICATE",
    provider=Provider.AWS,
    service_type="IAM",
    title="IAM Server Certificate",
    permissions=("iam:ListServerCertificates",),
    is_regional=False,
    aliases=("SERVER_CERTIFICATE",),
    fields=(
        *strings("serverCertificateName", "serverCertificateId", "path"),
        *times("uploadDate", "expiration certificate.expiration"),
    ),
)

TYPES: tuple[ResourceType, ...] = (IAM_USER, IAM_GROUP, IAM_ROLE, IAM_POLICY, IAM_SERVER_CERTIFICATE)
