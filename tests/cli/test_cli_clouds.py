"""Azure and Google Cloud from the command line: scanned, connected, followed, with secrets that stay out of sight."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.cli_world import Invoke
from nephoscope.simulation.azure.cloud import APPLICATION, SECRET, SUBSCRIPTION, TENANT, AzureCloud
from nephoscope.simulation.gcp.cloud import EMAIL, PROJECT, GcpCloud


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


def test_a_benchmark_of_another_cloud_is_no_clean_scan(invoke: Invoke, gcp: GcpCloud, key: str) -> None:
    asked = ("scan", "gcp", "--key-file", key, "--endpoint-url", gcp.endpoint_url)
    answer = invoke(*asked, "--benchmark", "CIS GCP 5.0", "--benchmark", "CIS Azure 6.0")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "nephoscope: 'CIS Azure 6.0' is for AZURE; this is about GCP.\n"


def test_why_google_gives_no_token_is_said_once(invoke: Invoke, gcp: GcpCloud, tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    with GcpCloud() as other:
        file.write_text(other.key_file)
    answer = invoke("scan", "gcp", "--key-file", str(file), "--endpoint-url", gcp.endpoint_url)
    assert answer.code == 2
    assert answer.err.endswith("Google gives no token: invalid_grant: Invalid JWT Signature.\n")


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
    shown = [json.loads(invoke("connector", "show", name, "--data", data, "--format", "json").out) for name in "AG"]
    assert (shown[0]["tenant"], shown[0]["application"], shown[0]["sign_in"]) == (TENANT, APPLICATION, "key")
    assert (shown[1]["service_account"], shown[1]["sign_in"]) == (EMAIL, "key")
    stored = b"".join(file.read_bytes() for file in Path(data).glob("nephoscope.sqlite*"))
    assert SECRET.encode() not in stored
    assert b"PRIVATE KEY" not in stored


def test_a_tenant_is_followed(invoke: Invoke, azure: AzureCloud, secret: str, data: str) -> None:
    done = invoke("connector", "follow-azure", *principal(azure, secret), "--data", data, "--format", "json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["connected"] == [SUBSCRIPTION]
    assert json.loads(done.out)["looked_on"]
    (row,) = json.loads(invoke("connector", "followed", "--data", data, "--format", "json").out)
    assert row["error"] == ""
    assert invoke("connector", "unfollow", row["uuid"], "--data", data).code == 0


def test_a_folder_that_is_not_there_is_not_followed(invoke: Invoke, gcp: GcpCloud, key: str, data: str) -> None:
    google = ("--key-file", key, "--endpoint-url", gcp.endpoint_url, "--data", data)
    answer = invoke("connector", "follow-gcp", "--folder", "404", *google)
    assert answer.code == 2
    assert "resourcemanager.projects.list" in answer.err
    listed = invoke("connector", "followed", "--data", data, "--format", "json")
    assert listed.code == 2 or json.loads(listed.out) == []


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("scan", "azure", "--sign-in", "magic"), "--sign-in"),
        (("scan", "azure", "--secret-file", "/nowhere"), "/nowhere"),
        (("scan", "azure", "--secret-file", "/dev/null"), "empty"),
        (("scan", "azure", "--secret-file", __file__, "--client-id", "x"), "--client-id"),
        (("scan", "azure", "--sign-in", "key", "--client-id", APPLICATION), "--tenant"),
        (("scan", "azure", "--tenant", TENANT, "--client-id", APPLICATION), "--secret-file"),
        (("scan", "gcp", "--key-file", "/dev/null"), "empty"),
        (("permissions", "azure", "--benchmark", "CIS GCP 5.0"), "is for GCP"),
        (("permissions", "gcp", "--benchmark", "CIS Azure 6.0"), "is for AZURE"),
        (("scan", "gcp"), "--project"),
        (("scan", "gcp", "--project", "some-project", "--key-file", __file__), "--key-file"),
        (("scan", "gcp", "--project", "some-project", "--impersonate", "nobody"), "--impersonate"),
        (("connector", "follow-gcp", "--folder", "1", "--organization", "2"), "give one of them"),
        (("connector", "add-gcp", "--name", "x", "--project", "X"), "projectId"),
        (("connector", "unfollow", "x"), "UUID"),
    ],
)
def test_what_is_wrong_is_one_line(invoke: Invoke, begun: str, arguments: tuple[str, ...], word: str) -> None:
    answer = invoke(*arguments, *(("--data", begun) if arguments[0] == "connector" else ()))
    assert answer.code == 2
    assert word in answer.err
    assert answer.err.count("\n") == 1


def test_an_export_is_imported_and_what_it_lacks_is_said(invoke: Invoke, azure: AzureCloud, data: str) -> None:
    file = Path(data).with_name("graph.json")
    file.write_text("\n".join(json.dumps(row) for row in azure.resources))
    done = invoke("import", "azure-resource-graph", str(file), "--data", data, "--format", "json")
    assert done.code == 0, done.err
    (told,) = json.loads(done.out)
    assert (told["account"], told["resources"]) == (SUBSCRIPTION, 1)
    assert done.err.startswith(f"{told['not_told']} kinds are not told by the export")
    (shown,) = json.loads(invoke("connector", "list", "--data", data, "--format", "json").out)
    assert (shown["is_disabled"], shown["next_sync"]) == (True, None)


def test_a_damaged_export_leaves_nothing(invoke: Invoke, azure: AzureCloud, data: str) -> None:
    file = Path(data).with_name("graph.json")
    file.write_text(f"{json.dumps(azure.resources[0])}\n{{damaged\n")
    done = invoke("import", "azure-resource-graph", str(file), "--data", data)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "graph.json, line 2: not JSON" in done.err
    assert invoke("connector", "list", "--data", data, "--format", "json").out in ("", "[]\n")


def test_what_a_run_could_not_read_is_shown_with_its_connector(
    invoke: Invoke, gcp: GcpCloud, key: str, data: str
) -> None:
    gcp.put_listing("logging", f"v2/projects/{PROJECT}/sinks", "sinks", [], "logging.sinks.list")
    asked = ("scan", "gcp", "--key-file", key, "--endpoint-url", gcp.endpoint_url, "--data", data)
    with gcp.refusing("logging.sinks.list"):
        assert invoke(*asked).code == 0
    told = json.loads(invoke("connector", "show", PROJECT, "--data", data, "--format", "json").out)["not_read"]
    (gap,) = (one for one in told if one["outcome"] == "denied")
    assert (gap["resource_type"], gap["why"]) == ("LOG_SINK", "logging.sinks.list")
    shown = invoke("connector", "show", PROJECT, "--data", data).out
    assert "logging.sinks.list" in shown
