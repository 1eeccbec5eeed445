"""SARIF 2.1.0: one run, a rule for each control, a result for each evaluation. One JSON document."""

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from itertools import islice
from typing import Any

import msgspec

from nephoscope.kit.dates import to_epoch
from nephoscope.model.controls import Control, Criticality
from nephoscope.model.evaluations import Status
from nephoscope.reports.exports.finding import Finding
from nephoscope.reports.exports.records import Change, EvaluationRecord, Place

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Criticality.HIGH: "error", Criticality.MEDIUM: "warning", Criticality.LOW: "note"}
_SEVERITIES = {Criticality.HIGH: "8.0", Criticality.MEDIUM: "5.0", Criticality.LOW: "2.0"}
"""What code scanning services sort by, 0 to 10."""
_STATES = {Change.STATE: "unchanged", Change.CHANGED: "updated", Change.LEFT: "updated", Change.REMOVED: "absent"}
_ROWS = 500


def write(records: Iterator[EvaluationRecord], controls: Mapping[int, Control], *, is_whole: bool) -> Iterator[bytes]:
    """`is_whole` says that the export began anew, so that there is no baseline that results could be compared with."""
    places = {cid: place for place, cid in enumerate(controls)}
    rules = [_rule(control) for control in controls.values()]
    driver = {"name": "nephoscope", "version": version("nephoscope"), "rules": rules}
    head = msgspec.json.encode({"$schema": SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}}]})
    yield head[:-3] + b',"results":['
    separator = b"\n"
    while rows := list(islice(records, _ROWS)):
        for row in rows:
            result = (
                _result(row, places) if is_whole else {**_result(row, places), "baselineState": _STATES[row.change]}
            )
            yield separator + msgspec.json.encode(result)
            separator = b",\n"
    yield b"\n]}]}\n"


def _rule(control: Control) -> dict[str, Any]:
    return {
        "id": str(control.cid),
        "name": control.name,
        "shortDescription": {"text": control.name},
        "fullDescription": {"text": control.description},
        "help": {"text": control.remediation, "markdown": control.remediation},
        "helpUri": control.references[0],
        "defaultConfiguration": {"level": _LEVELS[control.criticality]},
        "properties": {
            "security-severity": _SEVERITIES[control.criticality],
            "tags": ["security", control.provider.value, control.service_type],
        },
    }


def _result(record: EvaluationRecord, places: Mapping[int, int]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": str(record.cid),
        "guid": str(record.uuid),
        "locations": [_location(record.place)],
        "partialFingerprints": {"evaluation/v1": str(record.uuid)},
    }
    if record.cid in places:
        result["ruleIndex"] = places[record.cid]
    if record.finding is None:
        return {**result, "kind": "notApplicable", "level": "none", "message": {"text": "It is no more."}}
    return {**result, **_verdict(record.finding)}


def _verdict(finding: Finding) -> dict[str, Any]:
    row, control = finding.row, finding.control
    said: dict[str, Any] = {"message": {"text": finding.message or row.status.value}, **_KINDS[row.status]}
    if row.status in (Status.FAIL, Status.PASSE):
        said["level"] = _LEVELS[control.criticality]
    if row.status is Status.PASSE:
        said["suppressions"] = [{"kind": "external", "status": "accepted"}]
    said["properties"] = {
        "accountId": finding.account_id,
        "region": finding.region,
        "firstEvaluated": to_epoch(row.dates.first_evaluated),
        "lastEvaluated": to_epoch(row.dates.last_evaluated),
        "evidences": {item.setting_name: item.actual_value for item in finding.evidence},
    }
    return said


_KINDS: Mapping[Status, dict[str, str]] = {
    Status.PASS: {"kind": "pass", "level": "none"},
    Status.FAIL: {"kind": "fail"},
    Status.PASSE: {"kind": "fail"},
    Status.UNKNOWN: {"kind": "open", "level": "none"},
}


def _location(place: Place) -> dict[str, Any]:
    name = place.arn or f"{place.provider}/{place.account_id}/{place.region}/{place.resource_type}/{place.resource_id}"
    logical = {"name": place.name or place.resource_id, "fullyQualifiedName": name, "kind": "resource"}
    return {"logicalLocations": [logical]}
