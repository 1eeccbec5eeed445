"""What an exception does to everything that is shown and counted: at once, to the second, and no longer than it lasts.
Over a real connection, with a clock that the test moves."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from apiworld import ACCOUNT, BASE, LAB, PASSWORD, USER, World, basic, instance, user
from exception_bodies import CONNECTOR, QUALYSTAG, RESOURCE, bent
from nephoscope.connectors.connectors import Draft
from nephoscope.model.providers import Provider
from nephoscope.store import resources, tags
from served import serve
from worlds import FakeClock


class House:
    """An estate behind a real server, and what it shows."""

    def __init__(self, world: World, connection: HTTPConnection) -> None:
        self.world = world
        self.clock = world.clock
        self._connection = connection

    def ask(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        said = None if body is None else msgspec.json.encode(body)
        headers = basic(f"{USER}:{PASSWORD}") | {"Content-Type": "application/json"}
        self._connection.request(method, path, said, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        assert answer.status == status, content
        return msgspec.json.decode(content) if content else None

    def create(self, body: dict[str, Any], **changes: Any) -> str:
        uuid: str = self.ask("POST", f"{BASE}/exceptions/create", bent(body, **changes), 201)["uuid"]
        return uuid

    def delete(self, *ids: str) -> None:
        self.ask("DELETE", f"{BASE}/exceptions/delete", ids, 204)

    def rows(self, cid: int, account: str = ACCOUNT, query: str = "") -> dict[str, str]:
        page = self.ask("GET", f"{BASE}/aws/evaluations/{account}/resources/{cid}{query}")
        assert page["totalElements"] == len(page["content"])
        return {row["resourceId"]: row["result"] for row in page["content"]}

    def counts(self, cid: int, account: str = ACCOUNT, query: str = "") -> tuple[str, int, int, int]:
        """Result, passed, failed, passed with an exception."""
        page = self.ask("GET", f"{BASE}/aws/evaluations/{account}{query}")
        (row,) = (row for row in page["content"] if row["controlId"] == cid)
        return (row["result"], row["passedResources"], row["failedResources"], row["passWithExceptionResources"])

    def regex(self, pattern: str) -> dict[tuple[str, int], str]:
        page = self.ask("POST", f"{BASE}/aws/evaluations/list/resources?pageSize=1000", {"regex": pattern})
        assert page["totalElements"] == page["numberOfElements"] == len(page["content"])
        return {(row["resourceId"], row["cid"]): row["status"] for row in page["content"]}

    def controls_failed(self, kind: str, resource_id: str) -> int:
        query = f"filter=resource.id:{resource_id}"
        (row,) = self.ask("GET", f"{BASE}/resource/{kind}/AWS?{query}")["content"]
        failed: int = row["controlsFailed"]
        return failed

    def tag(self, name: str, *resource_ids: str) -> None:
        with self.world.store.write() as writer:
            found = [resources.get(writer, self.world.uuids[one]) for one in resource_ids]
            keys = [row.key for row in found if row]
            tags.put_on(writer, keys, tags.ensure(writer, [name]).values())

    def tag_connector(self, name: str, key: int) -> None:
        with self.world.store.write() as writer:
            tags.put_on_connectors(writer, [key], tags.ensure(writer, [name]).values())


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    world = World(tmp_path, FakeClock(datetime(2026, 1, 1, 12, tzinfo=UTC)))
    world.populate()
    with (
        serve(world.application()) as address,
        closing(HTTPConnection(str(urlsplit(address).netloc), timeout=30)) as connection,
    ):
        yield House(world, connection)
    world.store.close()


FAILING = {"i-0aaa": "PASS", "i-0bbb": "FAIL"}
EXCEPTED = {"i-0aaa": "PASS", "i-0bbb": "PASSE"}


def test_a_fail_becomes_passe_everywhere_and_comes_back(house: House) -> None:
    assert house.rows(322) == FAILING
    uuid = house.create(RESOURCE)
    assert house.rows(322) == EXCEPTED
    assert house.counts(322) == ("PASS", 1, 0, 1)
    assert house.regex("i-.*") == {("i-0aaa", 322): "PASS", ("i-0bbb", 322): "PASSE"}
    assert house.controls_failed("EC2_INSTANCE", "i-0bbb") == 0
    house.delete(uuid)
    assert house.rows(322) == FAILING
    assert house.counts(322) == ("FAIL", 1, 1, 0)
    assert house.regex("i-.*") == {("i-0aaa", 322): "PASS", ("i-0bbb", 322): "FAIL"}
    assert house.controls_failed("EC2_INSTANCE", "i-0bbb") == 1


def test_what_it_does_not_name_stays(house: House) -> None:
    before = (house.counts(1), house.counts(2), house.rows(1))
    house.create(RESOURCE)
    assert (house.counts(1), house.counts(2), house.rows(1)) == before


def test_a_pass_stays_a_pass(house: House) -> None:
    house.create(RESOURCE, resources=[{"resourceId": "i-0aaa", "accountId": ACCOUNT}])
    assert house.rows(322) == FAILING
    assert house.counts(322) == ("FAIL", 1, 1, 0)


@pytest.mark.parametrize(
    ("status", "found"),
    [("PASSE", {"i-0bbb": "PASSE"}), ("FAIL", {}), ("PASS", {"i-0aaa": "PASS"}), ("[PASSE,PASS]", EXCEPTED)],
)
def test_filters_on_the_result_see_it(house: House, status: str, found: dict[str, str]) -> None:
    house.create(RESOURCE)
    assert house.rows(322, query=f"?filter=resource.result:{status}") == found


def test_it_begins_and_ends_to_the_second(house: House) -> None:
    house.create(RESOURCE, startDate="2026-01-02", endDate="2026-01-03")
    moments = {
        datetime(2026, 1, 1, 23, 59, 59, 999_999, tzinfo=UTC): FAILING,
        datetime(2026, 1, 2, tzinfo=UTC): EXCEPTED,
        datetime(2026, 1, 3, 23, 59, 59, 999_999, tzinfo=UTC): EXCEPTED,
        datetime(2026, 1, 4, tzinfo=UTC): FAILING,
    }
    for moment, shown in moments.items():
        house.clock.now = moment
        assert (moment, house.rows(322)) == (moment, shown)
        assert house.counts(322)[2:] == ((1, 0) if shown == FAILING else (0, 1))
        assert house.regex("i-0bbb") == {("i-0bbb", 322): shown["i-0bbb"]}


def test_its_state_follows_the_clock(house: House) -> None:
    uuid = house.create(RESOURCE, startDate="2026-01-02", endDate="2026-01-02")
    states = []
    for day in (1, 2, 3):
        house.clock.now = datetime(2026, 1, day, 12, tzinfo=UTC)
        states.append(house.ask("GET", f"{BASE}/exceptions/{uuid}")["state"])
    assert states == ["INACTIVE", "ACTIVE", "EXPIRED"]


@pytest.mark.parametrize(("region", "shown"), [("", "PASSE"), ("us-east-1", "PASSE"), ("eu-west-1", "FAIL")])
def test_a_region_narrows_it(house: House, region: str, shown: str) -> None:
    house.create(RESOURCE, resources=[{"resourceId": "i-0bbb", "accountId": ACCOUNT, "region": region}])
    assert house.rows(322)["i-0bbb"] == shown


def test_a_resource_of_another_account_is_another_resource(house: House) -> None:
    house.create(RESOURCE, resources=[{"resourceId": "i-0bbb", "accountId": LAB}])
    assert house.rows(322) == FAILING
    house.world.record("EC2_INSTANCE", "us-east-1", [instance("i-0bbb")], connector=house.world.lab)
    assert house.rows(322, LAB) == {"i-0bbb": "PASSE"}


def test_new_resources_fall_under_it(house: House) -> None:
    house.create(RESOURCE, resources=[{"resourceId": "i-0ccc", "accountId": ACCOUNT}])
    house.world.record("EC2_INSTANCE", "eu-west-1", [instance("i-0ccc")])
    assert house.rows(322) == FAILING | {"i-0ccc": "PASSE"}


def test_a_whole_account_is_excepted(house: House) -> None:
    house.create(CONNECTOR)
    assert house.counts(1) == ("PASS", 2, 0, 1)
    house.world.record("IAM_USER", "global", [user("ann", mfa=False), user("bob", mfa=False), user("dora", mfa=False)])
    assert house.counts(1) == ("PASS", 0, 0, 3)
    assert set(house.rows(1).values()) == {"PASSE"}
    assert house.controls_failed("IAM_USER", "bob") == 0


def test_an_account_that_is_connected_anew_falls_under_it(house: House) -> None:
    house.create(CONNECTOR, accountIds=[LAB])
    connectors = house.world.connectors
    connectors.delete([house.world.lab.uuid])
    again = connectors.create(Provider.AWS, Draft(name="Lab again", account_id=LAB))
    house.world.record("IAM_USER", "global", [user("eve", mfa=False)], connector=again)
    assert house.rows(1, LAB) == {"eve": "PASSE"}


def test_tagged_resources_are_excepted_as_soon_as_they_are_tagged(house: House) -> None:
    house.create(QUALYSTAG, isAllConnector="true", accountIds=[], connectorTagNames=[])
    assert house.rows(322) == FAILING
    house.tag("DEMO_TAG", "i-0bbb")
    assert house.rows(322) == EXCEPTED
    assert house.counts(322) == ("PASS", 1, 0, 1)
    assert house.counts(1) == ("FAIL", 2, 1, 0)
    house.tag("demo_tag", "bob")
    assert house.counts(1) == ("PASS", 2, 0, 1)
    assert house.regex("bob") == {("bob", 1): "PASSE", ("bob", 2): "PASS"}


@pytest.mark.parametrize(
    ("changes", "wears", "shown"),
    [
        ({"accountIds": [ACCOUNT], "connectorTagNames": []}, False, "PASSE"),
        ({"accountIds": [LAB], "connectorTagNames": []}, False, "FAIL"),
        ({"accountIds": [], "connectorTagNames": ["Test_TAG"]}, False, "FAIL"),
        ({"accountIds": [], "connectorTagNames": ["test_tag"]}, True, "PASSE"),
        ({"accountIds": [LAB], "connectorTagNames": ["Test_TAG"]}, True, "PASSE"),
        ({"accountIds": [], "connectorTagNames": [], "isAllConnector": True}, False, "PASSE"),
    ],
)
def test_a_tag_exception_holds_in_the_connectors_that_it_says(
    house: House, changes: dict[str, Any], shown: str, *, wears: bool
) -> None:
    house.tag("DEMO_TAG", "i-0bbb")
    if wears:
        house.tag_connector("TEST_TAG", house.world.production.key)
    house.create(QUALYSTAG, **changes)
    assert house.rows(322)["i-0bbb"] == shown


def test_overlapping_exceptions_count_once_and_hold_until_the_last_ends(house: House) -> None:
    house.tag("DEMO_TAG", "i-0bbb")
    first = house.create(RESOURCE, endDate="2026-01-01")
    house.create(CONNECTOR, controlIds=[322], endDate="2026-01-02")
    house.create(QUALYSTAG, endDate="2026-01-03")
    for day, shown in ((1, EXCEPTED), (2, EXCEPTED), (3, EXCEPTED), (4, FAILING)):
        house.clock.now = datetime(2026, 1, day, 13, tzinfo=UTC)
        assert (day, house.rows(322)) == (day, shown)
        assert house.counts(322)[2:] == ((1, 0) if shown == FAILING else (0, 1))
    house.clock.now = datetime(2026, 1, 1, 13, tzinfo=UTC)
    house.delete(first)
    assert house.rows(322) == EXCEPTED


def test_renewing_moves_the_end(house: House) -> None:
    uuid = house.create(RESOURCE, endDate="2026-01-02")
    house.ask("POST", f"/api/exceptions/{uuid}/renew", {"endDate": "2026-01-04"})
    house.clock.now = datetime(2026, 1, 4, 23, 59, 59, tzinfo=UTC)
    assert house.rows(322) == EXCEPTED
    house.clock.forward(seconds=1)
    assert house.rows(322) == FAILING
