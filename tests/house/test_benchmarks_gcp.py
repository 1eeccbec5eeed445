"""Each recommendation of the Google Cloud benchmark is covered by a control, or listed with the reason."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from nephoscope.controls.loading import load_catalogue

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks-gcp.md"
OLDER = {"1": 17, "2": 16, "3": 10, "4": 12, "5": 2, "6": 7, "6.1": 3, "6.2": 8, "6.3": 7, "7": 4, "8": 1}
RECOMMENDATIONS = {
    "CIS GCP 3.0": OLDER,
    "CIS GCP 4.0": OLDER,
    "CIS GCP 5.0": OLDER | {"1": 18, "1.1": 4, "2": 17, "3": 12, "6": 9},
}
"""Section → its last number. Sections that have sections of their own begin behind these."""
FIRST = {"6": 4}


def numbers(benchmark: str) -> Iterator[str]:
    for section, last in RECOMMENDATIONS[benchmark].items():
        first = 2 if section == "1" and benchmark == "CIS GCP 5.0" else FIRST.get(section, 1)
        yield from (f"{section}.{number}" for number in range(first, last + 1))


def listed() -> set[tuple[str, str]]:
    """From the first column of the table."""
    rows = [line.split("|") for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| CIS GCP")]
    assert all(len(row) == 5 and row[2].strip() and row[3].strip() for row in rows)
    return {found for row in rows for found in re.findall(r"(CIS GCP \d\.\d) (\d+(?:\.\d+)+)", row[1])}


def covered() -> set[tuple[str, str]]:
    return {pair for control in load_catalogue().controls.values() for pair in control.benchmarks.items()}


@pytest.mark.parametrize("benchmark", RECOMMENDATIONS)
def test_every_recommendation_is_covered_or_listed(benchmark: str) -> None:
    every = {(benchmark, number) for number in numbers(benchmark)}
    assert len(every) == {"CIS GCP 5.0": 93}.get(benchmark, 84)
    assert every <= covered() | listed()


def test_nothing_is_both_and_nothing_is_made_up() -> None:
    every = {(benchmark, number) for benchmark in RECOMMENDATIONS for number in numbers(benchmark)}
    assert not covered() & listed()
    assert listed() <= every
    assert {pair for pair in covered() if pair[0] in RECOMMENDATIONS} <= every
