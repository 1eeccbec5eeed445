"""Evaluations. Keyed by account, resource, cid; only what changed is written, and the tallies move with it."""

from collections.abc import Iterator, Sequence

from sqlalchemy import func, select

from nephoscope.kit.dates import from_epoch, from_epoch_or_none
from nephoscope.model.evaluations import ControlTally, EvaluationDates, Status
from nephoscope.qql.bound import Bound
from nephoscope.store import bulk
from nephoscope.store.conditions import where
from nephoscope.store.coverage.exemptions import covered, covered_failures
from nephoscope.store.evaluating import counter_queries
from nephoscope.store.evaluating.evaluation_pages import get, joined, page
from nephoscope.store.evaluating.judgements import Written, record
from nephoscope.store.evaluating.shown import EXCEPTED, conditions_of, last_evaluated, shown_status
from nephoscope.store.reach import resource_is_seen_in
from nephoscope.store.session import Reader
from nephoscope.store.tables.core import FAIL, PASS, UNKNOWN, evaluations, meta, resources
from nephoscope.store.text import is_storable

__all__ = [
    "FIELDS",
    "Written",
    "dates",
    "get",
    "page",
    "record",
    "tallies",
    "verdict_chunks",
    "verdicts",
    "verdicts_of",
    "version",
]

FIELDS = ("cid", "status", "region", "resource_type", "resource_id", "account_id", "evaluated_on")
"""What conditions and sorting may name; conditions also `tag_name`."""

_WORDS = (Status.PASS, Status.FAIL)
"""By whether it failed."""


def tallies(reader: Reader, connector_key: int, conditions: Bound = ()) -> tuple[ControlTally, ...]:
    """One row per control that has any evaluation, in order of cid. Without conditions, or with those that the counters
    know (cid, status, resource type, account), no evaluation is read."""
    read = counter_queries.by_control if counter_queries.can_tell(reader, connector_key, conditions) else _from_rows
    found: dict[int, dict[int, int]] = {}
    for (cid, status), count in read(reader, connector_key, conditions).items():
        found.setdefault(cid, {})[status] = count
    return tuple(
        ControlTally(cid, by.get(PASS, 0), by.get(FAIL, 0), by.get(UNKNOWN, 0), by.get(EXCEPTED, 0))
        for cid, by in sorted(found.items())
    )


def _from_rows(reader: Reader, connector_key: int, conditions: Bound) -> dict[tuple[int, int], int]:
    is_covered = covered(reader, connector_key)
    status = shown_status(evaluations.c.status, is_covered)
    rows = joined(connector_key, None, evaluations.c.cid, status, func.count())
    rows = rows.where(where(conditions, conditions_of(is_covered)), resource_is_seen_in(reader, connector_key))
    rows = rows.group_by(evaluations.c.cid, status)
    return {(cid, shown): count for cid, shown, count in reader.connection.execute(rows)}


def dates(reader: Reader, connector_key: int, cid: int, resource_id: str | None) -> EvaluationDates | None:
    """Of one evaluation; over all resources of the control (earliest first, latest last) when `resource_id` is None,
    or when several resources of the account have the id."""
    if resource_id is not None and not is_storable(resource_id):
        return None
    own = evaluations.c
    ends = (func.min(own.first_evaluated), func.max(last_evaluated()), func.max(own.reopened), func.max(own.fixed))
    rows = joined(connector_key, cid, *ends).where(resource_is_seen_in(reader, connector_key))
    if resource_id is not None:
        rows = rows.where(resources.c.resource_id == resource_id)
    first, last, reopened, fixed = reader.connection.execute(rows).one()
    if first is None:
        return None
    return EvaluationDates(
        from_epoch(first),
        from_epoch(last),
        from_epoch_or_none(reopened),
        from_epoch_or_none(fixed),
    )


def verdicts(reader: Reader, first_key: int, last_key: int) -> Iterator[tuple[int, int, Status]]:
    """(resource key, cid, status) of the rows in that range of resource keys that are no UNKNOWN, in order."""
    for rows in verdict_chunks(reader, first_key, last_key):
        yield from _shown(reader, rows)


def verdict_chunks(reader: Reader, first_key: int, last_key: int) -> Iterator[Sequence[tuple[int, int, bool]]]:
    """(resource key, cid, whether it failed) of the same rows as they were judged, without a look at exceptions, in
    lists of a bounded size. True and False may come as 1 and 0."""
    yield from bulk.stream(reader, _VERDICTS.format(keys="r.key BETWEEN ? AND ?"), first_key, last_key)


def verdicts_of(reader: Reader, keys: Sequence[int]) -> tuple[list[int], list[int], list[Status]]:
    """(resource keys, cids, statuses), parallel, of these resources' rows that are no UNKNOWN, by resource key and cid.
    All of them at once: ask for some thousand resources at a time."""
    rows = bulk.fetch(reader, _VERDICTS.format(keys=bulk.among(reader, "r.key")), bulk.packed(reader, keys))
    if not rows:
        return [], [], []
    found, cids, statuses = zip(*_shown(reader, rows), strict=True)
    return list(found), list(cids), list(statuses)


def _shown(reader: Reader, rows: Sequence[tuple[int, int, bool]]) -> Iterator[tuple[int, int, Status]]:
    excepted = frozenset(covered_failures(reader, sorted({key for key, _, has_failed in rows if has_failed})))
    for key, cid, has_failed in rows:
        yield key, cid, Status.PASSE if (key, cid) in excepted else _WORDS[has_failed]


_VERDICTS = """
    SELECT e.resource_key, e.cid, e.status = 2
    FROM resources r CROSS JOIN scopes s CROSS JOIN evaluations e
    WHERE {keys} AND s.key = r.scope_key AND e.connector_key = r.connector_key AND e.resource_key = +r.key
    AND (e.status = 2 OR (e.status = 1 AND s.outcome = 'complete'))
    ORDER BY r.key, e.cid
"""
"""CROSS JOIN and the plus keep SQLite to what is written: resources in order, the evaluations of each by its key."""


def version(reader: Reader) -> int:
    """Grows with every transaction that changed resources, evaluations or scopes: caches compare it."""
    found = select(meta.c.value).where(meta.c.name == "version")
    value: int = reader.connection.execute(found).scalar_one()
    return value
