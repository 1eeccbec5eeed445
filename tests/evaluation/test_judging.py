from datetime import UTC, datetime
from typing import Any

import pytest

from nephoscope.controls.compiled import CompiledControl, evidence_of
from nephoscope.evaluation.judging import Found, Rules
from nephoscope.model.controls import Control, Criticality, Example, Parameter, Related
from nephoscope.model.evaluations import Status, Verdict
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Document

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Given:
    def __init__(self, found: Found) -> None:
        self.found = found

    def of(self, control: CompiledControl, resource: Document) -> Found:
        del control, resource
        return self.found


def control(passes: str, **more: Any) -> CompiledControl:
    text = "x"
    return CompiledControl(
        Control(
            cid=30000,
            name=text,
            provider=Provider.AWS,
            service_type=text,
            resource_type="EC2_INSTANCE",
            criticality=Criticality.LOW,
            description=text,
            rationale=text,
            remediation=text,
            references=(text,),
            pass_message=text,
            fail_message=text,
            passes=passes,
            pass_examples=(Example({}),),
            fail_examples=(Example({}),),
            **{"evidence": ("a",), **more},
        )
    )


def judge(
    rule: CompiledControl, document: Document, unread: dict[str, str] | None = None, found: Found | None = None
) -> list[Verdict]:
    return list(Rules([rule], NOW).judge(document, unread or {}, Given(found or Found({}))))


def test_pass_fail_and_not_applicable() -> None:
    rule = control("resource.a == 1", applies="resource.on")
    assert judge(rule, {"a": 1, "on": True}) == [Verdict(30000, Status.PASS)]
    assert judge(rule, {"a": 2, "on": True}) == [Verdict(30000, Status.FAIL)]
    assert judge(rule, {"a": 1, "on": False}) == []


def test_a_denied_field_is_unknown_with_the_clouds_reason() -> None:
    (verdict,) = judge(control("resource.policy == null"), {}, {"policy": "denied: s3:GetBucketPolicy"})
    assert verdict == Verdict(30000, Status.UNKNOWN, "denied: s3:GetBucketPolicy")


def test_a_denied_field_in_applies_is_unknown_too() -> None:
    (verdict,) = judge(control("true", applies="resource.a"), {}, {"a": "denied: x:Y"})
    assert verdict == Verdict(30000, Status.UNKNOWN, "denied: x:Y")


def test_a_missing_field_names_itself() -> None:
    (verdict,) = judge(control("resource.a == 1"), {})
    assert verdict == Verdict(30000, Status.UNKNOWN, "the resource says nothing about a")


def test_parameters_and_neighbours_reach_the_expression() -> None:
    rule = control(
        "related.flows.exists(f, f.days >= params.least)",
        parameters=(Parameter("least", "Least", ">=", 7),),
        related={"flows": Related("FLOW_LOG")},
    )
    assert judge(rule, {}, found=Found({"flows": [{"days": 7}]}))[0].status is Status.PASS
    assert judge(rule, {}, found=Found({"flows": []}))[0].status is Status.FAIL


def test_a_gap_among_neighbours_is_unknown_even_where_the_rest_would_pass() -> None:
    rule = control("related.flows.size() == 0", related={"flows": Related("FLOW_LOG")})
    (verdict,) = judge(rule, {}, found=Found({"flows": []}, gap="FLOW_LOG in eu-west-1: denied: ec2:DescribeFlowLogs"))
    assert verdict.status is Status.UNKNOWN
    assert "ec2:DescribeFlowLogs" in verdict.reason


def test_the_clock_is_noticed() -> None:
    assert control("now > timestamp(resource.a)").uses_clock
    assert not control("resource.now == 1").uses_clock


@pytest.mark.parametrize(
    ("path", "document", "shown"),
    [
        ("a", {"a": True}, "true"),
        ("a", {}, "null"),
        ("a.b", {"a": {"b": 14}}, "14"),
        ("a.b", {"a": [{"b": 1}, {"b": "x"}]}, '[1,"x"]'),
        ("a", {"a": "x" * 3000}, "x" * 2000 + "…"),
    ],
)
def test_evidence_shows_values_as_they_are(path: str, document: Document, shown: str) -> None:
    (evidence,) = evidence_of(control("true", evidence=(path,)).control, document)
    assert (evidence.setting_name, evidence.actual_value) == (path, shown)
