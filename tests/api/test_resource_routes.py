from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from apiworld import ACCOUNT, BASE, LAB, World, instance
from nephoscope.api.wire.resources import COMMON_KEYS
from nephoscope.resource_types.table import RESOURCE_TYPES

Client = TestClient[Litestar]
INSTANCES = f"{BASE}/resource/EC2_INSTANCE/AWS"


NOBODY = "0d5f7c1e-7c0b-4a53-9d3e-000000000000"
"""A uuid that nothing has."""


def ids(client: Client, query: str = "", path: str = INSTANCES) -> list[str]:
    answer = client.get(path + query)
    assert answer.status_code == 200, answer.text
    return [row["resourceId"] for row in answer.json()["content"]]


def test_a_resource_has_the_common_keys_and_those_of_its_type(still: Client, still_world: World) -> None:
    row = still.get(f"{INSTANCES}?filter=resource.id:i-0aaa").json()["content"][0]
    assert list(row) == [*COMMON_KEYS, *RESOURCE_TYPES["EC2_INSTANCE"].wire]
    uuid, connector = str(still_world.uuids["i-0aaa"]), str(still_world.production.uuid)
    expected = {
        "resourceId": "i-0aaa",
        "name": "web",
        "uuid": uuid,
        "connectorUuid": connector,
        "connectorUuids": [connector],
        "cloudType": "AWS",
        "cloudAccountId": ACCOUNT,
        "region": "us-east-1",
        "resourceType": "EC2_INSTANCE",
        "created": "2026-01-01T00:00:00.000+00:00",
        "createdOn": "2026-01-01T00:00:00+0000",
        "lastUpdated": "2026-01-01T00:00:00+0000",
        "controlsFailed": 0,
        "tags": [{"value": "web", "key": "Name"}],
        "qualysTags": [],
        "launchTime": "2025-03-19T09:52:17+0000",
        "instanceState": "running",
        "publicIpAddress": "50.17.16.28",
        "subnetId": None,
        "vulnerabilities": None,
    }
    assert expected.items() <= row.items()
    assert not {"hasSecrets", "secretStats", "secrets"} & set(row)


def test_the_detail_is_the_row(still: Client, still_world: World) -> None:
    for row in still.get(INSTANCES).json()["content"]:
        assert still.get(f"{BASE}/resource/EC2_INSTANCE/uuid/{row['uuid']}/AWS").json() == row
    failed = still.get(f"{BASE}/resource/EC2_INSTANCE/uuid/{still_world.uuids['i-0bbb']}/AWS").json()
    assert failed["controlsFailed"] == 1


def test_the_detail_may_be_wrapped_by_a_setting(world: World) -> None:
    world.settings = type(world.settings)(data=None, wrapped_resource_detail=True)
    with TestClient(world.application()) as client:
        client.auth = ("alice", "correct horse")
        answer = client.get(f"{BASE}/resource/EC2_INSTANCE/uuid/{world.uuids['i-0aaa']}/AWS").json()
    assert list(answer) == ["content"]
    assert answer["content"][0]["resourceId"] == "i-0aaa"


@pytest.mark.parametrize("path", ["EC2_INSTANCE/AWS", "ec2_instance/aws", "INSTANCE/Aws", "EC2_INSTANCE/AWS/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_types_and_providers_are_found_in_any_spelling(still: Client, method: str, path: str) -> None:
    answer = still.request(method, f"{BASE}/resource/{path}")
    assert answer.status_code == 200
    assert answer.json()["totalElements"] == 2
    assert answer.json()["size"] == 100


def test_a_detail_is_also_posted(still: Client, still_world: World) -> None:
    path = f"{BASE}/resource/EC2_INSTANCE/uuid/{still_world.uuids['i-0aaa']}/AWS"
    assert still.post(path).json() == still.get(path).json()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["i-0aaa", "i-0bbb"]),
        ("?filter=resource.id:i-0bbb", ["i-0bbb"]),
        ("?filter=resourceId:I-0BBB", ["i-0bbb"]),
        ("?filter=name:we", ["i-0aaa", "i-0bbb"]),
        ("?filter=region:eu-west-1", []),
        (f"?filter=account.id:{ACCOUNT}", ["i-0aaa", "i-0bbb"]),
        (f"?filter=account.id:{LAB}", []),
        ("?filter=instance.state:running and resource.id:i-0aaa", ["i-0aaa"]),
        ("?filter=instance.type:t3.large", []),
        ("?filter=not instance.type:t3.large", ["i-0aaa", "i-0bbb"]),
        ("?filter=instance.state:[running, stopped] and (resource.id:*bbb or resource.id:*ccc)", ["i-0bbb"]),
        ("?filter=tag.key:nothing or tag.value:nothing", []),
        ("?filter=tags:(key:nothing and value:nothing) or i-0bbb", ["i-0bbb"]),
        ("?filter=resource.id in (i-0aaa, `i-0ccc`)", ["i-0aaa"]),
        ("?updated=2026-01-01", ["i-0aaa", "i-0bbb"]),
        ("?updated=[now-30d..now]", ["i-0aaa", "i-0bbb"]),
        ("?updated=%5Bnow-30d..now%5D&filter=resource.id%3Ai-0aaa&pageNo=0&pageSize=10", ["i-0aaa"]),
        ("?updated=[2024-01-01 ... now-1m]", []),
        ("?sort=resource.id:desc", ["i-0bbb", "i-0aaa"]),
        ("?sort=lastSyncedOn:asc&pageSize=1&pageNo=1", ["i-0bbb"]),
        ("?pageNo=200&pageSize=50", []),
    ],
)
def test_resources_are_filtered_sorted_and_cut(still: Client, query: str, found: list[str]) -> None:
    assert ids(still, query) == found


def test_a_bucket_lies_in_its_own_region(client: Client, world: World) -> None:
    facts = {"bucketName": "logs", "region": "eu-central-1", "isPolicyPublic": False}
    known = {field.name: None for field in RESOURCE_TYPES["BUCKET"].fields}
    bucket = replace_document(instance("logs", name="logs"), {**known, **facts})
    world.record("BUCKET", "global", [bucket])
    row = client.get(f"{BASE}/resource/S3_BUCKET/AWS").json()["content"][0]
    assert row["region"] == "eu-central-1"
    assert row["resourceType"] == "BUCKET"
    assert set(row) == {*COMMON_KEYS, *RESOURCE_TYPES["BUCKET"].wire}
    evaluation = client.get(f"{BASE}/aws/evaluations/{ACCOUNT}/resources/45").json()["content"][0]
    assert evaluation["region"] == "eu-central-1"


@pytest.mark.parametrize(
    "path",
    [
        "TEAPOT/AWS",
        "EC2_INSTANCE/AZURE",
        "EC2_INSTANCE/OCI",
        "VIRTUAL_MACHINE/GCP",
        "EC2_INSTANCE/nowhere",
        f"EC2_INSTANCE/uuid/{NOBODY}/AWS",
        "EC2_INSTANCE/uuid/nonsense/AWS",
        f"TEAPOT/uuid/{NOBODY}/AWS",
    ],
)
def test_unknown_types_and_resources_are_named(still: Client, path: str) -> None:
    answer = still.get(f"{BASE}/resource/{path}")
    assert answer.status_code == 404
    assert answer.json()["message"]


def test_a_resource_of_another_type_is_not_found(still: Client, still_world: World) -> None:
    assert still.get(f"{BASE}/resource/IAM_USER/uuid/{still_world.uuids['i-0aaa']}/AWS").status_code == 404


def test_a_type_that_clients_do_not_know_shows_all_it_has(client: Client, world: World) -> None:
    row = RESOURCE_TYPES["AWS_REGION"]
    known: dict[str, Any] = {field.name: None for field in row.fields} | {"regionName": "us-east-1"}
    world.record("AWS_REGION", "us-east-1", [replace_document(instance("us-east-1"), known)])
    found = client.get(f"{BASE}/resource/AWS_REGION/AWS").json()["content"][0]
    assert set(found) == {*COMMON_KEYS, *known}
    assert found["regionName"] == "us-east-1"


def replace_document(observed: Any, document: dict[str, Any]) -> Any:
    kept = {name: getattr(observed, name) for name in observed.__struct_fields__}
    return type(observed)(**{**kept, "document": document})
