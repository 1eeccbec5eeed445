"""Evaluations. Keyed by account, resource, cid; only what changed is written, and the tallies move with it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.evaluations import ControlTally, EvaluationDates, EvaluationRow, Judgement, Status
from nephoscope.qql.bound import Bound
from nephoscope.store.session import Reader, Writer

FIELDS = ("cid", "status", "region", "resource_type", "resource_id", "account_id", "evaluated_on")
"""What conditions and sorting may name."""


class Written(msgspec.Struct, frozen=True):
    """Rows touched."""

    inserted: int
    updated: int
    deleted: int


def record(writer: Writer, connector_key: int, judgements: Sequence[Judgement], now: datetime) -> Written:
    """Diff, then write. A resource whose verdicts are those already stored costs no row (only its fingerprint when
    that moved). FAIL to PASS sets `fixed`, PASS to FAIL sets `reopened`; UNKNOWN in between keeps the dates."""


def tallies(reader: Reader, connector_key: int, conditions: Bound = ()) -> tuple[ControlTally, ...]:
    """One row per control that has any evaluation, in order of cid. Without conditions: from the counters."""


def page(
    reader: Reader, connector_key: int, cid: int | None, conditions: Bound, request: PageRequest
) -> Page[EvaluationRow]:
    """Evaluations of an account (of one control when `cid` is given), by resource key and cid. A PASS in a scope
    that is not complete shows as UNKNOWN. Without a condition on `status`, UNKNOWN rows are included."""


def dates(
    reader: Reader, connector_key: int, cid: int, resource_id: str | None
) -> EvaluationDates | None:
    """Of one evaluation; over all resources of the control (earliest first, latest last) when `resource_id` is None."""


def verdicts(reader: Reader, first_key: int, last_key: int) -> Iterator[tuple[int, int, Status]]:
    """(resource key, cid, status) of PASS and FAIL rows in that range of resource keys, in order: what big pages are
    streamed from."""


def version(reader: Reader) -> int:
    """Grows with every transaction that changed resources or evaluations: caches compare it."""
