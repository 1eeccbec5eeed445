"""How related documents are found: by equal values, and by the elements of lists on either side."""

from contextlib import closing
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from fresh_stores import open_fresh
from nephoscope.controls.loading import load_catalogue
from nephoscope.evaluation.judging import Rules
from nephoscope.evaluation.neighbours import AccountNeighbours, _index, _keys
from nephoscope.model.connectors import Connector
from nephoscope.model.evaluations import Status, Verdict
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import Outcome, Scope, ScopeReport
from nephoscope.store import connectors, resources, scopes

CATALOGUE = load_catalogue()
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("theirs", "ours", "found"),
    [
        ({"vpcId": "v"}, {"vpcId": "v"}, True),
        ({"vpcId": "v"}, {"vpcId": "w"}, False),
        ({"vpcId": ["u", "v"]}, {"vpcId": "v"}, True),
        ({"vpcId": "v"}, {"vpcId": ["u", "v"]}, True),
        ({"vpcId": ["v", "v"]}, {"vpcId": ["w"]}, False),
        ({"vpcId": []}, {"vpcId": "v"}, False),
        ({"vpcId": "v"}, {"vpcId": []}, False),
        ({"vpcId": {"a": 1}}, {"vpcId": {"a": 1}}, True),
    ],
)
def test_one_field(theirs: dict[str, Any], ours: dict[str, Any], found: bool) -> None:
    index = _index([theirs], ("vpcId",))
    assert any(key in index for key in _keys(ours, ("vpcId",))) is found


def test_every_field_must_match() -> None:
    index = _index([{"region": "a", "groupIds": ["g1", "g2"]}], ("region", "groupIds"))
    assert set(index) == {("a", "g1"), ("a", "g2")}
    assert list(_keys({"region": "b", "groupId": "g1"}, ("region", "groupId"))) == [("b", "g1")]


GROUP, MACHINE = "NETWORK_SECURITY_GROUP", "VIRTUAL_MACHINE"
BEHIND_A_GROUP = CATALOGUE.compiled(56811)
DENIED = "denied: Microsoft.Network/networkInterfaces/read"
CARD, SUBNET = ["/n/1"], ["/s/1"]


def judged(group: Observed, machine: Observed) -> Verdict:
    """What is said of a machine in a subscription that has one group, by whether a group filters its traffic."""
    with closing(open_fresh()) as store, store.write() as writer:
        key = connectors.create(writer, Connector(uuid4(), Provider.AZURE, "s", "account", NOW)).key
        for kind, observed in ((GROUP, group), (MACHINE, machine)):
            scope = scopes.close(writer, key, ScopeReport(Scope(kind, "global"), Outcome.COMPLETE), NOW)
            resources.record(writer, key, scope, [observed], complete=True, now=NOW)
        neighbours = AccountNeighbours(writer, key, "s", {GROUP: frozenset("*")})
        neighbours.load(writer)
        (verdict,) = Rules([BEHIND_A_GROUP], NOW).judge(machine.document, machine.unread, neighbours)
        return verdict


def group_of(cards: list[str], subnets: list[str]) -> Observed:
    return Observed("g", "g", "", {"networkInterfaceIds": cards, "subnetIds": subnets})


def test_a_neighbour_is_found_or_is_not_there() -> None:
    machine = Observed("m", "m", "", {"networkInterfaceIds": CARD, "subnetIds": SUBNET})
    assert judged(group_of([], SUBNET), machine).status is Status.PASS
    assert judged(group_of([], []), machine).status is Status.FAIL


def test_what_cannot_be_joined_is_not_absent() -> None:
    machine = Observed("m", "m", "", {"networkInterfaceIds": CARD}, {"subnetIds": DENIED})
    found = judged(group_of([], SUBNET), machine)
    assert (found.status, found.reason) == (Status.UNKNOWN, DENIED)
    assert judged(group_of(CARD, []), machine).status is Status.PASS


def test_a_neighbour_that_cannot_be_joined_may_be_the_one() -> None:
    machine = Observed("m", "m", "", {"networkInterfaceIds": CARD, "subnetIds": SUBNET})
    found = judged(Observed("g", "g", "", {"networkInterfaceIds": []}, {"subnetIds": DENIED}), machine)
    assert (found.status, found.reason) == (Status.UNKNOWN, f"subnetIds of {GROUP}: {DENIED}")
