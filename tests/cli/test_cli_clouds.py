"""Azure and Google Cloud from the command line: scanned, connected, followed, with secrets that stay out of sight."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.cli_world import Invoke
from nephoscope.simulation.azure.cloud import APPLICATION, SECRET, SUBSCRIPTION, TENANT, AzureCloud
from nephoscope.simulation.gcp.cloud import PROJECT, GcpCloud


@pytest.fixture
def azure() -> Iterator[AzureCloud]:
    with AzureCloud() as cloud:
        cloud.add("Microsoft.DBforMariaDB/servers", "azure-template-mariadb", {"sslEnforcement": "Enabled"})
        yield cloud


@pytest.fixture
def gcp() -> Iterator[GcpCloud]:
    with GcpCloud() as cloud:
        cloud.add("storage.googleapis.com/Bucket", "data-1", {"name": "data-1"}, bindings=[])
        yield cloud


@pytest.fixture
def secret(tmp_path: Path) -> str:
    file = tmp_path / "secret.txt"
    file.write_text(f"{SECRET}\n")
    return str(file)


@pytest.fixture
def key(gcp: GcpCloud, tmp_path: Path) -> str:
    file = tmp_path / "key.json"
    file.write_text(gcp.key_file)
    return str(file)


def principal(azure: AzureCloud, secret: str) -> tuple[str, ...]:
    names = ("--tenant", TENANT, "--client-id", APPLICATION, "--secret-file", secret)
    return (*names, "--endpoint-url", azure.endpoint_url)


def test_a_subscription_is_scanned(invoke: Invoke, azure: AzureCloud, secret: str) -> None:
    answer = invoke("scan", "azure", *principal(azure, secret), "--format", "json")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert (found["provider"], found["account"]) == ("AZURE", SUBSCRIPTION)


def test_which_subscription_has_to_be_said_when_there_are_several(
    invoke: Invoke, azure: AzureCloud, secret: str
) -> None:
    azure.subscriptions["00000000-0000-4000-8000-000000000000"] = "Second"
    answer = invoke("scan", "azure", *principal(azure, secret))
    assert answer.code == 2
    assert "--subscription" in answer.err
    assert "Second" in answer.err


def test_a_project_is_scanned(invoke: Invoke, gcp: GcpCloud, key: str) -> None:
    answer = invoke("scan", "gcp", "--key-file", key, "--endpoint-url", gcp.endpoint_url, "--format", "json")
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["account"] == PROJECT


def test_accounts_are_connected_and_their_secrets_sealed(
    invoke: Invoke, azure: AzureCloud, gcp: GcpCloud, secret: str, data: str
) -> None:
    key = str(Path(secret).with_name("key.json"))
    Path(key).write_text(gcp.key_file)
    added = invoke(
        "connector",
        "add-azure",
        "--name",
        "A",
        "--subscription",
        SUBSCRIPTION,
        *principal(azure, secret),
        "--data",
        data,
    )
    assert added.code == 0, added.err
    google = ("--key-file", key, "--endpoint-url", gcp.endpoint_url)
    assert invoke("connector", "add-gcp", "--name", "G", *google, "--data", data).code == 0
    listed = json.loads(invoke("connector", "list", "--data", data, "--format", "json").out)
    assert {row["account"] for row in listed} == {SUBSCRIPTION, PROJECT}
    stored = b"".join(file.read_bytes() for file in Path(data).glob("nephoscope.sqlite*"))
    assert SECRET.encode() not in stored
    assert b"PRIVATE KEY" not in stored


def test_a_tenant_is_followed(invoke: Invoke, azure: AzureCloud, secret: str, data: str) -> None:
    done = invoke("connector", "follow-azure", *principal(azure, secret), "--data", data, "--format", "json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["connected"] == [SUBSCRIPTION]
    (row,) = json.loads(invoke("connector", "followed", "--data", data, "--format", "json").out)
    assert row["error"] == ""
    assert invoke("connector", "unfollow", row["uuid"], "--data", data).code == 0


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("scan", "azure", "--sign-in", "magic"), "--sign-in"),
        (("scan", "azure", "--secret-file", "/nowhere"), "/nowhere"),
        (("scan", "gcp"), "--project"),
        (("scan", "gcp", "--project", "some-project", "--key-file", __file__), "--key-file"),
        (("scan", "gcp", "--project", "some-project", "--impersonate", "nobody"), "--impersonate"),
        (("connector", "follow-gcp", "--folder", "1", "--organization", "2"), "one of the two"),
        (("connector", "add-gcp", "--name", "x", "--project", "X"), "projectId"),
        (("connector", "unfollow", "x"), "uuid"),
    ],
)
def test_what_is_wrong_is_one_line(invoke: Invoke, begun: str, arguments: tuple[str, ...], word: str) -> None:
    answer = invoke(*arguments, *(("--data", begun) if arguments[0] == "connector" else ()))
    assert answer.code == 2
    assert word in answer.err
    assert answer.err.count("\n") == 1
