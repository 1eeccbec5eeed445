"""What whoever follows the store has to look at again since a version and a moment: resources, evaluations, exceptions.

Notes say what transactions changed (`changes`). What an exception covers changes without any transaction too, when it
begins and when it ends; so does what it covered when it is deleted. A key may be named although nothing differs in the
end; none that differs is left out. Keys come as arrays, eight bytes for each resource or evaluation.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, and_, or_, select

from nephoscope.kit.chunks import chunks
from nephoscope.kit.folding import fold
from nephoscope.model.exceptions import ExceptionScope, PolicyException
from nephoscope.store import bulk, exceptions
from nephoscope.store.changelog import changes
from nephoscope.store.changelog.changes import ChangeKind, Note
from nephoscope.store.changelog.departures import Departed, departed
from nephoscope.store.conditions import bounded
from nephoscope.store.coverage.effects import Effect
from nephoscope.store.reach import part
from nephoscope.store.session import Reader
from nephoscope.store.tables.core import FAIL
from nephoscope.store.tables.core import exceptions as table

Integers = npt.NDArray[np.int64]
PAIR = 2**32
"""A resource's key times this, plus a cid (0 for all of them)."""
_NOTHING: Integers = np.array([], np.int64)
_MANY = 20_000


class Since(NamedTuple):
    """The version that was seen last, and the moment (in seconds) whose exceptions counted in it."""

    version: int
    at: int


class Departures(NamedTuple):
    """Resources that are no more, by key in order; where their descriptions stand in the log."""

    keys: Integers
    sets: Integers
    numbers: Integers


def resources_since(reader: Reader, since: Since) -> Integers:
    """Keys, in order, of resources that are new, differ, or wear other tags."""
    return _unique([_subjects(reader, since, (ChangeKind.RESOURCE, ChangeKind.TAGS))])


def findings_since(reader: Reader, since: Since) -> Integers:
    """Keys, in order, of resources with something else on their disks."""
    return _unique([_subjects(reader, since, (ChangeKind.FINDINGS,))])


def evaluations_since(reader: Reader, since: Since) -> Integers:
    """Pairs, in order, of what is new, turned, or shows otherwise."""
    turned = _pairs(changes.since(reader, since.version, (ChangeKind.JUDGED, ChangeKind.EVALUATION)))
    scopes = _subjects(reader, since, (ChangeKind.SCOPE,))
    return _unique([turned, *_of_scopes(reader, scopes), *_of_exceptions(reader, since)])


def dropped_since(reader: Reader, since: Since) -> Integers:
    """Pairs, in order, of evaluations that were taken away; some may be back."""
    return _unique([_pairs(changes.since(reader, since.version, (ChangeKind.DROPPED,)))])


def departures_since(reader: Reader, since: Since) -> Departures:
    sql = f"""
        SELECT c.subject, c.set_key, c.number FROM change_sets s JOIN changes c ON c.set_key = s.key
        WHERE s.version > ? AND c.kind = '{ChangeKind.GONE.value}' ORDER BY c.subject
    """  # noqa: S608 - our own word
    parts = [np.array(rows, np.int64) for rows in bulk.stream(reader, sql, since.version)]
    found = np.concatenate(parts) if parts else np.empty((0, 3), np.int64)
    return Departures(found[:, 0], found[:, 1], found[:, 2])


def described(reader: Reader, found: Departures, keys: Sequence[int]) -> dict[int, Departed]:
    """Of some hundred of them."""
    places = np.isin(found.keys, np.array(keys, np.int64)).nonzero()[0]
    texts: dict[int, Departed] = {}
    for set_key in np.unique(found.sets[places]).tolist():
        mine = [place for place in places.tolist() if found.sets[place] == set_key]
        sql = f"SELECT subject, detail FROM changes WHERE set_key = ? AND {bulk.among(reader, 'number')}"  # noqa: S608 - our own text
        numbers = bulk.packed(reader, [int(found.numbers[place]) for place in mine])
        texts.update((key, departed(text)) for key, text in bulk.fetch(reader, sql, set_key, numbers))
    return texts


def is_for(reader: Reader, one: Departed) -> bool:
    """Whether who reads saw it while it was there, as far as can be said: by its account, the groups that its connector
    was in, and the tags that were worn."""
    found, reach = part(reader), reader.reach
    if found is None or reach is None:
        return True
    groups = {str(uuid) for uuid in one.groups}
    return one.account_id in reach.accounts or bool(groups & reach.groups or {*one.tag_keys} & {*found.tags})


def is_for_exception(reader: Reader, one: PolicyException) -> bool:
    """The same of an exception: by the accounts and tags that it named."""
    reach = reader.reach
    if reach is None:
        return True
    accounts = {*one.account_ids, *(row.account_id for row in one.resources)}
    named = {fold(name) for name in (*one.resource_tags, *one.connector_tags)}
    return bool(accounts & reach.accounts or named & {fold(name) for name in reach.tags})


def exceptions_since(reader: Reader, since: Since) -> tuple[tuple[int, ...], tuple[PolicyException, ...]]:
    """Keys, in order, of those that are new, were changed, began or ended; and those that are no more."""
    keys = {one.subject for one in _noted(reader, since)}
    keys |= set(reader.connection.execute(select(table.c.key).where(_has_turned(reader, since))).scalars())
    gone = tuple(_gone(reader, since))
    return tuple(sorted(keys - {one.key for one in gone})), gone


def _has_turned(reader: Reader, since: Since) -> ColumnElement[bool]:
    own, then, now = table.c, bounded(since.at), bounded(int(reader.at.timestamp()))
    return or_(and_(own.starts > then, own.starts <= now), and_(own.ends >= then, own.ends < now))


def _noted(reader: Reader, since: Since) -> Iterator[Note]:
    for rows in changes.since(reader, since.version, (ChangeKind.EXCEPTION,)):
        yield from rows


def _gone(reader: Reader, since: Since) -> Iterator[PolicyException]:
    for one in _noted(reader, since):
        if one.detail:
            yield msgspec.json.decode(one.detail, type=PolicyException)


def _of_exceptions(reader: Reader, since: Since) -> Iterator[Integers]:
    """FAILs that exceptions cover now or covered then, as far as that may have changed."""
    keys, gone = exceptions_since(reader, since)
    for some in chunks(keys, 100):
        for one in exceptions.whole(reader, some):
            yield _covered(reader, one)
    for one in gone:
        yield _covered(reader, one)
    by_tags = [one for one in (*exceptions.for_tags(reader), *gone) if one.scope is ExceptionScope.QUALYSTAG]
    cids = sorted({cid for one in by_tags for cid in one.control_ids})
    if cids:
        yield from _failures(reader, "resource_key", _subjects(reader, since, (ChangeKind.TAGS,)), cids)
        yield from _failures(reader, "connector_key", _subjects(reader, since, (ChangeKind.CONNECTOR_TAGS,)), cids)


def _covered(reader: Reader, exception: PolicyException) -> Integers:
    pairs = (key * PAIR + cid for key, cid in Effect(reader, exception).pairs())
    return np.fromiter(pairs, np.int64)


def _failures(reader: Reader, column: str, keys: Integers, cids: Sequence[int]) -> Iterator[Integers]:
    sql = f"""
        SELECT resource_key, cid FROM evaluations
        WHERE {bulk.among(reader, column)} AND {bulk.among(reader, "cid")} AND status = {FAIL}
    """  # noqa: S608 - names of our own schema
    wanted = bulk.packed(reader, cids)
    for some in chunks(np.unique(keys).tolist(), _MANY):
        rows = bulk.fetch(reader, sql, bulk.packed(reader, some), wanted)
        yield np.fromiter((key * PAIR + cid for key, cid in rows), np.int64, len(rows))


def _of_scopes(reader: Reader, keys: Integers) -> Iterator[Integers]:
    sql = f"SELECT key FROM resources WHERE {bulk.among(reader, 'scope_key')}"  # noqa: S608 - our own text
    for some in chunks(np.unique(keys).tolist(), _MANY):
        for rows in bulk.stream(reader, sql, bulk.packed(reader, some)):
            yield np.fromiter((key * PAIR for (key,) in rows), np.int64, len(rows))


def _subjects(reader: Reader, since: Since, kinds: Iterable[ChangeKind]) -> Integers:
    found = changes.since(reader, since.version, kinds)
    parts = [np.fromiter((one.subject for one in rows), np.int64, len(rows)) for rows in found]
    return np.concatenate([_NOTHING, *parts])


def _pairs(found: Iterable[list[Note]]) -> Integers:
    parts = [np.fromiter((one.subject * PAIR + one.cid for one in rows), np.int64, len(rows)) for rows in found]
    return np.concatenate([_NOTHING, *parts])


def _unique(parts: Iterable[Integers]) -> Integers:
    return np.unique(np.concatenate([_NOTHING, *parts]))
