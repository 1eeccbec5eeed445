"""The report commands of the vendor's own command line, unmodified: ask, list, download."""

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from api.test_qualys_cli_client import Environment, Run, environment, estate, ran, rows, run
from apiworld import World
from nephoscope.kit.ids import stable_uuid, tag_uuid

__all__ = ["environment", "estate", "run"]

pytestmark = pytest.mark.slow
CIS = str(stable_uuid("policy", "CIS Amazon Web Services Foundations Benchmark"))


def asked(estate: World, **options: str) -> list[str]:
    known = {
        "name": "Weekly",
        "cloud-type": "AWS",
        "start-date": "2020-01-01T00:00:00Z",
        "end-date": "2090-01-01T00:00:00Z",
        "report-format": "csv",
        "policy-ids": CIS,
        "connector-ids": str(estate.production.uuid),
        **{name.replace("_", "-"): value for name, value in options.items()},
    }
    return ["tc", "report", "create", *(part for name, value in known.items() for part in (f"--{name}", value))]


def test_it_asks_for_a_report_lists_it_and_downloads_it(
    run: Run, environment: Environment, estate: World, tmp_path: Path
) -> None:
    made = run(*asked(estate, resource_results="PassE,FAIL", query="control.criticality:HIGH"))
    assert (made["status"], made["format"], made["resourceResults"]) == ("Accepted", "csv", ["PASSE", "FAIL"])
    estate.make_reports()
    found = rows(run("tc", "report", "list", "--name", "weekly", "--created-by", "alice", "--status", "Completed"))
    assert [row["reportId"] for row in found] == [made["reportId"]]
    target = tmp_path / "report.zip"
    done = ran(environment, "tc", "report", "download", made["reportId"], "-o", str(target))
    assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(target) as archive:
        (member,) = archive.infolist()
        text = archive.read(member).decode()
    assert member.filename == "Weekly.csv"
    assert [row["resourceId"] for row in csv.DictReader(io.StringIO(text, newline=""))] == ["bob"]


def test_every_option_of_it_is_understood(run: Run, estate: World) -> None:
    estate.usecases.tags.assign(["quiet"], [], [estate.production.uuid])
    group = estate.usecases.groups.create("Shops", [estate.production.uuid])
    options: dict[str, Any] = {
        "report_format": "ON_SCREEN",
        "execution_type": "SCHEDULED",
        "tag_ids": str(tag_uuid("quiet")),
        "group_ids": str(group.uuid),
        "description": "every Monday",
    }
    made = run(*asked(estate, **options), "--include-resource-arn")
    assert (made["format"], made["executionType"], made["includeResourceARN"]) == ("ON_SCREEN", "SCHEDULED", True)
    assert made["groupIds"] == [str(group.uuid)]


def test_a_refusal_is_told(environment: Environment, estate: World) -> None:
    done = ran(environment, *asked(estate, end_date="2025-05-10T18:53:s53Z"))
    assert done.returncode != 0
    assert "endDate" in done.stdout + done.stderr
