"""AWS resource types: the account itself, and what watches it from each region."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.fields import booleans, integers, lists, maps, parts, rows, strings, times
from nephoscope.resource_types.types import ResourceType

_CONTACT = ("name", "title", "emailAddress", "phoneNumber")
_POLICY = ("id", "name", "awsManaged", "targets", "targets.targetId", "targets.type")
_PASSWORD_POLICY = (
    "minimumPasswordLength",
    "requireSymbols",
    "requireNumbers",
    "requireUppercaseCharacters",
    "requireLowercaseCharacters",
    "allowUsersToChangePassword",
    "expirePasswords",
    "maxPasswordAge",
    "passwordReusePrevention",
    "hardExpiry",
)
BLOCKS = ("blockPublicAcls", "ignorePublicAcls", "blockPublicPolicy", "restrictPublicBuckets")

AWS_ACCOUNT = ResourceType(
    name="AWS_ACCOUNT",
    provider=Provider.AWS,
    service_type="Account",
    title="AWS Account",
    permissions=("sts:GetCallerIdentity",),
    aliases=("ACCOUNT",),
    is_regional=False,
    fields=(
        *strings("accountAlias account.alias", "partition", "organizationResourcePolicy"),
        *booleans(
            "rootMfaActive root.mfa", "rootMfaVirtual", "rootAccessKeysPresent", "rootSigningCertificatesPresent"
        ),
        *booleans("rootPasswordPresent", "isManagementAccount"),
        *times("rootLastUsed", "rootPasswordLastUsed", "rootAccessKeysLastUsed"),
        *integers("consoleUserCount", "accessKeyUserCount"),
        *maps("accountSummary"),
        *parts("passwordPolicy", *_PASSWORD_POLICY),
        *parts("contactInformation", "fullName", "companyName", "phoneNumber", "countryCode"),
        *parts("securityContact", *_CONTACT),
        *parts("billingContact", *_CONTACT),
        *parts("operationsContact", *_CONTACT),
        *parts("s3PublicAccessBlock", *BLOCKS),
        *parts("supportAccess", "roles", "users", "groups"),
        *parts("cloudShellFullAccess", "roles", "users", "groups"),
        *rows("samlProviders", "arn", "validUntil", "createDate"),
        *rows("oidcProviders", "arn"),
        *parts("organization", "id", "arn", "featureSet", "masterAccountId"),
        *lists("centralizedRootFeatures", "trustedServices", "delegatedServices"),
        *rows("organizationRoots", "id", "policyTypes", "policyTypes.type", "policyTypes.status"),
        *rows("serviceControlPolicies", *_POLICY),
        *rows("resourceControlPolicies", *_POLICY),
        *rows("organizationalUnits", "id", "name"),
        *rows("accountsAtRoot", "id", "name", "status"),
    ),
)

ACCESS_ANALYZER = ResourceType(
    name="ACCESS_ANALYZER",
    provider=Provider.AWS,
    service_type="IAM Access Analyzer",
    title="IAM Access Analyzer",
    permissions=("access-analyzer:ListAnalyzers",),
    fields=(
        *strings("analyzerName", "type analyzer.type", "status analyzer.status", "lastResourceAnalyzed"),
        *times("createdAt", "lastResourceAnalyzedAt"),
        *maps("configuration"),
    ),
)

IDENTITY_CENTER_INSTANCE = ResourceType(
    name="IDENTITY_CENTER_INSTANCE",
    provider=Provider.AWS,
    service_type="IAM Identity Center",
    title="IAM Identity Center Instance",
    permissions=("sso:ListInstances",),
    fields=(*strings("instanceArn", "identityStoreId", "ownerAccountId", "status"), *times("createdDate")),
)

TYPES: tuple[ResourceType, ...] = (AWS_ACCOUNT, ACCESS_ANALYZER, IDENTITY_CENTER_INSTANCE)
