"""What the databases say of themselves, on both."""

from datetime import UTC, datetime, timedelta

from nephoscope.app import doctor
from nephoscope.model.health import Health
from nephoscope.model.scopes import Outcome
from nephoscope.store import health
from nephoscope.store.session import Store
from store.store_world import BUCKETS, INSTANCES, START, Account


def test_a_sound_database_has_no_faults_and_a_clock_near_ours(store: Store) -> None:
    with store.read() as reader:
        assert health.faults(reader) == ()
        found = health.server_clock(reader)
        assert (found is not None) == reader.is_postgres
        assert found is None or abs(found - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_clock_that_is_far_off_is_noticed_where_there_are_two(store: Store) -> None:
    with store.read() as reader:
        far = doctor.clocks(reader, lambda: datetime.now(UTC) + timedelta(minutes=5))
        near = doctor.clocks(reader, lambda: datetime.now(UTC) + timedelta(seconds=10))
        expected = (Health.FAILED, Health.WARNING) if reader.is_postgres else (Health.OK, Health.OK)
        assert (far.state, near.state) == expected


def test_missing_permissions_are_counted(store: Store) -> None:
    account = Account(store)
    account.close(BUCKETS, START, Outcome.DENIED, "s3:ListAllMyBuckets")
    account.close(INSTANCES, START)
    with store.read() as reader:
        assert health.denied(reader) == {"s3:ListAllMyBuckets": 1}
