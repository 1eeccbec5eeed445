"""The flat formats: which columns each noun has, what they hold, and what they are called. The same in all of them."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import msgspec

from nephoscope.kit.dates import compact
from nephoscope.reports.exports.finding import Finding
from nephoscope.reports.exports.records import EvaluationRecord, ExceptionRecord, FindingRecord, ResourceRecord


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    TEXTS = "texts"
    """A list of texts."""
    OBJECT = "object"
    """Anything that JSON can hold."""


class Column(msgspec.Struct, frozen=True):
    """`read` takes a record; None is an empty cell."""

    name: str
    kind: Kind
    read: Callable[[Any], Any]


def _text(name: str, read: Callable[[Any], Any]) -> Column:
    return Column(name, Kind.TEXT, read)


def _place(names: dict[str, str]) -> tuple[Column, ...]:
    return tuple(_text(name, _of_place(field)) for name, field in names.items())


def _of_place(field: str) -> Callable[[Any], str]:
    return lambda record: str(getattr(record.place, field))


def _finding(read: Callable[[Any], Any]) -> Callable[[EvaluationRecord], Any]:
    return lambda record: None if record.finding is None else read(record.finding)


def _control(read: Callable[[Any], Any]) -> Callable[[EvaluationRecord], Any]:
    return lambda record: None if record.control is None else read(record.control)


def _resource(read: Callable[[Any], Any]) -> Callable[[ResourceRecord], Any]:
    return lambda record: None if record.resource is None else read(record.resource)


def _either(weak: Callable[[Any], Any], lying: Callable[[Any], Any]) -> Callable[[FindingRecord], Any]:
    """Of a vulnerability the one, of a secret the other; None when both are gone with the resource."""

    def read(record: FindingRecord) -> Any:
        if record.vulnerability is not None:
            return weak(record.vulnerability)
        return None if record.secret is None else lying(record.secret)

    return read


def _nothing(_: Any) -> None:
    """What the other kind of finding has."""


def _maybe(moment: Any) -> str | None:
    return None if moment is None else compact(moment)


def _evidences(finding: Finding) -> dict[str, str]:
    return {row.setting_name: row.actual_value for row in finding.evidence}


def _resources(record: ExceptionRecord) -> list[dict[str, str]]:
    rows = record.exception.resources
    return [{"resourceId": row.resource_id, "accountId": row.account_id, "region": row.region} for row in rows]


_WHERE = {
    "resourceUuid": "uuid",
    "resourceType": "resource_type",
    "resourceId": "resource_id",
    "resourceName": "name",
    "arn": "arn",
    "provider": "provider",
    "accountId": "account_id",
    "connectorId": "connector",
}

EVALUATION_COLUMNS: tuple[Column, ...] = (
    _text("change", lambda record: record.change.value),
    _text("uuid", lambda record: str(record.uuid)),
    Column("cid", Kind.NUMBER, lambda record: record.cid),
    _text("controlName", _control(lambda control: control.name)),
    _text("criticality", _control(lambda control: control.criticality.value)),
    _text("serviceType", _control(lambda control: control.service_type)),
    _text("status", _finding(lambda finding: finding.row.status.value)),
    _text("message", _finding(lambda finding: finding.message)),
    Column("policyNames", Kind.TEXTS, lambda record: list(record.policy_names)),
    Column("benchmarks", Kind.TEXTS, _finding(lambda finding: list(finding.benchmarks))),
    *_place(_WHERE),
    _text("region", lambda record: record.finding.region if record.finding else record.place.region),
    Column("evidences", Kind.OBJECT, _finding(_evidences)),
    _text("firstEvaluated", _finding(lambda finding: compact(finding.row.dates.first_evaluated))),
    _text("lastEvaluated", _finding(lambda finding: compact(finding.row.dates.last_evaluated))),
    _text("dateFixed", _finding(lambda finding: _maybe(finding.row.dates.fixed))),
    _text("dateReopen", _finding(lambda finding: _maybe(finding.row.dates.reopened))),
)  # fmt: skip

RESOURCE_COLUMNS: tuple[Column, ...] = (
    _text("change", lambda record: record.change.value),
    *_place({("uuid" if name == "resourceUuid" else name): field for name, field in _WHERE.items()}),
    _text("region", lambda record: record.place.region),
    Column("tags", Kind.TEXTS, lambda record: list(record.tag_names)),
    Column("cloudTags", Kind.OBJECT, lambda record: {tag.key: tag.value for tag in record.cloud_tags}),
    _text("created", _resource(lambda row: compact(row.created_on))),
    _text("updated", _resource(lambda row: compact(row.updated_on))),
    _text("lastSeen", _resource(lambda row: compact(row.seen_on))),
    Column("settings", Kind.OBJECT, lambda record: record.document),
)


def _weak(read: Callable[[Any], Any]) -> Callable[[FindingRecord], Any]:
    return _either(lambda one: read(one.vulnerability), _nothing)


def _lying(read: Callable[[Any], Any]) -> Callable[[FindingRecord], Any]:
    return _either(_nothing, lambda one: read(one.secret.found))


FINDING_COLUMNS: tuple[Column, ...] = (
    _text("change", lambda record: record.change.value),
    _text("uuid", _either(lambda one: str(one.uuid), lambda one: str(one.secret.uuid))),
    _text("kind", lambda record: record.kind),
    _text("status", _either(lambda one: one.status.value, lambda one: one.secret.state.value)),
    _text(
        "severity",
        _either(lambda one: str(one.vulnerability.severity), lambda one: one.secret.found.severity.value),
    ),
    _text("type", _either(lambda one: one.vulnerability.type_detected.value, lambda one: one.secret.found.type)),
    _text("name", _either(lambda one: one.vulnerability.name, lambda one: one.secret.found.title)),
    Column("qid", Kind.NUMBER, _weak(lambda one: one.qid)),
    _text("category", _weak(lambda one: one.category)),
    Column("cves", Kind.TEXTS, _weak(lambda one: list(one.cves))),
    Column("packages", Kind.OBJECT, _weak(lambda one: [_package(package) for package in one.packages])),
    _text("fixedVersion", _weak(lambda one: one.fixed_version or None)),
    _text("knownExploited", _weak(lambda one: "true" if one.kev else "false")),
    _text("epss", _weak(lambda one: None if one.epss is None else str(one.epss))),
    _text("rule", _lying(lambda one: one.rule)),
    _text("path", _lying(lambda one: one.path)),
    Column("line", Kind.NUMBER, _lying(lambda one: one.line)),
    *_place(_WHERE),
    _text("region", lambda record: record.place.region),
    _text("firstFound", _either(lambda one: compact(one.first_found), lambda one: compact(one.secret.first_found))),
    _text("lastFound", _either(lambda one: compact(one.last_found), lambda one: compact(one.secret.last_found))),
    _text("fixedOn", _either(lambda one: _maybe(one.fixed_on), lambda one: _maybe(one.fixed_on))),
)  # fmt: skip
"""Without the preview of a secret, which takes a permission of its own."""


def _package(one: Any) -> dict[str, str]:
    return {"name": one.name, "version": one.version, "fixedVersion": one.fixed_version, "path": one.path}


EXCEPTION_COLUMNS: tuple[Column, ...] = (
    _text("change", lambda record: record.change.value),
    _text("uuid", lambda record: str(record.exception.uuid)),
    _text("name", lambda record: record.exception.name),
    _text("state", lambda record: record.state.value if record.state else None),
    _text("provider", lambda record: record.exception.provider.value),
    _text("scope", lambda record: record.exception.scope.value),
    _text("reason", lambda record: record.exception.reason.value),
    _text("explanation", lambda record: record.exception.explanation),
    _text("starts", lambda record: compact(record.exception.starts)),
    _text("ends", lambda record: compact(record.exception.ends)),
    Column("controlIds", Kind.TEXTS, lambda record: [str(cid) for cid in record.exception.control_ids]),
    Column("accountIds", Kind.TEXTS, lambda record: list(record.exception.account_ids)),
    Column("resources", Kind.OBJECT, _resources),
    Column("resourceTags", Kind.TEXTS, lambda record: list(record.exception.resource_tags)),
    Column("connectorTags", Kind.TEXTS, lambda record: list(record.exception.connector_tags)),
    _text("isForAllConnectors", lambda record: "true" if record.exception.is_for_all_connectors else "false"),
    _text("createdBy", lambda record: record.exception.created_by),
    _text("createdOn", lambda record: compact(record.exception.created_on)),
    _text("updatedBy", lambda record: record.exception.updated_by),
    _text("updatedOn", lambda record: compact(record.exception.updated_on)),
    _text("approval", lambda record: record.exception.approval.value),
    _text("decidedBy", lambda record: record.exception.decided_by),
)
