"""The PDF: its pages are there, its text can be read back, and nothing that people typed is markup."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import hypothesis.strategies as st
import pypdfium2
import pytest
from hypothesis import given

from apiworld import World
from exception_bodies import CONNECTOR, bent
from nephoscope.exceptions.exceptions import draft_of
from nephoscope.model.reports import ReportStatus
from nephoscope.reports.renderers import as_pdf
from nephoscope.reports.renderers.as_pdf import soft
from reports.report_world import content, made

SECTIONS = (
    "Posture by policy",
    "Posture by connector",
    "Worst controls",
    "Failing resources",
    "Exceptions in force",
    "What could not be read",
)


def plain(text: str) -> str:
    """What `soft` was given, of what it answered."""
    return text.replace("\u200b", "")


@contextmanager
def opened(world: World, **fields: Any) -> Iterator[pypdfium2.PdfDocument]:
    report = made(world, format="pdf", **fields)
    assert report.status is ReportStatus.COMPLETED, report.reason
    document = pypdfium2.PdfDocument(content(world, report))
    try:
        yield document
    finally:
        document.close()


def pages_of(document: pypdfium2.PdfDocument) -> list[str]:
    pages = []
    for number in range(len(document)):
        page = document[number]
        words = page.get_textpage()
        pages.append(plain(" ".join(words.get_text_range().split())))
        words.close()
        page.close()
    return pages


def said(world: World, **fields: Any) -> str:
    with opened(world, **fields) as document:
        return " ".join(pages_of(document))


def test_it_says_what_a_reader_wants_to_know(world: World) -> None:
    text = said(world, reportName="Weekly posture", description="For the board")
    positions = [text.index(section) for section in ("Weekly posture", "For the board", "2026-01-01", *SECTIONS)]
    assert positions == sorted(positions)
    assert "Production (111122223333)" in text
    assert "metadataOptions.httpTokens: optional" in text
    assert "denied: s3:ListBuckets" in text
    assert "All controls" not in text
    assert "All controls" in said(world, resourceSummaryInclude=True)


def test_many_rows_are_laid_out_in_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fields = {"reportName": "In parts", "resourceResults": ["PASS", "FAIL"]}
    whole = said(world, **fields)
    monkeypatch.setattr(as_pdf, "AT_ONCE", 1)
    with opened(world, **fields) as document:
        pages = pages_of(document)
        assert document.get_metadata_value("Title") == "In parts"
    text = " ".join(pages)
    for word in (*SECTIONS, "Other results", "metadataOptions.httpTokens: optional", "denied: s3:ListBuckets"):
        assert text.count(word) == whole.count(word) > 0
    assert len(pages) > 3
    assert all(f" {number} " in f" {page} " for number, page in enumerate(pages, 1))


def test_exceptions_are_there_with_owner_and_end(world: World) -> None:
    world.exceptions.create(draft_of(bent(CONNECTOR, name="Accepted for a while", controlIds=[322])), "carol")
    text = said(world)
    assert "Accepted for a while" in text
    assert "carol" in text
    assert "Everything" not in text


def test_only_the_results_that_were_asked_for_are_listed(world: World) -> None:
    passing = said(world, resourceResults=["PASS"])
    assert "Failures were not asked for." in passing
    assert "Other results" in passing
    assert "Other results" not in said(world, resourceResults=["FAIL"])


@pytest.mark.parametrize(
    "name",
    [
        "مراجعة أمنية أسبوعية",
        "סקירה שבועית",
        "Обзор Ελληνικά",
        '#pagebreak() #eval("1") $x$ @ref <label> *bold* _it_ `raw` // \\',
        "x" * 200,
        "arn:aws:iam::111122223333:role/" + "very-long-name-" * 10,
    ],
)
def test_other_scripts_long_names_and_markup_are_texts(world: World, name: str) -> None:
    with opened(world, reportName=name) as document:
        page = document[0]
        image = page.render(scale=0.5).to_pil()
        page.close()
    assert image.convert("L").getextrema()[0] < 128


def test_markup_is_shown_as_it_was_typed(world: World) -> None:
    assert '#eval("1+1") $x$ <b>' in said(world, reportName='#eval("1+1") $x$ <b>')


def test_nothing_found_makes_a_report_all_the_same(world: World) -> None:
    text = said(world, query="region:atlantis")
    assert "No control fails." in text
    assert "Nothing fails." in text


@given(st.text())
def test_soft_texts_keep_what_they_say(text: str) -> None:
    whole = "".join(char if char.isprintable() or char == "\n" else " " for char in text)
    assert plain(soft(text)) == plain(whole)
