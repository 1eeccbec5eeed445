"""One JSON document: what the report is about, its summary when that was asked for, and its rows."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from nephoscope.kit.dates import zulu
from nephoscope.model.controls import Control
from nephoscope.model.reports import ReportKind
from nephoscope.reports.content import Content, Counts, ResultRow
from nephoscope.reports.renderers import fields

_ROWS = 1_000
"""To a piece."""
_encode = msgspec.json.encode


def render(content: Content) -> Iterator[bytes]:
    yield b'{"report":' + _encode(_cover(content))
    if content.report.request.has_summary:
        yield b',"summary":' + _encode(_summary(content))
    yield b',"evaluations":['
    bodies = _Bodies(content)
    waiting: list[dict[str, Any]] = []
    comma = b""
    for row in content.rows():
        waiting.append(bodies.of(row))
        if len(waiting) == _ROWS:
            yield comma + _encode(waiting)[1:-1]
            waiting.clear()
            comma = b","
    if waiting:
        yield comma + _encode(waiting)[1:-1]
    yield b"]}"


class _Bodies:
    """Rows as objects; what they share is made once."""

    def __init__(self, content: Content) -> None:
        request = content.report.request
        self._resource_names = (*fields.OF_RESOURCE, request.provider.account_key, *fields.OF_CONNECTOR)
        self._has_arns = request.has_arns
        self._requirements = content.requirements_of if request.mandate_id else None
        self._controls: dict[int, dict[str, Any]] = {}
        self._resource_key = 0
        self._resource: dict[str, Any] = {}

    def of(self, row: ResultRow) -> dict[str, Any]:
        if row.resource.key != self._resource_key:
            self._resource_key = row.resource.key
            values = fields.of_resource(row.resource, row.connector)
            self._resource = dict(zip(self._resource_names, values, strict=True))
            if self._has_arns:
                self._resource[fields.ARN] = row.resource.arn
        return {
            **self._control(row),
            fields.RESULT: row.status,
            **self._resource,
            **dict(zip(fields.OF_DATES, fields.of_dates(row.dates), strict=True)),
            fields.EVIDENCES: [
                {"settingName": one.setting_name, "actualValue": one.actual_value} for one in row.evidence
            ],
        }

    def _control(self, row: ResultRow) -> dict[str, Any]:
        found = self._controls.get(row.control.cid)
        if found is None:
            found = _control(row.control, row.policy_names)
            if self._requirements:
                found[fields.REQUIREMENTS] = self._requirements(row.control.cid)
            self._controls[row.control.cid] = found
        return found


def _cover(content: Content) -> dict[str, Any]:
    cover = content.cover
    report, request = cover.report, cover.report.request
    return {
        "reportId": report.uuid,
        "reportName": request.name,
        "description": request.description,
        "cloudType": request.provider,
        "createdBy": report.created_by,
        "asOf": zulu(cover.moment),
        "query": request.query,
        "startDate": zulu(request.since) if request.since else None,
        "endDate": zulu(request.until) if request.until else None,
        "executionType": request.execution_type,
        "policies": [{"uuid": row.uuid, "title": row.title, "version": row.version} for row in cover.policies],
        "connectors": [
            {"connectorId": row.uuid, "name": row.name, row.provider.account_key: row.account_id}
            for row in cover.connectors
        ],
        "groups": cover.group_names,
        "tags": cover.tag_names,
        "results": cover.statuses,
        **_arranged(content),
    }


def _arranged(content: Content) -> dict[str, Any]:
    """What a report by policies or by a mandate says beside the others."""
    request, mandate = content.report.request, content.selection.mandate
    if request.kind is ReportKind.ASSESSMENT:
        return {}
    told = {"mandateId": mandate.uuid, "name": mandate.name, "version": mandate.version} if mandate else None
    return {"type": request.kind, "mandate": told}


def _summary(content: Content) -> dict[str, Any]:
    return {
        "total": _counts(content.total),
        "controls": [{**_control(row.control, row.policy_names), **_counts(row.counts)} for row in content.controls],
        "policies": [
            {"uuid": row.policy.uuid, "title": row.policy.title, "version": row.policy.version, **_counts(row.counts)}
            for row in content.by_policy
        ],
        "connectors": [
            {"connectorId": row.connector.uuid, "name": row.connector.name, **_counts(row.counts)}
            for row in content.by_connector
        ],
        "exceptions": [
            {"name": row.name, "owner": row.created_by, "endDate": zulu(row.ends), "reason": row.reason}
            for row in content.exceptions
        ],
        "notRead": [
            {
                "connectorName": row.connector.name,
                "resourceType": row.scope.report.scope.resource_type,
                "region": row.scope.report.scope.region,
                "reason": row.reason,
            }
            for row in content.unread
        ],
        **({"requirements": _requirements(content)} if content.selection.mandate else {}),
    }


def _requirements(content: Content) -> list[dict[str, Any]]:
    return [
        {"number": row.section.number, "title": row.section.title, **_counts(row.counts)}
        for row in content.by_requirement
    ]


def _control(control: Control, policy_names: Sequence[str]) -> dict[str, Any]:
    return dict(zip(fields.OF_CONTROL, fields.of_control(control), strict=True)) | {fields.POLICIES: policy_names}


def _counts(counts: Counts) -> dict[str, int]:
    values = counts.passed, counts.failed, counts.excepted, counts.unknown
    return dict(zip(fields.OF_COUNTS, values, strict=True))
