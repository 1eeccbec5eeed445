"""The AWS Security Finding Format: one finding a line for each evaluation in an AWS account, as a list that
`BatchImportFindings` takes a hundred of. Accounts of other clouds have no place in it and are left out."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec

from nephoscope.kit.dates import from_epoch
from nephoscope.model.controls import Criticality
from nephoscope.model.evaluations import Status
from nephoscope.model.providers import Provider
from nephoscope.model.scopes import GLOBAL_REGION
from nephoscope.reports.exports.finding import Finding
from nephoscope.reports.exports.records import EvaluationRecord, Place

SCHEMA = "2018-10-08"
_TITLE, _DESCRIPTION, _REMEDIATION, _REQUIREMENTS, _VALUE = 256, 1024, 512, 32, 1024
"""The longest that the format takes."""
_LABELS = {Criticality.HIGH: "HIGH", Criticality.MEDIUM: "MEDIUM", Criticality.LOW: "LOW"}
_COMPLIANCE = {
    Status.PASS: "PASSED",
    Status.PASSE: "FAILED",
    Status.FAIL: "FAILED",
    Status.UNKNOWN: "NOT_AVAILABLE",
}
_WORKFLOW = {Status.PASS: "RESOLVED", Status.PASSE: "SUPPRESSED"}
_HOME = "us-east-1"
"""Where what belongs to no region is reported."""
_ROWS = 500
_TYPES = {
    "AWS_ACCOUNT": "AwsAccount",
    "BUCKET": "AwsS3Bucket",
    "EBS": "AwsEc2Volume",
    "EC2_INSTANCE": "AwsEc2Instance",
    "IAM_GROUP": "AwsIamGroup",
    "IAM_POLICY": "AwsIamPolicy",
    "IAM_ROLE": "AwsIamRole",
    "IAM_USER": "AwsIamUser",
    "KMS_KEY": "AwsKmsKey",
    "LAMBDA": "AwsLambdaFunction",
    "RDS": "AwsRdsDbInstance",
    "RDS_CLUSTER": "AwsRdsDbCluster",
    "SNS_TOPIC": "AwsSnsTopic",
    "SQS_QUEUE": "AwsSqsQueue",
    "SUBNET": "AwsEc2Subnet",
    "VPC": "AwsEc2Vpc",
    "VPC_SECURITY_GROUP": "AwsEc2SecurityGroup",
}
"""What the format calls our types; others are `Other`."""


def write(records: Iterator[EvaluationRecord], now: int) -> Iterator[bytes]:
    """`now` is the moment of the export, in seconds."""
    aws = (record for record in records if record.place.provider == Provider.AWS)
    while rows := list(islice(aws, _ROWS)):
        yield b"".join(msgspec.json.encode(_finding(row, now)) + b"\n" for row in rows)


def _finding(record: EvaluationRecord, now: int) -> dict[str, Any]:
    place, control = record.place, record.control
    partition = place.arn.split(":")[1] if place.arn.startswith("arn:") else "aws"
    region = _HOME if place.region == GLOBAL_REGION else place.region
    product = f"arn:{partition}:securityhub:{region}:{place.account_id}:product/{place.account_id}/default"
    return {
        "SchemaVersion": SCHEMA,
        "Id": f"{product}/{record.uuid}",
        "ProductArn": product,
        "ProductName": "nephoscope",
        "CompanyName": "nephoscope",
        "Region": region,
        "GeneratorId": f"nephoscope/{record.cid}",
        "AwsAccountId": place.account_id,
        "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
        "Title": (control.name if control else f"Control {record.cid}")[:_TITLE],
        "Resources": [_resource(record, partition, region)],
        **(_there(record.finding) if record.finding else _gone(now)),
    }


def _there(finding: Finding) -> dict[str, Any]:
    row, control = finding.row, finding.control
    is_failure = row.status is Status.FAIL
    requirements = [item.replace(":", " ") for item in finding.benchmarks][:_REQUIREMENTS]
    return {
        "CreatedAt": _moment(row.dates.first_evaluated.timestamp()),
        "UpdatedAt": _moment(row.dates.last_evaluated.timestamp()),
        "Description": (finding.message or control.description)[:_DESCRIPTION],
        "Severity": {"Label": _LABELS[control.criticality] if is_failure else "INFORMATIONAL"},
        "Remediation": {
            "Recommendation": {"Text": control.remediation[:_REMEDIATION], "Url": control.references[0]},
        },
        "Compliance": {
            "Status": _COMPLIANCE[row.status],
            "SecurityControlId": f"nephoscope.{control.cid}",
            **({"RelatedRequirements": requirements} if requirements else {}),
        },
        "Workflow": {"Status": _WORKFLOW.get(row.status, "NEW")},
        "RecordState": "ACTIVE",
    }


def _gone(now: int) -> dict[str, Any]:
    return {
        "CreatedAt": _moment(now),
        "UpdatedAt": _moment(now),
        "Description": "The resource, or what the control says about it, is no more.",
        "Severity": {"Label": "INFORMATIONAL"},
        "Compliance": {"Status": "NOT_AVAILABLE"},
        "Workflow": {"Status": "RESOLVED"},
        "RecordState": "ARCHIVED",
    }


def _resource(record: EvaluationRecord, partition: str, region: str) -> dict[str, Any]:
    place: Place = record.place
    kind = _TYPES.get(place.resource_type, "Other")
    found: dict[str, Any] = {
        "Type": kind,
        "Id": place.arn or f"{place.resource_type}/{place.resource_id}",
        "Partition": partition,
        "Region": region,
    }
    evidence = record.finding.evidence if record.finding else ()
    if evidence:
        found["Details"] = {"Other": {item.setting_name[:128]: item.actual_value[:_VALUE] for item in evidence[:50]}}
    return found


def _moment(seconds: float) -> str:
    return from_epoch(int(seconds)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
