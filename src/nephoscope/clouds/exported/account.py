"""An account as its export tells it: the collectors of its cloud over spooled items, a piece at a time. What an export
cannot tell is unread, with that as the reason."""

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from typing import Any, Protocol

import msgspec

from nephoscope.clouds.collecting import Collector, Place, Raw
from nephoscope.clouds.crew import Crew
from nephoscope.clouds.doors import Collected, Needs
from nephoscope.clouds.exported.spool import Spool
from nephoscope.clouds.scoping import collect_scope
from nephoscope.errors import UnavailableError
from nephoscope.model.providers import Provider
from nephoscope.model.scopes import Outcome, Scope, ScopeReport

PIECE = 2_000
"""Resources that are in memory at once."""


class Told:
    """Items of the export, for the calls of one scope. Each kind is handed out a piece at a time, and goes on where it
    stopped when it is asked for again."""

    def __init__(self, spool: Spool, account: str, *, is_whole: bool) -> None:
        self._spool = spool
        self._account = account
        self._is_whole = is_whole
        self._under_way: dict[str, Iterator[Raw]] = {}
        self.is_more = False
        """Whether the last piece left something over."""

    def next_piece(self, kind: str) -> list[Raw]:
        """UnavailableError when the export has none of the kind and does not claim to be whole."""
        self._ensure(kind)
        items = self._under_way.get(kind)
        if items is None:
            items = self._under_way[kind] = self._spool.items(self._account, kind)
        piece = list(islice(items, PIECE))
        self.is_more = self.is_more or len(piece) == PIECE
        return piece

    def all_of(self, kind: str) -> Iterator[Raw]:
        """All at once, for what others are joined with; UnavailableError likewise."""
        self._ensure(kind)
        return self._spool.items(self._account, kind)

    def _ensure(self, kind: str) -> None:
        if not self._spool.counts[self._account, kind] and not self._is_whole:  # type: ignore[index]  # a Place is such a pair
            raise UnavailableError(f"the export holds no {kind}")

    def named(self, kind: str, key: str, name: str) -> Raw | None:
        """The item that has the name under a key: for joins that do not fit into memory."""
        return self._spool.lookup(self._account, kind, key).get(name)

    def has(self, kind: str) -> bool:
        return self._spool.counts[self._account, kind] > 0  # type: ignore[index]  # likewise


def untold(what: str) -> UnavailableError:
    return UnavailableError(f"the export does not tell {what}")


class CallsOf(Protocol):
    """Makes what a cloud's collectors call, over what was told."""

    def __call__(self, told: Told, place: Place) -> Any: ...


class ExportFormat(msgspec.Struct, frozen=True):
    """One kind of export: whose it is, which collectors read it, and how it is sorted into a spool. `plan` answers the
    scopes of an account."""

    name: str
    provider: Provider
    collectors: dict[str, Collector[Any]]
    calls: CallsOf
    plan: Callable[[Needs, Spool, str], tuple[Scope, ...]]
    read: Callable[..., None]
    is_partial: bool = False
    """It never tells a whole account, so it does not speak for one that is read from the cloud."""


class ExportedAccount:
    """One account of an export. `is_whole`: what is not in it does not exist."""

    def __init__(self, kind: ExportFormat, spool: Spool, account_id: str, *, is_whole: bool) -> None:
        self._format = kind
        self._spool = spool
        self.account_id = account_id
        self._is_whole = is_whole

    def plan(self, needs: Needs) -> tuple[Scope, ...]:
        return self._format.plan(needs, self._spool, self.account_id)

    def pieces(self, scope: Scope, needs: Needs) -> Iterator[Collected]:
        """The scope in pieces; each report is about its own. All of them COMPLETE means that the scope is."""
        collector = self._format.collectors[scope.resource_type]
        place = Place("", self.account_id, scope.region)
        needed = needs.get(scope.resource_type, frozenset())
        told = Told(self._spool, self.account_id, is_whole=self._is_whole)
        calls = self._format.calls(told, place)
        with closing(Crew(1, 1)) as crew:
            while True:
                told.is_more = False
                yield collect_scope(scope, collector, needed, calls, crew, place=place, made=_none)
                if not told.is_more:
                    return


def joined(scope: Scope, reports: list[ScopeReport], resources: int) -> ScopeReport:
    """How the scope ended as a whole: as badly as its worst piece."""
    worst = next((report for report in reports if report.outcome is not Outcome.COMPLETE), None)
    told = worst or next((report for report in reports if report.message), reports[0])
    return ScopeReport(scope, told.outcome, told.permission, told.message, resources)


def _none() -> int:
    """Calls that were made."""
    return 0
