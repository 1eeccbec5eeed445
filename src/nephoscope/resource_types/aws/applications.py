"""AWS resource types: what applications lean on (secrets, queues, certificates, content delivery, notebooks)."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.fields import booleans, integers, lists, maps, parts, rows, strings, times
from nephoscope.resource_types.types import ResourceType

SECRETS_MANAGER_SECRET = ResourceType(
    name="SECRETS_MANAGER_SECRET",
    provider=Provider.AWS,
    service_type="Secrets Manager",
    title="Secrets Manager Secret",
    permissions=("secretsmanager:ListSecrets",),
    aliases=("SECRET",),
    fields=(
        *strings("name", "description", "kmsKeyId", "owningService", "primaryRegion", "rotationLambdaARN"),
        *booleans("rotationEnabled"),
        *parts("rotationRules", "automaticallyAfterDays", "scheduleExpression", "duration"),
        *times(
            "createdDate", "lastRotatedDate", "lastChangedDate", "lastAccessedDate", "deletedDate", "nextRotationDate"
        ),
        *maps("policy"),
    ),
)

SQS_QUEUE = ResourceType(
    name="SQS_QUEUE",
    provider=Provider.AWS,
    service_type="SQS",
    title="SQS Queue",
    permissions=("sqs:ListQueues", "sqs:GetQueueAttributes", "tag:GetResources"),
    aliases=("SQS",),
    fields=(
        *strings("queueName", "queueUrl", "kmsMasterKeyId", "deadLetterTargetArn"),
        *booleans("sqsManagedSseEnabled", "fifoQueue"),
        *integers("messageRetentionPeriod", "visibilityTimeout"),
        *parts("redrivePolicy", "deadLetterTargetArn", "maxReceiveCount"),
        *maps("policy"),
        *times("createdTimestamp"),
    ),
)

ACM_CERTIFICATE = ResourceType(
    name="ACM_CERTIFICATE",
    provider=Provider.AWS,
    service_type="ACM",
    title="ACM Certificate",
    permissions=("acm:ListCertificates", "tag:GetResources"),
    aliases=("CERTIFICATE",),
    fields=(
        *strings("domainName", "status", "type", "keyAlgorithm", "renewalEligibility"),
        *booleans("inUse", "exported"),
        *times("createdAt", "issuedAt", "importedAt", "notBefore", "notAfter"),
        *lists("subjectAlternativeNameSummaries", "keyUsages", "extendedKeyUsages"),
    ),
)

_PORTAL = ("connectorId", "customerId", "scanId", "displayName")
"""Keys that the API puts before the cloud's own on these types."""

_ORIGIN = (
    *("Id", "DomainName", "OriginAccessControlId", "S3OriginConfig", "S3OriginConfig.OriginAccessIdentity"),
    *("CustomOriginConfig", "CustomOriginConfig.OriginProtocolPolicy"),
)

CLOUDFRONT_DISTRIBUTION = ResourceType(
    name="CLOUDFRONT_DISTRIBUTION",
    provider=Provider.AWS,
    service_type="CloudFront",
    title="CloudFront Distribution",
    permissions=("cloudfront:ListDistributions", "tag:GetResources"),
    aliases=("CLOUDFRONT",),
    is_regional=False,
    fields=(
        *strings(
            *_PORTAL, "webAclId", "minimumProtocolVersion", "httpVersion", "priceClass", "loggingBucket", "comment"
        ),
        *strings("id", "arn", "status", "loggingBucketPrefix", "acmCertificateARN", "defaultRootObject", "domainName"),
        *parts("defaultCacheBehavior", "TargetOriginId", "ViewerProtocolPolicy", "FieldLevelEncryptionId"),
        *parts("geoRestriction", "RestrictionType", "Quantity"),
        *booleans("loggingEnabled", "isIpv6Enabled", "includeCookies", "enabled", "staging"),
        *rows("origins", *_ORIGIN),
        *rows("cacheBehaviors", "PathPattern", "TargetOriginId", "ViewerProtocolPolicy"),
        *parts("viewerCertificate", "CloudFrontDefaultCertificate", "SSLSupportMethod", "MinimumProtocolVersion"),
        *lists("aliases", "logDeliveries"),
        *parts("originGroups", "Quantity"),
    ),
    wire=(
        *(*_PORTAL, "defaultCacheBehavior", "loggingEnabled", "isIpv6Enabled", "includeCookies", "geoRestriction"),
        *("enabled", "webAclId", "minimumProtocolVersion", "httpVersion", "priceClass", "loggingBucket", "origins"),
        *("comment", "id", "arn", "staging", "status", "loggingBucketPrefix", "acmCertificateARN"),
    ),
)

SAGEMAKER_NOTEBOOK = ResourceType(
    name="SAGEMAKER_NOTEBOOK",
    provider=Provider.AWS,
    service_type="SageMaker",
    title="SageMaker Notebook Instance",
    permissions=("sagemaker:ListNotebookInstances", "sagemaker:DescribeNotebookInstance", "tag:GetResources"),
    fields=(
        *strings(*_PORTAL, "subnetId", "networkInterfaceId", "instanceType", "platformId", "url", "roleArn", "status"),
        *strings("directInternetAccess", "defaultCodeRepository", "kmsKeyId", "minimumMetadataVersion"),
        *integers("volumeSizeInGB"),
        *booleans("rootAccess"),
        *lists("securityGroups"),
    ),
    wire=(
        *(*_PORTAL, "subnetId", "networkInterfaceId", "volumeSizeInGB", "rootAccess", "instanceType", "platformId"),
        *("url", "directInternetAccess", "roleArn", "securityGroups", "status", "defaultCodeRepository", "kmsKeyId"),
    ),
)

TYPES: tuple[ResourceType, ...] = (
    SECRETS_MANAGER_SECRET,
    SQS_QUEUE,
    ACM_CERTIFICATE,
    CLOUDFRONT_DISTRIBUTION,
    SAGEMAKER_NOTEBOOK,
)
