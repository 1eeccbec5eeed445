"""What a request may say, and that everything wrong with it is said at once."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from apiworld import LAB, World, instance
from nephoscope.errors import BadRequestError
from nephoscope.kit.ids import stable_uuid, tag_uuid
from nephoscope.model.evaluations import Status
from nephoscope.model.providers import Provider
from nephoscope.model.reports import ExecutionType, ReportFormat
from nephoscope.reports.bodies import draft_of
from reports.report_world import ask, document, keys

NOBODY = "0d5f7c1e-7c0b-4a53-9d3e-000000000000"
CIS = str(stable_uuid("policy", "CIS Amazon Web Services Foundations Benchmark"))
BEST = str(stable_uuid("policy", "AWS Best Practices Policy"))
EVERYTHING = [
    ("i-0aaa", 322, "PASS"),
    ("i-0bbb", 322, "FAIL"),
    ("ann", 1, "PASS"),
    ("ann", 2, "PASS"),
    ("bob", 1, "FAIL"),
    ("bob", 2, "PASS"),
    ("cleo", 1, "PASS"),
    ("cleo", 2, "PASS"),
]


def problems(world: World, **fields: Any) -> list[str]:
    with pytest.raises(BadRequestError) as caught:
        ask(world, **fields)
    for problem in caught.value.problems:
        assert problem in caught.value.message
    return list(caught.value.problems)


def test_a_whole_request_is_read_in_any_case() -> None:
    draft = draft_of(
        {
            "REPORTNAME": " Weekly ",
            "cloudType": "Aws",
            "startDate": "2026-01-01",
            "endDate": "2026-01-02",
            "format": "Xlsx",
            "executionType": "scheduled",
            "resourceResults": "PassE, FAIL,",
            "resourceSummaryInclude": "True",
            "includeResourceARN": True,
            "policyIds": [CIS, CIS.upper()],
            "tagIds": None,
            "junk": {"of": "clients"},
        }
    )
    request = draft.request
    assert draft.problems == ()
    assert (request.name, request.provider, request.format) == ("Weekly", Provider.AWS, ReportFormat.XLSX)
    assert (request.since, request.until) == (
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 2, 23, 59, 59, tzinfo=UTC),
    )
    assert request.results == (Status.PASSE, Status.FAIL)
    assert (request.has_summary, request.has_arns) == (True, True)
    assert (request.policy_ids, request.tag_ids) == ((UUID(CIS),), ())
    assert request.execution_type is ExecutionType.SCHEDULED


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2025-05-03T00:12:53Z", datetime(2025, 5, 3, 0, 12, 53, tzinfo=UTC)),
        ("2025-05-03T00:12:53.999Z", datetime(2025, 5, 3, 0, 12, 53, tzinfo=UTC)),
        ("2025-05-03T02:12:53+02:00", datetime(2025, 5, 3, 0, 12, 53, tzinfo=UTC)),
        ("2025-05-03T00:12:53", datetime(2025, 5, 3, 0, 12, 53, tzinfo=UTC)),
        ("2025-05-03", datetime(2025, 5, 3, tzinfo=UTC)),
    ],
)
def test_moments_are_read(said: str, moment: datetime) -> None:
    assert draft_of({"reportName": "x", "cloudType": "AWS", "startDate": said}).request.since == moment


@pytest.mark.parametrize(
    "said",
    [
        "2025-05-10T18:53:s53Z", "2025-13-01", "2025-02-30", "soon", "2025", "1747000000", "0001-01-01",
        "9999-12-31", "2025-05-10T25:00:00Z", "٢٠٢٥-05-10", 5, ["2025-05-10"],
    ],
)  # fmt: skip
def test_what_is_no_moment_is_named(said: Any) -> None:
    (problem,) = draft_of({"reportName": "x", "cloudType": "AWS", "endDate": said}).problems
    assert problem.startswith("endDate: ")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reportName", ""), ("reportName", "x" * 201), ("reportName", "a\nb"), ("reportName", 5), ("cloudType", "OCI"),
        ("cloudType", None), ("format", "pptx"), ("format", 5), ("executionType", "NEVER"), ("policyIds", "x"),
        ("policyIds", [5]), ("policyIds", {"a": 1}), ("connectorIds", ["x", "y"]), ("groupIds", [""] * 1001),
        ("resourceResults", ["UNKNOWN"]), ("resourceSummaryInclude", "perhaps"), ("includeResourceARN", 2),
        ("description", "x" * 4001), ("query", ["a"]), ("iacResourceResults", 5), ("iacResourceResults", ["FAIL"]),
        ("executionType", "BUILD_TIME"),
    ],
)  # fmt: skip
def test_every_wrong_field_is_named(field: str, value: Any) -> None:
    found = draft_of({"reportName": "x", "cloudType": "AWS", field: value}).problems
    assert found
    assert all(problem.startswith(f"{field}: ") for problem in found)


def test_everything_that_is_wrong_is_said_at_once(world: World) -> None:
    found = problems(
        world,
        reportName="",
        endDate="2025-05-10T18:53:s53Z",
        policyIds=[NOBODY, "nonsense"],
        connectorIds=[NOBODY],
        groupIds=[NOBODY],
        tagIds=[NOBODY],
        query="bogus:1",
        resourceResults=["MAYBE"],
    )
    fields = [problem.partition(":")[0] for problem in found]
    assert sorted(set(fields)) == sorted(
        ["reportName", "endDate", "policyIds", "connectorIds", "groupIds", "tagIds", "query", "resourceResults"]
    )
    assert fields.count("policyIds") == 2


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"startDate": "2026-01-02", "endDate": "2026-01-01"}, "startDate"),
        ({"cloudType": "AZURE", "includeResourceARN": True}, "includeResourceARN"),
        ({"cloudType": "GCP", "policyIds": [CIS]}, "policyIds"),
        ({"query": "cid:424242"}, "query"),
        ({"policyIds": [BEST], "query": "cid:1"}, "query"),
        ({"resourceResults": ["PASS"], "query": "control.result:FAIL"}, "query"),
        ({"query": "control.result:UNKNOWN"}, "query"),
        ({"query": "cid:(1"}, "query"),
    ],
)
def test_what_contradicts_itself_is_refused(world: World, fields: dict[str, Any], field: str) -> None:
    (found,) = problems(world, **fields)
    assert found.startswith(f"{field}: ")


def test_a_connector_of_another_cloud_is_named(world: World) -> None:
    (found,) = problems(world, cloudType="AZURE", connectorIds=[str(world.lab.uuid)])
    assert found == f"connectorIds: Lab ({world.lab.uuid}) is a connector of AWS"


def test_every_field_narrows(world: World) -> None:
    world.record("EC2_INSTANCE", "us-east-1", [instance("i-0ccc")], connector=world.lab)
    with_lab = [*EVERYTHING, ("i-0ccc", 322, "FAIL")]
    tags = world.usecases.tags
    tags.assign(["Loud"], [world.uuids["bob"]], [])
    tags.assign(["Quiet"], [], [world.lab.uuid])
    loud, quiet = str(tag_uuid("loud")), str(tag_uuid("quiet"))
    assert keys(document(world)) == with_lab
    assert keys(document(world, connectorIds=[str(world.lab.uuid)])) == with_lab[-1:]
    assert keys(document(world, policyIds=[BEST])) == [row for row in with_lab if row[1] == 322]
    assert keys(document(world, policyIds=[BEST, CIS])) == with_lab
    assert keys(document(world, resourceResults=["FAIL", "PASSE"])) == [row for row in with_lab if row[2] == "FAIL"]
    assert keys(document(world, query="control.criticality:LOW")) == [row for row in with_lab if row[1] == 2]
    assert keys(document(world, query="region:us-east-1 and result:FAIL")) == [with_lab[1], with_lab[-1]]
    assert keys(document(world, query=f"account.id:{LAB} or cid:2")) == [
        *[r for r in with_lab if r[1] == 2],
        with_lab[-1],
    ]
    assert keys(document(world, query="tag.name:loud")) == [row for row in with_lab if row[0] == "bob"]
    assert keys(document(world, tagIds=[loud])) == [row for row in with_lab if row[0] == "bob"]
    assert keys(document(world, tagIds=[quiet])) == with_lab[-1:]
    assert keys(document(world, tagIds=[loud, quiet])) == [row for row in with_lab if row[0] in {"bob", "i-0ccc"}]
    assert keys(document(world, tagIds=[quiet], connectorIds=[str(world.production.uuid)])) == []
    assert keys(document(world, cloudType="GCP")) == []


def test_groups_are_of_connectors(world: World) -> None:
    world.record("EC2_INSTANCE", "us-east-1", [instance("i-0ccc")], connector=world.lab)
    groups = world.usecases.groups
    labs, nothing = groups.create("Labs", [world.lab.uuid]), groups.create("Nothing")
    found = document(world, groupIds=[str(labs.uuid), str(nothing.uuid)])
    assert keys(found) == [("i-0ccc", 322, "FAIL")]
    assert (found["report"]["groups"], [row["name"] for row in found["report"]["connectors"]]) == (
        ["Labs", "Nothing"],
        ["Lab"],
    )
    assert problems(world, groupIds=[str(nothing.uuid)]) == ["groupIds: no connector of AWS is in these groups"]
    both = {"groupIds": [str(labs.uuid)], "connectorIds": [str(world.production.uuid)]}
    assert problems(world, **both) == ["groupIds: none of the connectorIds is in these groups"]


def test_dates_are_of_the_evaluation_and_inclusive(world: World) -> None:
    world.clock.forward(days=2)
    world.record("EC2_INSTANCE", "us-east-1", [instance("i-0bbb")])
    late = [("i-0bbb", 322, "FAIL")]
    early = EVERYTHING[2:]
    assert keys(document(world, startDate="2026-01-01T00:00:01Z")) == late
    assert keys(document(world, startDate="2026-01-03T00:00:00Z", endDate="2026-01-03T00:00:00Z")) == late
    assert keys(document(world, endDate="2026-01-02")) == early
    assert keys(document(world, endDate="2026-01-01T00:00:00Z")) == early
    assert keys(document(world, endDate="2025-12-31")) == []
