"""(b) Evaluations per second of the engine alone: 100,000 documents × 30 controls."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from bench.measure import Row, seconds
from nephoscope.controls.compiled import CompiledControl
from nephoscope.evaluation.judging import Found, Rules
from nephoscope.model.controls import Control, Criticality, Example
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Document

DOCUMENTS = 100_000
CONTROLS = 30
_EXPRESSIONS = (
    'resource.metadataOptions.httpTokens == "required" || resource.metadataOptions.httpEndpoint == "disabled"',
    "resource.encrypted == true",
    "resource.publicIpAddress == null",
    'resource.securityGroups.all(g, g.groupName != "default")',
    'resource.tags.exists(t, t.key == "owner")',
    'resource.instanceState == "running" && resource.monitoring.state == "enabled"',
)


class _Nobody:
    def of(self, control: CompiledControl, resource: Document) -> Found:
        del control, resource
        return Found({})


def run() -> list[Row]:
    documents = [_document(number) for number in range(DOCUMENTS)]
    rules = Rules([CompiledControl(_control(number)) for number in range(CONTROLS)], datetime(2026, 1, 1, tzinfo=UTC))
    nobody = _Nobody()

    def judge() -> None:
        for document in documents:
            rules.judge(document, {}, nobody)

    took = seconds(judge)
    plain = seconds(lambda: _plain(documents))
    count = DOCUMENTS * CONTROLS
    command = "make bench ONLY=engine"
    return [
        Row("engine: evaluations", count / took, "per second", count / plain, "plain Python functions", command),
    ]


def _plain(documents: Iterable[dict[str, Any]]) -> int:
    """The ceiling: the same questions as Python functions, nothing recorded."""
    questions = [_PLAIN[number % len(_PLAIN)] for number in range(CONTROLS)]
    return sum(1 for document in documents for question in questions if question(document))


_PLAIN = (
    lambda d: d["metadataOptions"]["httpTokens"] == "required" or d["metadataOptions"]["httpEndpoint"] == "disabled",
    lambda d: d["encrypted"] is True,
    lambda d: d["publicIpAddress"] is None,
    lambda d: all(group["groupName"] != "default" for group in d["securityGroups"]),
    lambda d: any(tag["key"] == "owner" for tag in d["tags"]),
    lambda d: d["instanceState"] == "running" and d["monitoring"]["state"] == "enabled",
)


def _document(number: int) -> dict[str, Any]:
    return {
        "resourceId": f"i-{number:017x}",
        "instanceState": "running",
        "metadataOptions": {"httpTokens": "required" if number % 3 else "optional", "httpEndpoint": "enabled"},
        "encrypted": number % 2 == 0,
        "publicIpAddress": None if number % 5 else "192.0.2.1",
        "securityGroups": [{"groupName": "web", "groupId": "sg-1"}, {"groupName": "default", "groupId": "sg-2"}],
        "tags": [{"key": "Name", "value": "x"}, {"key": "owner", "value": "payments"}],
        "monitoring": {"state": "disabled"},
    }


def _control(number: int) -> Control:
    text = "benchmark"
    return Control(
        cid=30000 + number,
        name=text,
        provider=Provider.AWS,
        service_type="EC2",
        resource_type="EC2_INSTANCE",
        criticality=Criticality.LOW,
        description=text,
        rationale=text,
        remediation=text,
        references=(text,),
        pass_message=text,
        fail_message=text,
        passes=_EXPRESSIONS[number % len(_EXPRESSIONS)],
        evidence=("instanceState",),
        pass_examples=(Example({}),),
        fail_examples=(Example({}),),
        created=date(2026, 1, 1),
        modified=date(2026, 1, 1),
    )
