"""What the inventories of the simulations hold, exported and imported: everything that is decided is what a scan
decides, and what the export cannot tell is unknown."""

import gzip
import json
import re
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import azure_world
import gcp_world
from fresh_stores import open_fresh
from nephoscope.clouds.azure.collectors import AZURE_COLLECTORS
from nephoscope.connectors.connectors import Connectors
from nephoscope.controls.loading import load_catalogue
from nephoscope.imports.formats import format_named
from nephoscope.imports.importing import ImportDraft, Imported, Importing
from nephoscope.kit.clock import system_clock
from nephoscope.kit.pages import PageRequest
from nephoscope.model.evaluations import Status
from nephoscope.model.providers import Provider
from nephoscope.model.scopes import Outcome
from nephoscope.simulation.azure.cloud import SUBSCRIPTION, AzureCloud
from nephoscope.simulation.azure.estate import fill_azure
from nephoscope.simulation.gcp.cloud import NUMBER, PROJECT, GcpCloud
from nephoscope.simulation.gcp.estate import fill_gcp
from nephoscope.store import connectors
from nephoscope.store.evaluating import evaluation_pages

Verdicts = Mapping[tuple[str, int], Status]


def imported(kind: str, file: Path, provider: Provider, account: str) -> tuple[Imported, Verdicts]:
    with closing(open_fresh()) as store:
        room = Importing(store, system_clock, load_catalogue(), Connectors(store, system_clock))
        (done,) = room.run(ImportDraft(format_named(kind), (file,), None))
        with store.read() as reader:
            connector = connectors.find_by_account(reader, provider, account)
            assert connector is not None
            rows = evaluation_pages.page(reader, connector.key, None, (), PageRequest(0, 100_000)).rows
        return done, {(row.resource.resource_id, row.cid): row.status for row in rows}


def written(file: Path, rows: list[Any]) -> Path:
    """Packed, an object a line."""
    with gzip.open(file, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)
    return file


def differing(found: Verdicts, scanned: Verdicts) -> dict[Any, Any]:
    decided = {key: status for key, status in found.items() if status is not Status.UNKNOWN}
    return {key: (status, scanned.get(key)) for key, status in decided.items() if scanned.get(key) is not status}


def told(done: Imported) -> set[str]:
    return {report.scope.resource_type for report in done.reports if report.outcome is Outcome.COMPLETE}


def test_rows_of_resource_graph(tmp_path: Path) -> None:
    with AzureCloud() as cloud:
        fill_azure(cloud)
        scanned = azure_world.swept(cloud).verdicts
        rows = [row for row in cloud.resources if f"/{SUBSCRIPTION}/" in f"{row['id']}/".lower()]
    done, found = imported(
        "azure-resource-graph", written(tmp_path / "graph.json.gz", rows), Provider.AZURE, SUBSCRIPTION
    )
    assert differing(found, scanned) == {}
    assert sum(status is not Status.UNKNOWN for status in found.values()) > 150
    assert len(told(done)) > 25
    assert told(done) <= {one.resource_type for one in AZURE_COLLECTORS}
    unread = [report for report in done.reports if report.outcome is not Outcome.COMPLETE]
    assert all(report.message for report in unread)
    reasons = " ".join(report.message for report in done.reports)
    for what in ("Microsoft.Storage/storageAccounts/blobServices", "Microsoft.Web/sites/slots/config/web"):
        assert f"the export does not tell {what})" in reasons
    assert not re.search(r"does not tell (\w+|[0-9a-f-]{36})\)", reasons)


@pytest.mark.parametrize("with_policies", [True, False])
def test_assets_with_and_without_their_policies(tmp_path: Path, with_policies: bool) -> None:
    with GcpCloud() as cloud:
        fill_gcp(cloud)
        scanned = gcp_world.swept(cloud).verdicts
        mine = [row for row in cloud.assets if row["project"] in (PROJECT, NUMBER)]
        policies = [
            {
                **{key: row[key] for key in ("name", "assetType", "ancestors")},
                "iamPolicy": {"bindings": cloud.policies[row["name"]]},
            }
            for row in mine
            if row["name"] in cloud.policies
        ]
    rows = [*mine, *(policies if with_policies else ())]
    done, found = imported("gcp-assets", written(tmp_path / "assets.json.gz", rows), Provider.GCP, PROJECT)
    assert differing(found, scanned) == {}
    assert sum(status is not Status.UNKNOWN for status in found.values()) > 100
    assert len(told(done)) > 20
