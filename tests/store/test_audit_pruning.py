"""Old entries go and the chain stays provable; a head that was noted is still found, or its absence is."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, text

from nephoscope.audit import trail
from nephoscope.audit.trail import Head
from nephoscope.store.session import Store
from nephoscope.store.tables.core import audit
from worlds import FakeClock


def record_days(store: Store, clock: FakeClock, days: int) -> list[Head]:
    """One entry a day; answers the heads."""
    heads = []
    for day in range(days):
        with store.write() as writer:
            trail.record(writer, "alice", "exception.create", str(day), {"day": day}, clock())
            heads.append(trail.head(writer))
        clock.forward(days=1)
    return heads


def prune(store: Store, clock: FakeClock, before: datetime) -> int:
    with store.write() as writer:
        return trail.prune(writer, before, clock())


def test_old_entries_go_and_the_chain_is_whole(store: Store, clock: FakeClock) -> None:
    heads = record_days(store, clock, 10)
    assert prune(store, clock, clock() - timedelta(days=4)) == 6
    with store.read() as reader:
        found = list(trail.entries(reader))
        assert [entry.sequence for entry in found] == [7, 8, 9, 10, 11]
        assert (found[-1].action, found[-1].detail["through"], found[-1].detail["removed"]) == ("audit.prune", 6, 6)
        assert trail.verify(reader) is None
        assert trail.verify(reader, heads[8]) is None
        assert trail.verify(reader, heads[5]) is None
    assert prune(store, clock, clock() - timedelta(days=2)) == 2
    with store.read() as reader:
        assert trail.verify(reader) is None


def test_nothing_old_is_no_entry(store: Store, clock: FakeClock) -> None:
    record_days(store, clock, 2)
    assert prune(store, clock, clock() - timedelta(days=30)) == 0
    with store.read() as reader:
        assert len(list(trail.entries(reader))) == 2


def test_the_newest_entry_stays(store: Store, clock: FakeClock) -> None:
    record_days(store, clock, 3)
    clock.forward(days=400)
    assert prune(store, clock, clock()) == 2
    with store.read() as reader:
        assert trail.verify(reader) is None


def test_entries_that_went_without_a_word_are_missed(store: Store, clock: FakeClock) -> None:
    record_days(store, clock, 5)
    with store.write() as writer:
        writer.connection.execute(delete(audit).where(audit.c.sequence <= 2))
    with store.read() as reader:
        broken = trail.verify(reader)
    assert broken is not None
    assert "missing at the beginning" in broken.reason


def test_more_than_was_said_to_go_is_missed(store: Store, clock: FakeClock) -> None:
    record_days(store, clock, 8)
    prune(store, clock, clock() - timedelta(days=5))
    with store.write() as writer:
        writer.connection.execute(delete(audit).where(audit.c.sequence <= 5))
    with store.read() as reader:
        assert trail.verify(reader) is not None


@pytest.mark.parametrize("noted", [Head(3, "0" * 64), Head(99, "0" * 64)])
def test_a_noted_head_that_is_not_there_shows(store: Store, clock: FakeClock, noted: Head) -> None:
    record_days(store, clock, 5)
    with store.read() as reader:
        assert trail.verify(reader) is None
        assert trail.verify(reader, noted) is not None


def test_a_rewritten_trail_shows_against_a_noted_head(store: Store, clock: FakeClock) -> None:
    heads = record_days(store, clock, 4)
    with store.write() as writer:
        writer.connection.execute(delete(audit))
        writer.connection.execute(text("UPDATE audit_head SET count = 0, hash = :start"), {"start": trail.START})
    record_days(store, clock, 4)
    with store.read() as reader:
        assert trail.verify(reader) is None
        broken = trail.verify(reader, heads[3])
    assert broken is not None
    assert "rewritten" in broken.reason


def test_a_hash_alone_is_found_wherever_it_is(store: Store, clock: FakeClock) -> None:
    heads = record_days(store, clock, 6)
    prune(store, clock, clock() - timedelta(days=3))
    with store.read() as reader:
        first = next(iter(trail.entries(reader)))
        assert first.sequence > 2
        for known in (first.previous, first.hash, heads[5].hash, trail.START):
            assert trail.verify(reader, Head(trail.ANYWHERE, known)) is None
        assert trail.verify(reader, Head(trail.ANYWHERE, "f" * 64)) is not None
        gone = trail.verify(reader, heads[1])
    assert gone is not None
    assert "removed since" in gone.reason
