"""Users, and the recovery codes of their second factors."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, func, select, update
from sqlalchemy import delete as delete_from

from nephoscope.kit.dates import from_epoch, from_epoch_or_none, to_epoch, to_epoch_or_none
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.users import User
from nephoscope.store import bulk
from nephoscope.store.pages import count_rows
from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables.core import users
from nephoscope.store.tables.identities import recovery_codes
from nephoscope.store.text import is_storable, storable


def get(reader: Reader, name: str) -> User | None:
    """A writer that gets a user has it for itself until it ends."""
    if not is_storable(name):
        return None
    wanted = select(users).where(users.c.name == name)
    row = reader.connection.execute(reader.held(wanted)).one_or_none()
    return _user(row) if row else None


def namesake(reader: Reader, name: str) -> str | None:
    """Who is called so already, in any case: two who differ in nothing else are taken for one another."""
    wanted = select(users.c.name).where(func.lower(users.c.name) == func.lower(storable(name))).order_by(users.c.name)
    found: str | None = reader.connection.execute(wanted.limit(1)).scalar_one_or_none()
    return found


def find_subject(reader: Reader, issuer: str, subject: str) -> User | None:
    """Who this is at a provider of single sign-on."""
    if not subject or not is_storable(issuer) or not is_storable(subject):
        return None
    wanted = select(users).where(users.c.issuer == issuer, users.c.subject == subject)
    row = reader.connection.execute(wanted).one_or_none()
    return _user(row) if row else None


class Standing(NamedTuple):
    """What may change between two requests of a user."""

    generation: str
    is_disabled: bool
    must_change: bool
    has_factor: bool


def standing(reader: Reader, name: str) -> Standing | None:
    """None for nobody. Asked all the time."""
    if not is_storable(name):
        return None
    rows = bulk.fetch(reader, "SELECT generation, is_disabled, must_change, has_factor FROM users WHERE name = ?", name)
    return Standing(str(rows[0][0]), *map(bool, rows[0][1:])) if rows else None


def every(reader: Reader) -> tuple[User, ...]:
    """In order of name."""
    return tuple(_user(row) for row in reader.connection.execute(select(users).order_by(users.c.name)))


def page(reader: Reader, request: PageRequest) -> Page[User]:
    """In order of name."""
    total = count_rows(reader, users)
    wanted = select(users).order_by(users.c.name).limit(request.size).offset(request.offset)
    return Page(tuple(_user(row) for row in reader.connection.execute(wanted)), total, request)


def put(writer: Writer, user: User) -> None:
    """Adds or replaces."""
    values = {
        "name": user.name,
        "password_hash": user.password_hash,
        "created_on": to_epoch(user.created_on),
        "is_disabled": user.is_disabled,
        "must_change": user.must_change,
        "generation": user.generation,
        "last_login_on": to_epoch_or_none(user.last_login_on),
        "factor": user.factor or None,
        "has_factor": user.has_factor,
        "factor_step": user.factor_step,
        "issuer": user.issuer,
        "subject": user.subject,
    }
    bulk.upsert(writer, users, ["name"], values)


def mark_login(writer: Writer, name: str, now: datetime) -> None:
    writer.connection.execute(update(users).where(users.c.name == name).values(last_login_on=to_epoch(now)))


def use_step(writer: Writer, name: str, step: int) -> bool:
    """Whether the time step was later than the last one used; then it is the last one."""
    later = update(users).where(users.c.name == name, users.c.factor_step < step).values(factor_step=step)
    return bool(writer.connection.execute(later).rowcount)


def put_recovery(writer: Writer, name: str, digests: Iterable[str]) -> None:
    """In place of those that there were."""
    writer.connection.execute(delete_from(recovery_codes).where(recovery_codes.c.user_name == name))
    bulk.insert(writer, recovery_codes, ("user_name", "digest"), [(name, one) for one in sorted(set(digests))])


def use_recovery(writer: Writer, name: str, digest: str) -> bool:
    """Whether there was such a code; it is gone then."""
    own = recovery_codes.c
    gone = delete_from(recovery_codes).where(own.user_name == name, own.digest == digest)
    return bool(writer.connection.execute(gone).rowcount)


def count_recovery(reader: Reader, name: str) -> int:
    return count_rows(reader, recovery_codes, recovery_codes.c.user_name == name)


def delete(writer: Writer, name: str) -> bool:
    if not is_storable(name):
        return False
    put_recovery(writer, name, ())
    return bool(writer.connection.execute(delete_from(users).where(users.c.name == name)).rowcount)


def _user(row: Row[Any]) -> User:
    return User(
        name=row.name,
        password_hash=row.password_hash,
        created_on=from_epoch(row.created_on),
        is_disabled=row.is_disabled,
        must_change=row.must_change,
        generation=row.generation,
        last_login_on=from_epoch_or_none(row.last_login_on),
        factor=row.factor or b"",
        has_factor=row.has_factor,
        factor_step=row.factor_step,
        issuer=row.issuer,
        subject=row.subject,
    )
