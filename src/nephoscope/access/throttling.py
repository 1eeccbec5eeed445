"""How fast one may try to log in: after some failures each further one doubles the wait, to a minute at most. Nobody is
ever locked out, and nobody can lock somebody else out: where one has got in before, one waits a second at most.

Three things are counted: what one address tries on one account, what it tries on all, and what all addresses try on
one account. The last two hold nobody up who has got in from his address before, and the very last only whoever has
failed from there himself: a stranger's guesses cost the owner nothing. Each door has counts of its own, whatever people
type for a name. Processes that share a store count together (`Shared`); what one of them has read of the counts holds
up requests before anything is asked of the store.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address, ip_network
from threading import Lock

import msgspec

from nephoscope.errors import TooManyRequestsError
from nephoscope.kit.clock import Clock
from nephoscope.kit.networks import unwrapped
from nephoscope.kit.sealing import Sealer
from nephoscope.store import locks, login_counts
from nephoscope.store.login_counts import LoginCount
from nephoscope.store.session import Store, Writer

FREE_OF_PAIR = 5
FREE_OF_KNOWN = 15
"""Of a pair that has got in before."""
FREE_OF_ACCOUNT = 10
FREE_OF_ADDRESS = 30
LONGEST_WAIT = 60
LONGEST_WAIT_OF_KNOWN = 1
"""Seconds."""
FORGOTTEN_AFTER = timedelta(minutes=15)
KNOWN_FOR = timedelta(days=30)
_COUNTED_AT_MOST = 20_000
_LONGEST_NAME = 200
_IPV6_OF_ONE = 64
"""Bits that a single household shares."""

_Key = tuple[str, ...]


class Door(StrEnum):
    """What is shown there. A second factor is guessed by somebody who has the password, so that his address says
    little: it makes nobody known, and where nobody is known the guesses from everywhere count as one."""

    PASSWORD = ""
    CLIENT = "client "
    FACTOR = "factor "


class _Count(msgspec.Struct, frozen=True):
    failures: int
    last: datetime
    until: datetime


class Shared:
    """The counts of all processes that share a store and the key of its credentials; without a key there are none."""

    def __init__(self, store: Store, sealer: Sealer) -> None:
        self._store = store
        self._sealer = sealer
        self._pruned_on: datetime | None = None

    @contextmanager
    def opened(self, keys: Sequence[_Key], now: datetime) -> Iterator[dict[_Key, LoginCount | None] | None]:
        """What is known of the keys, to be changed in place while nobody else changes it; None without a key. It is
        kept when the block ends, and stays as it was when the block raises."""
        marks = [self._sealer.mark("\0".join(key)) for key in keys]
        if not all(marks):
            yield None
            return
        with self._store.write() as writer:
            locks.lock_logins(writer)
            self._prune(writer, now)
            found = login_counts.load(writer, marks)
            counts = {key: found.get(mark) for key, mark in zip(keys, marks, strict=True)}
            before = dict(counts)
            yield counts
            changed = {mark: counts[key] for key, mark in zip(keys, marks, strict=True) if counts[key] != before[key]}
            login_counts.put(writer, changed)

    def _prune(self, writer: Writer, now: datetime) -> None:
        if self._pruned_on is None or now - self._pruned_on >= FORGOTTEN_AFTER:
            login_counts.prune(writer, failed_before=now - FORGOTTEN_AFTER, known_before=now - KNOWN_FOR)
            self._pruned_on = now


class Throttle:
    """One for each process. Thread-safe. `shared` None counts in this process alone."""

    def __init__(self, clock: Clock, shared: Shared | None = None) -> None:
        self._clock = clock
        self._shared = shared
        self._lock = Lock()
        self._counts: OrderedDict[_Key, _Count] = OrderedDict()
        self._known: OrderedDict[_Key, datetime] = OrderedDict()

    def check(self, name: str, address: str) -> None:
        """TooManyRequestsError while one has to wait; that itself makes the wait no longer."""
        with self._lock:
            self._check(name, _household(address))

    def knows(self, name: str, address: str) -> bool:
        """Whether one has got in there with this name before."""
        with self._lock:
            return self._is_known(_keys(name, _household(address))[0][0], self._clock())

    def begin(self, name: str, address: str, door: Door = Door.PASSWORD) -> None:
        """An attempt counts as a failure until it has gone well, so that many at once count too. See `check`."""
        place, now = _household(address), self._clock()
        with self._in_step(name, place, door, now), self._lock:
            self._check(name, place, door)
            pair, *others = _keys(name, place, door)
            if self._is_known(pair[0], now):
                self._add(pair[0], FREE_OF_KNOWN, LONGEST_WAIT_OF_KNOWN, now)
            else:
                self._add(*pair, LONGEST_WAIT, now)
            for key, free in others:
                self._add(key, free, LONGEST_WAIT, now)

    def succeed(self, name: str, address: str, door: Door = Door.PASSWORD) -> None:
        """The attempt that was begun has gone well."""
        place, now = _household(address), self._clock()
        pair, account, source = (key for key, _ in _keys(name, place, door))
        with self._in_step(name, place, door, now), self._lock:
            self._counts.pop(pair, None)
            for key in (account, source):
                self._take_back(key)
            if place and door is not Door.FACTOR:
                self._known[pair] = now
                self._known.move_to_end(pair)
                _trim(self._known)

    @contextmanager
    def _in_step(self, name: str, place: str, door: Door, now: datetime) -> Iterator[None]:
        """What other processes counted is taken over before, and what is counted here told afterwards."""
        if self._shared is None:
            yield
            return
        keys = [key for key, _ in _keys(name, place, door)]
        with self._shared.opened(keys, now) as counts:
            for key, one in (counts or {}).items():
                self._take(key, one)
            yield
            if counts is not None:
                counts.update({key: self._told(key, now) for key in keys})

    def _take(self, key: _Key, one: LoginCount | None) -> None:
        with self._lock:
            for counted in (self._counts, self._known):
                counted.pop(key, None)
            if one is not None and one.failures:
                self._counts[key] = _Count(one.failures, one.last, one.until)
            if one is not None and one.known_on is not None:
                self._known[key] = one.known_on

    def _told(self, key: _Key, now: datetime) -> LoginCount | None:
        with self._lock:
            count, known = self._counts.get(key), self._known.get(key)
        if count is None:
            return LoginCount(0, now, now, known) if known else None
        return LoginCount(count.failures, count.last, count.until, known)

    def _check(self, name: str, place: str, door: Door = Door.PASSWORD) -> None:
        now, keys = self._clock(), [key for key, _ in _keys(name, place, door)]
        pair, account, source = (self._live(key, now) for key in keys)
        waits = [pair]
        if not self._is_known(keys[0], now):
            waits += [source, account] if pair else [source]
        wait = max(((one.until - now).total_seconds() for one in waits if one), default=0.0)
        if wait > 0:
            raise TooManyRequestsError("Too many failed attempts to log in; wait a little.", int(wait) + 1)

    def _is_known(self, pair: _Key, now: datetime) -> bool:
        since = self._known.get(pair)
        return since is not None and now - since < KNOWN_FOR

    def _live(self, key: _Key, now: datetime) -> _Count | None:
        found = self._counts.get(key)
        return found if found and now - found.last < FORGOTTEN_AFTER else None

    def _add(self, key: _Key, free: int, longest: int, now: datetime) -> None:
        found = self._live(key, now)
        failures = found.failures + 1 if found else 1
        wait = min(2 ** min(failures - free, 10), longest) if failures > free else 0
        self._counts[key] = _Count(failures, now, now + timedelta(seconds=wait))
        self._counts.move_to_end(key)
        _trim(self._counts)

    def _take_back(self, key: _Key) -> None:
        found = self._counts.get(key)
        if found and found.failures > 1:
            self._counts[key] = msgspec.structs.replace(found, failures=found.failures - 1, until=found.last)
        else:
            self._counts.pop(key, None)


def _keys(
    name: str, place: str, door: Door = Door.PASSWORD
) -> tuple[tuple[_Key, int], tuple[_Key, int], tuple[_Key, int]]:
    """Each with the failures that cost nothing. What somebody gets wrong at his own second factor is not held against
    others at his address."""
    short = name[:_LONGEST_NAME]
    source = (f"{door}address", short, place) if door is Door.FACTOR else ("address", place)
    return (
        ((f"{door}pair", short, place), FREE_OF_PAIR),
        ((f"{door}account", short), FREE_OF_ACCOUNT),
        (source, FREE_OF_ADDRESS),
    )


def _household(address: str) -> str:
    """The network that one customer of a provider has to himself."""
    plain = unwrapped(address)
    try:
        parsed = ip_address(plain)
    except ValueError:
        return address
    return str(ip_network((parsed, _IPV6_OF_ONE), strict=False)) if parsed.version == 6 else plain  # noqa: PLR2004 - IPv6


def _trim(counted: OrderedDict[_Key, _Count] | OrderedDict[_Key, datetime]) -> None:
    while len(counted) > _COUNTED_AT_MOST:
        counted.popitem(last=False)
