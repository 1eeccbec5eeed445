"""Exceptions: all of them, or those that are new, were changed, began, ended or are gone since."""

from collections.abc import Iterator, Sequence

from nephoscope.model.exceptions import PolicyException
from nephoscope.qql.matching import matches
from nephoscope.reports.exports.context import ExportContext, SplitFilter
from nephoscope.reports.exports.records import Change, ExceptionRecord
from nephoscope.store import exceptions
from nephoscope.store.changelog import changed_since

LASTING = frozenset(
    {
        "name", "reason", "scope", "provider", "account_id", "cid", "resource_id", "resource_account_id", "qflow",
        "starting_date", "created_on",
    }
)  # fmt: skip
"""Fields of an exception that stay as long as it is there."""


class Decisions:
    """A `Source`. There are few enough of them for their keys to be in memory."""

    def __init__(self, context: ExportContext, split: SplitFilter) -> None:
        self._context = context
        self._filter = split
        self._gone: dict[int, PolicyException] = {}
        self._keys: list[int] | None = None
        if context.since:
            keys, gone = changed_since.exceptions_since(context.reader, context.since)
            self._gone = {one.key: one for one in gone}
            self._keys = sorted({*keys, *self._gone})

    def keys(self, after: int, size: int) -> Sequence[int]:
        if self._keys is None:
            return exceptions.keys_after(self._context.reader, after, size)
        return [key for key in self._keys if key > after][:size]

    def records(self, keys: Sequence[int]) -> Iterator[ExceptionRecord]:
        reader = self._context.reader
        asked = exceptions.matching_among(reader, keys, self._filter.lasting)
        kept = exceptions.matching_among(reader, keys, self._filter.whole) if self._filter.passing else asked
        for key, one in asked.items():
            if key in kept or self._context.since:
                change = Change.CHANGED if self._context.since else Change.STATE
                yield ExceptionRecord(change if key in kept else Change.LEFT, one, one.state(reader.at))
        for key in keys:
            gone = self._gone.get(key)
            if (
                gone is not None
                and changed_since.is_for_exception(reader, gone)
                and matches(self._filter.lasting, _facts(gone))
            ):
                yield ExceptionRecord(Change.REMOVED, gone, None)


def _facts(one: PolicyException) -> dict[str, object]:
    return {
        "name": one.name,
        "reason": one.reason.value,
        "scope": one.scope.value,
        "provider": one.provider.value,
        "account_id": (*one.account_ids, *(row.account_id for row in one.resources)),
        "cid": one.control_ids,
        "resource_id": tuple(row.resource_id for row in one.resources),
        "resource_account_id": tuple(row.account_id for row in one.resources),
        "starting_date": one.starts,
        "created_on": one.created_on,
    }
