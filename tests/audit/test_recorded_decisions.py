"""Whatever people decide about connectors and users is on record, with who did it and without a secret in it."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from litestar.testing import TestClient

from apiworld import BASE, PASSWORD, USER, World
from fresh_stores import open_fresh
from nephoscope.audit import trail
from nephoscope.connectors.connectors import Connectors, Draft
from nephoscope.errors import ConflictError, NotFoundError
from nephoscope.kit.pages import PageRequest
from nephoscope.model.audit import AuditEntry
from nephoscope.model.identities import Identity
from nephoscope.model.providers import Provider
from nephoscope.store.session import Store
from quick_access import quick_access
from worlds import FakeClock

ROLE = "arn:aws:iam::000000000001:role/reader"
SECRET = "123456789123456789"


@pytest.fixture
def store() -> Iterator[Store]:
    opened = open_fresh()
    yield opened
    opened.close()


@pytest.fixture
def connectors(store: Store, clock: FakeClock) -> Connectors:
    return Connectors(store, clock)


def entries(store: Store) -> list[AuditEntry]:
    with store.read() as reader:
        assert trail.verify(reader) is None
        return list(trail.entries(reader))


def told(store: Store) -> list[tuple[str, str, str, dict[str, Any]]]:
    return [(entry.who, entry.action, entry.subject, entry.detail) for entry in entries(store)]


def test_the_life_of_a_connector_is_on_record(store: Store, connectors: Connectors, clock: FakeClock) -> None:
    made = connectors.create(Provider.AWS, Draft(name="one", arn=ROLE, external_id=SECRET), "ann")
    clock.forward(hours=1)
    connectors.update(made.uuid, Draft(name="two", external_id="987654321", regions=("eu-west-1",)), "bob")
    connectors.delete([made.uuid], "cleo")
    identity = {"provider": "AWS", "account_id": "000000000001", "role_arn": ROLE}
    subject = str(made.uuid)
    assert told(store) == [
        ("ann", "connector.create", subject, {"name": "one", **identity}),
        (
            "bob",
            "connector.update",
            subject,
            {
                "name": {"from": "one", "to": "two"},
                "regions": {"from": [], "to": ["eu-west-1"]},
                "external_id": "changed",
            },
        ),
        ("cleo", "connector.delete", subject, {"name": "two", **identity}),
    ]
    assert [entry.at for entry in entries(store)] == [made.created_on, clock(), clock()]


def test_a_change_that_changes_nothing_is_no_decision(store: Store, connectors: Connectors) -> None:
    made = connectors.create(Provider.AWS, Draft(name="one", arn=ROLE))
    connectors.update(made.uuid, Draft(name="one"))
    assert [entry.action for entry in entries(store)] == ["connector.create"]


def test_what_was_refused_is_not_on_record(store: Store, connectors: Connectors) -> None:
    made = connectors.create(Provider.AWS, Draft(name="one", arn=ROLE))
    with pytest.raises(ConflictError):
        connectors.create(Provider.AWS, Draft(name="one", arn=ROLE))
    with pytest.raises(NotFoundError):
        connectors.delete([made.uuid, uuid4()])
    assert [entry.action for entry in entries(store)] == ["connector.create"]
    assert connectors.list(None, (), PageRequest(0, 1)).total == 1


def test_no_secret_of_a_connector_gets_into_the_trail(store: Store, connectors: Connectors) -> None:
    endpoint = "http://somebody:password@localhost:4566"
    made = connectors.create(Provider.AWS, Draft(name="one", arn=ROLE, external_id=SECRET, endpoint_url=endpoint))
    connectors.update(made.uuid, Draft(external_id="987654321", endpoint_url="http://other:hidden@localhost:4566"))
    connectors.delete([made.uuid])
    text = repr(told(store))
    for secret in (SECRET, "987654321", "password", "hidden"):
        assert secret not in text


def test_new_users_are_on_record_without_their_passwords(store: Store, clock: FakeClock) -> None:
    access = quick_access(store, clock)
    access.ensure_admin("admin", "correct horse")
    access.ensure_admin("admin", "correct horse")
    access.add_user("ann", "battery staple", Identity("admin"))
    with pytest.raises(ConflictError):
        access.add_user("ann", "battery staple")
    assert told(store) == [
        ("local", "user.create", "admin", {"is_first": True}),
        ("local", "user.grant", "admin", {"role": "Manager", "reach": None}),
        ("admin", "user.create", "ann", {"must_change": False}),
        ("admin", "user.grant", "ann", {"role": "Manager", "reach": None}),
    ]


def test_the_api_says_who_asked(tmp_path: Any, clock: FakeClock) -> None:
    world = World(tmp_path, clock)
    with TestClient(world.application(), raise_server_exceptions=False) as client:
        client.auth = (USER, PASSWORD)
        body = {"name": "New", "awsAccountId": "000011112222"}
        made = client.post(f"{BASE}/aws/connectors", json=body).json()["connectorId"]
        client.put(f"{BASE}/aws/connectors/{made}", json={"name": "Newer"})
        client.request("DELETE", f"{BASE}/aws/connectors", json=[made])
        mine = client.get(f"/api/audit?who={USER}&subject={made}").json()["content"]
    world.store.close()
    assert [row["action"] for row in mine] == ["connector.delete", "connector.update", "connector.create"]
