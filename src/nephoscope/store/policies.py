"""Policies that people made. A number of their own says whether anything about them changed."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, insert, select, update
from sqlalchemy import delete as delete_from

from nephoscope.kit.dates import from_epoch, to_epoch
from nephoscope.kit.folding import fold
from nephoscope.model.policies import ControlPolicy
from nephoscope.model.providers import Provider
from nephoscope.store import bulk
from nephoscope.store.conflicts import unless_taken
from nephoscope.store.pages import count_rows
from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables.core import meta, policies, policy_controls
from nephoscope.store.text import storable

_COUNTER = meta.c.name == "policies"


def version(reader: Reader) -> int:
    """Grows with every transaction that changed a policy, in the order in which they are seen."""
    value: int = reader.connection.execute(select(meta.c.value).where(_COUNTER)).scalar_one()
    return value


def every(reader: Reader) -> tuple[ControlPolicy, ...]:
    """In order of creation."""
    own = policy_controls.c
    cids: dict[int, list[int]] = {}
    for key, cid in reader.connection.execute(select(own.policy_key, own.cid).order_by(own.policy_key, own.cid)):
        cids.setdefault(key, []).append(cid)
    rows = reader.connection.execute(select(policies).order_by(policies.c.key))
    return tuple(_policy(row, cids.get(row.key, ())) for row in rows)


def get(reader: Reader, uuid: UUID) -> ControlPolicy | None:
    """A writer that gets a policy has it for itself until it ends."""
    wanted = select(policies).where(policies.c.uuid == uuid)
    row = reader.connection.execute(reader.held(wanted)).one_or_none()
    if row is None:
        return None
    own = policy_controls.c
    cids = select(own.cid).where(own.policy_key == row.key).order_by(own.cid)
    return _policy(row, reader.connection.execute(cids).scalars())


def count(reader: Reader) -> int:
    return count_rows(reader, policies)


def create(writer: Writer, policy: ControlPolicy) -> ControlPolicy:
    """Answers it with its key. ConflictError when the title is taken."""
    adding = insert(policies).values(_values(policy)).returning(policies.c.key)
    with unless_taken(writer, _taken(policy)):
        key: int = writer.connection.execute(adding).scalar_one()
    _put_controls(writer, key, policy.control_ids)
    _mark(writer)
    return msgspec.structs.replace(policy, key=key)


def change(writer: Writer, policy: ControlPolicy) -> None:
    """Get it from the same writer first. ConflictError when the title is taken."""
    with unless_taken(writer, _taken(policy)):
        writer.connection.execute(update(policies).where(policies.c.key == policy.key).values(_values(policy)))
    writer.connection.execute(delete_from(policy_controls).where(policy_controls.c.policy_key == policy.key))
    _put_controls(writer, policy.key, policy.control_ids)
    _mark(writer)


def delete(writer: Writer, key: int) -> None:
    writer.connection.execute(delete_from(policy_controls).where(policy_controls.c.policy_key == key))
    writer.connection.execute(delete_from(policies).where(policies.c.key == key))
    _mark(writer)


def _taken(policy: ControlPolicy) -> str:
    return f"The title {policy.title!r} is taken by another policy."


def _put_controls(writer: Writer, key: int, cids: Iterable[int]) -> None:
    bulk.insert(writer, policy_controls, ("policy_key", "cid"), [(key, cid) for cid in sorted(set(cids))])


def _mark(writer: Writer) -> None:
    writer.connection.execute(update(meta).where(_COUNTER).values(value=meta.c.value + 1))


def _values(policy: ControlPolicy) -> dict[str, Any]:
    return {
        "uuid": policy.uuid,
        "provider": policy.provider,
        "title": storable(policy.title),
        "folded": fold(storable(policy.title)),
        "version": policy.version,
        "description": storable(policy.description),
        "created_by": storable(policy.created_by),
        "created_on": to_epoch(policy.created_on),
        "modified_by": storable(policy.modified_by),
        "modified_on": to_epoch(policy.modified_on),
    }


def _policy(row: Row[Any], cids: Iterable[int]) -> ControlPolicy:
    return ControlPolicy(
        key=row.key,
        uuid=row.uuid,
        title=row.title,
        provider=Provider(row.provider),
        version=row.version,
        description=row.description,
        control_ids=tuple(cids),
        created_by=row.created_by,
        created_on=from_epoch(row.created_on),
        modified_by=row.modified_by,
        modified_on=from_epoch(row.modified_on),
        is_own=True,
    )
