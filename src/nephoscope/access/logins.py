"""What the trail says of logins. A flood of them does not fill it: of the same kind from the same place one entry is
made in a while, and it says how many it stands for; of all failures together so many are made in a minute."""

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock

import msgspec

from nephoscope.audit import trail
from nephoscope.kit.clock import Clock
from nephoscope.model.identities import Principal, PrincipalKind
from nephoscope.store import users
from nephoscope.store.session import Store, Writer

SUCCESS_EVERY = timedelta(hours=1)
"""Of one principal, by one means, from one address."""
FAILURE_EVERY = timedelta(minutes=1)
FAILURES_IN_A_MINUTE = 30
_TOLD_AT_MOST = 10_000
UNKNOWN = "unknown"
"""Whoever is not known is not named: people type passwords where names belong."""


class _Told(msgspec.Struct):
    on: datetime
    more: int = 0


class Logins:
    """One for each process. Thread-safe."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = Lock()
        self._told: OrderedDict[tuple[str, ...], _Told] = OrderedDict()
        self._minute = _Told(clock() - FAILURE_EVERY)
        self._failures = 0

    def succeed(self, writer: Writer, who: Principal, shown_as: str, means: str, address: str) -> None:
        """In the caller's transaction, as the last thing that it does."""
        now = self._clock()
        if who.kind is PrincipalKind.USER:
            users.mark_login(writer, who.name, now)
        trail.record(writer, shown_as, "login.succeed", shown_as, {"means": means, "address": address}, now)

    def is_due(self, who: Principal, means: str, address: str) -> bool:
        """Whether a success like this was not told for a while; it counts as told then."""
        return self._more(("success", who.kind, who.name, means, address), SUCCESS_EVERY) is not None

    def fail(self, shown_as: str, means: str, address: str, reason: str) -> None:
        """`shown_as` is empty for whoever is not known."""
        subject = shown_as or UNKNOWN
        more = self._more(("failure", subject, means, address), FAILURE_EVERY)
        unsaid = self._unsaid() if more is not None else None
        if more is None or unsaid is None:
            return
        detail = {
            "means": means,
            "address": address,
            "reason": reason,
            "more_like_this": more,
            "more_of_others": unsaid,
        }
        with self._store.write() as writer:
            trail.record(writer, subject, "login.fail", subject, detail, self._clock())

    def _more(self, key: tuple[str, ...], every: timedelta) -> int | None:
        """How many like this were not told since the last one that was; None when this one is not told either."""
        now = self._clock()
        with self._lock:
            told = self._told.get(key)
            if told is not None and now - told.on < every:
                told.more += 1
                return None
            self._told[key] = _Told(now)
            self._told.move_to_end(key)
            while len(self._told) > _TOLD_AT_MOST:
                self._told.popitem(last=False)
            return told.more if told else 0

    def _unsaid(self) -> int | None:
        """How many failures were kept back since the last that was told; None when this one is kept back too."""
        now = self._clock()
        with self._lock:
            if now - self._minute.on >= FAILURE_EVERY:
                self._minute, more = _Told(now), self._minute.more
                self._failures = 1
                return more
            if self._failures >= FAILURES_IN_A_MINUTE:
                self._minute.more += 1
                return None
            self._failures += 1
            return 0
