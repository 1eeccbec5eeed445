"""Whoever sees a part gets, through every door, what whoever sees everything gets, filtered here in Python."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apiworld import ACCOUNT, BASE, LAB, World
from nephoscope.kit.folding import fold
from nephoscope.model.exceptions import ExceptionScope
from scoped_world import (
    ACCOUNTS,
    ANNEX,
    CIDS,
    GROUPS,
    KINDS,
    RESOURCES,
    TAGS,
    Asker,
    Facts,
    Part,
    ScopedWorld,
    Seen,
    Told,
    askers,
)
from worlds import FakeClock

Row = Mapping[str, Any]


class House(NamedTuple):
    """An estate, and clients of it: one who sees everything, one who sees the part that was set."""

    estate: ScopedWorld
    everything: Asker
    scoped: Asker


@pytest.fixture
def house(url: str, tmp_path: Path) -> Iterator[House]:
    world = World(tmp_path, FakeClock(datetime(2026, 1, 1, 12, tzinfo=UTC)), url=url)
    with closing(world.store):
        estate = ScopedWorld(world)
        with askers(world) as (everything, scoped):
            yield House(estate, everything, scoped)


_YES = st.sampled_from([True])


def some(values: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), max_size=2)


def told() -> st.SearchStrategy[Told]:
    names = st.lists(st.sampled_from(TAGS), min_size=1, max_size=2, unique=True).map(tuple)
    accounts = st.lists(st.sampled_from(ACCOUNTS), min_size=1, max_size=2, unique=True).map(tuple)
    cids = st.lists(st.sampled_from(CIDS), min_size=1, unique=True).map(tuple)
    of_resources = st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=3, unique=True).map(tuple)
    return st.one_of(
        st.builds(Told, st.just(ExceptionScope.RESOURCE), cids=cids, resources=of_resources),
        st.builds(Told, st.just(ExceptionScope.CONNECTOR), cids=cids, accounts=accounts),
        st.builds(Told, st.just(ExceptionScope.QUALYSTAG), cids=cids, resource_tags=names, is_everywhere=_YES),
        st.builds(Told, st.just(ExceptionScope.QUALYSTAG), cids=cids, resource_tags=names, accounts=accounts),
        st.builds(Told, st.just(ExceptionScope.QUALYSTAG), cids=cids, resource_tags=names, connector_tags=names),
    )


FACTS = st.builds(
    Facts,
    worn=st.fixed_dictionaries({one: some(TAGS) for one in RESOURCES}),
    worn_by_accounts=st.fixed_dictionaries(
        {account: st.frozensets(st.sampled_from(TAGS), max_size=1) for account in ACCOUNTS}
    ),
    groups=st.fixed_dictionaries({name: some(ACCOUNTS) for name in GROUPS}),
    exceptions=st.lists(told(), max_size=3).map(tuple),
)
PARTS = st.builds(Part, groups=some(GROUPS), accounts=some(ACCOUNTS), tags=some(tuple(map(str.upper, TAGS))))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=FACTS, part=PARTS)
def test_every_door_shows_the_part_alone(house: House, facts: Facts, part: Part) -> None:
    house.estate.set(facts, part)
    seen = Seen(facts, part)
    everything, scoped = house.everything, house.scoped
    compare_connectors(everything, scoped, seen)
    compare_resources(everything, scoped, seen)
    compare_evaluations(everything, scoped, seen)
    compare_by_regex(everything, scoped, seen)
    compare_tags(scoped, facts, seen)
    compare_groups(everything, scoped, facts, part, seen)
    compare_exceptions(everything, scoped, facts, seen)
    compare_posture(everything, scoped, seen)
    compare_exports(everything, scoped, seen)


def rows(client: Asker, path: str, **body: Any) -> list[Row]:
    answer = client.post(path, json=body) if body else client.get(path)
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["totalElements"] == len(page["content"])
    found: list[Row] = page["content"]
    return found


def compare_connectors(everything: Asker, scoped: Asker, seen: Seen) -> None:
    path = f"{BASE}/aws/connectors"
    known = rows(everything, path)
    expected = []
    for row in known:
        account = row["awsAccountId"]
        status = scoped.get(f"{path}/{row['connectorId']}").status_code
        assert status == (200 if seen.account(account) else 404)
        if seen.account(account):
            assets = sum(seen.resource(*one) for one in RESOURCES if one[0] == account)
            expected.append({**row, "totalAssets": row["totalAssets"] if seen.whole(account) else assets})
    assert rows(scoped, path) == expected


def compare_resources(everything: Asker, scoped: Asker, seen: Seen) -> None:
    for kind in KINDS:
        for query in ("", "?filter=tag.name:red", "?filter=not tag.name:red", "?sort=region:desc"):
            path = f"{BASE}/resource/{kind}/AWS{query}"
            known = rows(everything, path)
            assert rows(scoped, path) == [
                row for row in known if seen.resource(row["cloudAccountId"], row["resourceId"])
            ]
        for row in rows(everything, f"{BASE}/resource/{kind}/AWS"):
            detail = scoped.get(f"{BASE}/resource/{kind}/uuid/{row['uuid']}/AWS")
            assert detail.status_code == (200 if seen.resource(row["cloudAccountId"], row["resourceId"]) else 404)


def compare_evaluations(everything: Asker, scoped: Asker, seen: Seen) -> None:
    for account in ACCOUNTS:
        path = f"{BASE}/aws/evaluations/{account}"
        counts = {}
        for cid in CIDS:
            of_control = f"{path}/resources/{cid}"
            if not seen.account(account):
                assert scoped.get(of_control).status_code == 404
                continue
            shown = [row for row in rows(everything, of_control) if seen.resource(account, row["resourceId"])]
            assert rows(scoped, of_control) == shown
            counts[cid] = counted(shown)
            failed = [row for row in shown if row["result"] == "FAIL"]
            assert rows(scoped, f"{of_control}?filter=resource.result:FAIL") == failed
            assert rows(scoped, f"{of_control}?sort=resource.id:desc") == sorted(
                shown, key=lambda row: str(row["resourceId"]), reverse=True
            )
        if not seen.account(account):
            assert scoped.get(path).status_code == 404
            continue
        told_counts = {
            row["controlId"]: (row["passedResources"], row["failedResources"], row["passWithExceptionResources"])
            for row in rows(scoped, path)
        }
        assert told_counts == {cid: found for cid, found in counts.items() if any(found)}


def counted(shown: list[Row]) -> tuple[int, int, int]:
    words = [row["result"] for row in shown]
    return words.count("PASS"), words.count("FAIL"), words.count("PASSE")


def compare_by_regex(everything: Asker, scoped: Asker, seen: Seen) -> None:
    path = f"{BASE}/aws/evaluations/list/resources?pageSize=1000"
    for regex in (".*", "i-[12]", "nothing"):
        known = rows(everything, path, regex=regex)
        assert rows(scoped, path, regex=regex) == [
            row for row in known if seen.resource(row["accountId"], row["resourceId"])
        ]


def compare_tags(scoped: Asker, facts: Facts, seen: Seen) -> None:
    expected = []
    for name in sorted(TAGS, key=fold):
        on_resources = sum(name in names and seen.resource(*one) for one, names in facts.worn.items())
        on_connectors = sum(name in names and seen.account(one) for one, names in facts.worn_by_accounts.items())
        if on_resources or on_connectors:
            expected.append((name, on_resources, on_connectors))
    assert [(row["tagName"], row["resources"], row["connectors"]) for row in rows(scoped, "/api/tags")] == expected


def compare_groups(everything: Asker, scoped: Asker, facts: Facts, part: Part, seen: Seen) -> None:
    path = f"{BASE}/groups"
    known = {row["name"]: row for row in rows(everything, path)}
    shown = {row["name"]: row["connectorCount"] for row in rows(scoped, path)}
    expected = {
        name: sum(map(seen.account, facts.groups[name]))
        for name in GROUPS
        if name in part.groups or any(map(seen.account, facts.groups[name]))
    }
    assert shown == expected
    for name, row in known.items():
        assert scoped.get(f"{path}/{row['uuid']}").status_code == (200 if name in expected else 404)


def compare_exceptions(everything: Asker, scoped: Asker, facts: Facts, seen: Seen) -> None:
    path = f"{BASE}/exceptions"
    known = rows(everything, f"{path}/list")
    by_name = {f"Exception {number}": one for number, one in enumerate(facts.exceptions)}
    expected = [row for row in known if seen.exception(by_name[row["name"]])]
    assert rows(scoped, f"{path}/list") == expected
    assert [row["uuid"] for row in scoped.get("/api/exceptions/expiring").json()["exceptions"]] == [
        row["uuid"] for row in expected
    ]
    for row in known:
        told_of = by_name[row["name"]]
        detail = scoped.get(f"{path}/{row['uuid']}")
        assert detail.status_code == (200 if seen.exception(told_of) else 404)
        if detail.status_code == 200:
            compare_detail(detail.json()["exceptionSummary"], told_of, seen)
        for account in ACCOUNTS:
            found = rows(scoped, f"{path}/list?filter=account.id:{account}")
            assert row["uuid"] not in {one["uuid"] for one in found} or seen.account(account)


def compare_detail(summary: Row, told_of: Told, seen: Seen) -> None:
    listed = {(one["account"], one["resourceId"]) for one in summary["resources"]}
    assert listed == {one for one in told_of.resources if seen.resource(*one)}
    assert {one["account"] for one in summary["connectors"]} == set(filter(seen.account, told_of.accounts))


def compare_posture(everything: Asker, scoped: Asker, seen: Seen) -> None:
    for query in ("", "?asOf=2026-06-01"):
        body = scoped.get(f"/api/posture{query}").json()
        accounts = [row["accountId"] for row in everything.get(f"/api/posture{query}").json()["accounts"]]
        assert [row["accountId"] for row in body["accounts"]] == list(filter(seen.account, accounts))
        if body["outlook"]:
            assert {row["accountId"] for row in body["outlook"]["changes"]} <= set(filter(seen.account, accounts))
    total = sum(
        len(
            [
                row
                for row in rows(everything, f"{BASE}/aws/evaluations/{account}/resources/{cid}")
                if seen.resource(account, row["resourceId"])
            ]
        )
        for account in ACCOUNTS
        for cid in CIDS
    )
    totals = scoped.get("/api/posture").json()["totals"]
    assert totals["passed"] + totals["failed"] + totals["passedWithException"] == total


def compare_exports(everything: Asker, scoped: Asker, seen: Seen) -> None:
    for noun in ("resources", "evaluations"):
        known = exported(everything, noun)
        assert exported(scoped, noun) == {one for one in known if seen.resource(*one)}


def exported(client: Asker, noun: str) -> set[tuple[str, str]]:
    answer = client.get(f"/api/exports/{noun}?format=jsonl")
    assert answer.status_code == 200, answer.text
    found = map(json.loads, answer.text.splitlines())
    return {(row["accountId"], row["resourceId"]) for row in found}


def plain(**more: Any) -> Facts:
    nothing: frozenset[str] = frozenset()
    facts = {
        "worn": dict.fromkeys(RESOURCES, nothing),
        "worn_by_accounts": dict.fromkeys(ACCOUNTS, nothing),
        "groups": dict.fromkeys(GROUPS, nothing),
    }
    return Facts(**{**facts, **more})


RED = Part(tags=frozenset({"red"}))
LAB_ALONE = Part(accounts=frozenset({LAB}))
WORN = {**dict.fromkeys(RESOURCES, frozenset[str]()), (ACCOUNT, "i-2"): frozenset({"red"})}


def ids(house: House) -> dict[str, str]:
    return {account: str(owner.uuid) for account, owner in house.estate.connectors.items()}


def uuid_of(house: House, account: str, name: str) -> str:
    kind = "EC2_INSTANCE" if name.startswith("i-") else "IAM_USER"
    found = rows(house.everything, f"{BASE}/resource/{kind}/AWS?filter=account.id:{account}")
    return str(next(row["uuid"] for row in found if row["resourceId"] == name))


def test_connectors_out_of_reach_are_not_there(house: House) -> None:
    house.estate.set(plain(), LAB_ALONE)
    hidden = ids(house)[ACCOUNT]
    one = f"{BASE}/aws/connectors/{hidden}"
    for answer in (
        house.scoped.put(one, json={"name": "Mine"}),
        house.scoped.delete(one),
        house.scoped.post(f"{one}/run"),
        house.scoped.post(f"{BASE}/aws/connectors/run", json=list(ids(house).values())),
        house.scoped.delete(f"{BASE}/aws/connectors", json=[hidden]),
        house.scoped.get(f"{BASE}/aws/evaluations/{ACCOUNT}"),
        house.scoped.get(f"{BASE}/aws/evaluations/stats/1/{hidden}"),
    ):
        assert answer.status_code == 404
        assert "Production" not in answer.text
    assert house.scoped.post(f"{BASE}/aws/connectors/{ids(house)[LAB]}/run").status_code == 200
    assert house.scoped.put(f"{BASE}/aws/connectors/{ids(house)[LAB]}", json={"description": "x"}).status_code == 200
    assert len(rows(house.everything, f"{BASE}/aws/connectors")) == len(ACCOUNTS)


def test_connectors_are_made_in_accounts_of_the_reach(house: House) -> None:
    house.estate.set(plain(), Part(accounts=frozenset({LAB, "000000000001"})))
    path = f"{BASE}/aws/connectors"
    assert house.scoped.post(path, json={"name": "New", "awsAccountId": "000000000002"}).status_code == 403
    taken = house.scoped.post(path, json={"name": "Production", "awsAccountId": "000000000001"})
    assert taken.status_code == 409
    assert ids(house)[ACCOUNT] not in taken.text
    assert house.scoped.post(path, json={"name": "New", "awsAccountId": "000000000001"}).status_code == 201
    assert {row["name"] for row in rows(house.scoped, path)} == {"Lab", "New"}


def test_a_connector_that_is_seen_in_part_is_left_alone(house: House) -> None:
    house.estate.set(plain(worn=WORN), RED)
    one = f"{BASE}/aws/connectors/{ids(house)[ACCOUNT]}"
    assert house.scoped.get(one).json()["totalAssets"] == 1
    tagging = {"tagNames": ["x"], "connectors": [ids(house)[ACCOUNT]]}
    for answer in (
        house.scoped.put(one, json={"name": "Mine"}),
        house.scoped.delete(one),
        house.scoped.post(f"{one}/run"),
        house.scoped.post("/api/tags/assign", json=tagging),
    ):
        assert answer.status_code == 403


def test_tags_go_on_what_is_seen_alone(house: House) -> None:
    house.estate.set(plain(worn=WORN), RED)
    seen, hidden = uuid_of(house, ACCOUNT, "i-2"), uuid_of(house, ACCOUNT, "i-1")
    for verb, names in (("assign", ["new"]), ("remove", ["red"])):
        for things in ([hidden], [seen, hidden]):
            answer = house.scoped.post(f"/api/tags/{verb}", json={"tagNames": names, "resources": things})
            assert answer.status_code == 404
    assert house.scoped.post("/api/tags/assign", json={"tagNames": ["new"], "resources": [seen]}).status_code == 200
    unseen = house.scoped.post("/api/tags/remove", json={"tagNames": ["green"], "resources": [seen]})
    never = house.scoped.post("/api/tags/remove", json={"tagNames": ["never"], "resources": [seen]})
    assert (unseen.status_code, never.status_code) == (404, 404)


def test_exceptions_cover_what_is_seen_alone(house: House) -> None:
    facts = plain(worn=WORN, groups={"East": frozenset({LAB}), "West": frozenset({ACCOUNT})})
    part = Part(groups=frozenset({"East"}), tags=frozenset({"red"}))
    house.estate.set(facts, part)
    seen = Seen(facts, part)
    tried = (
        Told(ExceptionScope.RESOURCE, resources=((ACCOUNT, "i-2"), (LAB, "i-9"))),
        Told(ExceptionScope.RESOURCE, resources=((ACCOUNT, "i-2"), (ACCOUNT, "i-1"))),
        Told(ExceptionScope.RESOURCE, resources=((ANNEX, "i-1"),)),
        Told(ExceptionScope.CONNECTOR, accounts=(LAB,)),
        Told(ExceptionScope.CONNECTOR, accounts=(LAB, ACCOUNT)),
        Told(ExceptionScope.CONNECTOR, accounts=(ANNEX,)),
        Told(ExceptionScope.QUALYSTAG, resource_tags=("Red",), is_everywhere=True),
        Told(ExceptionScope.QUALYSTAG, resource_tags=("green",), is_everywhere=True),
        Told(ExceptionScope.QUALYSTAG, resource_tags=("green",), accounts=(LAB,)),
        Told(ExceptionScope.QUALYSTAG, resource_tags=("green",), connector_tags=("green",)),
    )
    allowed = [0, 3, 6, 8]
    for number, told_of in enumerate(tried):
        answer = house.scoped.post(f"{BASE}/exceptions/create", json=body_of(told_of, f"Try {number}"))
        assert answer.status_code == (201 if number in allowed else 400), (number, answer.text)
        if number > 0:
            assert seen.beyond(told_of) is (number not in allowed)
        assert "Annex" not in answer.text


def test_exceptions_are_decided_by_who_sees_all_of_them(house: House) -> None:
    both = Told(ExceptionScope.CONNECTOR, accounts=(ACCOUNT, LAB))
    other = Told(ExceptionScope.CONNECTOR, accounts=(ANNEX,))
    own = Told(ExceptionScope.CONNECTOR, accounts=(LAB,))
    house.estate.set(plain(exceptions=(both, other, own)), LAB_ALONE)
    known = {row["name"]: row["uuid"] for row in rows(house.everything, f"{BASE}/exceptions/list")}
    expected = {"Exception 0": 403, "Exception 1": 404, "Exception 2": 200}
    for name, status in expected.items():
        renewed = house.scoped.post(f"/api/exceptions/{known[name]}/renew", json={"endDate": "2026-03-01"})
        assert renewed.status_code == status
        deleted = house.scoped.delete(f"{BASE}/exceptions/delete", json=[known[name]])
        assert deleted.status_code == (204 if status == 200 else status)
    assert {row["name"] for row in rows(house.everything, f"{BASE}/exceptions/list")} == {"Exception 0", "Exception 1"}
    taken = house.scoped.post(f"{BASE}/exceptions/create", json=body_of(own, "Exception 1"))
    assert taken.status_code == 409
    assert known["Exception 1"] not in taken.text


def test_previews_and_explanations_stay_in_the_part(house: House) -> None:
    told_of = Told(ExceptionScope.CONNECTOR, accounts=(ACCOUNT,))
    house.estate.set(plain(worn=WORN, exceptions=(told_of,)), RED)
    body = body_of(Told(ExceptionScope.CONNECTOR, accounts=(ACCOUNT, ANNEX)), "Any")
    answer = house.scoped.post("/api/exceptions/preview", json=body).json()
    assert [(row["accountId"], row["controlId"], row["failing"]) for row in answer["counts"]] == [(ACCOUNT, 322, 1)]
    assert [row["resourceId"] for row in answer["examples"]] == ["i-2"]
    assert answer["unknownAccountIds"] == [ANNEX]
    for name, status in (("i-2", 200), ("i-3", 404)):
        where = f"resource={uuid_of(house, ACCOUNT, name)}&cid=322"
        assert house.scoped.get(f"/api/evaluations/explain?{where}").status_code == status


def test_whoever_reaches_nothing_sees_nothing(house: House) -> None:
    house.estate.set(plain(worn=WORN), Part(tags=frozenset({"nobody wears it"})))
    for path in (f"{BASE}/aws/connectors", f"{BASE}/resource/EC2_INSTANCE/AWS", f"{BASE}/exceptions/list", "/api/tags"):
        assert rows(house.scoped, path) == []
    assert rows(house.scoped, f"{BASE}/aws/evaluations/list/resources", regex=".*") == []


def body_of(told_of: Told, name: str) -> dict[str, Any]:
    return {
        "cloudType": "AWS",
        "exceptionScope": told_of.scope.value,
        "name": name,
        "explanation": "Because.",
        "startDate": "2026-01-01",
        "endDate": "2026-02-01",
        "exceptionReason": "Other",
        "controlIds": list(told_of.cids),
        "resources": [{"resourceId": one, "accountId": account} for account, one in told_of.resources],
        "accountIds": list(told_of.accounts),
        "resourceTagNames": list(told_of.resource_tags),
        "connectorTagNames": list(told_of.connector_tags),
        **({"isAllConnector": told_of.is_everywhere} if told_of.scope is ExceptionScope.QUALYSTAG else {}),
        "informationSecurityPolicy": "",
        "informationSecurityProcedure": "",
    }
