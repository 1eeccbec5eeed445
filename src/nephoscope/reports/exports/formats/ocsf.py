"""OCSF Compliance Findings (class 2003, schema 1.3.0, cloud profile): one for each evaluation."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from itertools import islice
from typing import Any

import msgspec

from nephoscope.kit.dates import to_epoch
from nephoscope.kit.ids import evaluation_uuid
from nephoscope.model.controls import Control, Criticality
from nephoscope.model.evaluations import Status
from nephoscope.model.providers import Provider
from nephoscope.reports.exports.finding import Finding
from nephoscope.reports.exports.records import Change, EvaluationRecord

SCHEMA = "1.3.0"
CLASS_UID = 2003
_CATEGORY_UID = 2
_ACTIVITIES = {Change.STATE: (1, "Create"), Change.CHANGED: (2, "Update"), Change.LEFT: (2, "Update")}
_CLOSE = (3, "Close")
_PASS = (1, "Pass")
_ACCOUNTS: Mapping[str, Mapping[str, Any]] = {
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
_RESOLVED = (4, "Resolved")
_STATUS = {Status.PASS: _RESOLVED, Status.PASSE: (3, "Suppressed")}
_ROWS = 500


def write(records: Iterator[EvaluationRecord], now: int) -> Iterator[bytes]:
    """One event a line. `now` is the moment of the export in seconds: when what was removed is known to be gone."""
    while rows := list(islice(records, _ROWS)):
        yield b"".join(msgspec.json.encode(_told(row, now)) + b"\n" for row in rows)


def event(finding: Finding, change: Change = Change.STATE) -> dict[str, Any]:
    """An evaluation that is there."""
    control, row = finding.control, finding.row
    severity_id, severity = _SEVERITY[control.criticality] if row.status is Status.FAIL else _INFORMATIONAL
    status_id, status = _STATUS.get(row.status, _NEW)
    return {
        **_activity(*_ACTIVITIES[change]),
        "time": to_epoch(row.dates.last_evaluated) * 1000,
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "message": finding.message,
        "finding_info": {
            "uid": str(evaluation_uuid(row.resource.uuid, control.cid)),
            **_titles(control),
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
        "cloud": _cloud(control.provider, finding.account_id, finding.region),
        "metadata": _metadata(),
    }


def _told(record: EvaluationRecord, now: int) -> dict[str, Any]:
    return event(record.finding, record.change) if record.finding else _closed(record, now)


def _closed(record: EvaluationRecord, now: int) -> dict[str, Any]:
    """An evaluation that is no more."""
    place, (status_id, status) = record.place, _RESOLVED
    titles = _titles(record.control) if record.control else {"title": f"Control {record.cid}"}
    return {
        **_activity(*_CLOSE),
        "time": now * 1000,
        "severity_id": _INFORMATIONAL[0],
        "severity": _INFORMATIONAL[1],
        "status_id": status_id,
        "status": status,
        "message": "The resource, or what the control says about it, is no more.",
        "finding_info": {"uid": str(record.uuid), **titles},
        "compliance": {
            "standards": list(record.policy_names),
            "control": str(record.cid),
            "status_id": 0,
            "status": "Unknown",
        },
        "resources": [
            {
                "uid": place.arn or place.resource_id,
                "name": place.name or place.resource_id,
                "type": place.resource_type,
                "region": place.region,
            }
        ],
        "cloud": _cloud(place.provider, place.account_id, place.region),
        "metadata": _metadata(),
    }


def _activity(number: int, name: str) -> dict[str, Any]:
    return {
        "activity_id": number,
        "activity_name": name,
        "category_uid": _CATEGORY_UID,
        "category_name": "Findings",
        "class_uid": CLASS_UID,
        "class_name": "Compliance Finding",
        "type_uid": CLASS_UID * 100 + number,
        "type_name": f"Compliance Finding: {name}",
    }


def _titles(control: Control) -> dict[str, Any]:
    return {"title": control.name, "desc": control.description, "types": [control.service_type]}


def _cloud(provider: str, account_id: str, region: str) -> dict[str, Any]:
    return {"provider": provider, "region": region, "account": {"uid": account_id, **_ACCOUNTS[provider]}}


@cache
def _metadata() -> dict[str, Any]:
    product = {"name": "nephoscope", "vendor_name": "nephoscope", "version": version("nephoscope")}
    return {"version": SCHEMA, "profiles": ["cloud"], "product": product}


def _compliance(finding: Finding) -> dict[str, Any]:
    pairs = [item.rpartition(":") for item in finding.benchmarks]
    status_id, status = _COMPLIANCE[finding.row.status]
    return {
        "standards": [name for name, _, _ in pairs] or list(finding.control.policies),
        "requirements": [f"{name} {number}" for name, _, number in pairs],
        "control": str(finding.control.cid),
        "status_id": status_id,
        "status": status,
        "status_detail": finding.message,
    }
