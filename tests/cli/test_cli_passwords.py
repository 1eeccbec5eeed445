"""Passwords on the command line, which everybody on the machine can read; and secrets that a command leaves alone."""

import json
from pathlib import Path
from uuid import UUID

import pytest

from cli.cli_world import Invoke
from nephoscope.app.keys import key_ring
from nephoscope.app.stores import opened_store
from nephoscope.cli.options import has_password
from nephoscope.model.connectors import CREDENTIAL
from nephoscope.settings import Settings
from nephoscope.simulation.azure.cloud import APPLICATION, SECRET, SUBSCRIPTION, TENANT, AzureCloud
from nephoscope.store import sealed


@pytest.mark.parametrize(
    ("database", "found"),
    [
        ("", False),
        ("postgresql://db/nephoscope", False),
        ("postgresql://nephoscope@db/nephoscope", False),
        ("postgresql://nephoscope:hunter2@db/nephoscope", True),
        ("postgresql://db/nephoscope?user=n&password=hunter2", True),
        ("postgresql://[broken", False),
    ],
)
def test_passwords_in_addresses_are_seen(database: str, found: bool) -> None:
    assert has_password(database) is found


def test_where_a_password_belongs_is_said_without_saying_it(invoke: Invoke) -> None:
    said = invoke("connector", "list", "--database", "postgresql://n:hunter2@127.0.0.1:9/x")
    assert "NEPHOSCOPE_DATABASE" in said.err
    assert "hunter2" not in said.err + said.out
    assert said.code == 2


def test_a_scan_leaves_the_credential_of_a_connector_alone(invoke: Invoke, data: str, tmp_path: Path) -> None:
    """Others enter with it, long after this scan with what somebody had at hand."""
    file = tmp_path / "secret.txt"
    file.write_text(SECRET)
    named = ("--tenant", TENANT, "--client-id", APPLICATION, "--secret-file", str(file), "--data", data)
    with AzureCloud() as cloud:
        cloud.add("Microsoft.DBforMariaDB/servers", "maria", {"sslEnforcement": "Enabled"})
        where = (*named, "--endpoint-url", cloud.endpoint_url)
        added = invoke(
            "connector", "add-azure", "--name", "mine", "--subscription", SUBSCRIPTION, *where, "--format", "json"
        )
        assert added.code == 0, added.err
        scanned = invoke("scan", "azure", *where, "--format", "json")
        assert scanned.code == 0, scanned.err
    settings = Settings(data=Path(data))
    with opened_store(settings) as store, store.read() as reader:
        owner = UUID(json.loads(added.out)["uuid"])
        assert sealed.get(reader, key_ring(settings), owner, CREDENTIAL) == SECRET
