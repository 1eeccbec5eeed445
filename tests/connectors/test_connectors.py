"""Connectors over a real store: unique, all at once, all or nothing."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from fresh_stores import open_fresh
from nephoscope.connectors.connectors import Connectors, Draft
from nephoscope.errors import BadRequestError, ConflictError, NotFoundError
from nephoscope.kit.pages import PageRequest
from nephoscope.model.connectors import Connector
from nephoscope.model.providers import Provider
from worlds import FakeClock


@pytest.fixture
def connectors(clock: FakeClock) -> Iterator[Connectors]:
    store = open_fresh()
    yield Connectors(store, clock)
    store.close()


def role(number: int, partition: str = "aws") -> str:
    return f"arn:{partition}:iam::{number:012d}:role/reader"


def test_a_connector_is_created_and_due_at_once(connectors: Connectors, clock: FakeClock) -> None:
    made = connectors.create(Provider.AWS, Draft(name="one", arn=role(1), external_id="123456789"))
    assert made.key
    assert made.next_sync_on == made.created_on == clock()
    assert connectors.get(made.uuid) == made
    assert connectors.find_account(Provider.AWS, "000000000001") == made
    assert connectors.list(Provider.AWS, (), PageRequest(0, 10)).rows == (made,)


def test_name_and_account_are_unique(connectors: Connectors) -> None:
    one = connectors.create(Provider.AWS, Draft(name="one", arn=role(1)))
    two = connectors.create(Provider.AWS, Draft(name="two", arn=role(2)))
    with pytest.raises(ConflictError) as caught:
        connectors.create(Provider.AWS, Draft(name="two", arn=role(1)))
    assert str(one.uuid) in caught.value.message
    assert str(two.uuid) in caught.value.message
    with pytest.raises(ConflictError):
        connectors.update(one.uuid, Draft(name="two"))
    assert connectors.update(one.uuid, Draft(name="one")).name == "one"
    assert connectors.get(one.uuid) == one


def test_nothing_is_stored_of_a_bad_draft(connectors: Connectors) -> None:
    one = connectors.create(Provider.AWS, Draft(name="one", arn=role(1)))
    with pytest.raises(BadRequestError):
        connectors.update(one.uuid, Draft(name="other", polling_minutes=5))
    with pytest.raises(BadRequestError):
        connectors.create(Provider.AZURE, Draft(name="azure"))
    assert connectors.list(None, (), PageRequest(0, 10)).rows == (one,)


def test_deleting_is_all_or_nothing(connectors: Connectors) -> None:
    one = connectors.create(Provider.AWS, Draft(name="one", arn=role(1)))
    two = connectors.create(Provider.AWS, Draft(name="two", arn=role(2)))
    unknown = uuid4()
    with pytest.raises(NotFoundError, match=str(unknown)):
        connectors.delete([one.uuid, unknown])
    assert connectors.list(None, (), PageRequest(0, 10)).total == 2
    connectors.delete([one.uuid, two.uuid, one.uuid])
    assert connectors.list(None, (), PageRequest(0, 10)).total == 0


def test_what_is_not_there_is_said(connectors: Connectors) -> None:
    one = connectors.create(Provider.AWS, Draft(name="one", arn=role(1)))
    attempts: list[Callable[[], Connector]] = [
        lambda: connectors.get(uuid4()),
        lambda: connectors.get(one.uuid, Provider.GCP),
        lambda: connectors.find_account(Provider.AWS, "999999999999"),
        lambda: connectors.update(uuid4(), Draft(name="x")),
    ]
    for attempt in attempts:
        with pytest.raises(NotFoundError):
            attempt()


def test_the_home_of_the_program_is_where_no_role_is_needed(connectors: Connectors) -> None:
    connectors.create(Provider.AWS, Draft(name="role", arn=role(1)))
    assert connectors.base_accounts() == {}
    connectors.create(Provider.AWS, Draft(name="home", account_id="000000000002"))
    connectors.create(Provider.AWS, Draft(name="gov", account_id="000000000003", partition="aws-us-gov"))
    assert connectors.base_accounts() == {"aws": "000000000002", "aws-us-gov": "000000000003"}
