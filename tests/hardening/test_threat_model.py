"""docs/threat-model.md: every threat has a test, and every test that is named is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
STRIDE = (
    "Spoofing", "Tampering", "Repudiation", "Information disclosure", "Denial of service", "Elevation of privilege",
)  # fmt: skip
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| threat ")]


@cache
def functions(file: str) -> frozenset[str]:
    path = ROOT / file
    if not path.exists():
        return frozenset()
    return frozenset(
        node.name
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    )


def test_every_letter_of_stride_has_its_threats() -> None:
    sections = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
    named = {section.partition(":")[0]: section for section in sections}
    assert all(len(_TEST.findall(named[letter])) >= 3 for letter in STRIDE)


@pytest.mark.parametrize("row", ROWS, ids=[row.split("|")[1].strip()[:60] for row in ROWS])
def test_a_threat_says_what_is_done_and_is_tested(row: str) -> None:
    threat, done, tests = (cell.strip() for cell in row.strip("| ").split(" | "))
    assert threat
    assert done
    named = _TEST.findall(tests)
    assert named
    assert _TEST.sub("", tests).strip() == ""
    assert [f"{file}::{name}" for file, name in named if name not in functions(file)] == []
