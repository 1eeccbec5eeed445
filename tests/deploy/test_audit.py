"""What pip-audit says is told as it is: that nothing was looked up is not that nothing is known."""

import stat
from pathlib import Path
from typing import Any

import pytest

from bench import audit

CLEAN = {"name": "jinja2", "version": "3.1.6", "vulns": []}
KNOWN = {
    "name": "jinja2",
    "version": "3.1.2",
    "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-2024-22195"], "fix_versions": ["3.1.3"]}],
}
UNSEEN = {"name": "ours", "skip_reason": "Dependency not found on PyPI and could not be audited: ours (1.0)"}


@pytest.mark.parametrize(
    ("rows", "code", "words"),
    [
        ([CLEAN], audit.CLEAN, "1 packages, 1 of them looked up."),
        ([CLEAN, KNOWN], audit.KNOWN, "jinja2 3.1.2: PYSEC-1, CVE-2024-22195; fixed in 3.1.3."),
        ([CLEAN, UNSEEN], audit.UNSEEN, "Nothing was looked up of 1 of 2: ours. pip-audit says: Dependency not found"),
        ([KNOWN, UNSEEN], audit.KNOWN, "Nothing was looked up of 1 of 2"),
    ],
)
def test_each_is_told(rows: list[dict[str, Any]], code: int, words: str) -> None:
    found, lines = audit.verdict({"dependencies": rows})
    assert (found, words in "\n".join(lines)) == (code, True)


def test_a_tool_that_says_nothing_is_no_good_news(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tool = tmp_path / "pip-audit"
    tool.write_text("#!/bin/sh\necho no way to the registry >&2\nexit 1\n")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    assert audit.main(str(tool), "requirements/dev.lock") == audit.UNSEEN
    assert "not looked up: no way to the registry" in capsys.readouterr().out
