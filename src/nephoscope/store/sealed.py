"""Credentials of others, sealed (`kit.sealing`): by whose they are and what they are called. The plain text passes
through this room and is never kept in it."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Table, and_, delete, select

from nephoscope.errors import StoreError
from nephoscope.kit.sealing import KeyRing, Sealer
from nephoscope.store import bulk
from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables.core import users
from nephoscope.store.tables.identities import signing_keys
from nephoscope.store.tables.sealed import sealed

_COLUMNS = ("owner", "name", "body")


class _Elsewhere(NamedTuple):
    """A column of another table that holds something sealed; the context is the word and the row's name."""

    table: Table
    name: str
    body: str
    word: str


_ELSEWHERE = (
    _Elsewhere(signing_keys, "kid", "private", "signing key"),
    _Elsewhere(users, "name", "factor", "second factor"),
)


def put(writer: Writer, sealer: Sealer, owner: UUID, name: str, plain: str) -> None:
    """Replaces what was there. SettingsError when there is no key."""
    remove(writer, owner, name)
    row = (str(owner), name, sealer.seal(plain.encode(), _context(str(owner), name)))
    bulk.insert(writer, sealed, _COLUMNS, [row])


def get(reader: Reader, sealer: Sealer, owner: UUID, name: str) -> str:
    """Empty when there is none. StoreError when no key opens it."""
    wanted = select(sealed.c.body).where(and_(sealed.c.owner == str(owner), sealed.c.name == name))
    body: bytes | None = reader.connection.execute(wanted).scalar_one_or_none()
    return sealer.open(body, _context(str(owner), name)).decode() if body is not None else ""


def has(reader: Reader, owner: UUID, name: str) -> bool:
    wanted = select(sealed.c.name).where(and_(sealed.c.owner == str(owner), sealed.c.name == name))
    return reader.connection.execute(wanted).first() is not None


def remove(writer: Writer, owner: UUID, name: str | None = None) -> None:
    """All of the owner's without a name."""
    mine = sealed.c.owner == str(owner)
    writer.connection.execute(delete(sealed).where(mine if name is None else and_(mine, sealed.c.name == name)))


def reseal(writer: Writer, ring: KeyRing) -> int:
    """Seal with the newest key what an older one sealed, in every table; answers how many rows that were."""
    changed = list(_resealed(writer, ring))
    bulk.update(writer, sealed, ("owner", "name"), ("body",), changed)
    return len(changed) + sum(_reseal_column(writer, ring, column) for column in _ELSEWHERE)


def unopened(reader: Reader, ring: Sealer) -> tuple[int, int]:
    """How many there are, in every table, and how many of them no key of this process opens."""
    failed = count = 0
    for body, context in _every(reader):
        count += 1
        try:
            ring.open(body, context)
        except StoreError:
            failed += 1
    return count, failed


def _every(reader: Reader) -> Iterator[tuple[bytes, str]]:
    for owner, name, body in reader.connection.execute(select(sealed)).all():
        yield body, _context(owner, name)
    for column in _ELSEWHERE:
        name, body = column.table.c[column.name], column.table.c[column.body]
        for owner, old in reader.connection.execute(select(name, body).where(body.is_not(None))).all():
            yield old, f"{column.word} {owner}"


def _resealed(writer: Writer, ring: KeyRing) -> Iterator[tuple[bytes, str, str]]:
    for owner, name, body in writer.connection.execute(select(sealed)).all():
        if not ring.is_newest(body):
            context = _context(owner, name)
            yield ring.seal(ring.open(body, context), context), owner, name


def _reseal_column(writer: Writer, ring: KeyRing, column: _Elsewhere) -> int:
    name, body = column.table.c[column.name], column.table.c[column.body]
    rows = writer.connection.execute(select(name, body).where(body.is_not(None))).all()
    changed = [
        (ring.seal(ring.open(old, context), context), owner)
        for owner, old in rows
        if not ring.is_newest(old)
        for context in [f"{column.word} {owner}"]
    ]
    bulk.update(writer, column.table, (column.name,), (column.body,), changed)
    return len(changed)


def _context(owner: str, name: str) -> str:
    return f"sealed {owner} {name}"
