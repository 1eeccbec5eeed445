"""House rules that no linter knows: sizes, docstrings, words, and what a module may say."""

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = sorted((ROOT / "src").rglob("*.py"))
LONGEST_FILE = 500
NAMES = re.compile(r"(Manager|Helper|Util|Utils)$")


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCE, ids=relative)
def test_every_module_says_what_it_promises(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


@pytest.mark.parametrize("path", SOURCE, ids=relative)
def test_no_file_outgrows_its_purpose(path: Path) -> None:
    assert path.read_text("utf-8").count("\n") <= LONGEST_FILE


def _functions() -> Iterator[tuple[str, int]]:
    for path in SOURCE:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno is not None:
                yield f"{relative(path)}:{node.name}", node.end_lineno - node.lineno + 1


def test_functions_keep_to_the_house_numbers() -> None:
    lengths = sorted(length for _, length in _functions())
    assert statistics.median(lengths) <= 9
    assert lengths[int(len(lengths) * 0.9)] <= 30


@pytest.mark.parametrize("path", SOURCE, ids=relative)
def test_catches_are_narrow_and_names_are_nouns(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None
            assert ast.unparse(node.type) not in ("Exception", "BaseException")
        if isinstance(node, ast.ClassDef):
            assert not NAMES.search(node.name)


@pytest.mark.parametrize("path", SOURCE, ids=relative)
def test_every_opt_out_has_a_reason(path: Path) -> None:
    for line in path.read_text("utf-8").splitlines():
        if "# noqa" in line:
            assert re.search(r"# noqa: [A-Z0-9, ]+ - \S", line), line
        if "# type: ignore" in line:
            assert re.search(r"# type: ignore\[[a-z-, ]+\]\s+# \S", line), line


def test_no_module_reads_the_environment_but_settings() -> None:
    readers = [path for path in SOURCE if re.search(r"\bos\.environ|\bgetenv\b", path.read_text("utf-8"))]
    assert [path.name for path in readers] == ["settings.py"]
