"""Two servers behind one address count failed logins together, on both databases."""

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import select

from nephoscope.access.throttling import FORGOTTEN_AFTER, FREE_OF_PAIR, KNOWN_FOR, Shared, Throttle
from nephoscope.errors import TooManyRequestsError, UnauthenticatedError
from nephoscope.kit.sealing import KEY_BYTES, NO_KEYS, KeyRing
from nephoscope.store.session import Store, open_store
from nephoscope.store.tables.identities import login_counts
from quick_access import quick_access
from worlds import FakeClock

NAME, HOME = "planted in the wrong field", "192.0.2.1"
RING = KeyRing([b"k" * KEY_BYTES])


@pytest.fixture
def store(url: str, clock: FakeClock) -> Iterator[Store]:
    with closing(open_store(url, clock)) as opened:
        yield opened


def server(store: Store, clock: FakeClock, ring: KeyRing = RING) -> Throttle:
    return Throttle(clock, Shared(store, ring))


def fail(throttle: Throttle, times: int = 1, name: str = NAME, address: str = HOME) -> int:
    """How many got as far as failing."""
    done = 0
    for _ in range(times):
        try:
            throttle.begin(name, address)
        except TooManyRequestsError:
            continue
        done += 1
    return done


def rows(store: Store) -> list[tuple[object, ...]]:
    with store.read() as reader:
        return [tuple(row) for row in reader.connection.execute(select(login_counts))]


def test_what_fails_at_one_server_counts_at_the_other(store: Store, clock: FakeClock) -> None:
    one, two = server(store, clock), server(store, clock)
    assert [fail(throttle) for throttle in (one, two) * 4] == [1] * (FREE_OF_PAIR + 1) + [0, 0]
    assert fail(server(store, clock)) == 0, "a restart forgives nothing"
    clock.forward(seconds=2)
    assert (fail(two), fail(one)) == (1, 0)


def test_who_got_in_at_one_server_is_known_at_the_other(store: Store, clock: FakeClock) -> None:
    one, two = server(store, clock), server(store, clock)
    fail(one, FREE_OF_PAIR)
    one.begin(NAME, HOME)
    one.succeed(NAME, HOME)
    assert fail(two, FREE_OF_PAIR + 3) == FREE_OF_PAIR + 3
    for number in range(40):
        fail(one, address=f"198.51.100.{number}")
    assert fail(two) == 1


def test_many_at_once_all_count(store: Store, clock: FakeClock) -> None:
    done: list[int] = []
    threads = [threading.Thread(target=lambda: done.append(fail(server(store, clock)))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(done) == FREE_OF_PAIR + 1


def test_whoever_tried_stands_nowhere_in_clear(store: Store, clock: FakeClock) -> None:
    fail(server(store, clock), 3)
    assert len(rows(store)) == 3
    assert "planted" not in repr(rows(store))
    assert HOME not in repr(rows(store))


def test_what_is_long_ago_leaves_the_store(store: Store, clock: FakeClock) -> None:
    first = server(store, clock)
    fail(first, 3)
    first.begin("anna", HOME)
    first.succeed("anna", HOME)
    clock.forward(seconds=(FORGOTTEN_AFTER + timedelta(seconds=1)).total_seconds())
    fail(server(store, clock), name="somebody", address="203.0.113.1")
    assert len(rows(store)) == 4, "three of somebody, and that anna is known"
    clock.forward(days=KNOWN_FOR.days + 1)
    fail(server(store, clock), name="somebody", address="203.0.113.1")
    assert len(rows(store)) == 3


def test_without_a_key_each_counts_by_itself(store: Store, clock: FakeClock) -> None:
    one, two = (server(store, clock, NO_KEYS) for _ in range(2))
    assert fail(one, FREE_OF_PAIR + 3) == fail(two, FREE_OF_PAIR + 3) == FREE_OF_PAIR + 1
    assert rows(store) == []


def test_guesses_are_spread_over_servers_in_vain(store: Store, clock: FakeClock) -> None:
    servers = [quick_access(store, clock, RING) for _ in range(3)]
    servers[0].ensure_admin("anna", "a long enough password")
    seen = []
    for guess in range(9):
        try:
            servers[guess % 3].authenticate("anna", f"guess number {guess}", HOME)
        except UnauthenticatedError:
            seen.append("wrong")
        except TooManyRequestsError:
            seen.append("wait")
    assert seen == ["wrong"] * (FREE_OF_PAIR + 1) + ["wait"] * 3
