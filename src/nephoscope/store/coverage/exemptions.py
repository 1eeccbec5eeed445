"""What exceptions do to what is shown: a FAIL that one in force covers is a PASSE. Nothing of it is stored; every query
asks, at the moment that its reader looks at, so an exception counts in the transaction that records it and ends by the
clock.

The few facts of the exceptions in force are loaded once for each version of the store; of the rows that a query looks
at, it then asks whether their resource is named or wears a tag, along indexes of these.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Table,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
)

from nephoscope.kit.chunks import chunks
from nephoscope.kit.dates import to_epoch
from nephoscope.model.exceptions import Approval, ExceptionScope
from nephoscope.model.providers import Provider
from nephoscope.store import bulk
from nephoscope.store.conditions import bounded
from nephoscope.store.coverage.in_force import EVER, Account, Coverage, InForce, Rule, coverage_of, kept
from nephoscope.store.session import Reader
from nephoscope.store.tables.core import (
    FAIL,
    connector_tags,
    connectors,
    evaluations,
    exception_accounts,
    exception_connector_tags,
    exception_controls,
    exception_resource_tags,
    exception_resources,
    exceptions,
    meta,
    resource_tags,
    resources,
    tags,
)

_FAIL = literal_column(str(FAIL), BigInteger)
_EFFECTIVE = (Approval.NOT_NEEDED, Approval.APPROVED)
_MANY = 20_000
"""Keys of one statement."""


def covered(reader: Reader, connector_key: int, cid: int | None = None) -> ColumnElement[bool]:
    """Whether an exception covers an evaluation of the connector (of that control) should it be a FAIL: beside a
    statement over evaluations and resources. It is `false()` or `true()` where the answer is the same for all."""
    facts = in_force(reader)
    if not facts.rules:
        return false()
    found = facts.conditions.get((connector_key, cid))
    if found is None:
        known = coverage(reader, connector_key)
        made = _covered(reader, known) if cid is None else _covered_of(reader, known, cid)
        found = kept(facts.conditions, (connector_key, cid), made)
    return found


def _covered(reader: Reader, found: Coverage) -> ColumnElement[bool]:
    own = evaluations.c
    parts: list[ColumnElement[bool]] = []
    if found.whole:
        parts.append(bulk.is_among(reader, own.cid, sorted(found.whole)))
    if found.tagged:
        parts.append(_wears(reader, bulk.are_among(reader, resource_tags.c.tag_key, own.cid, sorted(found.tagged))))
    if found.listed:
        parts.append(_is_named(reader, found.account, own.cid))
    return or_(*parts) if parts else false()


def _covered_of(reader: Reader, found: Coverage, cid: int) -> ColumnElement[bool]:
    if cid in found.whole:
        return true()
    parts: list[ColumnElement[bool]] = []
    tag_keys = sorted(tag_key for tag_key, number in found.tagged if number == cid)
    if tag_keys:
        parts.append(_wears(reader, bulk.is_among(reader, resource_tags.c.tag_key, tag_keys)))
    if cid in found.listed:
        parts.append(_is_named(reader, found.account, bounded(cid)))
    return or_(*parts) if parts else false()


def coverage(reader: Reader, connector_key: int) -> Coverage:
    """What the exceptions in force at `reader.at` may cover in a connector."""
    facts = in_force(reader)
    if not facts.rules:
        return _NOTHING
    found = facts.coverage.get(connector_key)
    if found is None:
        account = _account(reader, connector_key)
        found = kept(facts.coverage, connector_key, coverage_of(facts.rules, account) if account else _NOTHING)
    return found


_NOTHING = Coverage(Account(Provider.AWS, "", frozenset()))


def covered_failures(reader: Reader, keys: Sequence[int]) -> list[tuple[int, int]]:
    """(resource key, cid) of the FAILs of these resources that exceptions cover, in no order."""
    if not in_force(reader).rules:
        return []
    found: list[tuple[int, int]] = []
    for part in chunks(keys, _MANY):
        for connector_key, own_keys in _by_connector(reader, part).items():
            if coverage(reader, connector_key).is_any:
                rows = _failures(reader, connector_key, own_keys, evaluations.c.resource_key, evaluations.c.cid)
                found.extend((key, cid) for key, cid in reader.connection.execute(rows))
    return found


def covered_counts(reader: Reader, keys: Mapping[int, Sequence[int]]) -> Mapping[int, int]:
    """Resource key → how many of its FAILs are covered; resources without any are left out. `keys` are given by their
    connectors."""
    counts: dict[int, int] = {}
    own = evaluations.c
    for connector_key, own_keys in keys.items():
        for part in chunks(own_keys, _MANY) if coverage(reader, connector_key).is_any else ():
            rows = _failures(reader, connector_key, part, own.resource_key, func.count()).group_by(own.resource_key)
            counts.update((key, count) for key, count in reader.connection.execute(rows))
    return counts


def partial_counts(reader: Reader, connector_key: int) -> Mapping[tuple[int, int], int]:
    """(scope key, cid) → covered FAILs, of the controls that exceptions cover in part. Of those that they cover whole
    (`Coverage.whole`), the counters know."""
    partial = coverage(reader, connector_key).partial
    if not partial:
        return {}
    counts = in_force(reader).counts
    found = counts.get(connector_key)
    if found is None:
        found = kept(counts, connector_key, _count(reader, connector_key, partial))
    return found


def in_force(reader: Reader) -> InForce:
    """Of the reader's moment. A writer looks anew each time: what it has not committed is nobody else's."""
    if reader.memory is None:
        return _load(reader, 0)
    if reader.in_force is None:
        version = reader.connection.execute(_VERSION).scalar_one()
        known = reader.memory.find(version, to_epoch(reader.at))
        if known is None:
            known = _load(reader, version)
            reader.memory.keep(known)
        reader.in_force = known
    return reader.in_force


_VERSION = select(meta.c.value).where(meta.c.name == "version")


def is_in_force(reader: Reader) -> ColumnElement[bool]:
    """Beside a statement over exceptions."""
    at = literal(to_epoch(reader.at), BigInteger)
    return and_(exceptions.c.starts <= at, exceptions.c.ends >= at, exceptions.c.approval.in_(_EFFECTIVE))


def _load(reader: Reader, version: int) -> InForce:
    own = exceptions.c
    rows = reader.connection.execute(
        select(own.key, own.provider, own.scope, own.all_connectors).where(is_in_force(reader)).order_by(own.key)
    ).all()
    since, until = _window(reader)
    if not rows:
        return InForce(version, since, until, ())
    cids = _children(reader, exception_controls, exception_controls.c.cid)
    accounts = _children(reader, exception_accounts, exception_accounts.c.account_id)
    tag_keys = _tag_keys(reader, exception_resource_tags)
    connector_tag_keys = _tag_keys(reader, exception_connector_tags)
    nothing: frozenset[Any] = frozenset()
    rules = (
        Rule(
            Provider(row.provider),
            ExceptionScope(row.scope),
            row.all_connectors,
            cids.get(row.key, nothing),
            accounts.get(row.key, nothing),
            tag_keys.get(row.key, nothing),
            connector_tag_keys.get(row.key, nothing),
        )
        for row in rows
    )
    return InForce(version, since, until, tuple(rules))


def _window(reader: Reader) -> tuple[int, int]:
    """From when to when the same exceptions are in force as at the reader's moment."""
    own, at = exceptions.c, literal(to_epoch(reader.at), BigInteger)
    since_start, since_end = case((own.starts <= at, own.starts)), case((own.ends < at, own.ends + 1))
    until_end, until_start = case((own.ends >= at, own.ends)), case((own.starts > at, own.starts - 1))
    ends = select(func.max(since_start), func.max(since_end), func.min(until_end), func.min(until_start))
    row = reader.connection.execute(ends.where(own.approval.in_(_EFFECTIVE))).one()
    started, ended, ending, starting = row
    since = max((moment for moment in (started, ended) if moment is not None), default=-EVER)
    until = min((moment for moment in (ending, starting) if moment is not None), default=EVER)
    return int(since), int(until)


def _children(reader: Reader, table: Table, value: ColumnElement[Any]) -> dict[int, frozenset[Any]]:
    return _sets(reader, select(table.c.exception_key, value).join_from(table, exceptions, _owns(table)))


def _tag_keys(reader: Reader, table: Table) -> dict[int, frozenset[Any]]:
    """Names that no tag has are left out: the exception begins to count with the tag."""
    rows = select(table.c.exception_key, tags.c.key).join_from(table, exceptions, _owns(table))
    return _sets(reader, rows.join(tags, tags.c.folded == table.c.folded))


def _owns(table: Table) -> ColumnElement[bool]:
    return exceptions.c.key == table.c.exception_key


def _sets(reader: Reader, rows: Select[Any]) -> dict[int, frozenset[Any]]:
    found: dict[int, set[Any]] = {}
    for key, value in reader.connection.execute(rows.where(is_in_force(reader))):
        found.setdefault(key, set()).add(value)
    return {key: frozenset(values) for key, values in found.items()}


def _account(reader: Reader, connector_key: int) -> Account | None:
    own = connectors.c
    row = reader.connection.execute(select(own.provider, own.account_id).where(own.key == connector_key)).one_or_none()
    if row is None:
        return None
    worn = select(connector_tags.c.tag_key).where(connector_tags.c.connector_key == connector_key)
    return Account(Provider(row.provider), row.account_id, frozenset(reader.connection.execute(worn).scalars()))


def _wears(reader: Reader, is_one: ColumnElement[bool]) -> ColumnElement[bool]:
    """The offset keeps PostgreSQL from hashing all that wear a tag before it looks at the hundred rows of a page."""
    own = resource_tags.c
    worn = select(own.tag_key).where(own.resource_key == evaluations.c.resource_key, is_one)
    return exists(worn.offset(0) if reader.is_postgres else worn)


def _is_named(reader: Reader, account: Account, cid: ColumnElement[int]) -> ColumnElement[bool]:
    named = exception_resources.c
    listing = (
        select(named.exception_key)
        .join(exceptions, exceptions.c.key == named.exception_key)
        .join(exception_controls, exception_controls.c.exception_key == named.exception_key)
        .where(named.resource_id == resources.c.resource_id, named.account_id == account.account_id)
        .where(named.region.in_(["", resources.c.region]), exception_controls.c.cid == cid)
        .where(exceptions.c.provider == account.provider, is_in_force(reader))
    )
    return exists(listing)


def _by_connector(reader: Reader, keys: Sequence[int]) -> dict[int, list[int]]:
    own = resources.c
    found: dict[int, list[int]] = {}
    for connector_key, key in reader.connection.execute(
        select(own.connector_key, own.key).where(bulk.is_among(reader, own.key, keys))
    ):
        found.setdefault(connector_key, []).append(key)
    return found


def _failures(reader: Reader, connector_key: int, keys: Sequence[int], *columns: ColumnElement[Any]) -> Select[Any]:
    """Covered ones, of these resources of the connector."""
    own = evaluations.c
    rows = select(*columns).join_from(evaluations, resources, resources.c.key == own.resource_key)
    rows = rows.where(own.connector_key == connector_key, bulk.is_among(reader, own.resource_key, keys))
    rows = rows.where(bulk.is_among(reader, resources.c.key, keys))
    return rows.where(own.status == _FAIL, covered(reader, connector_key))


def _count(reader: Reader, connector_key: int, partial: frozenset[int]) -> dict[tuple[int, int], int]:
    own = evaluations.c
    rows = (
        select(resources.c.scope_key, own.cid, func.count())
        .join_from(evaluations, resources, resources.c.key == own.resource_key)
        .where(own.connector_key == connector_key, bulk.is_among(reader, own.cid, sorted(partial)))
        .where(own.status == _FAIL, covered(reader, connector_key))
        .group_by(resources.c.scope_key, own.cid)
    )
    return {(scope_key, cid): count for scope_key, cid, count in reader.connection.execute(rows)}
