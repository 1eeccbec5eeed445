"""Resources of Azure and of Google Cloud: what their evaluations carry, excepted and tagged like any other."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from apiworld import BASE, PASSWORD, USER, World, basic
from clouds_estate import collect_both
from nephoscope.api.wire.resources import wire_keys
from nephoscope.model.providers import Provider
from nephoscope.resource_types.table import types_of
from nephoscope.simulation.azure.cloud import SUBSCRIPTION
from nephoscope.simulation.gcp.cloud import PROJECT
from worlds import FakeClock

Client = TestClient[Litestar]


class Cloud(NamedTuple):
    provider: str
    account: str
    account_key: str
    kind: str
    cid: int


CLOUDS = (
    Cloud("azure", SUBSCRIPTION, "subscriptionId", "MARIADB_SERVER", 50112),
    Cloud("gcp", PROJECT, "projectId", "GCS_BUCKET", 58401),
)
both = pytest.mark.parametrize("cloud", CLOUDS, ids=lambda cloud: cloud.provider)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    world = World(tmp_path_factory.mktemp("clouds"), FakeClock(datetime(2026, 1, 1, 12, tzinfo=UTC)))
    collect_both(world)
    with TestClient(world.application()) as made:
        made.headers.update(basic(f"{USER}:{PASSWORD}"))
        yield made
    world.store.close()


def rows(client: Client, cloud: Cloud, query: str = "") -> list[dict[str, Any]]:
    path = f"{BASE}/{cloud.provider}/evaluations/{cloud.account}/resources/{cloud.cid}?pageSize=1000{query}"
    found: list[dict[str, Any]] = client.get(path).json()["content"]
    return found


def failing(client: Client, cloud: Cloud) -> str:
    return str(next(row["resourceId"] for row in rows(client, cloud) if row["result"] == "FAIL"))


def result(client: Client, cloud: Cloud, resource_id: str) -> str:
    return str(next(row["result"] for row in rows(client, cloud) if row["resourceId"] == resource_id))


@both
def test_evaluations_say_whose_they_are(client: Client, cloud: Cloud) -> None:
    others = {"accountId", "subscriptionId", "projectId"} - {cloud.account_key}
    for row in rows(client, cloud):
        assert row[cloud.account_key] == cloud.account
        assert not row.keys() & others
        assert row["region"]


@both
def test_lists_by_regex_are_as_in_the_samples(client: Client, cloud: Cloud) -> None:
    answer = client.post(f"{BASE}/{cloud.provider}/evaluations/list/resources?pageSize=10000", json={"regex": ".*"})
    found = answer.json()["content"]
    assert {row[cloud.account_key] for row in found} == {cloud.account}
    assert all("resourceGroupName" in row for row in found)
    assert {row["region"] for row in found if row["resourceType"] == "MARIADB_SERVER"} <= {"all-region"}


@both
def test_resources_say_whose_they_are(client: Client, cloud: Cloud) -> None:
    found = client.get(f"{BASE}/resource/{cloud.kind}/{cloud.provider}?pageSize=500").json()["content"]
    assert {row[cloud.account_key] for row in found} == {cloud.account}
    if cloud.provider == "azure":
        assert all(row["resourceGroupName"] for row in found)


@both
def test_every_type_is_listed_and_shown_with_what_it_declares(client: Client, cloud: Cloud) -> None:
    for kind in types_of(Provider(cloud.provider.upper())):
        listed = client.get(f"{BASE}/resource/{kind.name}/{cloud.provider}")
        assert listed.status_code == 200, (kind.name, listed.text)
        for row in listed.json()["content"][:1]:
            assert set(wire_keys(kind)) <= row.keys()
            assert client.get(f"{BASE}/resource/{kind.name}/uuid/{row['uuid']}/{cloud.provider}").json() == row


def exception(cloud: Cloud, scope: str, **more: Any) -> dict[str, Any]:
    return {
        "cloudType": cloud.provider.upper(),
        "exceptionScope": scope,
        "name": f"{cloud.provider} {scope}",
        "explanation": "known",
        "startDate": "2026-01-01",
        "endDate": "2026-01-08",
        "exceptionReason": "Risk Accepted",
        "controlIds": [cloud.cid],
        **more,
    }


@both
@pytest.mark.parametrize("scope", ["RESOURCE", "CONNECTOR", "QUALYSTAG"])
def test_what_fails_is_excepted_while_the_exception_lasts(client: Client, cloud: Cloud, scope: str) -> None:
    one = failing(client, cloud)
    tag = f"excepted-{cloud.provider}"
    reached: dict[str, dict[str, Any]] = {
        "RESOURCE": {"resources": [{"resourceId": one, "accountId": cloud.account}]},
        "CONNECTOR": {"accountIds": [cloud.account]},
        "QUALYSTAG": {"resourceTagNames": [tag], "isAllConnector": "true"},
    }
    if scope == "QUALYSTAG":
        apply = f"{BASE}/{cloud.provider}/evaluations/applyTags"
        answer = client.post(apply, json={"tagNames": [tag], "regex": f".*{one}"})
        assert cloud.cid in answer.json()["controlIds"]
    made = client.post(f"{BASE}/exceptions/create", json=exception(cloud, scope, **reached[scope]))
    assert made.status_code in {200, 201}, made.text
    assert result(client, cloud, one) == "PASSE"
    detail = client.get(f"{BASE}/exceptions/{made.json()['uuid']}").json()
    assert detail["exceptionSummary"]["provider"] == cloud.provider.upper()
    client.request("DELETE", f"{BASE}/exceptions/delete", json=[made.json()["uuid"]])
    assert result(client, cloud, one) == "FAIL"


@both
def test_tags_are_applied_to_what_was_judged(client: Client, cloud: Cloud) -> None:
    one = failing(client, cloud)
    answer = client.post(
        f"{BASE}/{cloud.provider}/evaluations/applyTags", json={"tagNames": ["reviewed"], "regex": f".*{one}"}
    ).json()
    assert cloud.cid in answer["controlIds"]
    found = client.get(f"{BASE}/resource/{cloud.kind}/{cloud.provider}?pageSize=500").json()["content"]
    worn = {row["resourceId"]: [tag["tagName"] for tag in row["qualysTags"]] for row in found}
    assert "reviewed" in worn[one]


def test_an_exception_of_one_cloud_touches_no_other(client: Client) -> None:
    azure, gcp = CLOUDS
    one = failing(client, gcp)
    body = exception(azure, "RESOURCE", resources=[{"resourceId": one, "accountId": gcp.account}])
    answer = client.post(f"{BASE}/exceptions/create", json=body)
    assert answer.status_code == 400
    assert result(client, gcp, one) == "FAIL"
