"""The audit trail on both databases: whatever is changed, taken away or moved shows; appends leave no gap."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from uuid import UUID

import pytest

from nephoscope.audit import trail
from nephoscope.audit.trail import Broken, Head, Wanted
from nephoscope.kit.pages import PageRequest
from nephoscope.model.audit import AuditEntry
from nephoscope.store.session import Store, open_store
from store.store_world import EVERYTHING, START, hours

SOME = UUID(int=7)


def put(store: Store, *, who: str = "ann", subject: str = "s", at: float = 0, detail: Any = None) -> AuditEntry:
    with store.write() as writer:
        return trail.record(writer, who, "thing.create", subject, detail or {"name": "x"}, hours(at))


def filled(store: Store, count: int = 5) -> list[AuditEntry]:
    return [put(store, who=f"user{number}", subject=f"s{number}", at=number) for number in range(count)]


def tamper(store: Store, sql: str) -> None:
    with store.write() as writer:
        writer.connection.exec_driver_sql(sql)


def verified(store: Store) -> Broken | None:
    with store.read() as reader:
        return trail.verify(reader)


def kept(store: Store) -> Head:
    with store.read() as reader:
        return trail.head(reader)


def test_an_untouched_trail_holds_and_its_head_is_the_last_entry(store: Store) -> None:
    assert (verified(store), kept(store)) == (None, Head(0, trail.START))
    last = filled(store)[-1]
    assert (verified(store), kept(store)) == (None, Head(5, last.hash))


def test_entries_say_what_they_were_told(store: Store) -> None:
    put(store, detail={"uuid": SOME, "on": START, "list": [1, None, True], "inner": {"b": "x", "a": "y"}})
    with store.read() as reader:
        (entry,) = trail.entries(reader)
    assert (entry.sequence, entry.at, entry.who, entry.action, entry.subject) == (1, START, "ann", "thing.create", "s")
    assert entry.previous == trail.START
    assert entry.detail == {
        "uuid": str(SOME),
        "on": "2026-01-01T00:00:00Z",
        "list": [1, None, True],
        "inner": {"a": "y", "b": "x"},
    }


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("sequence", "30"),
        ("at", "at + 1"),
        ("who", "'someone else'"),
        ("action", "'thing.delete'"),
        ("subject", "'s9'"),
        ("detail", """'{"name":"y"}'"""),
        ("detail", """'{"name": "x"}'"""),
        ("previous", f"'{'1' * 64}'"),
        ("hash", f"'{'1' * 64}'"),
    ],
)
@pytest.mark.parametrize("sequence", [1, 3, 5])
def test_a_change_of_any_column_is_found_where_it_is(store: Store, sequence: int, column: str, value: str) -> None:
    filled(store)
    tamper(store, f"UPDATE audit SET {column} = {value} WHERE sequence = {sequence}")  # noqa: S608 - of this test
    found = verified(store)
    assert found is not None
    assert found.sequence == sequence


@pytest.mark.parametrize("sequence", [1, 3, 5])
def test_a_missing_entry_is_found_also_at_the_end(store: Store, sequence: int) -> None:
    filled(store)
    tamper(store, f"DELETE FROM audit WHERE sequence = {sequence}")  # noqa: S608 - of this test
    found = verified(store)
    assert found is not None
    assert found.sequence == sequence


def test_a_trail_that_was_emptied_is_found(store: Store) -> None:
    filled(store)
    tamper(store, "DELETE FROM audit")
    assert verified(store) == Broken(1, "the trail ends after 0 entries, but 5 were written")


def test_entries_in_another_order_are_found(store: Store) -> None:
    filled(store)
    moves = ("-2 WHERE sequence = 2", "2 WHERE sequence = 4", "4 WHERE sequence = -2")
    for move in moves:
        tamper(store, f"UPDATE audit SET sequence = {move}")  # noqa: S608 - of this test
    found = verified(store)
    assert found is not None
    assert found.sequence == 2


def test_an_entry_slipped_in_at_the_end_is_found(store: Store) -> None:
    filled(store)
    tamper(
        store, "INSERT INTO audit SELECT 6, at, who, action, subject, detail, hash, hash FROM audit WHERE sequence = 5"
    )
    found = verified(store)
    assert found is not None
    assert found.sequence == 6


def test_a_head_that_was_noted_finds_a_trail_that_was_rewritten(store: Store) -> None:
    filled(store)
    noted = kept(store)
    tamper(store, "DELETE FROM audit")
    tamper(store, f"UPDATE audit_head SET count = 0, hash = '{trail.START}'")  # noqa: S608 - of this test
    for number in range(6):
        put(store, who="forger", subject=f"s{number}", at=number)
    with store.read() as reader:
        assert trail.verify(reader) is None
        assert trail.hash_of(reader, noted.count) != noted.hash


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    filled(store, 2)

    def fail() -> None:
        with store.write() as writer:
            trail.record(writer, "ann", "thing.create", "s", {}, START)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert put(store).sequence == 3
    assert verified(store) is None


def test_writers_at_once_leave_no_gap(url: str) -> None:
    """Each with a store of its own, as processes would."""

    def work(worker: int) -> None:
        with closing(open_store(url)) as own:
            for number in range(10):
                put(own, who=f"worker{worker}", subject=str(number))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    with closing(open_store(url)) as store:
        assert verified(store) is None
        with store.read() as reader:
            found = list(trail.entries(reader))
    assert [entry.sequence for entry in found] == list(range(1, 41))
    for worker in range(4):
        assert [entry.subject for entry in found if entry.who == f"worker{worker}"] == [str(n) for n in range(10)]


@pytest.mark.parametrize(
    ("wanted", "sequences"),
    [
        (Wanted(), [5, 4, 3, 2, 1]),
        (Wanted(who="user3"), [4]),
        (Wanted(who="nobody"), []),
        (Wanted(subject="s0"), [1]),
        (Wanted(action="thing.create", subject="s1"), [2]),
        (Wanted(action="thing"), [5, 4, 3, 2, 1]),
        (Wanted(action="thin"), []),
        (Wanted(action="%"), []),
        (Wanted(since=hours(3)), [5, 4]),
        (Wanted(until=hours(1)), [2, 1]),
        (Wanted(since=hours(1), until=hours(3)), [4, 3, 2]),
        (Wanted(who="nul\0"), []),
    ],
)
def test_entries_are_found_by_what_they_say(store: Store, wanted: Wanted, sequences: list[int]) -> None:
    filled(store)
    with store.read() as reader:
        page = trail.page(reader, wanted, EVERYTHING)
    assert [entry.sequence for entry in page.rows] == sequences
    assert page.total == len(sequences)


def test_pages_are_cut(store: Store) -> None:
    filled(store)
    with store.read() as reader:
        page = trail.page(reader, Wanted(), PageRequest(1, 2))
    assert [entry.sequence for entry in page.rows] == [3, 2]
    assert page.total == 5


@pytest.mark.parametrize("text", ["nul\0", "half \ud800", "Ünï ☃", "'; DROP TABLE audit; --", "a" * 100_000])
def test_whatever_the_text_the_trail_holds(store: Store, text: str) -> None:
    with store.write() as writer:
        trail.record(writer, text, text, text, {text: [text, {"inner": text}]}, START)
    assert verified(store) is None
    with store.read() as reader:
        (entry,) = trail.page(reader, Wanted(), EVERYTHING).rows
    assert len(entry.subject) == len(text)
    assert list(entry.detail) == [entry.subject]


def test_what_was_written_over_a_detail_is_shown_as_it_is(store: Store) -> None:
    filled(store, 1)
    tamper(store, "UPDATE audit SET detail = 'no json'")
    with store.read() as reader:
        assert trail.page(reader, Wanted(), EVERYTHING).rows[0].detail == {"unreadable": "no json"}
