"""Following: whoever applies what each poll tells has, at every poll, what a whole export would tell."""

import random
from threading import Event
from typing import Any

import pytest

from apiworld import ACCOUNT, World, instance, user
from exports.export_world import opened, told
from nephoscope.errors import BadRequestError
from nephoscope.exceptions.exceptions import draft_of
from nephoscope.model.identities import Reach
from nephoscope.model.scopes import Outcome
from nephoscope.reports.exports import cursors
from nephoscope.store import connectors
from nephoscope.store.changelog import changes
from store.test_store_races import together

Rows = dict[str, dict[str, Any]]
NOUNS = ("evaluations", "resources", "exceptions")
_BY_THE_WAY = ("change", "lastSeen", "lastEvaluated")
"""What moves with every scan, and is no change."""


class Follower:
    """Keeps what it is told, as a SIEM would."""

    def __init__(self, world: World, noun: str, query: str = "", limit: int = 0) -> None:
        self._world, self._noun, self._query, self._limit = world, noun, query, limit
        self.cursor = ""
        self.rows: Rows = {}
        self.heard = 0

    def poll(self) -> None:
        has_more = True
        while has_more:
            export = opened(self._world, self._noun, query=self._query, since=self.cursor, limit=self._limit)
            rows, _ = told_of(export)
            self.cursor, has_more = export.cursor, export.has_more
            for row in rows:
                self.heard += 1
                if row["change"] in ("removed", "left"):
                    self.rows.pop(row["uuid"], None)
                else:
                    self.rows[row["uuid"]] = plain(row)


def told_of(export: Any) -> tuple[list[dict[str, Any]], str]:
    from exports.export_world import lines  # noqa: PLC0415

    return lines(b"".join(export.pieces)), export.cursor


def plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _BY_THE_WAY}


def everything(world: World, noun: str, query: str = "") -> Rows:
    return {row["uuid"]: plain(row) for row in told(world, noun, query=query)[0]}


class Life:
    """Things that happen to an estate, drawn by a seed."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._draw = random.Random(seed)  # noqa: S311 - repeatable
        self._names = 0
        self._live: list[Any] = []

    def step(self) -> None:
        self._draw.choice([self.users, self.users, self.instances, self.grant, self.revoke, self.tag, self.wait])()

    def users(self) -> None:
        draw = self._draw
        names = draw.sample(["ann", "bob", "cleo", "dan"], draw.randrange(5))
        outcome = draw.choice([Outcome.COMPLETE, Outcome.COMPLETE, Outcome.DENIED])
        self._world.record("IAM_USER", "global", [user(name, mfa=draw.random() < 0.5) for name in names], outcome)

    def instances(self) -> None:
        draw = self._draw
        ids = draw.sample(["i-0a", "i-0b"], draw.randrange(3))
        rows = [instance(one, tokens=draw.choice(["required", "optional"])) for one in ids]
        self._world.record("EC2_INSTANCE", "us-east-1", rows, connector=draw.choice([None, self._world.lab]))

    def grant(self) -> None:
        self._names += 1
        start = self._world.clock().date().isoformat()
        scope: dict[str, Any] = self._draw.choice(
            [
                {"exceptionScope": "CONNECTOR", "accountIds": [ACCOUNT]},
                {"exceptionScope": "RESOURCE", "resources": [{"resourceId": "ann", "accountId": ACCOUNT}]},
                {"exceptionScope": "QUALYSTAG", "resourceTagNames": ["Red"], "isAllConnector": True},
                {
                    "exceptionScope": "QUALYSTAG",
                    "resourceTagNames": ["Red"],
                    "connectorTagNames": ["Blue"],
                    "isAllConnector": False,
                },
            ]
        )
        said: dict[str, Any] = {
            "cloudType": "AWS", "name": f"Number {self._names}", "explanation": "So", "exceptionReason": "Other",
            "startDate": start, "endDate": start, "controlIds": [1, 322], **scope,
        }  # fmt: skip
        self._live.append(self._world.exceptions.create(draft_of(said), "ann"))

    def revoke(self) -> None:
        if self._live:
            gone = self._live.pop(self._draw.randrange(len(self._live)))
            self._world.exceptions.delete([gone.uuid], "ann")

    def tag(self) -> None:
        usecases = self._world.usecases
        act = self._draw.choice([usecases.tags.assign, usecases.tags.remove])
        usecases.tags.assign(["Red", "Blue"], [], [self._world.lab.uuid])
        rows = [uuid for uuid in self._world.uuids.values() if self._is_there(uuid)]
        if rows:
            act(["Red"], [self._draw.choice(rows)], [])
        act(["Blue"], [], [self._world.production.uuid])

    def wait(self) -> None:
        self._world.clock.forward(hours=self._draw.choice([1, 11, 23]))

    def _is_there(self, uuid: Any) -> bool:
        from nephoscope.store import resources  # noqa: PLC0415

        with self._world.store.read() as reader:
            return resources.get(reader, uuid) is not None


@pytest.mark.parametrize("seed", range(4))
def test_a_follower_has_what_a_whole_export_tells(either: World, seed: int) -> None:
    followers = {noun: Follower(either, noun, limit=2 if seed % 2 else 0) for noun in NOUNS}
    failing = Follower(either, "evaluations", "control.result:FAIL and account.id:111122223333")
    life = Life(either, seed)
    for number in range(60):
        life.step()
        if number % 3 == 0:
            for noun, follower in followers.items():
                follower.poll()
                assert follower.rows == everything(either, noun), (seed, number, noun)
            failing.poll()
            assert failing.rows == everything(either, "evaluations", "control.result:FAIL and account.id:111122223333")


def test_no_change_is_lost_between_two_polls_while_others_write(either: World) -> None:
    follower = Follower(either, "evaluations")
    done = Event()

    def write(connector: Any, seed: int) -> None:
        draw = random.Random(seed)  # noqa: S311 - repeatable
        for _ in range(25):
            rows = [user(name, mfa=draw.random() < 0.5) for name in draw.sample(["ann", "bob", "cleo"], 2)]
            either.record("IAM_USER", "global", rows, connector=connector)

    def write_all() -> None:
        together(lambda: write(either.production, 1), lambda: write(either.lab, 2))
        done.set()

    def follow() -> None:
        while not done.is_set():
            follower.poll()

    together(write_all, follow)
    follower.poll()
    assert follower.rows == everything(either, "evaluations")


def test_nothing_is_told_when_nothing_changed(world: World) -> None:
    for noun in NOUNS:
        _, cursor = told(world, noun)
        world.record("EC2_INSTANCE", "us-east-1", [instance("i-0aaa", tokens="required"), instance("i-0bbb")])
        assert told(world, noun, since=cursor)[0] == []


def test_only_what_turned_is_told(world: World) -> None:
    _, cursor = told(world, "evaluations")
    world.clock.forward(hours=1)
    world.record("IAM_USER", "global", [user("ann", mfa=False), user("bob", mfa=True), user("cleo", mfa=True)])
    rows, cursor = told(world, "evaluations", since=cursor)
    assert [(row["resourceId"], row["cid"], row["status"], row["change"]) for row in rows] == [
        ("ann", 1, "FAIL", "changed"),
        ("bob", 1, "PASS", "changed"),
    ]
    assert told(world, "evaluations", since=cursor)[0] == []


def test_an_exception_is_told_when_it_begins_and_when_it_ends(world: World) -> None:
    said = {
        "cloudType": "AWS", "exceptionScope": "CONNECTOR", "name": "Sandbox", "explanation": "So",
        "exceptionReason": "Other", "startDate": "2026-01-02", "endDate": "2026-01-03", "controlIds": [1],
        "accountIds": [ACCOUNT],
    }  # fmt: skip
    _, cursor = told(world, "evaluations")
    _, decisions = told(world, "exceptions")
    world.exceptions.create(draft_of(said), "ann")
    seen = []
    for _ in range(4):
        rows, cursor = told(world, "evaluations", since=cursor)
        states, decisions = told(world, "exceptions", since=decisions)
        seen.append(([row["status"] for row in rows], [row["state"] for row in states]))
        world.clock.forward(days=1)
    assert seen == [(["FAIL"], ["INACTIVE"]), (["PASSE"], ["ACTIVE"]), ([], []), (["FAIL"], ["EXPIRED"])]


def test_what_a_deleted_connector_held_is_told_as_removed(world: World) -> None:
    _, cursor = told(world, "evaluations")
    _, inventory = told(world, "resources")
    whole = everything(world, "evaluations")
    with world.store.write() as writer:
        connectors.delete(writer, [world.production.key])
    rows, _ = told(world, "evaluations", since=cursor)
    assert {row["uuid"] for row in rows} == set(whole)
    assert {row["change"] for row in rows} == {"removed"}
    assert {row["resourceId"] for row in told(world, "resources", since=inventory)[0]} == {
        "i-0aaa", "i-0bbb", "ann", "bob", "cleo",
    }  # fmt: skip


def test_a_broken_export_is_asked_for_again_and_parts_go_on(world: World) -> None:
    whole = everything(world, "evaluations")
    found: Rows = {}
    cursor, parts, has_more = "", 0, True
    while has_more:
        export = opened(world, "evaluations", since=cursor, limit=2)
        next(iter(export.pieces))
        export.pieces.close()
        again, _ = told_of(opened(world, "evaluations", since=cursor, limit=2))
        found |= {row["uuid"]: plain(row) for row in again}
        cursor, has_more, parts = export.cursor, export.has_more, parts + 1
        world.record("EC2_INSTANCE", "us-east-1", [instance("i-0aaa", tokens="required"), instance("i-0bbb")])
    assert (found, parts) == (whole, 3)


def test_what_changes_between_two_parts_is_told_by_the_next_export(world: World) -> None:
    first = opened(world, "evaluations", limit=2)
    rows, _ = told_of(first)
    assert {row["resourceId"] for row in rows} == {"i-0aaa", "i-0bbb"}
    world.record("EC2_INSTANCE", "us-east-1", [instance("i-0aaa"), instance("i-0bbb")])
    _, cursor = told(world, "evaluations", since=first.cursor)
    rows, _ = told(world, "evaluations", since=cursor)
    assert [(row["resourceId"], row["status"]) for row in rows] == [("i-0aaa", "FAIL")]


def test_filters_look_at_facts_of_controls_and_resources(world: World) -> None:
    def found(noun: str, query: str) -> set[Any]:
        return {(row["resourceId"], row.get("cid")) for row in told(world, noun, query=query)[0]}

    assert found("evaluations", "policy.name:practices") == {("i-0aaa", 322), ("i-0bbb", 322)}
    assert found("evaluations", "control.criticality:LOW and resource.id:ann") == {("ann", 2)}
    assert found("evaluations", "control.result:FAIL") == {("i-0bbb", 322), ("bob", 1)}
    assert found("resources", "resource.type:IAM_USER and not resource.id:ann") == {("bob", None), ("cleo", None)}
    assert found("resources", "instance.type:t2.micro") == {("i-0aaa", None), ("i-0bbb", None)}
    assert found("resources", "provider:GCP") == set()


def test_what_left_the_filter_is_told_as_left(world: World) -> None:
    query = "control.result:FAIL and resource.type:IAM_USER"
    rows, cursor = told(world, "evaluations", query=query)
    assert [row["resourceId"] for row in rows] == ["bob"]
    world.record("IAM_USER", "global", [user("ann", mfa=True), user("bob", mfa=True), user("cleo", mfa=False)])
    world.record("EC2_INSTANCE", "us-east-1", [instance("i-0aaa")])
    rows, _ = told(world, "evaluations", query=query, since=cursor)
    assert {(row["resourceId"], row["change"], row["status"]) for row in rows} == {
        ("bob", "left", "PASS"),
        ("cleo", "changed", "FAIL"),
    }


def test_everybody_is_told_of_their_own_part_alone(world: World) -> None:
    world.record("IAM_USER", "global", [user("far", mfa=False)], connector=world.lab)
    reach = Reach(accounts=frozenset({world.lab.account_id}))
    for noun in ("evaluations", "resources"):
        rows, cursor = told(world, noun, reach=reach)
        assert {row["accountId"] for row in rows} == {world.lab.account_id}
        world.record("IAM_USER", "global", [user("ann", mfa=bool(len(noun) % 2))])
        world.record("IAM_USER", "global", [], connector=world.lab)
        rows, _ = told(world, noun, since=cursor, reach=reach)
        assert {(row["resourceId"], row["change"]) for row in rows} == {("far", "removed")}
        world.record("IAM_USER", "global", [user("far", mfa=False)], connector=world.lab)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            {"noun": "users"},
            "noun: 'users' cannot be exported; these can: evaluations, resources, findings, exceptions",
        ),
        ({"noun": "evaluations", "style": "xml"}, "format: 'xml' is none of csv, jsonl, parquet, ocsf, sarif, asff"),
        ({"noun": "resources", "query": "colour:red", "since": "x"}, "filter: .*colour"),
        ({"noun": "resources", "query": "colour:red", "since": "x"}, "since: 'x' is not a cursor"),
        ({"noun": "evaluations", "since": "A" * 1_000}, "is not a cursor"),
        ({"noun": "evaluations", "limit": 100_001}, "limit: 100001 is not between 1 and 100,000"),
    ],
)
def test_everything_wrong_is_said_at_once(world: World, more: dict[str, Any], words: str) -> None:
    with pytest.raises(BadRequestError, match=words):
        opened(world, more.pop("noun"), more.pop("style", "jsonl"), **more)


def test_cursors_go_with_their_noun_and_filter(world: World) -> None:
    cursor = opened(world, "evaluations", query="control.result:FAIL").cursor
    with pytest.raises(BadRequestError, match="belongs to another filter"):
        opened(world, "evaluations", since=cursor)
    with pytest.raises(BadRequestError, match="an export of evaluations, not of resources"):
        opened(world, "resources", since=cursor)


def test_whoever_sees_another_part_by_now_begins_anew(world: World) -> None:
    part, more = Reach(accounts=frozenset({ACCOUNT})), Reach(accounts=frozenset({ACCOUNT, "999999999999"}))
    cursor = opened(world, "evaluations", reach=part).cursor
    assert told(world, "evaluations", reach=part, since=cursor)[0] == []
    for other in (None, more, Reach(tags=frozenset({ACCOUNT}))):
        with pytest.raises(BadRequestError, match="another filter or reach"):
            opened(world, "evaluations", reach=other, since=cursor)
    whole = opened(world, "evaluations").cursor
    with pytest.raises(BadRequestError, match="another filter or reach"):
        opened(world, "evaluations", reach=part, since=whole)


def test_a_cursor_from_too_long_ago_or_from_the_future_is_refused(world: World) -> None:
    cursor = opened(world, "evaluations").cursor
    world.clock.forward(days=40)
    world.record("IAM_USER", "global", [])
    with world.store.write() as writer:
        changes.forget(writer, world.clock())
    later = opened(world, "evaluations").cursor
    world.clock.forward(days=1)
    world.record("EC2_INSTANCE", "us-east-1", [])
    with world.store.write() as writer:
        changes.forget(writer, world.clock())
    for old in (cursor,):
        with pytest.raises(BadRequestError, match="not known any more"):
            opened(world, "evaluations", since=old)
    assert later
    read = cursors.read(cursor, "evaluations", "")
    ahead = cursors.Cursor(read.format, read.noun, read.query, read.since._replace(version=10**9), read.until, 0)
    with pytest.raises(BadRequestError, match="not known any more"):
        opened(world, "evaluations", since=ahead.spelled())
