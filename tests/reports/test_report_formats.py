"""The files: what a script reads is what there was, a spreadsheet runs nothing, and a workbook holds all of it."""

import csv
import io
import json
import zipfile
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given
from lxml import etree

from apiworld import World, user
from exception_bodies import CONNECTOR, bent
from nephoscope.exceptions.exceptions import draft_of
from nephoscope.reports.making import even
from nephoscope.reports.renderers.as_csv import cell, line
from nephoscope.reports.renderers.as_xlsx import _fitting, _Sheets
from reports.report_world import content, document, made, table

WIDE = "\uff1d\uff0b\uff0d\uff20"
HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'quoted", f"{WIDE[0]}1", 'a"b', "a,b", "a\r\nb", "", "x"]


def restored(text: str) -> str:
    """What the documentation tells scripts to do."""
    return text.removeprefix("'")


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_is_a_formula_and_every_value_can_be_had_back(text: str) -> None:
    ((found, other),) = read(line((text, "beside")))
    assert found[:1] not in set("=+-@\t\r\n" + WIDE)
    assert (restored(found), other) == (text, "beside")


@given(st.lists(st.one_of(st.none(), st.integers(), st.text(st.characters(codec="utf-8"))), min_size=2, max_size=5))
def test_any_row_can_be_had_back(cells: list[str | int | None]) -> None:
    (found,) = read(line(cells))
    assert [restored(text) for text in found] == [
        "" if one is None else str(one) if isinstance(one, int) else one for one in cells
    ]


def test_nothing_and_an_empty_text_differ() -> None:
    assert (cell(None), cell("")) == ("", '""')


@given(st.lists(st.binary(max_size=50)), st.integers(1, 40))
def test_pieces_are_even_and_lose_nothing(pieces: list[bytes], size: int) -> None:
    found = list(even(pieces, size))
    assert b"".join(found) == b"".join(pieces)
    assert all(len(piece) == size for piece in found[:-1])
    assert all(found)


def test_a_script_reads_the_table_by_its_header(world: World) -> None:
    world.record("IAM_USER", "global", [user("=cmd|' /C calc'!A0", mfa=False)])
    rows = table(world, includeResourceARN=True, query="cid:1")
    (row,) = rows
    assert restored(row["resourceId"]) == "=cmd|' /C calc'!A0"
    assert row["resourceId"].startswith("'")
    assert json.loads(row["policyNames"]) == ["CIS Amazon Web Services Foundations Benchmark"]
    assert json.loads(row["evidences"]) == {"mfaActive": "false"}
    facts = {
        "controlId": "1",
        "result": "FAIL",
        "region": "",
        "accountId": "111122223333",
        "connectorName": "Production",
    }
    assert facts.items() <= row.items()
    assert (row["evaluatedOn"], row["dateReopen"]) == ("2026-01-01T00:00:00+0000", "")
    assert row["resourceArn"].startswith("arn:aws:iam::")
    assert "resourceArn" not in table(world)[0]


def test_a_csv_is_utf_8_without_a_mark_and_ends_lines_as_the_standard_says(world: World) -> None:
    world.record("IAM_USER", "global", [user("Zoë", mfa=True)])
    data = content(world, made(world))
    assert data.startswith(b'"controlId",')
    assert "Zoë".encode() in data
    assert data.count(b"\r\n") == data.count(b"\n")


def test_the_summary_counts_the_scope_whatever_is_listed(world: World) -> None:
    world.usecases.exceptions.create(draft_of(bent(CONNECTOR, accountIds=["111122223333"], controlIds=[322])), "alice")
    found = document(world, resourceSummaryInclude=True, resourceResults=["FAIL"])
    assert [row["resourceId"] for row in found["evaluations"]] == ["bob"]
    summary = found["summary"]
    assert summary["total"] == counts(6, 1, 1, 0)
    assert {row["controlId"]: row["passWithExceptionResources"] for row in summary["controls"]} == {1: 0, 2: 0, 322: 1}
    assert [(row["title"], row["failedResources"]) for row in summary["policies"]] == [
        ("CIS Amazon Web Services Foundations Benchmark", 1),
        ("AWS Best Practices Policy", 0),
    ]
    assert [(row["name"], row["passedResources"]) for row in summary["connectors"]] == [("Production", 6), ("Lab", 0)]
    assert summary["notRead"] == [
        {
            "connectorName": "Production",
            "resourceType": "BUCKET",
            "region": "global",
            "reason": "denied: s3:ListBuckets",
        }
    ]
    (exception,) = summary["exceptions"]
    assert (exception["owner"], exception["reason"]) == ("alice", CONNECTOR["exceptionReason"])
    assert "summary" not in document(world)


def counts(passed: int, failed: int, excepted: int, unknown: int) -> dict[str, int]:
    names = ("passedResources", "failedResources", "passWithExceptionResources", "notEvaluatedResources")
    return dict(zip(names, (passed, failed, excepted, unknown), strict=True))


def test_the_summary_of_a_table_stands_behind_its_rows(world: World) -> None:
    plain = content(world, made(world)).decode()
    whole = content(world, made(world, resourceSummaryInclude=True)).decode()
    assert whole.startswith(plain)
    tables = whole.removeprefix(plain).split("\r\n\r\n")
    assert [read(part.strip())[0][0] for part in tables] == [
        "controlId",
        "policyName",
        "connectorName",
        "connectorName",
    ]
    assert read(tables[0].strip())[1] == ["1", "MFA for users with a password", "HIGH", "IAM", "2", "1", "0", "0"]


def sheets(data: bytes) -> dict[str, list[list[Any]]]:
    """Name → rows of a workbook, and the proof that no cell is a formula."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [sheet.get("name") for sheet in etree.fromstring(archive.read("xl/workbook.xml")).iter("{*}sheet")]
        found = {}
        for number, name in enumerate(names, 1):
            root = etree.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))
            assert not list(root.iter("{*}f"))
            found[str(name)] = [
                ["".join(map(str, one.itertext())) for one in row.iter("{*}c")] for row in root.iter("{*}row")
            ]
    return found


def test_a_workbook_holds_all_of_it_as_text(world: World) -> None:
    world.record("IAM_USER", "global", [user("=1+1", mfa=False), user("https://example.com/", mfa=True)])
    found = sheets(content(world, made(world, format="xlsx", resourceSummaryInclude=True)))
    assert list(found) == ["Controls", "Policies", "Connectors", "Not read", "Results"]
    header, *rows = found["Results"]
    assert header[:6] == ["controlId", "controlName", "criticality", "service", "policyNames", "result"]
    assert [row[6] for row in rows if row[0] == "1"] == ["=1+1", "https://example.com/"]
    assert found["Not read"][1] == ["Production", "BUCKET", "global", "denied: s3:ListBuckets"]
    assert list(sheets(content(world, made(world, format="xlsx")))) == ["Results"]


def test_a_sheet_that_is_full_is_continued(monkeypatch: pytest.MonkeyPatch) -> None:
    import xlsxwriter  # noqa: PLC0415 - for one test

    monkeypatch.setattr("nephoscope.reports.renderers.as_xlsx._LAST_ROW", 2)
    file = io.BytesIO()
    workbook = xlsxwriter.Workbook(file, {"constant_memory": True})
    _Sheets(workbook, "Results", ("n",)).write([number] for number in range(5))
    workbook.close()
    assert sheets(file.getvalue()) == {
        "Results": [["n"], ["0"], ["1"]],
        "Results 2": [["n"], ["2"], ["3"]],
        "Results 3": [["n"], ["4"]],
    }


def test_a_cell_that_is_too_long_is_cut_and_says_so() -> None:
    assert _fitting("x" * 32_767) == "x" * 32_767
    cut = _fitting("x" * 32_768)
    assert len(cut) == 32_767
    assert cut.endswith("(cut)")
