"""How secrets, queues, certificates, distributions and notebooks are read."""

from collections.abc import Iterator, Mapping
from typing import Any

from nephoscope.clouds.aws.collecting import Calls, Collector, Detail, Place, Raw, listing
from nephoscope.clouds.aws.collectors.tagging import tagged
from nephoscope.clouds.aws.shaping import camel, from_milliseconds, parsed, resource, tags_of
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import GLOBAL_REGION
from nephoscope.resource_types.aws import applications as types


def _shape_secret(raw: Raw, place: Place) -> Observed:
    """What is known about a secret; its value is never asked for."""
    del place
    known = camel(raw) | {"rotationEnabled": raw.get("RotationEnabled", False)}
    return resource(types.SECRETS_MANAGER_SECRET, raw["Name"], raw["ARN"], known, tags=tags_of(raw.get("Tags")))


def _read_secret_policy(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    answer = calls.call("secretsmanager", "get_resource_policy", SecretId=raw["ARN"])
    return {"policy": parsed(answer.get("ResourcePolicy"))}


SECRETS = Collector(
    "SECRETS_MANAGER_SECRET",
    listing("secretsmanager", "list_secrets", "SecretList"),
    _shape_secret,
    (Detail(("policy",), ("secretsmanager:GetResourcePolicy",), _read_secret_policy),),
)


def _fetch_queues(calls: Calls) -> Iterator[Raw]:
    return ({"QueueUrl": url} for url in calls.items("sqs", "list_queues", "QueueUrls"))


def _shape_queue(raw: Raw, place: Place) -> Observed:
    url = raw["QueueUrl"]
    name = url.rpartition("/")[2]
    arn = f"arn:{place.partition}:sqs:{place.region}:{place.account_id}:{name}"
    return resource(types.SQS_QUEUE, name, arn, {"queueName": name, "queueUrl": url})


_QUEUE_FIELDS = {
    "kmsMasterKeyId": "KmsMasterKeyId",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
    "fifoQueue": "FifoQueue",
    "messageRetentionPeriod": "MessageRetentionPeriod",
    "visibilityTimeout": "VisibilityTimeout",
    "redrivePolicy": "RedrivePolicy",
    "policy": "Policy",
    "createdTimestamp": "CreatedTimestamp",
}


def _read_queue(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    """The settings; message counts change by themselves and are not asked for."""
    wanted = list(_QUEUE_FIELDS.values())
    answer = calls.call("sqs", "get_queue_attributes", QueueUrl=raw["QueueUrl"], AttributeNames=wanted)
    given = answer.get("Attributes", {})
    created = given.get("CreatedTimestamp")
    redrive = parsed(given.get("RedrivePolicy"))
    return {
        "kmsMasterKeyId": given.get("KmsMasterKeyId"),
        "sqsManagedSseEnabled": given.get("SqsManagedSseEnabled") == "true",
        "fifoQueue": given.get("FifoQueue") == "true",
        "messageRetentionPeriod": _whole(given.get("MessageRetentionPeriod")),
        "visibilityTimeout": _whole(given.get("VisibilityTimeout")),
        "redrivePolicy": redrive,
        "deadLetterTargetArn": redrive.get("deadLetterTargetArn") if isinstance(redrive, dict) else None,
        "policy": parsed(given.get("Policy")),
        "createdTimestamp": from_milliseconds(float(created) * 1000) if created else None,
    }


def _whole(number: str | None) -> int | None:
    return int(number) if number else None


QUEUES = Collector(
    "SQS_QUEUE",
    _fetch_queues,
    _shape_queue,
    (Detail((*_QUEUE_FIELDS, "deadLetterTargetArn"), ("sqs:GetQueueAttributes",), _read_queue),),
)

_KEY_TYPES = (
    *("RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096"),
    *("EC_prime256v1", "EC_secp384r1", "EC_secp521r1"),
)
"""Without this list the service answers with RSA 2048 alone."""


def _shape_certificate(raw: Raw, place: Place) -> Observed:
    del place
    identity = raw["CertificateArn"].rpartition("/")[2]
    return resource(types.ACM_CERTIFICATE, identity, raw["CertificateArn"], camel(raw), name=raw.get("DomainName", ""))


def _shape_distribution(raw: Raw, place: Place) -> Observed:
    """Parts that the API has in the cloud's own spelling (`DefaultCacheBehavior`, `Origins`) keep it."""
    del place
    certificate = raw.get("ViewerCertificate") or {}
    restriction = (raw.get("Restrictions") or {}).get("GeoRestriction") or {}
    known = {
        "displayName": raw["Id"],
        "defaultCacheBehavior": _behavior(raw.get("DefaultCacheBehavior") or {}),
        "cacheBehaviors": [_behavior(row) for row in _entries(raw.get("CacheBehaviors"))],
        "isIpv6Enabled": raw.get("IsIPV6Enabled"),
        "geoRestriction": {
            "RestrictionType": restriction.get("RestrictionType"),
            "Quantity": restriction.get("Quantity"),
        },
        "webAclId": raw.get("WebACLId") or None,
        "minimumProtocolVersion": certificate.get("MinimumProtocolVersion"),
        "acmCertificateARN": certificate.get("ACMCertificateArn") or None,
        "viewerCertificate": certificate,
        "httpVersion": raw.get("HttpVersion"),
        "priceClass": raw.get("PriceClass"),
        "origins": [_origin(row) for row in _entries(raw.get("Origins"))],
        "originGroups": {"Quantity": (raw.get("OriginGroups") or {}).get("Quantity", 0)},
        "comment": raw.get("Comment"),
        "id": raw["Id"],
        "arn": raw["ARN"],
        "enabled": raw.get("Enabled"),
        "staging": raw.get("Staging", False),
        "status": raw.get("Status"),
        "domainName": raw.get("DomainName"),
        "aliases": _entries(raw.get("Aliases")),
    }
    return resource(types.CLOUDFRONT_DISTRIBUTION, raw["Id"], raw["ARN"], known)


def _entries(part: Any) -> list[Any]:
    return list((part or {}).get("Items") or ())


def _origin(raw: Raw) -> Raw:
    """Without the values of the headers that are sent to the origin: they are often what proves the sender."""
    names = [row.get("HeaderName") for row in _entries(raw.get("CustomHeaders"))]
    return {key: value for key, value in raw.items() if key != "CustomHeaders"} | {"CustomHeaderNames": names}


def _behavior(raw: Raw) -> Raw:
    """With the lists of methods one level down, as the XML of the service and the compatible API have them."""
    allowed = raw.get("AllowedMethods")
    if not allowed:
        return raw
    cached = allowed.get("CachedMethods") or {}
    return raw | {
        "AllowedMethods": {
            "Quantity": allowed.get("Quantity"),
            "Items": {"Method": _entries(allowed)},
            "CachedMethods": {"Quantity": cached.get("Quantity"), "Items": {"Method": _entries(cached)}},
        }
    }


_DISTRIBUTION_DETAILS = (
    "loggingEnabled",
    "loggingBucket",
    "loggingBucketPrefix",
    "includeCookies",
    "defaultRootObject",
)


def _read_distribution(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    """What the listing leaves out."""
    config = calls.call("cloudfront", "get_distribution_config", Id=raw["Id"])["DistributionConfig"]
    logging = config.get("Logging") or {}
    return {
        "loggingEnabled": logging.get("Enabled", False),
        "loggingBucket": logging.get("Bucket") or None,
        "loggingBucketPrefix": logging.get("Prefix") or None,
        "includeCookies": logging.get("IncludeCookies", False),
        "defaultRootObject": config.get("DefaultRootObject") or None,
    }


_LOGS_OF_CLOUDFRONT = {"aws": "us-east-1"}
"""The second kind of access logs is set up there, as a delivery of CloudWatch Logs."""


def _read_log_deliveries(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    region = _LOGS_OF_CLOUDFRONT.get(calls.place.partition, "")
    sources = calls.shared("logs", "describe_delivery_sources", "deliverySources", region=region)
    return {"logDeliveries": [row["name"] for row in sources if raw["ARN"] in row.get("resourceArns", ())]}


DISTRIBUTIONS = Collector(
    "CLOUDFRONT_DISTRIBUTION",
    listing("cloudfront", "list_distributions", "DistributionList.Items"),
    _shape_distribution,
    (
        Detail(_DISTRIBUTION_DETAILS, ("cloudfront:GetDistributionConfig",), _read_distribution),
        Detail(("logDeliveries",), ("logs:DescribeDeliverySources",), _read_log_deliveries),
    ),
)


def _fetch_notebooks(calls: Calls) -> Iterator[Raw]:
    for row in calls.items("sagemaker", "list_notebook_instances", "NotebookInstances"):
        yield calls.call("sagemaker", "describe_notebook_instance", NotebookInstanceName=row["NotebookInstanceName"])


def _shape_notebook(raw: Raw, place: Place) -> Observed:
    del place
    metadata = raw.get("InstanceMetadataServiceConfiguration") or {}
    known = camel(raw) | {
        "displayName": raw["NotebookInstanceName"],
        "platformId": raw.get("PlatformIdentifier"),
        "status": raw.get("NotebookInstanceStatus"),
        "rootAccess": raw.get("RootAccess") == "Enabled" if "RootAccess" in raw else None,
        "minimumMetadataVersion": metadata.get("MinimumInstanceMetadataServiceVersion"),
        "securityGroups": raw.get("SecurityGroups", []),
    }
    return resource(types.SAGEMAKER_NOTEBOOK, raw["NotebookInstanceName"], raw["NotebookInstanceArn"], known)


COLLECTORS: tuple[Collector, ...] = (
    SECRETS,
    tagged(QUEUES),
    tagged(
        Collector(
            "ACM_CERTIFICATE",
            listing("acm", "list_certificates", "CertificateSummaryList", Includes={"keyTypes": list(_KEY_TYPES)}),
            _shape_certificate,
        )
    ),
    tagged(DISTRIBUTIONS, GLOBAL_REGION),
    tagged(Collector("SAGEMAKER_NOTEBOOK", _fetch_notebooks, _shape_notebook)),
)
