"""Failed logins slow down, lock nobody out, and are on record without filling it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pyotp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fresh_stores import open_fresh
from nephoscope.access.access import AccessControl
from nephoscope.access.logins import FAILURES_IN_A_MINUTE
from nephoscope.access.throttling import (
    FREE_OF_ACCOUNT,
    FREE_OF_KNOWN,
    FREE_OF_PAIR,
    LONGEST_WAIT,
    Door,
    Throttle,
)
from nephoscope.audit import trail
from nephoscope.audit.trail import Wanted
from nephoscope.errors import TooManyRequestsError, UnauthenticatedError
from nephoscope.kit.pages import PageRequest
from nephoscope.kit.sealing import KEY_BYTES, KeyRing
from nephoscope.model.audit import AuditEntry
from nephoscope.store.session import Store
from quick_access import quick_access
from worlds import FakeClock

NAME, PASSWORD, HOME = "alice", "correct horse", "192.0.2.1"


@pytest.fixture
def store() -> Iterator[Store]:
    opened = open_fresh()
    yield opened
    opened.close()


@pytest.fixture
def access(store: Store, clock: FakeClock) -> AccessControl:
    control = quick_access(store, clock, KeyRing([b"k" * KEY_BYTES]))
    control.ensure_admin(NAME, PASSWORD)
    return control


@pytest.fixture
def throttle(clock: FakeClock) -> Throttle:
    return Throttle(clock)


def fail(throttle: Throttle, address: str, times: int = 1, name: str = NAME) -> int:
    """How many got as far as failing."""
    done = 0
    for _ in range(times):
        try:
            throttle.begin(name, address)
        except TooManyRequestsError:
            continue
        done += 1
    return done


def wait_of(throttle: Throttle, address: str, name: str = NAME) -> int:
    try:
        throttle.check(name, address)
    except TooManyRequestsError as error:
        return error.wait_seconds
    return 0


def test_the_wait_doubles_up_to_a_minute_and_no_further(throttle: Throttle, clock: FakeClock) -> None:
    assert fail(throttle, HOME, FREE_OF_PAIR) == FREE_OF_PAIR
    waits = []
    for _ in range(9):
        assert fail(throttle, HOME) == 1
        waits.append(wait_of(throttle, HOME) - 1)
        clock.forward(seconds=waits[-1])
    assert waits == [2, 4, 8, 16, 32, LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT]


def test_asking_too_early_makes_the_wait_no_longer(throttle: Throttle) -> None:
    fail(throttle, HOME, FREE_OF_PAIR + 1)
    before = wait_of(throttle, HOME)
    assert fail(throttle, HOME, 100) == 0
    assert wait_of(throttle, HOME) == before


def test_guesses_from_everywhere_hold_up_no_one_who_has_not_failed(throttle: Throttle) -> None:
    for number in range(200):
        fail(throttle, f"198.51.{number}.7")
    assert wait_of(throttle, "198.51.3.7") > 0
    assert wait_of(throttle, "203.0.113.9") == 0


def test_whoever_has_got_in_from_here_before_waits_for_nobody_else(throttle: Throttle) -> None:
    throttle.begin(NAME, HOME)
    throttle.succeed(NAME, HOME)
    fail(throttle, HOME, 500, name="somebody else")
    for number in range(50):
        fail(throttle, HOME, name=f"user {number}")
    assert wait_of(throttle, HOME, "a third") > 0
    assert wait_of(throttle, HOME) == 0
    fail(throttle, HOME)
    assert wait_of(throttle, HOME) == 0


def test_a_household_is_one_address(throttle: Throttle) -> None:
    done = sum(fail(throttle, f"2001:db8:1:1::{number:x}") for number in range(1, 40))
    assert done == FREE_OF_PAIR + 1
    assert wait_of(throttle, "2001:db8:1:2::1") == 0 or done > FREE_OF_ACCOUNT


def test_old_addresses_in_new_clothes_are_no_household(throttle: Throttle) -> None:
    fail(throttle, "::ffff:198.51.100.7", 50)
    assert wait_of(throttle, "198.51.100.7") > 0
    assert wait_of(throttle, "::ffff:203.0.113.9") == 0


def test_what_is_long_ago_is_forgotten(throttle: Throttle, clock: FakeClock) -> None:
    fail(throttle, HOME, FREE_OF_PAIR + 3)
    clock.forward(minutes=15)
    assert fail(throttle, HOME, 10) == FREE_OF_PAIR + 1


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["192.0.2.1", "192.0.2.2"]), st.integers(0, 90))))
def test_nobody_waits_longer_than_a_minute_whatever_happened(steps: list[tuple[str, str, int]]) -> None:
    clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
    throttle = Throttle(clock)
    for name, address, seconds in steps:
        fail(throttle, address, 7, name)
        clock.forward(seconds=seconds)
    for name in "abc":
        assert wait_of(throttle, "192.0.2.1", name) <= LONGEST_WAIT + 1
        assert wait_of(throttle, "192.0.2.3", name) == 0


def test_what_one_gets_wrong_at_his_own_second_factor_holds_up_nobody_else(
    throttle: Throttle, clock: FakeClock
) -> None:
    for _ in range(60):
        throttle.begin("mallory", "", Door.FACTOR)
        clock.forward(seconds=LONGEST_WAIT + 1)
    throttle.begin(NAME, "", Door.FACTOR)


@pytest.mark.parametrize("door", [Door.FACTOR, Door.CLIENT])
def test_a_name_that_is_typed_at_one_door_counts_at_no_other(throttle: Throttle, door: Door) -> None:
    for name in (NAME, f"{door}{NAME}", f"second factor of {NAME}", f"client:{NAME}"):
        for number in range(100):
            fail(throttle, f"198.51.{number}.7", 2, name)
    throttle.begin(NAME, HOME, door)
    throttle.begin(NAME, HOME, door)


def test_whoever_has_the_password_holds_up_its_owner_nowhere_he_has_got_in_before(
    access: AccessControl, clock: FakeClock
) -> None:
    assert attempt(access, PASSWORD) == "in"
    secret = access.factors.enrol(NAME).secret
    access.confirm_factor(NAME, pyotp.TOTP(secret).at(clock()))
    clock.forward(minutes=2)
    guesses = [logged_in(access, "000000", f"198.51.{number}.7") for number in range(30)]
    assert guesses.count("wrong") == FREE_OF_PAIR + 1
    assert guesses.count("wait") == len(guesses) - guesses.count("wrong")
    assert logged_in(access, pyotp.TOTP(secret).at(clock()), HOME) == "in"


def test_who_shares_the_address_of_the_owner_guesses_no_faster(access: AccessControl, clock: FakeClock) -> None:
    assert attempt(access, PASSWORD) == "in"
    secret = access.factors.enrol(NAME).secret
    access.confirm_factor(NAME, pyotp.TOTP(secret).at(clock()))
    tried = []
    for _ in range(600):
        tried.append(logged_in(access, "000000", HOME))
        clock.forward(seconds=1)
    assert tried.count("wrong") < 25


def logged_in(access: AccessControl, code: str, address: str) -> str:
    try:
        access.log_in(NAME, PASSWORD, code, address)
    except UnauthenticatedError:
        return "wrong"
    except TooManyRequestsError:
        return "wait"
    return "in"


def attempt(access: AccessControl, password: str, address: str = HOME, name: str = NAME) -> str:
    try:
        access.authenticate(name, password, address)
    except UnauthenticatedError:
        return "wrong"
    except TooManyRequestsError:
        return "wait"
    return "in"


def test_the_right_password_does_not_help_while_one_has_to_wait(access: AccessControl, clock: FakeClock) -> None:
    assert {attempt(access, f"guess number {guess}") for guess in range(FREE_OF_PAIR + 1)} == {"wrong"}
    assert attempt(access, PASSWORD) == "wait"
    assert attempt(access, PASSWORD, "203.0.113.9") == "in"
    clock.forward(seconds=61)
    assert attempt(access, PASSWORD) == "in"


def test_the_right_password_works_where_it_has_worked_before(access: AccessControl, clock: FakeClock) -> None:
    assert attempt(access, PASSWORD) == "in"
    clock.forward(minutes=5)
    assert {attempt(access, f"guess number {guess}") for guess in range(FREE_OF_KNOWN)} == {"wrong"}
    assert attempt(access, PASSWORD) == "in"
    clock.forward(minutes=5)
    tried = [attempt(access, f"guess number {guess}") for guess in range(100)]
    assert tried.count("wrong") == FREE_OF_KNOWN + 1
    clock.forward(seconds=1)
    assert attempt(access, PASSWORD) == "in"


def entries(store: Store, action: str) -> tuple[AuditEntry, ...]:
    with store.read() as reader:
        return trail.page(reader, Wanted(action=action), PageRequest(0, 1000)).rows


def test_logins_are_on_record_once_in_a_while(access: AccessControl, store: Store, clock: FakeClock) -> None:
    for _ in range(5):
        assert attempt(access, PASSWORD) == "in"
        clock.forward(minutes=10)
    (told,) = entries(store, "login.succeed")
    assert (told.who, told.detail) == (NAME, {"means": "basic", "address": HOME})
    assert attempt(access, PASSWORD, "192.0.2.77") == "in"
    assert len(entries(store, "login.succeed")) == 2
    assert access.accounts.get(NAME).last_login_on is not None


def test_failures_are_on_record_with_how_many_there_were(access: AccessControl, store: Store, clock: FakeClock) -> None:
    for guess in range(4):
        attempt(access, f"guess number {guess}")
    clock.forward(minutes=2)
    attempt(access, "one more guess")
    late, first = entries(store, "login.fail")
    assert (first.subject, first.detail["more_like_this"], first.detail["reason"]) == (NAME, 0, "password")
    assert late.detail["more_like_this"] == 3


def test_whoever_is_not_known_is_not_named(access: AccessControl, store: Store) -> None:
    attempt(access, "anything at all", name="my password, typed into the wrong field")
    (told,) = entries(store, "login.fail")
    assert told.subject == "unknown"
    assert "wrong field" not in repr(told)


def test_a_flood_of_failures_does_not_fill_the_trail(access: AccessControl, store: Store, clock: FakeClock) -> None:
    for number in range(3 * FAILURES_IN_A_MINUTE):
        access._logins.fail("", "basic", f"198.51.100.{number}", "unknown")
    assert len(entries(store, "login.fail")) == FAILURES_IN_A_MINUTE
    clock.forward(minutes=1)
    access._logins.fail("", "basic", "203.0.113.1", "unknown")
    assert entries(store, "login.fail")[0].detail["more_of_others"] == 2 * FAILURES_IN_A_MINUTE
