"""A JSON array of OCSF Compliance Findings (class 2003, schema 1.3.0, cloud profile), one finding a line."""

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import IO, Any

import msgspec

from nephoscope.cli.findings import Finding
from nephoscope.cli.posture import Posture
from nephoscope.kit.dates import to_epoch
from nephoscope.kit.ids import evaluation_uuid
from nephoscope.model.controls import Criticality
from nephoscope.model.evaluations import Status
from nephoscope.model.providers import Provider

SCHEMA = "1.3.0"
CLASS_UID = 2003
_CATEGORY_UID = 2
_CREATE = 1
_PASS = (1, "Pass")
_ACCOUNTS: Mapping[Provider, Mapping[str, Any]] = {
    Provider.AWS: {"type": "AWS Account", "type_id": 10},
    Provider.AZURE: {"type": "Azure Subscription", "type_id": 13},
    Provider.GCP: {"type": "GCP Project", "type_id": 11},
}
_COMPLIANCE = {
    Status.PASS: _PASS,
    Status.PASSE: _PASS,
    Status.UNKNOWN: (2, "Warning"),
    Status.FAIL: (3, "Fail"),
}
_SEVERITY = {Criticality.HIGH: (4, "High"), Criticality.MEDIUM: (3, "Medium"), Criticality.LOW: (2, "Low")}
_INFORMATIONAL = (1, "Informational")
_NEW = (1, "New")
_STATUS = {Status.PASS: (4, "Resolved"), Status.PASSE: (3, "Suppressed")}


def write(stream: IO[str], rows: Iterator[Finding], _posture: Posture) -> None:
    product = {"name": "nephoscope", "vendor_name": "nephoscope", "version": version("nephoscope")}
    metadata = {"version": SCHEMA, "profiles": ["cloud"], "product": product}
    separator = "[\n"
    for row in rows:
        stream.write(separator + msgspec.json.encode({**_event(row), "metadata": metadata}).decode())
        separator = ",\n"
    stream.write("[]\n" if separator == "[\n" else "\n]\n")


def _event(finding: Finding) -> dict[str, Any]:
    control, row = finding.control, finding.row
    severity_id, severity = _SEVERITY[control.criticality] if row.status is Status.FAIL else _INFORMATIONAL
    status_id, status = _STATUS.get(row.status, _NEW)
    return {
        "activity_id": _CREATE,
        "activity_name": "Create",
        "category_uid": _CATEGORY_UID,
        "category_name": "Findings",
        "class_uid": CLASS_UID,
        "class_name": "Compliance Finding",
        "type_uid": CLASS_UID * 100 + _CREATE,
        "type_name": "Compliance Finding: Create",
        "time": to_epoch(row.dates.last_evaluated) * 1000,
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "message": _message(finding),
        "finding_info": {
            "uid": str(evaluation_uuid(row.resource.uuid, control.cid)),
            "title": control.name,
            "desc": control.description,
            "types": [control.service_type],
            "first_seen_time": to_epoch(row.dates.first_evaluated) * 1000,
            "last_seen_time": to_epoch(row.dates.last_evaluated) * 1000,
        },
        "compliance": _compliance(finding),
        "remediation": {"desc": control.remediation, "references": list(control.references)},
        "resources": [
            {
                "uid": row.resource.arn or row.resource.resource_id,
                "name": row.resource.name or row.resource.resource_id,
                "type": row.resource.resource_type,
                "region": finding.region,
                "data": {item.setting_name: item.actual_value for item in finding.evidence},
            }
        ],
        "cloud": {
            "provider": finding.control.provider,
            "region": finding.region,
            "account": {"uid": finding.account_id, **_ACCOUNTS[finding.control.provider]},
        },
    }


def _compliance(finding: Finding) -> dict[str, Any]:
    pairs = [item.rpartition(":") for item in finding.benchmarks]
    status_id, status = _COMPLIANCE[finding.row.status]
    return {
        "standards": [name for name, _, _ in pairs] or list(finding.control.policies),
        "requirements": [f"{name} {number}" for name, _, number in pairs],
        "control": str(finding.control.cid),
        "status_id": status_id,
        "status": status,
        "status_detail": _message(finding),
    }


def _message(finding: Finding) -> str:
    control = finding.control
    failed = control.fail_message
    messages = {Status.PASS: control.pass_message, Status.FAIL: failed, Status.PASSE: failed}
    return messages.get(finding.row.status, finding.row.reason)
