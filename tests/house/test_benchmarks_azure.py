"""Each recommendation of the Azure benchmark is covered by a control, or listed with the reason."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from nephoscope.controls.loading import load_catalogue

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks-azure.md"
LATEST = (
    "6.1.2:1-11 6.1.3:1 6.1:4-5 6:2 7:1-16 8.1.1:1 8.1.2:1 8.1.3:1-5 8.1.4:1 8.1.5:1-2 8.1.6:1 8.1.7:1-4 8.1.8:1 "
    "8.1.9:1 8.1:10-16 8.2:1 8.3:1-11 8.4:1 8:5 9.1:1-3 9.2:1-3 9.3.1:1-3 9.3.2:1-3 9.3.3:1 9.3:4-11"
)
RECOMMENDATIONS = {
    "CIS Azure 3.0": "2.1:1-4 2.2:1-8 2:3-26 3.1.1:1-2 3.1.3:1-5 3.1.4:1-3 3.1.5:1 3.1.6:1 3.1.7:1-4 3.1.8:1 3.1.9:1 "
    "3.1:10-16 3.2:1 3.3:1-8 4:1-17 5.1:1-7 5.2:1-8 5.3:1-4 5.4:1-3 6.1:1-6 6.2:1-10 6.3:1 6:4-5 7:1-7 8:1-11 9:1-12 "
    "10:1",
    "CIS Azure 4.0": "2.1.1.1:1 2.1.1.2:1 2.2.1:1-2 2.2.2:1 3.1:1-8 4.1:1 6.1:1-3 6.2:1-7 6.3:1-4 6:1-2 6:4-9 6:11-19 "
    "6:21-26 7.1.1:1-10 7.1.2:1-11 7.1.3:1 7.1:4-5 7:2 8:1-8 9.1.3:1-5 9.1.4:1 9.1.5:1 9.1.6:1 9.1.7:1-4 9.1.8:1 "
    "9.1.9:1 9.1:10-17 9.2:1 9.3:1-10 9.4:1 10.1:1-3 10.2:1-2 10.3.1:1-3 10.3.2:1-3 10.3.3:1 10.3:4-12",
    "CIS Azure 5.0": f"2.1:1-11 3.1:1 5.1:1-3 5.2:1-8 5.3:1-7 5:4-28 6.1.1:1-10 {LATEST}",
    "CIS Azure 6.0": f"2.1:1-12 3.1:1 5.1:1-4 5.3:1-7 5:4-7 6.1.1:1-9 {LATEST}",
}
"""Sections with the numbers in them, from first to last. In version 4.0 two go without the zero at their end: 6.10 and
6.20 are called 6.1 and 6.2."""
TOTALS = {"CIS Azure 3.0": 159, "CIS Azure 4.0": 139, "CIS Azure 5.0": 155, "CIS Azure 6.0": 127}


def numbers(benchmark: str) -> Iterator[str]:
    for part in RECOMMENDATIONS[benchmark].split():
        section, _, span = part.partition(":")
        first, _, last = span.partition("-")
        yield from (f"{section}.{number}" for number in range(int(first), int(last or first) + 1))


def listed() -> set[tuple[str, str]]:
    """From the first column of the table."""
    rows = [line.split("|") for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| CIS Azure")]
    assert all(len(row) == 5 and row[2].strip() and row[3].strip() for row in rows)
    return {found for row in rows for found in re.findall(r"(CIS Azure \d\.\d) (\d+(?:\.\d+)+)", row[1])}


def covered() -> set[tuple[str, str]]:
    return {pair for control in load_catalogue().controls.values() for pair in control.benchmarks.items()}


@pytest.mark.parametrize("benchmark", RECOMMENDATIONS)
def test_every_recommendation_is_covered_or_listed(benchmark: str) -> None:
    every = {(benchmark, number) for number in numbers(benchmark)}
    assert len(every) == TOTALS[benchmark]
    assert every <= covered() | listed()


def test_nothing_is_both_and_nothing_is_made_up() -> None:
    every = {(benchmark, number) for benchmark in RECOMMENDATIONS for number in numbers(benchmark)}
    assert not covered() & listed()
    assert listed() <= every
    assert {pair for pair in covered() if pair[0] in RECOMMENDATIONS} <= every
