from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from apiworld import ACCOUNT, BASE, LAB, World, instance, user
from nephoscope.kit.ids import evaluation_uuid
from nephoscope.model.scopes import Outcome

Client = TestClient[Litestar]
CONTROLS = f"{BASE}/aws/evaluations/{ACCOUNT}"
REGEX = f"{BASE}/aws/evaluations/list/resources"


NOBODY = "0d5f7c1e-7c0b-4a53-9d3e-000000000000"
"""A uuid that nothing has."""


def results(client: Client, query: str = "") -> dict[int, str]:
    answer = client.get(CONTROLS + query)
    assert answer.status_code == 200, answer.text
    return {row["controlId"]: row["result"] for row in answer.json()["content"]}


def resources(client: Client, cid: int, query: str = "") -> list[tuple[str, str]]:
    answer = client.get(f"{CONTROLS}/resources/{cid}{query}")
    assert answer.status_code == 200, answer.text
    return [(row["resourceId"], row["result"]) for row in answer.json()["content"]]


def matching(client: Client, regex: str, query: str = "", provider: str = "aws") -> dict[str, Any]:
    answer = client.post(f"{BASE}/{provider}/evaluations/list/resources{query}", json={"regex": regex})
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def test_an_account_shows_one_row_per_control(still: Client) -> None:
    page = still.get(CONTROLS).json()
    assert page["content"][0] == {
        "controlName": "MFA for users with a password",
        "controlId": 1,
        "policyNames": ["CIS Amazon Web Services Foundations Benchmark"],
        "criticality": "HIGH",
        "service": "IAM",
        "result": "FAIL",
        "passedResources": 2,
        "failedResources": 1,
        "passWithExceptionResources": 0,
    }
    assert page["size"] == 300
    assert {row["controlId"]: row["result"] for row in page["content"]} == {
        1: "FAIL",
        2: "PASS",
        45: "NOT_EVALUATED",
        322: "FAIL",
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?filter=control.result:FAIL", [1, 322]),
        ("?filter=result:fail", [1, 322]),
        ("?filter=control.result:NOT_EVALUATED", [45]),
        ("?filter=control.criticality:HIGH", [1, 45]),
        ("?filter=service:IAM and control.result:PASS", [2]),
        ("?filter=service.type:S3", [45]),
        ("?filter=control.name:IMDSv2", [322]),
        ("?filter=policy.name:best practices", [322]),
        ("?filter=cid:322", [322]),
        ("?filter=controlId:999", []),
        ("?filter=resource.type:IAM_USER", [1, 2]),
        ("?filter=region:us-east-1", [322]),
        ("?filter=resource.id:bob", [1, 2]),
        ("?filter=evaluatedOn:[now-8h..now-1s]", []),
        ("?filter=evaluatedOn:2026-01-01", [1, 2, 322]),
        ("?sort=cid:desc", [322, 45, 2, 1]),
        ("?sort=control.result:asc&pageSize=2", [1, 322]),
        ("?pageNo=1&pageSize=3", [322]),
        ("?pageNo=2&pageSize=3", []),
    ],
)
def test_controls_of_an_account_are_filtered_sorted_and_cut(still: Client, query: str, found: list[int]) -> None:
    assert list(results(still, query)) == found


def test_conditions_on_resources_change_what_is_counted(still: Client) -> None:
    row = still.get(f"{CONTROLS}?filter=resource.id:ann and cid:1").json()["content"][0]
    assert (row["result"], row["passedResources"], row["failedResources"]) == ("PASS", 1, 0)


def test_a_pass_is_withheld_while_a_scope_could_not_be_read(client: Client, world: World) -> None:
    assert results(client)[2] == "PASS"
    world.record("IAM_USER", "global", [], Outcome.THROTTLED)
    assert results(client)[2] == "NOT_EVALUATED"
    world.record("EC2_INSTANCE", "eu-west-1", [], Outcome.DENIED)
    assert results(client)[322] == "FAIL"


def test_a_failure_that_cannot_be_read_again_says_since_when(client: Client, world: World) -> None:
    def told() -> dict[str, str]:
        rows = client.get(f"{CONTROLS}/resources/322?pageSize=100").json()["content"]
        (failing,) = (row["evidences"] for row in rows if row["result"] == "FAIL")
        return {one["settingName"]: one["actualValue"] for one in failing}

    assert "reason" not in told()
    world.record("EC2_INSTANCE", "us-east-1", [], Outcome.DENIED)
    assert told()["reason"].startswith("last read whole on 2026-01-01 00:00Z, since then denied: ")


def test_an_account_that_never_ran_is_empty(still: Client) -> None:
    page = still.get(f"{BASE}/aws/evaluations/{LAB}").json()
    assert page["content"] == []
    assert page["empty"] is True


def test_resources_of_a_control_carry_evidence_and_dates(still: Client, still_world: World) -> None:
    page = still.get(f"{CONTROLS}/resources/322").json()
    assert page["content"][1] == {
        "resourceId": "i-0bbb",
        "region": "us-east-1",
        "accountId": ACCOUNT,
        "evaluatedOn": "2026-01-01T00:00:00+0000",
        "evidences": [{"settingName": "metadataOptions.httpTokens", "actualValue": "optional"}],
        "resourceType": "EC2_INSTANCE",
        "connectorId": str(still_world.production.uuid),
        "result": "FAIL",
        "evaluationDates": {
            "firstEvaluated": "2026-01-01T00:00:00+0000",
            "lastEvaluated": "2026-01-01T00:00:00+0000",
            "dateReopen": None,
            "dateFixed": None,
        },
    }
    assert page["size"] == 300


def test_a_global_resource_has_no_region(still: Client) -> None:
    assert still.get(f"{CONTROLS}/resources/1").json()["content"][0]["region"] is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [("ann", "PASS"), ("bob", "FAIL"), ("cleo", "PASS")]),
        ("?filter=resource.result:FAIL", [("bob", "FAIL")]),
        ("?filter=result:PASS", [("ann", "PASS"), ("cleo", "PASS")]),
        ("?filter=result:UNKNOWN", []),
        ("?filter=resource.id:bob", [("bob", "FAIL")]),
        ("?filter=account.id:111122223333 and result:FAIL", [("bob", "FAIL")]),
        ("?filter=control.criticality:HIGH and result:FAIL", [("bob", "FAIL")]),
        ("?filter=control.criticality:LOW", []),
        ("?filter=evaluatedOn:[now-8h...now]", [("ann", "PASS"), ("bob", "FAIL"), ("cleo", "PASS")]),
        ("?filter=evaluatedOn:[now-8h..now-1s]", []),
        ("?sort=resource.id:desc&pageSize=1", [("cleo", "PASS")]),
        ("?pageNo=1&pageSize=2", [("cleo", "PASS")]),
    ],
)
def test_resources_of_a_control_are_filtered_sorted_and_cut(
    still: Client, query: str, found: list[tuple[str, str]]
) -> None:
    assert resources(still, 1, query) == found


def test_what_is_unknown_stays_out_of_pass_and_fail_lists(client: Client, world: World) -> None:
    world.record("IAM_USER", "global", [user("ann", mfa=True), user("bob", mfa=False)], Outcome.FAILED)
    assert resources(client, 1) == [("bob", "FAIL")]
    assert matching(client, "ann|bob")["totalElements"] == 1


def test_a_control_without_rows_is_an_empty_page(still: Client) -> None:
    assert resources(still, 46) == []


def test_dates_follow_the_life_of_an_evaluation(client: Client, world: World) -> None:
    stats = f"{BASE}/aws/evaluations/stats/322/{world.production.uuid}"
    world.clock.forward(hours=1)
    world.record("EC2_INSTANCE", "us-east-1", [instance("i-0aaa"), instance("i-0bbb", tokens="required")])
    assert client.get(f"{stats}?resourceId=i-0bbb").json() == {
        "firstEvaluated": "2026-01-01T00:00:00+0000",
        "lastEvaluated": "2026-01-01T01:00:00+0000",
        "dateReopen": None,
        "dateFixed": "2026-01-01T01:00:00+0000",
    }
    assert client.get(f"{stats}?resourceid=i-0aaa").json()["dateReopen"] == "2026-01-01T01:00:00+0000"
    assert client.get(stats).json()["dateFixed"] == "2026-01-01T01:00:00+0000"


def test_dates_of_what_was_never_evaluated_are_an_empty_object(still: Client, still_world: World) -> None:
    stats = f"{BASE}/aws/evaluations/stats/322/{still_world.production.uuid}"
    answer = still.get(f"{stats}?resourceId=i-nowhere")
    assert (answer.status_code, answer.json()) == (200, {})


@pytest.mark.parametrize(
    "path",
    [
        "/aws/evaluations/999999999999",
        "/aws/evaluations/nonsense",
        f"/azure/evaluations/{ACCOUNT}",
        "/oci/evaluations/ocid",
        f"/aws/evaluations/{ACCOUNT}/resources/7",
        f"/aws/evaluations/{ACCOUNT}/resources/x",
        f"/aws/evaluations/{ACCOUNT}/resources/-1",
        f"/aws/evaluations/{ACCOUNT}/resources/{'9' * 400}",
        "/aws/evaluations/999999999999/resources/322",
        f"/aws/evaluations/stats/322/{NOBODY}",
        "/aws/evaluations/stats/322/nonsense",
        f"/aws/evaluations/stats/7/{NOBODY}",
    ],
)
def test_unknown_accounts_controls_and_connectors_are_named(still: Client, path: str) -> None:
    answer = still.get(BASE + path)
    assert answer.status_code == 404
    assert answer.json()["errorCode"] == "NOT_FOUND"


def test_a_regex_lists_evaluations_of_whole_matches(still: Client, still_world: World) -> None:
    page = matching(still, "i-0a+")
    row = page["content"][0]
    assert page["totalElements"] == len(page["content"]) == 1
    assert row["uuid"] == str(evaluation_uuid(still_world.uuids["i-0aaa"], 322))
    assert row["resourceId"] == "i-0aaa"
    assert row["status"] == "PASS"
    assert row["cid"] == 322
    assert row["connectorUuid"] == str(still_world.production.uuid)
    assert row["accountId"] == ACCOUNT


@pytest.mark.parametrize(
    ("regex", "count"),
    [
        (".*", 8),
        ("i-0.*", 2),
        ("i-0a", 0),
        ("0aaa", 0),
        ("ann|bob", 4),
        ("(?i)ANN", 2),
        (r".*\/.*", 0),
        (r".*\*.*", 0),
        ("^(a+)+$", 0),
        (".*(.*)*(a+)+x", 0),
    ],
)
def test_patterns_match_whole_ids(still: Client, regex: str, count: int) -> None:
    assert matching(still, regex)["totalElements"] == count


@pytest.mark.parametrize("size", [1, 2, 3, 8, 100])
def test_pages_of_a_regex_list_make_up_the_whole(still: Client, size: int) -> None:
    whole = matching(still, ".*", "?pageSize=1000000")
    pages = [matching(still, ".*", f"?pageNo={number}&pageSize={size}") for number in range(-(-8 // size) + 1)]
    assert [row for page in pages for row in page["content"]] == whole["content"]
    assert all(page["numberOfElements"] == len(page["content"]) for page in pages)
    assert pages[-1]["empty"] is True
    assert pages[-1]["totalElements"] == 8
    assert [page["last"] for page in pages] == [False] * (len(pages) - 2) + [True, True]


@pytest.mark.parametrize("provider", ["azure", "GCP"])
def test_clouds_without_resources_match_nothing(still: Client, provider: str) -> None:
    assert matching(still, ".*", provider=provider)["content"] == []


@pytest.mark.parametrize("key", ["regex", "Regex", "REGEX"])
def test_the_key_of_the_regex_is_written_in_any_case(still: Client, key: str) -> None:
    assert still.post(REGEX, json={key: "ann"}).json()["totalElements"] == 2


@pytest.mark.parametrize(
    ("asked", "size"), [("", 100), ("?pageSize=1000000", 1_000_000), ("?pageSize=9000000", 1_000_000)]
)
def test_regex_pages_may_be_a_million_rows(still: Client, asked: str, size: int) -> None:
    assert matching(still, "ann", asked)["size"] == size
