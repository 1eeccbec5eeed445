"""One JSON object: the account and its tallies, what could not be read, and every evaluation with its evidence.

The evaluations are the last key and are written one a line, so that a large account is never in memory at once.
"""

from collections.abc import Iterator
from typing import IO, Any

import msgspec

from nephoscope.cli.scan.findings import Finding
from nephoscope.cli.scan.posture import Line, Posture
from nephoscope.kit.dates import compact


def write(stream: IO[str], rows: Iterator[Finding], posture: Posture) -> None:
    head = msgspec.json.encode(_head(posture)).decode()
    stream.write(head[:-1] + ',"evaluations":[')
    separator = "\n"
    for row in rows:
        stream.write(separator + msgspec.json.encode(_evaluation(row)).decode())
        separator = ",\n"
    stream.write("\n]}\n")


def _head(posture: Posture) -> dict[str, Any]:
    return {
        "provider": posture.provider,
        "account": posture.account_id,
        "regions": posture.regions,
        "resources": posture.resources,
        "calls": posture.calls,
        "seconds": round(posture.seconds, 3),
        "passed": posture.passed,
        "failed": posture.failed,
        "unknown": posture.unknown,
        "excepted": posture.excepted,
        "benchmarks": [_line(line) for line in posture.benchmarks],
        "services": [_line(line) for line in posture.services],
        "unread": [
            {
                "resourceType": gap.resource_type,
                "outcome": gap.outcome,
                "permission": gap.permission,
                "message": gap.message,
                "regions": gap.regions,
            }
            for gap in posture.gaps
        ],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "name": line.title,
        "passing": line.passing,
        "failing": line.failing,
        "unknown": line.unknown,
        "failures": line.failures,
    }


def _evaluation(finding: Finding) -> dict[str, Any]:
    control, row = finding.control, finding.row
    return {
        "cid": control.cid,
        "controlName": control.name,
        "criticality": control.criticality,
        "serviceType": control.service_type,
        "benchmarks": {name: number for name, _, number in (item.rpartition(":") for item in finding.benchmarks)},
        "resourceType": row.resource.resource_type,
        "resourceId": row.resource.resource_id,
        "resourceName": row.resource.name,
        "resourceUuid": row.resource.uuid,
        "arn": row.resource.arn,
        "account": finding.account_id,
        "region": finding.region,
        "status": row.status,
        "reason": row.reason,
        "evidences": [
            {"settingName": item.setting_name, "actualValue": item.actual_value} for item in finding.evidence
        ],
        "firstEvaluated": compact(row.dates.first_evaluated),
        "lastEvaluated": compact(row.dates.last_evaluated),
    }
