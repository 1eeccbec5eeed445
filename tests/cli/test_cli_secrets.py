"""`nephoscope secrets` as it is called: over files and folders, in every format, with its exit codes."""

import json
from pathlib import Path

import pytest

from cli.cli_world import Invoke
from nephoscope.secrets.sampling import sample

TOKEN = sample("<github:ghp_>").decode()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    (root / "app" / "tests").mkdir(parents=True)
    (root / ".git" / "objects").mkdir(parents=True)
    (root / "app" / "config.py").write_text(f"import os\nTOKEN = '{TOKEN}'\n", "utf-8")
    (root / "app" / "tests" / "data.json").write_text(sample('{"key": "AKIA<b32new:1><b32:15>"}').decode(), "utf-8")
    (root / "app" / "logo.png").write_text(TOKEN, "utf-8")
    (root / ".git" / "objects" / "ab").write_text(TOKEN, "utf-8")
    (root / "app" / "link").symlink_to(root / "app" / "config.py")
    (root / "README").write_text("nothing to see\n", "utf-8")
    return root


def test_a_folder_is_searched_without_links_pictures_and_objects(invoke: Invoke, tree: Path) -> None:
    answer = invoke("secrets", "scan", str(tree), "--format", "json")
    rows = json.loads(answer.out)
    assert answer.code == 0
    assert [(row["rule"], row["severity"], row["line"]) for row in rows] == [
        ("github-personal-token", "CRITICAL", 2),
        ("aws-access-key-id", "LOW", 1),
    ]
    assert rows[0]["path"] == str(tree / "app" / "config.py")
    assert rows[0]["preview"] == f"ghp_********{TOKEN[-2:]}"
    assert TOKEN[4:-2] not in answer.out + answer.err


def test_people_get_a_table_and_a_count(invoke: Invoke, tree: Path) -> None:
    answer = invoke("secrets", "scan", str(tree / "app"))
    assert "GITHUB_TOKEN" in answer.out
    assert "checksum" in answer.out
    assert answer.err == "2 secrets in 2 files, 0.0 MB.\n"
    assert invoke("secrets", "scan", str(tree / "README")).out == ""


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 0),
        (("--fail-on", "critical"), 1),
        (("--fail-on", "low"), 1),
        (("--fail-on", "high", "--exclude", "config.py"), 0),
        (("--fail-on", "low", "--exclude", "config.py", "--exclude", "app/tests/*"), 0),
        (("--fail-on", "low", "--exclude", "app"), 0),
    ],
)
def test_the_exit_code_is_asked_for(invoke: Invoke, tree: Path, options: tuple[str, ...], code: int) -> None:
    assert invoke("secrets", "scan", str(tree), *options).code == code


def test_sarif_names_the_place_and_not_the_secret(invoke: Invoke, tree: Path) -> None:
    answer = invoke("secrets", "scan", str(tree), "--format", "sarif")
    run = json.loads(answer.out)["runs"][0]
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == {"github-personal-token", "aws-access-key-id"}
    first = run["results"][0]
    assert first["level"] == "error"
    assert first["locations"][0]["physicalLocation"]["region"] == {"startLine": 2}
    assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].endswith("/app/config.py")
    assert TOKEN[:8] not in answer.out


def test_digests_are_comparable_under_one_key_only(invoke: Invoke, tree: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"0123456789abcdef")

    def digest(*options: str) -> str:
        rows = json.loads(invoke("secrets", "scan", str(tree), "--format", "json", *options).out)
        return str(rows[0]["digest"])

    assert digest("--key", str(key)) == digest("--key", str(key))
    assert digest() != digest()


def test_what_was_not_read_to_the_end_is_said(invoke: Invoke, tmp_path: Path) -> None:
    large = tmp_path / "large.log"
    large.write_bytes(b"a line of a log\n" * 100_000 + TOKEN.encode())
    answer = invoke("secrets", "scan", str(large), "--most-megabytes", "1", "--fail-on-unknown")
    assert answer.code == 3
    assert f"{large}: only the first 1,048,576 bytes were searched" in answer.err
    assert invoke("secrets", "scan", str(large), "--fail-on-unknown").code == 0


def test_wrong_usage_is_one_line(invoke: Invoke, tmp_path: Path) -> None:
    short = tmp_path / "short"
    short.write_bytes(b"short")
    for arguments in (
        ("scan", str(tmp_path / "none")),
        ("scan", str(tmp_path), "--key", str(short)),
        ("scan", str(tmp_path), "--key", str(tmp_path / "none")),
        ("scan", str(tmp_path), "--format", "xml"),
        ("scan",),
        ("rules", "--type", "NONSENSE"),
    ):
        answer = invoke("secrets", *arguments)
        assert answer.code == 2
        assert answer.is_one_line, answer.err


def test_rules_are_listed_and_explained(invoke: Invoke) -> None:
    table = invoke("secrets", "rules", "--type", "NPM_TOKEN")
    assert "npm-token" in table.out
    rows = json.loads(invoke("secrets", "rules", "--format", "json").out)
    assert len(rows) >= 150
    npm = next(row for row in rows if row["id"] == "npm-token")
    assert (npm["category"], npm["severity"], npm["check"]) == ("registries", "CRITICAL", "github")
    assert "(?P<secret>" in npm["pattern"]
