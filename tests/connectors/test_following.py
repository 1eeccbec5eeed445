"""Accounts come and go where a place is followed, and nothing that people decided is undone."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from fresh_stores import open_fresh
from nephoscope.audit import trail
from nephoscope.connectors.connectors import Connectors, Draft
from nephoscope.connectors.following import Following
from nephoscope.errors import BadRequestError, CloudError, NotFoundError
from nephoscope.kit.pages import PageRequest
from nephoscope.kit.sealing import KEY_BYTES, KeyRing
from nephoscope.model.connectors import Connector
from nephoscope.model.providers import Provider
from nephoscope.simulation.azure.cloud import APPLICATION, SECRET, SUBSCRIPTION, TENANT, AzureCloud
from nephoscope.store.session import Store
from worlds import FakeClock

RING = KeyRing([b"k" * KEY_BYTES])


@pytest.fixture
def azure() -> Iterator[AzureCloud]:
    with AzureCloud() as cloud:
        yield cloud


@pytest.fixture
def store(clock: FakeClock) -> Iterator[Store]:
    opened = open_fresh(clock)
    yield opened
    opened.close()


@pytest.fixture
def connectors(store: Store, clock: FakeClock) -> Connectors:
    return Connectors(store, clock, RING)


@pytest.fixture
def following(store: Store, clock: FakeClock, connectors: Connectors) -> Following:
    return Following(store, clock, RING, connectors)


def draft(azure: AzureCloud, secret: str = SECRET) -> Draft:
    return Draft(
        tenant_id=TENANT,
        application_id=APPLICATION,
        secret=secret,
        endpoint_url=azure.endpoint_url,
        polling_minutes=120,
    )


def listed(connectors: Connectors) -> dict[str, Connector]:
    return {one.account_id: one for one in connectors.list(None, (), PageRequest(0, 100)).rows}


def test_what_is_found_gets_a_connector(azure: AzureCloud, following: Following, connectors: Connectors) -> None:
    second = str(uuid4())
    azure.subscriptions[second] = azure.subscriptions[SUBSCRIPTION]
    _, looked = following.create(Provider.AZURE, "", draft(azure), "alice")
    assert set(looked.added) == {SUBSCRIPTION, second}
    found = listed(connectors)
    names = {one.name for one in found.values()}
    assert len(names) == 2
    assert any(name.endswith(")") for name in names)
    assert all(one.polling_minutes == 120 for one in found.values())


def test_accounts_come_go_and_come_back(
    azure: AzureCloud, following: Following, connectors: Connectors, clock: FakeClock
) -> None:
    place, _ = following.create(Provider.AZURE, "", draft(azure))
    second = str(uuid4())
    azure.subscriptions[second] = "Second"
    following.look_when_due()
    assert second not in listed(connectors)
    clock.forward(hours=1)
    following.look_when_due()
    assert second in listed(connectors)
    del azure.subscriptions[second]
    assert following.look(place.uuid).gone == (second,)
    gone = listed(connectors)[second]
    assert gone.is_disabled
    assert "no longer" in gone.error
    assert following.look(place.uuid).gone == ()
    azure.subscriptions[second] = "Second"
    assert following.look(place.uuid).back == (second,)
    assert not listed(connectors)[second].is_disabled


def test_what_people_decided_stays(azure: AzureCloud, following: Following, connectors: Connectors) -> None:
    place, _ = following.create(Provider.AZURE, "", draft(azure))
    first = listed(connectors)[SUBSCRIPTION]
    connectors.update(first.uuid, Draft(is_disabled=True))
    assert following.look(place.uuid).back == ()
    connectors.delete([first.uuid])
    looked = following.look(place.uuid)
    assert (looked.added, looked.left) == ((), (SUBSCRIPTION,))
    following.delete(place.uuid, "alice")
    with pytest.raises(NotFoundError):
        following.look(place.uuid)


def test_a_connector_of_somebodys_own_is_left_alone(
    azure: AzureCloud, following: Following, connectors: Connectors
) -> None:
    own = connectors.create(
        Provider.AZURE, Draft(name="Mine", account_id=SUBSCRIPTION, endpoint_url=azure.endpoint_url)
    )
    _, looked = following.create(Provider.AZURE, "", draft(azure))
    assert (looked.added, looked.left) == ((), (SUBSCRIPTION,))
    assert listed(connectors)[SUBSCRIPTION] == own


def test_a_list_that_fails_makes_nothing_disappear(
    azure: AzureCloud, following: Following, connectors: Connectors, store: Store
) -> None:
    place, _ = following.create(Provider.AZURE, "", draft(azure))
    with azure.refusing("Microsoft.Resources/subscriptions/read"), pytest.raises(CloudError):
        following.look(place.uuid)
    assert "Microsoft.Resources/subscriptions/read" in following.get(place.uuid).error
    assert not listed(connectors)[SUBSCRIPTION].is_disabled
    following.look(place.uuid)
    assert following.get(place.uuid).error == ""
    with store.read() as reader:
        assert trail.verify(reader) is None
        assert SECRET not in str(list(trail.entries(reader)))


@pytest.mark.parametrize(
    ("provider", "within", "said", "words"),
    [
        (Provider.AZURE, "a/b", {"secret": "x"}, ["within", "directoryId", "applicationId"]),
        (Provider.GCP, "department/7", {}, ["within"]),
        (Provider.GCP, "folders/x", {"secret": "{}"}, ["within", "configFile"]),
        (Provider.AWS, "", {}, ["Azure"]),
    ],
)
def test_what_is_wrong_is_said_at_once(
    following: Following, provider: Provider, within: str, said: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(BadRequestError) as caught:
        following.create(provider, within, Draft(**said))
    assert all(word in caught.value.message for word in words)
    assert following.every() == ()


def test_a_place_that_cannot_be_looked_at_is_not_followed(azure: AzureCloud, following: Following) -> None:
    with pytest.raises(CloudError, match="AADSTS"):
        following.create(Provider.AZURE, "", draft(azure, "wrong"))
    assert following.every() == ()
