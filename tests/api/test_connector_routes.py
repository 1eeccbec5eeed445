import json
from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from apiworld import ACCOUNT, ARN, BASE, LAB, USER, World

CONNECTORS = f"{BASE}/aws/connectors"
Client = TestClient[Litestar]

KEYS = [
    "name", "connectorId", "description", "provider", "state", "totalAssets", "lastSyncedOn", "nextSyncedOn",
    "remediationEnabled", "qualysTags", "isGovCloud", "isChinaRegion", "awsAccountId", "accountAlias", "isDisabled",
    "pollingFrequency", "error", "baseAccountId", "externalId", "arn", "portalConnectorUuid", "isPortalConnector",
    "groups",
]  # fmt: skip


def names(client: Client, query: str = "") -> list[str]:
    answer = client.get(CONNECTORS + query)
    assert answer.status_code == 200, answer.text
    return [row["name"] for row in answer.json()["content"]]


def test_a_connector_has_exactly_the_keys_that_clients_know(still: Client, still_world: World) -> None:
    row = still.get(f"{CONNECTORS}/{still_world.production.uuid}").json()
    assert list(row) == KEYS
    assert row["awsAccountId"] == ACCOUNT
    assert row["arn"] == ARN
    assert row["externalId"] == "123456789"
    assert row["pollingFrequency"] == {"hours": 4, "minutes": 0}
    assert row["error"] == ""
    assert row["state"] == "PENDING"
    assert row["lastSyncedOn"] is None
    assert row["nextSyncedOn"] == "Thu Jan 01 00:00:00 UTC 2026"


@pytest.mark.parametrize("provider", ["aws", "AWS", "azure", "Gcp"])
def test_list_and_detail_hold_the_same_rows(still: Client, provider: str) -> None:
    page = still.get(f"{BASE}/{provider}/connectors").json()
    assert page["totalElements"] == (2 if provider.lower() == "aws" else 0)
    for row in page["content"]:
        assert still.get(f"{CONNECTORS}/{row['connectorId']}").json() == row


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Production", "Lab"]),
        ("?filter=name:prod", ["Production"]),
        ("?filter=NAME:PROD and state:pending", ["Production"]),
        ("?filter=state:SUCCESS", []),
        ("?filter=description:shop", ["Production"]),
        ("?filter=lastSyncedOn:[now-1d..now]", []),
        ("?sort=name:asc", ["Lab", "Production"]),
        ("?sort=name:desc", ["Production", "Lab"]),
        ("?sort=lastSyncedOn:asc&pageSize=1", ["Production"]),
        ("?pageNo=1&pageSize=1", ["Lab"]),
        ("?PageNo=1&PAGESIZE=1", ["Lab"]),
        ("?pageNo=7&pageSize=1", []),
        ("?evaluatedOn:now-8h...now-1s&pageNo=0&_=123", ["Production", "Lab"]),
    ],
)
def test_lists_are_filtered_sorted_and_cut(still: Client, query: str, found: list[str]) -> None:
    assert names(still, query) == found


def test_a_connector_is_found_by_its_uuid(still: Client, still_world: World) -> None:
    assert names(still, f"?filter=connector.uuid:{still_world.lab.uuid}") == ["Lab"]


def test_base_accounts_are_those_that_need_no_role(still: Client) -> None:
    assert still.get(f"{CONNECTORS}/awsBaseAccountId").json() == {
        "globalAccountId": LAB,
        "chinaAccountId": "",
        "govAccountId": "",
        "customerGlobalAccount": "false",
        "customerChinaAccount": "false",
        "customerGovAccount": "false",
    }


GO_CLIENT = {
    "connectorId": "",
    "state": "",
    "totalAssets": 0,
    "lastSyncedOn": None,
    "name": "Go",
    "arn": "arn:aws:iam::999900001111:role/go",
    "externalId": "123456789012",
    "isPortalConnector": False,
    "awsAccountId": "",
}
STACK = {
    "arn": "arn:aws:iam::999900001111:role/stack",
    "externalId": 123456789012,
    "name": "Stack",
    "isPortalConnector": "true",
    "unknownKey": {"deep": [1]},
}
MCP = {
    "name": "Mcp",
    "arn": "arn:aws-us-gov:iam::999900001111:role/mcp",
    "externalId": "123456789012",
    "allRegions": True,
    "isGovCloudConfigured": True,
    "disabled": True,
    "groupIds": [],
}
OWN = {"name": "Own", "awsAccountId": 1111122222, "regions": ["eu-central-1"], "pollingFrequency": {"hours": 2}}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (GO_CLIENT, {"name": "Go", "awsAccountId": "999900001111", "externalId": "123456789012"}),
        (STACK, {"name": "Stack", "isPortalConnector": True, "externalId": "123456789012"}),
        (MCP, {"name": "Mcp", "isGovCloud": True, "isDisabled": True}),
        (OWN, {"name": "Own", "awsAccountId": "001111122222", "pollingFrequency": {"hours": 2, "minutes": 0}}),
    ],
)
def test_every_known_form_of_creation_is_accepted(
    client: Client, body: dict[str, Any], expected: dict[str, Any]
) -> None:
    answer = client.post(CONNECTORS, json=body)
    assert answer.status_code == 201, answer.text
    row = answer.json()
    assert list(row) == [*KEYS, "qualysAccountId"]
    assert expected.items() <= row.items()
    assert not row["error"]
    assert client.get(f"{CONNECTORS}/{row['connectorId']}").json() == {key: row[key] for key in KEYS}


def test_the_principal_to_trust_comes_with_the_creation(client: Client) -> None:
    assert client.post(CONNECTORS, json=STACK).json()["qualysAccountId"] == LAB
    gov = {"name": "Gov", "arn": "arn:aws-us-gov:iam::888800001111:role/gov"}
    assert client.post(CONNECTORS, json=gov).json()["qualysAccountId"] == ""


def test_a_taken_name_and_account_are_a_conflict(client: Client) -> None:
    answer = client.post(CONNECTORS, json={"name": "Production", "arn": ARN, "externalId": "123456789"})
    assert answer.status_code == 409
    assert answer.json()["errorCode"] == "CONFLICT"
    assert "Production" in answer.json()["message"]
    assert ACCOUNT in answer.json()["message"]


def test_every_problem_of_a_body_is_named_at_once(client: Client) -> None:
    body = {
        "name": 5,
        "arn": "arn:nonsense",
        "externalId": "12",
        "isGovCloud": "maybe",
        "pollingFrequency": {"hours": "two"},
        "regions": "eu-central-1",
    }
    answer = client.post(CONNECTORS, json=body)
    assert answer.status_code == 400
    for field in ("name", "arn", "externalId", "isGovCloud", "pollingFrequency.hours", "regions"):
        assert f"{field}: " in answer.json()["message"]
    assert names(client) == ["Production", "Lab"]


SUBSCRIPTION, TENANT, APPLICATION = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "123")
AZURE = {
    "name": "Payments",
    "description": "",
    "subscriptionId": SUBSCRIPTION,
    "directoryId": TENANT,
    "applicationId": APPLICATION,
    "authenticationKey": "k3y-of-the-application",
    "isGovCloud": True,
}
KEY_FILE = {
    "type": "service_account",
    "project_id": "meridian-prod",
    "private_key": "-----BEGIN PRIVATE KEY-----",
    "client_email": "audit@meridian-prod.iam.gserviceaccount.com",
    "token_uri": "https://oauth2.googleapis.com/token",
}


def test_an_azure_subscription_is_connected(client: Client) -> None:
    answer = client.post(f"{BASE}/azure/connectors", json=AZURE)
    assert answer.status_code == 201, answer.text
    row = answer.json()
    assert (row["subscriptionId"], row["tenantId"], row["directoryId"]) == (SUBSCRIPTION, TENANT, TENANT)
    assert (row["applicationId"], row["isGovCloud"], row["provider"]) == (APPLICATION, True, "AZURE")
    assert "k3y" not in answer.text
    assert client.get(f"{BASE}/azure/connectors").json()["content"] == [row]


def test_the_older_form_of_an_azure_connector_is_accepted(client: Client) -> None:
    form = f"name=Old&subscriptionId={SUBSCRIPTION}&tenantId={TENANT}&applicationId={APPLICATION}&key=k3y%2Bmore"
    answer = client.post(
        "/cloudview/rest/1.0/azure/connectors", content=form, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["name"] == "Old"


@pytest.mark.parametrize("as_file", [True, False])
def test_a_google_project_is_connected_with_a_form(client: Client, as_file: bool) -> None:
    key = json.dumps(KEY_FILE).encode()
    texts: dict[str, Any] = {"name": "Shop", "projectId": "meridian-prod"}
    files = {
        "configFile": ("key.json", key, "application/json"),
        **({n: t.encode() for n, t in texts.items()} if as_file else {}),
    }
    answer = client.post(f"{BASE}/gcp/connectors", files=files, data={} if as_file else texts)
    assert answer.status_code == 201, answer.text
    assert (answer.json()["name"], answer.json()["projectId"]) == ("Shop", "meridian-prod")
    assert "PRIVATE" not in answer.text
    address = f"{BASE}/gcp/connectors/{answer.json()['connectorId']}"
    changed = client.put(address, files={"dummy": b"", "description": b"Moved"})
    assert (changed.status_code, changed.json()["description"]) == (200, "Moved")


def test_a_google_project_is_connected_with_json(client: Client) -> None:
    body = {"name": "Shop", "projectId": "meridian-prod", "credentials": KEY_FILE}
    assert client.post(f"{BASE}/gcp/connectors", json=body).status_code == 201


@pytest.mark.parametrize(
    ("provider", "body", "words"),
    [
        ("azure", {"subscriptionId": "7", "authenticationKey": "k"}, ["name", "subscriptionId", "directoryId"]),
        ("azure", AZURE | {"signIn": "magic", "applicationId": "x"}, ["signIn", "applicationId"]),
        ("azure", AZURE | {"authenticationKey": "", "signIn": "key"}, ["authenticationKey"]),
        ("azure", AZURE | {"authenticationKey": ""}, ["authenticationKey", "managed_identity"]),
        ("gcp", {"projectId": "X!", "credentials": {"type": "other"}}, ["name", "projectId", "configFile"]),
        ("gcp", {"name": "x", "credentials": KEY_FILE | {"private_key": ""}}, ["private_key"]),
        ("gcp", {"name": "x", "credentials": KEY_FILE | {"token_uri": "https://elsewhere.example/"}}, ["token_uri"]),
        ("gcp", {"name": "x", "credentials": KEY_FILE | {"token_uri": "https://["}}, ["token_uri"]),
    ],
)
def test_what_is_wrong_with_it_is_said_at_once(
    client: Client, provider: str, body: dict[str, Any], words: list[str]
) -> None:
    answer = client.post(f"{BASE}/{provider}/connectors", json=body)
    assert answer.status_code == 400
    assert all(word in answer.json()["message"] for word in words)
    assert client.get(f"{BASE}/{provider}/connectors").json()["content"] == []


def test_an_update_changes_what_it_names(client: Client, world: World) -> None:
    address = f"{CONNECTORS}/{world.production.uuid}"
    before = client.get(address).json()
    answer = client.put(address, json={"description": "Moved", "isDisabled": "True"})
    assert answer.status_code == 200
    assert answer.json() == {**before, "description": "Moved", "isDisabled": True, "nextSyncedOn": None}
    assert client.get(address).json() == answer.json()


def test_a_whole_object_sent_back_changes_nothing(client: Client, world: World) -> None:
    address = f"{CONNECTORS}/{world.production.uuid}"
    before = client.get(address).json()
    assert client.put(address, json=before).json() == before


def test_a_connector_keeps_its_account(client: Client, world: World) -> None:
    answer = client.put(f"{CONNECTORS}/{world.production.uuid}", json={"arn": ARN.replace("1111", "5555")})
    assert answer.status_code == 400
    assert "keeps its account" in answer.json()["message"]


@pytest.mark.parametrize("form", ["object", "array", "path"])
def test_connectors_are_deleted_in_three_forms(client: Client, world: World, form: str) -> None:
    uuid = str(world.production.uuid)
    match form:
        case "object":
            answer = client.request("DELETE", CONNECTORS, json={"connectorIds": [uuid, uuid]})
        case "array":
            answer = client.request("DELETE", CONNECTORS, json=[uuid])
        case _:
            answer = client.delete(f"{CONNECTORS}/{uuid}")
    assert answer.status_code == 204
    assert answer.content == b""
    assert names(client) == ["Lab"]
    assert client.get(f"{CONNECTORS}/{uuid}").status_code == 404


def test_a_deletion_is_all_or_nothing(client: Client, world: World) -> None:
    unknown = str(uuid4())
    answer = client.request("DELETE", CONNECTORS, json=[str(world.production.uuid), unknown])
    assert answer.status_code == 404
    assert unknown in answer.json()["message"]
    assert names(client) == ["Production", "Lab"]


def test_a_connector_runs_by_path(client: Client, world: World) -> None:
    address = f"{CONNECTORS}/{world.production.uuid}/run"
    answer = client.post(address)
    assert answer.status_code == 200
    assert answer.json()["connectorIds"] == [str(world.production.uuid)]
    assert list(world.runs.queued) == [world.production.uuid]
    assert client.post(address).status_code == 409


def test_connectors_run_by_body(client: Client, world: World) -> None:
    both = {"connectorIds": [str(world.production.uuid), str(world.lab.uuid)]}
    client.post(f"{CONNECTORS}/{world.lab.uuid}/run")
    answer = client.post(f"{CONNECTORS}/run", json=both)
    assert answer.status_code == 200
    assert answer.json()["connectorIds"] == [str(world.production.uuid)]
    assert answer.json()["alreadyRunning"] == [str(world.lab.uuid)]
    assert client.post(f"{CONNECTORS}/run", json=both).status_code == 409
    assert world.runs.asked_by == [USER, USER]


def test_an_unknown_connector_runs_nothing(client: Client, world: World) -> None:
    answer = client.post(f"{CONNECTORS}/run", json=[str(world.production.uuid), str(uuid4())])
    assert answer.status_code == 404
    assert not world.runs.queued


@pytest.mark.parametrize("identity", ["0d5f7c1e-7c0b-4a53-9d3e-000000000000", "not-a-uuid", "run", "%00"])
def test_what_does_not_exist_is_a_404(still: Client, identity: str) -> None:
    for method, path in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/run")):
        answer = still.request(method, f"{CONNECTORS}/{identity}{path}", json={"name": "x"})
        assert answer.status_code in ({404, 405} if identity == "run" else {404}), (method, answer.text)
        assert answer.json()["status"] == answer.status_code


def test_a_connector_of_one_cloud_is_not_found_in_another(still: Client, still_world: World) -> None:
    assert still.get(f"{BASE}/azure/connectors/{still_world.production.uuid}").status_code == 404
