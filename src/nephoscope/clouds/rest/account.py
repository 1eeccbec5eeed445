"""An account that is read over HTTP: which scopes a run has, and each of them read, in the same way for every cloud
that has no SDK here."""

from collections.abc import Mapping
from typing import Any, Protocol

from nephoscope.clouds.collecting import Collector, Place
from nephoscope.clouds.crew import Crew
from nephoscope.clouds.doors import Collected, Needs
from nephoscope.clouds.pacing import Lanes
from nephoscope.clouds.rest.desk import Desk
from nephoscope.clouds.rest.http import Http
from nephoscope.clouds.scoping import collect_scope
from nephoscope.model.providers import Provider
from nephoscope.model.scopes import GLOBAL_REGION, Scope

_SCOPE_SHARE = 2
"""One scope may use one in so many of the threads at a time."""


class Counted(Protocol):
    """Calls of one scope, in the cloud's own way; `made` is how many there were."""

    @property
    def made(self) -> int: ...


class CallsAt(Protocol):
    """Makes what the collectors of a scope call."""

    def __call__(self, place: Place) -> Counted: ...


class RestAccount:
    """`doors.OpenAccount`. One per run: what scopes share is asked for once in its life."""

    def __init__(
        self,
        provider: Provider,
        account_id: str,
        collectors: Mapping[str, Collector[Any]],
        calls: CallsAt,
        *,
        desk: Desk,
        http: Http,
        lanes: Lanes,
    ) -> None:
        self._provider = provider
        self._account_id = account_id
        self._collectors = collectors
        self._calls = calls
        self._desk = desk
        self._http = http
        workers = lanes.limits.workers
        self._crew = Crew(workers, max(1, workers // _SCOPE_SHARE))

    @property
    def provider(self) -> Provider:
        return self._provider

    @property
    def account_id(self) -> str:
        return self._account_id

    def plan(self, needs: Needs) -> tuple[Scope, ...]:
        return tuple(Scope(name, GLOBAL_REGION) for name in self._collectors if name in needs)

    def collect(self, scope: Scope, needs: Needs) -> Collected:
        collector = self._collectors[scope.resource_type]
        place = Place("", self._account_id, scope.region)
        needed = needs.get(scope.resource_type, frozenset())
        calls = self._calls(place)
        return collect_scope(scope, collector, needed, calls, self._crew, place=place, made=lambda: calls.made)

    def statistics(self) -> Mapping[str, tuple[int, int]]:
        """Service → (calls so far, those of them that failed)."""
        return self._desk.statistics()

    def permissions_used(self) -> frozenset[str]:
        """What the calls so far took, whether they were allowed or not."""
        return self._desk.permissions_used()

    def close(self) -> None:
        self._crew.close()
        self._http.close()
