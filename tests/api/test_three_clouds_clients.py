"""qualysdk and qualys-cli, unmodified, read what there is of Azure and of Google Cloud."""

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from apiworld import PASSWORD, USER, World
from clouds_estate import collect_both
from nephoscope.simulation.azure.cloud import SUBSCRIPTION
from nephoscope.simulation.gcp.cloud import PROJECT
from served import self_signed, serve
from worlds import FakeClock

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from qualysdk import totalcloud
    from qualysdk.auth import BasicAuth

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
PARSED = ("VIRTUAL_MACHINE", "WEB_APP", "STORAGE_ACCOUNT")
"""The types of Azure that the library has classes for."""


class Served:
    def __init__(self, address: str, home: Path, certificate: Path) -> None:
        self.address = address
        self.environment = {
            "PATH": os.defpath,
            "HOME": str(home),
            "SSL_CERT_FILE": str(certificate),
            "QUALYS_URL": address,
            "QUALYS_GATEWAY_URL": address,
            "QUALYS_USERNAME": USER,
            "QUALYS_PASSWORD": PASSWORD,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }

    def told(self, *arguments: str) -> list[dict[str, Any]]:
        """What the command line printed."""
        done = subprocess.run(  # noqa: S603 - the client under test
            [sys.executable, "-m", "qualys_cli", "tc", *arguments, "--format", "json"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        printed = json.loads(done.stdout)
        rows: list[dict[str, Any]] = printed["content"] if isinstance(printed, dict) else printed
        return rows


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    world = World(tmp_path_factory.mktemp("three"), FakeClock(datetime.now(UTC)))
    collect_both(world)
    home = tmp_path_factory.mktemp("home")
    certificate = self_signed(home)
    with pytest.MonkeyPatch.context() as patch, serve(world.application(), certificate) as address:
        patch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        yield Served(address, home, certificate)
    world.store.close()


@pytest.fixture(scope="module")
def auth(served: Served) -> Any:
    names = ("api_url", "gateway_url", "qualysguard_url")
    return BasicAuth(USER, PASSWORD, override_platform=dict.fromkeys(names, served.address))


def test_the_library_reads_connectors_of_azure(auth: Any) -> None:
    (found,) = totalcloud.get_connectors(auth, "azure")
    assert (found.name, found.subscriptionId) == ("Azure", SUBSCRIPTION)
    detail = totalcloud.get_connector_details(auth, "azure", found.connectorId)
    assert detail.directoryId
    assert not hasattr(detail, "authenticationKey") or not detail.authenticationKey


@pytest.mark.parametrize("name", PARSED)
def test_the_library_reads_inventories_of_azure(auth: Any, name: str) -> None:
    rows = totalcloud.get_inventory(auth, "azure", name, thread_count=1)
    assert rows
    assert {row.subscriptionId for row in rows} == {SUBSCRIPTION}
    assert all(row.resourceGroupName for row in rows)
    assert totalcloud.get_resource_details(auth, "azure", name, rows[0].uuid).resourceId == rows[0].resourceId


def test_the_library_reads_evaluations_of_azure(auth: Any) -> None:
    found = {row.controlId: row for row in totalcloud.get_account_evaluation(auth, "azure", SUBSCRIPTION)}
    assert found[50109].result in {"PASS", "FAIL"}
    rows = totalcloud.get_resources_evaluated_by_control(auth, "azure", SUBSCRIPTION, 50109)
    assert "azure-template-mariadb" in {row.resourceId for row in rows}
    row = next(row for row in rows if row.resourceId == "azure-template-mariadb")
    dates = totalcloud.get_evaluation(auth, "azure", 50109, row.connectorId, row.resourceId)
    assert dates.firstEvaluated


@pytest.mark.parametrize(
    ("provider", "account", "kind", "cid"),
    [("AZURE", SUBSCRIPTION, "STORAGE_ACCOUNT", "56170"), ("GCP", PROJECT, "VM_INSTANCE", "58310")],
)
def test_the_command_line_reads_both(served: Served, provider: str, account: str, kind: str, cid: str) -> None:
    assert len(served.told("connector", "list", "-p", provider)) == 1
    judged = served.told("evaluation", "list", "-p", provider, "--account-id", account, "--page-size", "500")
    assert cid in {str(row["controlId"]) for row in judged}
    failed = served.told("evaluation", "resources", "-p", provider, "--account-id", account, "--control-id", cid)
    assert {row["result"] for row in failed} == {"FAIL"}
    listed = served.told("resource", "list", "-p", provider, "--resource-type", kind, "--account-id", account)
    assert {row["resourceId"] for row in failed} <= {row["resourceId"] for row in listed}
