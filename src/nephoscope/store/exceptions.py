"""Exceptions, as people decided them. What they do to what is shown is in `coverage`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, Table, and_, case, false, insert, literal, not_, or_, select, true
from sqlalchemy import update as update_in

from nephoscope.kit.dates import from_epoch, from_epoch_or_none, to_epoch, to_epoch_or_none
from nephoscope.kit.folding import fold
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.exceptions import (
    Approval,
    ExceptionReason,
    ExceptionScope,
    ExceptionState,
    ExemptResource,
    PolicyException,
    Renewal,
)
from nephoscope.model.providers import Provider
from nephoscope.qql.bound import Bound, Condition, Operator
from nephoscope.qql.matching import matches
from nephoscope.store import bulk
from nephoscope.store.changelog import changes
from nephoscope.store.changelog.changes import ChangeKind, Note
from nephoscope.store.conditions import Translate, bounded, identities, moments, numbers, order, where, words
from nephoscope.store.conflicts import unless_taken
from nephoscope.store.coverage.exception_reach import account_row_is, as_seen, is_touched, resource_row_is_seen
from nephoscope.store.coverage.exemptions import is_in_force
from nephoscope.store.pages import count_rows, limited
from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables.core import (
    exception_accounts,
    exception_connector_tags,
    exception_controls,
    exception_renewals,
    exception_resource_tags,
    exception_resources,
    exceptions,
)
from nephoscope.store.text import is_storable, storable

FIELDS = (
    "provider",
    "reason",
    "state",
    "name",
    "scope",
    "account_id",
    "cid",
    "resource_id",
    "resource_account_id",
    "starting_date",
    "ending_date",
    "created_on",
    "updated_on",
    "uuid",
)
"""What conditions may name."""

_CHILDREN = (
    exception_controls,
    exception_resources,
    exception_accounts,
    exception_resource_tags,
    exception_connector_tags,
    exception_renewals,
)
_IN_EFFECT = (Approval.NOT_NEEDED, Approval.APPROVED)
_COLUMNS: dict[str, ColumnElement[Any]] = {
    "provider": exceptions.c.provider,
    "reason": exceptions.c.reason,
    "name": exceptions.c.folded,
    "scope": exceptions.c.scope,
    "starting_date": exceptions.c.starts,
    "ending_date": exceptions.c.ends,
    "created_on": exceptions.c.created_on,
    "updated_on": exceptions.c.updated_on,
}
"""What sorting may name, beside `state`."""


def page(reader: Reader, conditions: Bound, request: PageRequest) -> Page[PolicyException]:
    """In order of creation unless the request says otherwise; without their lists of resources."""
    matching = and_(where(conditions, _conditions(reader)), is_touched(reader))
    total = count_rows(reader, exceptions, matching)
    columns = _COLUMNS | {"state": _state(reader)}
    listing = select(exceptions).where(matching).order_by(*order(request.sort, columns, exceptions.c.key))
    rows = reader.connection.execute(limited(listing, request)).all()
    return Page(_loaded(reader, rows), total, request)


def get(reader: Reader, uuid: UUID) -> PolicyException | None:
    """Whole, as far as it is seen. A writer that gets an exception has it for itself until it ends."""
    wanted = select(exceptions).where(exceptions.c.uuid == uuid, is_touched(reader))
    row = reader.connection.execute(reader.held(wanted)).one_or_none()
    if row is None:
        return None
    children = _Children(reader, [row.key], has_resources=row.scope == ExceptionScope.RESOURCE)
    return as_seen(reader, [_exception(row, children)])[0]


def by_keys(reader: Reader, keys: Sequence[int]) -> dict[int, PolicyException]:
    """Unknown keys are left out, and lists of resources."""
    rows = reader.connection.execute(select(exceptions).where(bulk.is_among(reader, exceptions.c.key, keys))).all()
    return {found.key: found for found in _loaded(reader, rows)}


def whole(reader: Reader, keys: Sequence[int]) -> tuple[PolicyException, ...]:
    """With their lists of resources, in order of key; whoever looks."""
    own = exceptions.c.key
    rows = reader.connection.execute(select(exceptions).where(bulk.is_among(reader, own, keys)).order_by(own)).all()
    children = _Children(reader, keys, has_resources=True)
    return tuple(_exception(row, children) for row in rows)


def keys_after(reader: Reader, after: int, size: int) -> list[int]:
    """The next ones that concern what is seen, in order of key."""
    own = exceptions.c.key
    listing = select(own).where(own > after, is_touched(reader)).order_by(own).limit(size)
    return list(reader.connection.execute(listing).scalars())


def matching_among(reader: Reader, keys: Sequence[int], conditions: Bound) -> dict[int, PolicyException]:
    """With their lists of resources, in order of key; those alone that concern what is seen."""
    own = exceptions.c.key
    wanted = and_(bulk.is_among(reader, own, keys), where(conditions, _conditions(reader)), is_touched(reader))
    rows = reader.connection.execute(select(exceptions).where(wanted).order_by(own)).all()
    children = _Children(reader, [row.key for row in rows], has_resources=True)
    return {one.key: one for one in as_seen(reader, [_exception(row, children) for row in rows])}


def for_tags(reader: Reader) -> tuple[PolicyException, ...]:
    """All that cover what wears a tag, in force or not."""
    own = exceptions.c
    rows = reader.connection.execute(select(exceptions).where(own.scope == ExceptionScope.QUALYSTAG)).all()
    return _loaded(reader, rows)


def find_by_name(reader: Reader, name: str) -> UUID | None:
    """In any case (A to Z)."""
    if not is_storable(name):
        return None
    uuid: UUID | None = reader.connection.execute(
        select(exceptions.c.uuid).where(exceptions.c.folded == fold(name))
    ).scalar_one_or_none()
    return uuid


def effective(reader: Reader) -> tuple[PolicyException, ...]:
    """Those in force at the reader's moment, the soonest to end first; without their lists of resources."""
    listing = select(exceptions).where(is_in_force(reader), is_touched(reader))
    listing = listing.order_by(exceptions.c.ends, exceptions.c.key)
    return _loaded(reader, reader.connection.execute(listing).all())


def create(writer: Writer, exception: PolicyException) -> PolicyException:
    """Answers it with its key. ConflictError when the name is taken."""
    values = _values(exception)
    with unless_taken(writer, f"The name {exception.name!r} is taken by another exception."):
        added = writer.connection.execute(insert(exceptions).values(values).returning(exceptions.c.key))
        key: int = added.scalar_one()
    _add_children(writer, key, exception)
    changes.note(writer, [Note(ChangeKind.EXCEPTION, 0, key)])
    return msgspec.structs.replace(exception, key=key)


def delete(writer: Writer, keys: Sequence[int]) -> None:
    """With all that they name and their history."""
    changes.note(writer, _obituaries(writer, keys))
    packed = bulk.packed(writer, keys)
    for table in _CHILDREN:
        bulk.execute(writer, f"DELETE FROM {table.name} WHERE {bulk.among(writer, 'exception_key')}", packed)  # noqa: S608 - our own text
    bulk.execute(writer, f"DELETE FROM exceptions WHERE {bulk.among(writer, 'key')}", packed)  # noqa: S608 - as above


def renew(writer: Writer, exception: PolicyException, new_ends: datetime, by: str, now: datetime) -> PolicyException:
    """Answers it as it is then. Get it from the same writer first."""
    renewal = Renewal(now.replace(microsecond=0), by, exception.ends, new_ends)
    history = (to_epoch(now), storable(by), to_epoch(exception.ends), to_epoch(new_ends))
    columns = ("exception_key", "renewed_on", "renewed_by", "old_ends", "new_ends")
    bulk.insert(writer, exception_renewals, columns, [(exception.key, *history)])
    return _changed(
        writer,
        msgspec.structs.replace(
            exception, ends=new_ends, renewals=(*exception.renewals, renewal), updated_by=by, updated_on=now
        ),
    )


def decide(writer: Writer, exception: PolicyException, approval: Approval, by: str, now: datetime) -> PolicyException:
    """Answers it as it is then. Get it from the same writer first."""
    return _changed(
        writer,
        msgspec.structs.replace(
            exception, approval=approval, decided_by=by, decided_on=now, updated_by=by, updated_on=now
        ),
    )


def _changed(writer: Writer, exception: PolicyException) -> PolicyException:
    changing = update_in(exceptions).where(exceptions.c.key == exception.key).values(_values(exception))
    writer.connection.execute(changing)
    changes.note(writer, [Note(ChangeKind.EXCEPTION, 0, exception.key)])
    return exception


def _obituaries(reader: Reader, keys: Sequence[int]) -> list[Note]:
    """What they were: what they covered is looked for when they are gone."""
    rows = reader.connection.execute(select(exceptions).where(bulk.is_among(reader, exceptions.c.key, keys))).all()
    children = _Children(reader, keys, has_resources=True)
    gone = [_exception(row, children) for row in rows]
    return [Note(ChangeKind.EXCEPTION, 0, one.key, 0, msgspec.json.encode(one).decode()) for one in gone]


def _add_children(writer: Writer, key: int, exception: PolicyException) -> None:
    accounts = {*exception.account_ids, *(one.account_id for one in exception.resources)}
    listed = sorted({(storable(one.account_id), storable(one.resource_id), one.region) for one in exception.resources})
    _add(writer, exception_controls, ("cid",), [(cid,) for cid in sorted(set(exception.control_ids))], key)
    _add(writer, exception_accounts, ("account_id",), [(account,) for account in sorted(accounts)], key)
    _add(writer, exception_resources, ("account_id", "resource_id", "region"), listed, key)
    _add(writer, exception_resource_tags, ("folded", "name"), _tags(exception.resource_tags), key)
    _add(writer, exception_connector_tags, ("folded", "name"), _tags(exception.connector_tags), key)


def _add(writer: Writer, table: Table, columns: Sequence[str], rows: Iterable[tuple[Any, ...]], key: int) -> None:
    bulk.insert(writer, table, ("exception_key", *columns), [(key, *row) for row in rows])


def _tags(names: Iterable[str]) -> list[tuple[str, str]]:
    return sorted({fold(storable(name)): storable(name) for name in names}.items())


def _conditions(reader: Reader) -> dict[str, Translate]:
    own, listed = exceptions.c, resource_row_is_seen(reader)
    return {
        "provider": words(own.provider),
        "reason": words(own.reason),
        "state": _states(reader),
        "name": words(own.name),
        "scope": words(own.scope),
        "account_id": _some(
            exception_accounts, words(exception_accounts.c.account_id), account_row_is(reader, exception_accounts)
        ),
        "cid": _some(exception_controls, numbers(exception_controls.c.cid)),
        "resource_id": _some(exception_resources, words(exception_resources.c.resource_id), listed),
        "resource_account_id": _some(exception_resources, words(exception_resources.c.account_id), listed),
        "starting_date": moments(own.starts),
        "ending_date": moments(own.ends),
        "created_on": moments(own.created_on),
        "updated_on": moments(own.updated_on),
        "uuid": identities(own.uuid),
    }


_ALL = true()


def _some(table: Table, translate: Translate, is_seen: ColumnElement[bool] = _ALL) -> Translate:
    """A condition on one of the rows that an exception has in a table, of those that are seen."""
    owned = select(table.c.exception_key).where(table.c.exception_key == exceptions.c.key, is_seen)

    def of_some(condition: Condition) -> ColumnElement[bool]:
        if condition.operator is Operator.IS_NULL:
            return not_(owned.exists())
        return owned.where(translate(condition)).exists()

    return of_some


def _states(reader: Reader) -> Translate:
    clauses = _state_clauses(reader)

    def translate(condition: Condition) -> ColumnElement[bool]:
        wanted = (clauses[state] for state in ExceptionState if matches((condition,), {"state": state.value}))
        return or_(false(), *wanted)

    return translate


def _state(reader: Reader) -> ColumnElement[str]:
    clauses = _state_clauses(reader)
    return case(*((clause, literal(state.value)) for state, clause in clauses.items()))


def _state_clauses(reader: Reader) -> dict[ExceptionState, ColumnElement[bool]]:
    """As `PolicyException.state` has it."""
    own, at = exceptions.c, bounded(to_epoch(reader.at))
    in_effect = own.approval.in_(_IN_EFFECT)
    return {
        ExceptionState.PENDING_APPROVAL: own.approval == Approval.PENDING,
        ExceptionState.REJECTED: own.approval == Approval.REJECTED,
        ExceptionState.INACTIVE: and_(in_effect, own.starts > at),
        ExceptionState.ACTIVE: is_in_force(reader),
        ExceptionState.EXPIRED: and_(in_effect, own.ends < at),
    }


class _Children:
    """What some exceptions name, by their keys."""

    def __init__(self, reader: Reader, keys: Sequence[int], *, has_resources: bool = False) -> None:
        own = exception_resources.c
        self.cids = _rows(reader, exception_controls, keys, exception_controls.c.cid)
        self.accounts = _rows(reader, exception_accounts, keys, exception_accounts.c.account_id)
        self.resource_tags = _rows(reader, exception_resource_tags, keys, exception_resource_tags.c.name)
        self.connector_tags = _rows(reader, exception_connector_tags, keys, exception_connector_tags.c.name)
        past = exception_renewals.c
        self.renewals = _rows(
            reader, exception_renewals, keys, past.key, past.renewed_on, past.renewed_by, past.old_ends, past.new_ends
        )
        listed = keys if has_resources else []
        self.resources = _rows(reader, exception_resources, listed, own.resource_id, own.account_id, own.region)


def _rows(
    reader: Reader, table: Table, keys: Sequence[int], *columns: ColumnElement[Any]
) -> dict[int, list[tuple[Any, ...]]]:
    if not keys:
        return {}
    found: dict[int, list[tuple[Any, ...]]] = {}
    owner = table.c.exception_key
    listing = select(owner, *columns).where(bulk.is_among(reader, owner, keys)).order_by(owner, *columns)
    for key, *values in reader.connection.execute(listing):
        found.setdefault(key, []).append(tuple(values))
    return found


def _loaded(reader: Reader, rows: Sequence[Row[Any]]) -> tuple[PolicyException, ...]:
    children = _Children(reader, [row.key for row in rows])
    return as_seen(reader, [_exception(row, children) for row in rows])


def _exception(row: Row[Any], children: _Children) -> PolicyException:
    key, is_of_resources = row.key, row.scope == ExceptionScope.RESOURCE
    return PolicyException(
        key=key,
        uuid=row.uuid,
        provider=Provider(row.provider),
        scope=ExceptionScope(row.scope),
        name=row.name,
        explanation=row.explanation,
        reason=ExceptionReason(row.reason),
        starts=from_epoch(row.starts),
        ends=from_epoch(row.ends),
        control_ids=_firsts(children.cids, key),
        resources=tuple(ExemptResource(*values) for values in children.resources.get(key, ())),
        account_ids=() if is_of_resources else _firsts(children.accounts, key),
        resource_tags=_firsts(children.resource_tags, key),
        connector_tags=_firsts(children.connector_tags, key),
        is_for_all_connectors=row.all_connectors,
        security_policy=row.policy,
        security_procedure=row.procedure,
        approval=Approval(row.approval),
        decided_by=row.decided_by,
        decided_on=from_epoch_or_none(row.decided_on),
        created_by=row.created_by,
        created_on=from_epoch(row.created_on),
        updated_by=row.updated_by,
        updated_on=from_epoch(row.updated_on),
        renewals=tuple(
            Renewal(from_epoch(at), by, from_epoch(old), from_epoch(new))
            for _, at, by, old, new in children.renewals.get(key, ())
        ),
    )


def _firsts(rows: Mapping[int, list[tuple[Any, ...]]], key: int) -> tuple[Any, ...]:
    return tuple(values[0] for values in rows.get(key, ()))


def _values(exception: PolicyException) -> dict[str, Any]:
    return {
        "uuid": exception.uuid,
        "provider": exception.provider,
        "scope": exception.scope,
        "name": storable(exception.name),
        "folded": fold(storable(exception.name)),
        "explanation": storable(exception.explanation),
        "reason": exception.reason,
        "starts": to_epoch(exception.starts),
        "ends": to_epoch(exception.ends),
        "all_connectors": exception.is_for_all_connectors,
        "policy": storable(exception.security_policy),
        "procedure": storable(exception.security_procedure),
        "approval": exception.approval,
        "decided_by": storable(exception.decided_by),
        "decided_on": to_epoch_or_none(exception.decided_on),
        "created_by": storable(exception.created_by),
        "created_on": to_epoch(exception.created_on),
        "updated_by": storable(exception.updated_by),
        "updated_on": to_epoch(exception.updated_on),
    }
