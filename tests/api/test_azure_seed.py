"""A simulated subscription, collected and evaluated, as the API shows it: the documented sample, value by value."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from apiworld import BASE, PASSWORD, USER, World, basic
from clouds_estate import collect_azure
from nephoscope.controls.loading import load_catalogue
from nephoscope.simulation.azure.cloud import SUBSCRIPTION, AzureCloud
from nephoscope.simulation.azure.estate import databases
from worlds import FakeClock

SAMPLE = (
    (50109, "PASS", "Ensure Enforce SSL connection is set to ENABLED for Azure Database for MariaDB server"),
    (
        50110,
        "FAIL",
        "Ensure that ssl_minimal_tls_version_enforced is set to 1.2 for Azure Database for MariaDB server",
    ),
    (50112, "FAIL", "Ensure that geo_redundant_backup_enabled is set to Enabled for Azure Database for MariaDB server"),
    (50113, "FAIL", "Ensure that Public Network Access is Disabled for Azure Database for MariaDB server"),
)


@pytest.fixture
def azure_client(tmp_path: Path, clock: FakeClock) -> Iterator[TestClient[Litestar]]:
    world = World(tmp_path, clock)
    world.catalogue = load_catalogue()
    with AzureCloud() as azure:
        databases.fill(azure)
        collect_azure(world, azure, with_wire=False)
    with TestClient(world.application()) as client:
        client.headers.update(basic(f"{USER}:{PASSWORD}"))
        yield client
    world.store.close()


def listed(client: TestClient[Litestar], regex: str) -> dict[str, Any]:
    answer = client.post(f"{BASE}/azure/evaluations/list/resources?pageNo=0&pageSize=100000", json={"regex": regex})
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def test_the_sample_comes_out_as_it_is_documented(azure_client: TestClient[Litestar]) -> None:
    rows = listed(azure_client, ".*azure-template-mariadb")["content"]
    assert len({row.pop("uuid") for row in rows}) == 4
    assert len({row.pop("evaluatedOn") for row in rows}) == 1
    assert len({row.pop("connectorUuid") for row in rows}) == 1
    assert [list(row.items()) for row in rows] == [
        [
            ("resourceId", "azure-template-mariadb"),
            ("status", status),
            ("serviceType", "MARIADB_SERVER"),
            ("resourceType", "MARIADB_SERVER"),
            ("resourceName", "azure-template-mariadb"),
            ("region", "all-region"),
            ("cid", cid),
            ("controlName", name),
            ("subscriptionId", SUBSCRIPTION),
            ("resourceGroupName", None),
        ]
        for cid, status, name in SAMPLE
    ]


def test_every_control_of_databases_is_met_and_missed(azure_client: TestClient[Litestar]) -> None:
    seen: dict[int, set[str]] = defaultdict(set)
    for row in listed(azure_client, ".*")["content"]:
        seen[row["cid"]].add(row["status"])
    mine = [cid for cid in load_catalogue().controls if cid in {50001, 50013, 50109, 50110, 50112, 50113}]
    mine += [cid for cid in load_catalogue().controls if 56500 <= cid < 56550]
    assert len(mine) == 32
    assert {cid: seen[cid] for cid in mine if seen[cid] != {"PASS", "FAIL"}} == {}


def test_the_page_around_the_sample_is_the_documented_one(azure_client: TestClient[Litestar], clock: FakeClock) -> None:
    page = listed(azure_client, ".*azure-template-mariadb")
    assert {row["evaluatedOn"] for row in page.pop("content")} == {clock().strftime("%Y-%m-%dT%H:%M:%S+0000")}
    unsorted = {"sorted": False, "empty": True, "unsorted": True}
    place = {"pageSize": 100_000, "pageNumber": 0, "offset": 0, "paged": True, "unpaged": False}
    assert page == {
        "pageable": {"sort": unsorted, **place},
        "totalPages": 1,
        "totalElements": 4,
        "last": True,
        "number": 0,
        "size": 100_000,
        "numberOfElements": 4,
        "sort": unsorted,
        "first": True,
        "empty": False,
    }
