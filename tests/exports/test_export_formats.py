"""Every format of every noun: valid by its published schema, or refused by name."""

import csv
import io
import json
from itertools import product
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from jsonschema import Draft202012Validator

from apiworld import World, instance, user
from exports.disk_findings import instances, scanned, weak
from exports.export_world import content, lines, opened
from nephoscope.errors import BadRequestError
from nephoscope.exceptions.exceptions import draft_of
from nephoscope.model.scopes import Outcome
from nephoscope.reports.exports.columns import EVALUATION_COLUMNS
from nephoscope.reports.exports.nouns import FORMATS, NOUNS

DATA = Path(__file__).parent / "data"
EXCEPTION = {
    "cloudType": "AWS",
    "exceptionScope": "CONNECTOR",
    "name": "Sandbox",
    "explanation": "Nobody is in it",
    "exceptionReason": "Risk Accepted",
    "startDate": "2026-01-01",
    "endDate": "2026-12-31",
    "controlIds": [1],
    "accountIds": ["111122223333"],
}


def validator(name: str) -> Draft202012Validator:
    schema = json.loads((DATA / name).read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.fixture
def since(world: World) -> str:
    """A cursor, after which something of every kind happened: a FAIL, a PASSE, an UNKNOWN, and something gone."""
    cursor = opened(world, "evaluations").cursor
    world.clock.forward(hours=1)
    world.record("EC2_INSTANCE", "us-east-1", [instance("i-0aaa")])
    world.exceptions.create(draft_of(EXCEPTION), "ann")
    world.record("IAM_USER", "global", [user("ann", mfa=False), user("bob", mfa=False)], Outcome.DENIED)
    return cursor


@pytest.mark.parametrize(("noun", "style"), list(product(NOUNS, FORMATS)))
def test_every_pair_works_or_is_refused_by_name(world: World, noun: str, style: str) -> None:
    scanned(world, instances(world)[0], weak(7))
    if style in NOUNS[noun].formats:
        assert content(world, noun, style) or noun == "exceptions"
        return
    with pytest.raises(BadRequestError, match=f"{noun} cannot be {style}; they can be csv, jsonl, parquet"):
        opened(world, noun, style)


@pytest.mark.parametrize("is_following", [False, True])
def test_sarif_is_valid_by_its_schema(world: World, since: str, is_following: bool) -> None:
    found = json.loads(content(world, "evaluations", "sarif", since=since if is_following else ""))
    assert list(validator("sarif-2.1.0.json").iter_errors(found)) == []
    (run,) = found["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    kinds = {result["kind"] for result in run["results"]}
    states = {result.get("baselineState") for result in run["results"]}
    if is_following:
        assert kinds == {"fail", "open", "notApplicable"}
        assert states == {"updated", "absent"}
    else:
        assert kinds == {"fail", "open"}
        assert states == {None}
    suppressed = [result for result in run["results"] if "suppressions" in result]
    assert {result["ruleId"] for result in suppressed} == {"1"}


@pytest.mark.parametrize("is_following", [False, True])
def test_ocsf_is_valid_by_its_schema(world: World, since: str, is_following: bool) -> None:
    found = lines(content(world, "evaluations", "ocsf", since=since if is_following else ""))
    schema = validator("ocsf-1.3.0-compliance-finding.json")
    for event in found:
        assert [error.message for error in schema.iter_errors(event)] == []
    activities = {event["activity_name"] for event in found}
    assert activities == ({"Update", "Close"} if is_following else {"Create"})
    assert {"Suppressed", "New"} <= {event["status"] for event in found}


def test_asff_has_what_security_hub_asks_for(world: World, since: str) -> None:
    found = lines(content(world, "evaluations", "asff", since=since))
    required = {
        "AwsAccountId", "CreatedAt", "Description", "GeneratorId", "Id", "ProductArn", "Resources", "SchemaVersion",
        "Severity", "Title", "Types", "UpdatedAt",
    }  # fmt: skip
    assert {row["RecordState"] for row in found} == {"ACTIVE", "ARCHIVED"}
    assert {row["Workflow"]["Status"] for row in found} == {"NEW", "SUPPRESSED", "RESOLVED"}
    assert {row["Compliance"]["Status"] for row in found} == {"FAILED", "NOT_AVAILABLE"}
    for row in found:
        assert required <= row.keys()
        assert len(row["Title"]) <= 256
        assert 0 < len(row["Description"]) <= 1024
        assert row["ProductArn"].startswith("arn:aws:securityhub:us-east-1:111122223333:product/111122223333/default")
        assert row["Resources"][0]["Type"] in {"AwsEc2Instance", "AwsIamUser"}
    assert len({row["Id"] for row in found}) == len(found)


def test_csv_json_and_parquet_say_the_same(world: World, since: str) -> None:
    told = lines(content(world, "evaluations", since=since))
    rows = list(csv.DictReader(io.StringIO(content(world, "evaluations", "csv", since=since).decode(), newline="")))
    table = pq.read_table(io.BytesIO(content(world, "evaluations", "parquet", since=since))).to_pylist()
    names = [column.name for column in EVALUATION_COLUMNS]
    assert [list(row) for row in (*told, *rows, *table)] == [names] * 3 * len(told)
    for one, row, stored in zip(told, rows, table, strict=True):
        assert row["uuid"] == one["uuid"] == stored["uuid"]
        assert row["status"] == (one["status"] or "") == (stored["status"] or "")
        assert row["policyNames"] == ", ".join(one["policyNames"])
        assert stored["policyNames"] == one["policyNames"]
        assert (stored["evidences"] and json.loads(stored["evidences"])) == one["evidences"]


def test_names_of_others_are_no_formulas(world: World) -> None:
    world.record("IAM_USER", "global", [user("=1+1", mfa=True)])
    text = content(world, "resources", "csv").decode()
    assert '"\'=1+1"' in text
    assert all(not cell.startswith("=") for row in csv.reader(io.StringIO(text)) for cell in row)


def test_the_settings_and_tags_of_resources_are_told(world: World) -> None:
    (row,) = lines(content(world, "resources", query="resource.id:i-0aaa"))
    assert row["settings"]["metadataOptions"] == {"httpTokens": "required", "httpEndpoint": "enabled"}
    assert (row["cloudTags"], row["tags"], row["change"]) == ({"Name": "web"}, [], "state")


def test_a_million_rows_are_never_in_memory_at_once(world: World) -> None:
    many = [user(f"user-{number}", mfa=bool(number % 2)) for number in range(3_000)]
    world.record("IAM_USER", "global", many)
    for style in ("csv", "jsonl", "ocsf", "asff"):
        pieces = list(opened(world, "evaluations", style).pieces)
        assert len(pieces) >= 12
        assert max(map(len, pieces)) < 2_000_000
