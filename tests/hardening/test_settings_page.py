"""docs/settings.md names every variable that is read, and none that is not."""

import re
from pathlib import Path

import pytest

from nephoscope.api.limits import WINDOW
from nephoscope.app.listening import HEADER_SECONDS, LARGEST_HEADERS
from nephoscope.errors import SettingsError
from nephoscope.kit import patterns
from nephoscope.qql import parser
from nephoscope.settings import BODY_LIMIT, VARIABLES, from_environment

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "settings.md").read_text("utf-8")
_NAME = re.compile(r"\b(?:NEPHOSCOPE|OTEL)_[A-Z][A-Z_]*[A-Z]\b")
_ROW = re.compile(r"^\| `([A-Z_]+)` \|", re.MULTILINE)


def read_by_the_program() -> set[str]:
    return set(_NAME.findall((ROOT / "src/nephoscope/settings.py").read_text("utf-8")))


def test_every_variable_has_its_row_and_every_row_its_variable() -> None:
    rows = _ROW.findall(PAGE)
    assert len(rows) == len(set(rows))
    assert set(rows) == read_by_the_program()


def test_the_program_knows_its_own_variables() -> None:
    text = (ROOT / "src/nephoscope/settings.py").read_text("utf-8")
    ours = {name for name in read_by_the_program() if name.startswith("NEPHOSCOPE_")}
    assert ours == VARIABLES
    assert {name for name in ours if len(re.findall(rf"\b{name}\b", text)) < 2} == set(), "none of these is read"


def test_no_page_and_no_message_names_a_variable_that_nobody_reads() -> None:
    places = [*(ROOT / "docs").rglob("*.md"), *(ROOT / "src").rglob("*.py"), ROOT / "README.md"]
    named = {name: str(path) for path in places for name in _NAME.findall(path.read_text("utf-8"))}
    assert {name: path for name, path in named.items() if name not in read_by_the_program()} == {}


def test_numbers_on_the_page_are_those_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in read_by_the_program():
        monkeypatch.delenv(name, raising=False)
    settings = from_environment(data=None)
    assert settings.request_body_limit == BODY_LIMIT
    for shown in (
        f"`{BODY_LIMIT}`",
        f"`{settings.port}`",
        f"`{settings.host}`",
        f"`{settings.report_days}`",
        f"{LARGEST_HEADERS >> 10} KB and {HEADER_SECONDS:.0f} seconds",
        f"{parser.LONGEST:,} characters and {parser.MOST_TERMS} terms",
        f"{patterns.LONGEST:,} characters",
    ):
        assert shown in PAGE, shown
    assert WINDOW == 60


@pytest.mark.parametrize("url", ["https://[", "https://", "ftp://x", "x", "https://x:port/", "https://x/?y"])
def test_a_public_address_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("NEPHOSCOPE_PUBLIC_URL", url)
    with pytest.raises(SettingsError, match="NEPHOSCOPE_PUBLIC_URL"):
        from_environment(data=None)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("NEPHOSCOPE_UNKNOWN_TOKEN", "emtpy"),
        ("NEPHOSCOPE_RESOURCE_DETAIL", "wraped"),
        ("NEPHOSCOPE_PORT", "65536"),
        ("NEPHOSCOPE_PORT", "http"),
    ],
)
def test_a_word_that_means_nothing_is_no_default(monkeypatch: pytest.MonkeyPatch, name: str, word: str) -> None:
    monkeypatch.setenv(name, word)
    with pytest.raises(SettingsError, match=f"{name} is '{word}'; expected"):
        from_environment(data=None)


def test_words_are_read_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEPHOSCOPE_UNKNOWN_TOKEN", "Empty")
    assert from_environment(data=None).unknown_token_is_empty
