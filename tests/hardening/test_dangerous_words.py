"""What no module may say, or only those that stand here: who parses XML, opens archives, starts programs, calls out."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "nephoscope"

XML = frozenset({"advisories/feeds/xml.py"})
"""Through defusedxml. Elsewhere XML is only written, and `Element` only a type."""
ARCHIVES = frozenset(
    {
        "advisories/opening.py",
        "packages/java.py",
        "api/downloads.py",
        "simulation/disks/machines.py",
        "simulation/aws/estate/applications.py",
        "store/archives.py",
    }
)
"""All of them as streams in memory; nothing is ever extracted to the file system, so no name in an archive leads
anywhere."""
PROGRAMS = frozenset(
    {
        "app/keys.py",
        "evaluation/passes.py",
        "images/parser.py",
        "reports/renderers/typesetting.py",
        "simulation/aws/running.py",
    }
)
CALLERS = ("clouds/", "simulation/", "kit/outbound.py", "reports/delivery/mail.py")
"""Who makes connections: to clouds, to the simulation of one, to the operator's own mail server, and to addresses that
people name, through one guard."""
LISTENERS = frozenset({"app/serving.py", "demo/running.py"})
PAIRS = frozenset({"images/parser.py", "images/sandbox/__main__.py", "images/sandbox/messages.py"})
"""Sockets between a process and its own child."""
NAMES = frozenset({"jobs/jobs.py"})
"""The name of this machine."""

_PARSERS = re.compile(r"\b(fromstring|iterparse|XMLParser|parseString|XMLPullParser)$")
_CALLING = re.compile(
    r"(urllib3|requests|httpx|aiohttp|http\.client|urllib\.request|smtplib|ftplib|telnetlib|socket|asyncio)\b"
)
_STREAMS = frozenset({"open_connection", "create_connection", "start_server"})


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield path.relative_to(SOURCE).as_posix(), ast.parse(path.read_text("utf-8"))


MODULES = tuple(modules())


def _is_xml(name: str) -> bool:
    """`numpy.fromstring` reads numbers."""
    return bool(_PARSERS.search(name)) and not name.startswith("np.")


@cache
def imported(tree: ast.Module) -> set[str]:
    """Modules, and names from modules as `module.name`."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@cache
def called(tree: ast.Module) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def importers(*names: str) -> set[str]:
    return {place for place, tree in MODULES if imported(tree) & set(names)}


def test_xml_is_parsed_in_one_place_and_without_entities() -> None:
    raw = {"xml.etree.ElementTree", "xml.dom", "xml.dom.minidom", "lxml", "lxml.etree", "xml.parsers.expat"}
    only_types = {"xml.etree.ElementTree", "xml.etree.ElementTree.Element", "xml.etree.ElementTree.ParseError"}
    for place, tree in MODULES:
        names = imported(tree)
        assert {
            name for name in names if any(name == one or name.startswith(f"{one}.") for one in raw)
        } <= only_types, place
    parse = {place for place, tree in MODULES if any(_is_xml(name) for name in called(tree))}
    assert parse == XML == importers("defusedxml.ElementTree")


def test_archives_are_read_as_streams_and_never_extracted() -> None:
    assert importers("zipfile", "tarfile", "shutil.unpack_archive") == ARCHIVES
    for place, tree in MODULES:
        assert not {name for name in called(tree) if re.search(r"\.(extract|extractall|unpack_archive)$", name)}, place


def test_only_five_modules_start_programs_and_none_through_a_shell() -> None:
    assert importers("subprocess") == PROGRAMS
    for place, tree in MODULES:
        assert not {name for name in called(tree) if name in {"os.system", "os.popen", "os.execv", "pty.spawn"}}, place
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                assert not any(keyword.arg == "shell" for keyword in node.keywords), place


@pytest.mark.parametrize("name", ["pickle", "marshal", "shelve", "dill"])
def test_nothing_that_runs_code_is_read(name: str) -> None:
    assert importers(name) == set()


def test_code_is_never_made_of_text() -> None:
    for place, tree in MODULES:
        assert not called(tree) & {"eval", "exec", "compile", "__import__"}, place
    for place, tree in MODULES:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"yaml.load", "yaml.load_all"}:
                assert any("Safe" in ast.unparse(one.value) for one in node.keywords if one.arg == "Loader"), place


def test_only_clouds_the_mail_server_and_one_guard_are_called() -> None:
    found = {
        place
        for place, tree in MODULES
        if {name for name in imported(tree) if _CALLING.match(name) and name.partition(".")[0] != "asyncio"}
        or {name.rpartition(".")[2] for name in called(tree)} & _STREAMS
    }
    assert {place for place in found if not place.startswith(CALLERS)} == LISTENERS | PAIRS | NAMES
