"""`nephoscope advisories`, as somebody without a network uses it."""

import json
from pathlib import Path

import pytest

from advisories import samples
from cli.cli_world import Invoke

STATUS = "Package: openssl\nStatus: install ok installed\nVersion: 3.0.11-1~deb12u2\nArchitecture: amd64\n"


@pytest.fixture
def feeds(tmp_path: Path) -> Path:
    folder = tmp_path / "feeds"
    folder.mkdir()
    for name, content in samples.FEEDS.items():
        (folder / name).write_text(content)
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    (folder / "var/lib/dpkg").mkdir(parents=True)
    (folder / "etc").mkdir()
    (folder / "var/lib/dpkg/status").write_text(STATUS)
    (folder / "etc/os-release").write_text('ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12"\n')
    site = folder / "srv/site-packages/urllib3-1.26.5.dist-info"
    site.mkdir(parents=True)
    (site / "METADATA").write_text("Name: urllib3\nVersion: 1.26.5\n")
    return folder


def test_from_feeds_to_vulnerabilities_over_a_stick(invoke: Invoke, feeds: Path, root: Path, tmp_path: Path) -> None:
    stick, data = tmp_path / "stick.sqlite", tmp_path / "data"
    (feeds / "README").write_text("words")
    built = invoke("advisories", "build", str(feeds), "--output", str(stick), "--format", "json")
    assert built.code == 0
    assert json.loads(built.out)["feeds"]["updateinfo"] == 2
    assert "in no format that we read: 1, such as" in built.err
    taken = invoke("advisories", "import", str(stick), "--data", str(data), "--format", "json")
    assert json.loads(taken.out)["version"] == json.loads(built.out)["version"]
    assert "Debian:12" in invoke("advisories", "status", "--data", str(data)).out
    found = invoke("advisories", "match", str(root), "--data", str(data), "--format", "json")
    rows = json.loads(found.out)
    assert rows[0]["name"] == "Debian Security Advisory for openssl : CVE-2024-0001"
    assert {row["category"] for row in rows} == {"Debian", "PyPI"}
    assert {row["host_os"] for row in rows} == {"Debian GNU/Linux 12"}
    assert "2 packages on Debian GNU/Linux 12." in found.err
    quick = invoke("advisories", "match", str(root), "--system-only", "--file", str(stick), "--format", "json")
    assert {row["category"] for row in json.loads(quick.out)} == {"Debian"}


def test_what_no_feed_covers_is_said(invoke: Invoke, feeds: Path, root: Path, tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    assert invoke("advisories", "build", str(feeds / "main.json"), "--data", data).code == 0
    found = invoke("advisories", "match", str(root), "--data", data)
    assert found.code == 0
    assert "Nothing is known about 1 packages of Debian:12" in found.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("status",), "There is no file of advisories"),
        (("match", "/"), "There is no file of advisories"),
        (("match", "/nowhere"), "is no folder"),
        (("import", "/etc/passwd"), "is no file of advisories"),
        (("import", "/nowhere"), "There is no file of advisories at /nowhere"),
        (("build", "/nowhere", "/nobody"), "There is no /nowhere, /nobody"),
        (("build", "/etc/hostname"), "no advisory in any of these files"),
        (("build",), "Missing argument"),
    ],
    ids=str,
)
def test_wrong_input_is_one_line(invoke: Invoke, tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    answer = invoke("advisories", *arguments, "--data", str(tmp_path / "data"))
    assert (answer.code, answer.is_one_line) == (2, True), answer.err
    assert words in answer.err
