"""What each format of a scan holds, from one scan of the small account."""

import csv
import io
import json
from typing import Any

import msgspec
import pytest
from rich.console import Console

from cli.cli_world import FORMULA
from nephoscope.cli.scan.findings import findings
from nephoscope.cli.scan.formats.as_csv import COLUMNS, safe
from nephoscope.cli.scan.formats.table import WRITERS
from nephoscope.cli.scan.posture import RANKS, Posture, posture_of
from nephoscope.cli.scan.scanning import Scanned
from nephoscope.cli.scan.summary import show
from nephoscope.model.controls import Criticality
from nephoscope.model.evaluations import Status


@pytest.fixture(scope="module")
def posture(done: Scanned) -> Posture:
    return posture_of(done)


def written(name: str, done: Scanned, posture: Posture) -> str:
    stream = io.StringIO()
    WRITERS[name](stream, findings(done), posture)
    return stream.getvalue()


@pytest.fixture(scope="module")
def document(done: Scanned, posture: Posture) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(written("json", done, posture))
    return found


@pytest.fixture(scope="module")
def events(done: Scanned, posture: Posture) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(written("ocsf", done, posture))
    return found


def test_the_columns_of_tsv_are_these_and_no_others(done: Scanned, posture: Posture) -> None:
    lines = written("tsv", done, posture).splitlines()
    assert lines[0] == "cid\tbenchmark_ids\tresource_type\tresource_id\tarn\taccount\tregion\tstatus"
    assert {line.count("\t") for line in lines} == {7}
    assert len(lines) - 1 == posture.passed + posture.failed + posture.unknown
    assert "45\t\tBUCKET\tmeridian-public\tarn:aws:s3:::meridian-public\t123456789012\tus-east-1\tFAIL" in lines


def test_a_bucket_is_shown_in_its_own_region(done: Scanned, posture: Posture) -> None:
    rows = [line.split("\t") for line in written("tsv", done, posture).splitlines()]
    assert {row[6] for row in rows if row[3] == "meridian-away"} == {"eu-west-1"}


def test_csv_holds_evidence_and_runs_no_formula(done: Scanned, posture: Posture) -> None:
    rows = list(csv.DictReader(io.StringIO(written("csv", done, posture))))
    assert tuple(rows[0]) == COLUMNS
    assert not [value for row in rows for value in row.values() if value.startswith(("=", "+", "-", "@"))]
    mfa = next(row for row in rows if row["cid"] == "1" and row["resource_id"] == f"'{FORMULA}")
    assert (mfa["status"], mfa["criticality"], mfa["service"]) == ("FAIL", "HIGH", "IAM")
    assert mfa["message"]
    assert "=" in mfa["evidence"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=cmd()", "'=cmd()"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("a=1", "a=1"),
        ("", ""),
    ],
)
def test_cells_that_a_spreadsheet_would_run_are_text(value: str, shown: str) -> None:
    assert safe(value) == shown


def test_json_sums_up_what_it_lists(document: dict[str, Any], posture: Posture) -> None:
    rows = document["evaluations"]
    counts = {status: sum(row["status"] == status for row in rows) for status in ("PASS", "FAIL", "UNKNOWN")}
    assert counts == {"PASS": document["passed"], "FAIL": document["failed"], "UNKNOWN": document["unknown"]}
    assert (document["account"], document["regions"]) == ("123456789012", ["us-east-1"])
    assert sum(line["failures"] for line in document["services"]) == document["failed"] == posture.failed


def test_json_rows_tell_why(document: dict[str, Any]) -> None:
    row = next(row for row in document["evaluations"] if row["cid"] == 45 and row["status"] == "FAIL")
    assert row["resourceId"] == "meridian-public"
    assert row["evidences"]
    assert set(row["evidences"][0]) == {"settingName", "actualValue"}


def test_benchmarks_stand_with_their_recommendations(document: dict[str, Any]) -> None:
    row = next(row for row in document["evaluations"] if row["cid"] == 1)
    assert row["benchmarks"]["CIS AWS 3.0"] == "1.10"


def test_ocsf_events_are_compliance_findings(events: list[dict[str, Any]], posture: Posture) -> None:
    assert len(events) == posture.passed + posture.failed + posture.unknown
    for event in events:
        assert (event["class_uid"], event["category_uid"], event["type_uid"]) == (2003, 2, 200301)
        assert event["activity_id"] == event["type_uid"] % 100
        assert event["severity_id"] in {1, 2, 3, 4}
        assert event["compliance"]["status_id"] in {1, 2, 3}
        assert event["compliance"]["standards"]
        assert event["metadata"]["version"] == "1.3.0"
        assert event["metadata"]["product"]["vendor_name"]
        assert event["finding_info"]["title"]
        assert event["cloud"]["provider"] == "AWS"
        assert event["time"] > 1_000_000_000_000
    assert len({event["finding_info"]["uid"] for event in events}) == len(events)


def test_ocsf_suppresses_what_an_exception_covers(done: Scanned, posture: Posture) -> None:
    failed = next(finding for finding in findings(done) if finding.row.status is Status.FAIL)
    row = msgspec.structs.replace(failed.row, status=Status.PASSE)
    stream = io.StringIO()
    WRITERS["ocsf"](stream, iter([msgspec.structs.replace(failed, row=row)]), posture)
    (event,) = json.loads(stream.getvalue())
    assert (event["status"], event["severity"], event["compliance"]["status"]) == (
        "Suppressed",
        "Informational",
        "Pass",
    )
    assert event["message"] == failed.control.fail_message


def test_ocsf_says_what_failed_and_how_badly(events: list[dict[str, Any]]) -> None:
    event = next(
        event
        for event in events
        if event["compliance"]["control"] == "45" and event["resources"][0]["uid"] == "arn:aws:s3:::meridian-public"
    )
    assert (event["compliance"]["status"], event["status"], event["severity"]) == ("Fail", "New", "High")
    assert event["remediation"]["references"]


def test_the_worst_failures_come_first(posture: Posture) -> None:
    order = [(RANKS[row.control.criticality], -row.tally.failed) for row in posture.failures]
    assert order == sorted(order)
    assert posture.failures[0].examples


@pytest.mark.parametrize("level", list(Criticality))
def test_failures_of_a_higher_criticality_count_for_a_lower_level(posture: Posture, level: Criticality) -> None:
    high = tuple(row for row in posture.failures if row.control.criticality is Criticality.MEDIUM)
    only_medium = Posture(**{name: getattr(posture, name) for name in posture.__struct_fields__} | {"failures": high})
    assert only_medium.fails_at(level) is (level is not Criticality.HIGH)


def test_the_summary_has_every_part(posture: Posture) -> None:
    console = Console(file=io.StringIO(), width=118, no_color=True)
    show(console, posture)
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    for part in ("AWS account 123456789012", "CIS AWS 5.0", "Worst failures", "Service", "meridian-public"):
        assert part in text
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 118


def test_no_finding_is_lost_between_pages(done: Scanned, posture: Posture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nephoscope.cli.scan.findings._PAGE", 7)
    rows = [(row.row.resource.key, row.control.cid) for row in findings(done)]
    assert len(set(rows)) == len(rows) == posture.passed + posture.failed + posture.unknown
