"""What is deployed can be read by what reads it, and speaks of commands, options and variables that there are."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import click
import pytest
import typer
import yaml

from nephoscope.app.doors import DOORS
from nephoscope.cli.main import build

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm" / "nephoscope"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
TEMPLATES = sorted((CHART / "templates").glob("*.yaml"))
_VARIABLE = re.compile(r"\b(?:NEPHOSCOPE|OTEL)_[A-Z][A-Z_]*[A-Z]\b")
_IMAGES = {"python:3.11-slim", "postgres:17", "nephoscope"}


def name_of(path: Path) -> str:
    return str(path.relative_to(DEPLOY))


def assert_command(arguments: list[str]) -> None:
    """The command is there and takes the options."""
    command = typer.main.get_command(build(DOORS))
    assert isinstance(command, click.Group)
    name, *rest = arguments
    context = click.Context(command, info_name="nephoscope")
    found = command.get_command(context, name)
    assert found is not None, name
    found.make_context(name, rest, parent=context)


def plain(template: str) -> list[dict[str, Any]]:
    """A template as YAML: directives that stand alone in a line are left out, values become a word."""
    kept = [
        line for line in template.splitlines() if not re.fullmatch(r"\s*\{\{-?\s*(if|else|end|range).*\}\}\s*", line)
    ]
    text = re.sub(r"\{\{.*?\}\}", "word", "\n".join(kept))
    return [document for document in yaml.safe_load_all(text) if document]


def deployments() -> dict[str, dict[str, Any]]:
    documents = [one for path in TEMPLATES for one in plain(path.read_text("utf-8"))]
    return {
        one["spec"]["template"]["metadata"]["labels"]["part"]: one for one in documents if one["kind"] == "Deployment"
    }


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_variable_is_one_that_is_read(path: Path) -> None:
    read = set(_VARIABLE.findall((ROOT / "src/nephoscope/settings.py").read_text("utf-8")))
    assert set(_VARIABLE.findall(path.read_text("utf-8"))) - read == set()


@pytest.mark.parametrize("path", UNITS, ids=name_of)
def test_units_call_commands_that_there_are(path: Path) -> None:
    unit = ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's names have capitals
    unit.read_string(path.read_text("utf-8"))
    program, *arguments = shlex.split(unit["Service"]["ExecStart"])
    assert program.endswith("/nephoscope")
    assert_command(arguments)
    service = unit["Service"]
    assert (service["NoNewPrivileges"], service["ProtectSystem"], service["CapabilityBoundingSet"]) == (
        "yes",
        "strict",
        "",
    )
    assert service["User"] == "nephoscope"
    if "${STATE_DIRECTORY}" in service["ExecStart"]:
        assert service["StateDirectory"] == "nephoscope"


@pytest.mark.parametrize("path", UNITS, ids=name_of)
def test_systemd_understands_them(path: Path, tmp_path: Path) -> None:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is not here")
    copy = tmp_path / path.name.replace("@", "@1")
    copy.write_text(path.read_text("utf-8").replace("/opt/nephoscope/bin/nephoscope", "/bin/true"), "utf-8")
    done = subprocess.run([tool, "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False)  # noqa: S603 - found just now
    said = [line for line in done.stderr.splitlines() if copy.name in line]
    assert [line for line in said if "Unknown" in line or "Failed to parse" in line or "ignoring" in line] == []


def test_compose_has_a_database_a_server_and_two_workers() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    services = compose["services"]
    assert set(services) == {"database", "server", "worker"}
    assert services["worker"]["deploy"]["replicas"] == 2
    assert_command(services["worker"]["command"])
    assert {service["image"] for service in services.values()} <= _IMAGES
    for name in ("server", "worker"):
        assert {"NEPHOSCOPE_DATABASE", "NEPHOSCOPE_KEY"} <= set(services[name]["environment"])
        assert services[name]["read_only"]
    assert (DEPLOY / services["server"]["build"]["context"] / services["server"]["build"]["dockerfile"]).exists()


def test_server_and_workers_judge_by_the_same_advisories() -> None:
    """Workers look into disks too: what they do not find there is not judged."""
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    server, worker = (compose["services"][name] for name in ("server", "worker"))
    path = Path(server["environment"]["NEPHOSCOPE_ADVISORIES"])
    assert worker["environment"]["NEPHOSCOPE_ADVISORIES"] == str(path)
    assert f"data:{path.parent}" in server["volumes"]
    assert f"data:{path.parent}:ro" in worker["volumes"]
    for one in deployments().values():
        (container,) = one["spec"]["template"]["spec"]["containers"]
        (named,) = (row["value"] for row in container["env"] if row["name"] == "NEPHOSCOPE_ADVISORIES")
        mounted = {row["mountPath"]: row for row in container["volumeMounts"]}
        assert mounted[str(Path(named).parent)]["readOnly"]


class _Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Quiet."""


@pytest.mark.parametrize("is_there", [True, False])
def test_the_image_asks_itself_whether_it_is_well(*, is_there: bool) -> None:
    """And no proxy that is meant for calls to clouds."""
    text = (DEPLOY / "Containerfile").read_text("utf-8").replace("\\\n", "")
    (health,) = re.findall(r"^HEALTHCHECK .*? CMD (.*)$", text, re.MULTILINE)
    _, *arguments = json.loads(health)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Ready)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    port = server.server_port if is_there else 1
    try:
        environment = {"NEPHOSCOPE_PORT": str(port), "http_proxy": "http://127.0.0.1:1"}
        done = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, check=False)  # noqa: S603 - ours
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert (done.returncode == 0) is is_there, done.stderr


def test_the_image_is_built_from_the_lock_and_runs_without_rights() -> None:
    lines = (DEPLOY / "Containerfile").read_text("utf-8").replace("\\\n", "").splitlines()
    said = [line.split(maxsplit=1) for line in lines if line and not line.startswith((" ", "#"))]
    words = {word: [rest for name, rest in said if name == word] for word, _ in said}
    assert {line.split()[0] for line in words["FROM"]} <= _IMAGES
    assert words["USER"] == ["10001"]
    (health,) = words["HEALTHCHECK"]
    assert "/readyz" in health
    assert_command(yaml.safe_load(words["CMD"][0]))
    assert any("--require-hashes" in line and "requirements/dev.lock" in line for line in words["RUN"])
    for line in words["COPY"]:
        sources = [part for part in line.split()[:-1] if not part.startswith("--")]
        assert line.startswith("--from") or all((ROOT / source).exists() for source in sources)


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_templates_are_yaml_and_name_values_that_there_are(path: Path) -> None:
    text = path.read_text("utf-8")
    assert all({"apiVersion", "kind", "metadata"} <= set(one) for one in plain(text))
    assert len(re.findall(r"\{\{-?\s*(?:if|range)\b", text)) == len(re.findall(r"\{\{-?\s*end\b", text))
    values = yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))
    for dotted in re.findall(r"\.Values\.([A-Za-z.]+)", text):
        found = values
        for part in dotted.rstrip(".").split("."):
            assert part in found, dotted
            found = found[part]


def _named_kinds() -> Iterator[str]:
    for path in TEMPLATES:
        yield from (one["kind"] for one in plain(path.read_text("utf-8")))


def test_the_chart_has_what_it_takes() -> None:
    assert {"Deployment", "Service", "Secret", "ConfigMap", "Ingress", "NetworkPolicy"} == set(_named_kinds())
    both = deployments()
    assert set(both) == {"server", "worker"}
    for one in both.values():
        pod = one["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert_command(container["args"])
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["enableServiceLinks"] is False, "a service that is called nephoscope would set NEPHOSCOPE_PORT"
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert pod["serviceAccountName"], "or nobody is known to a cloud without keys"
        assert any("secretRef" in source for source in container["envFrom"])
        assert {"NEPHOSCOPE_DATABASE", "NEPHOSCOPE_KEY"} <= {row["name"] for row in container["env"]}
        assert one["spec"]["template"]["metadata"]["annotations"], "a changed environment starts other pods"
    (server,) = both["server"]["spec"]["template"]["spec"]["containers"]
    assert server["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert server["readinessProbe"]["httpGet"]["path"] == "/readyz"


def test_helm_renders_it() -> None:
    tool = shutil.which("helm")
    if tool is None:
        pytest.skip("helm is not here")
    given = ["--set", "existingSecret=mine", "--set", "ingress.enabled=true"]
    done = subprocess.run([tool, "template", "one", str(CHART), *given], capture_output=True, text=True, check=False)  # noqa: S603 - found just now
    assert done.returncode == 0, done.stderr
    assert all(yaml.safe_load_all(done.stdout))
