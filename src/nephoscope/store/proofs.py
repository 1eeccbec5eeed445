"""What stands for a login that was: sessions, the keys that tokens are signed with, and tokens that count no more."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy import delete as delete_from

from nephoscope.kit.dates import from_epoch, from_epoch_or_none, to_epoch, to_epoch_or_none
from nephoscope.model.sessions import Session, SigningKey
from nephoscope.store import bulk
from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables.identities import revoked_tokens, sessions, signing_keys
from nephoscope.store.text import storable


def add_session(writer: Writer, session: Session) -> None:
    """Sessions that are over go at the same time."""
    writer.connection.execute(delete_from(sessions).where(sessions.c.expires_on <= to_epoch(session.began_on)))
    values = {
        "digest": session.digest,
        "user_name": session.user_name,
        "generation": session.generation,
        "began_on": to_epoch(session.began_on),
        "seen_on": to_epoch(session.seen_on),
        "expires_on": to_epoch(session.expires_on),
        "address": storable(session.address),
        "agent": storable(session.agent),
    }
    writer.connection.execute(insert(sessions).values(values))


def get_session(reader: Reader, digest: str) -> Session | None:
    row = reader.connection.execute(select(sessions).where(sessions.c.digest == digest)).one_or_none()
    return _session(row) if row else None


def sessions_of(reader: Reader, user_name: str) -> tuple[Session, ...]:
    """The newest first."""
    wanted = select(sessions).where(sessions.c.user_name == storable(user_name))
    ordered = wanted.order_by(sessions.c.began_on.desc(), sessions.c.digest)
    return tuple(_session(row) for row in reader.connection.execute(ordered))


def touch_session(writer: Writer, digest: str, now: datetime) -> None:
    writer.connection.execute(update(sessions).where(sessions.c.digest == digest).values(seen_on=to_epoch(now)))


def end_session(writer: Writer, user_name: str, digest: str) -> bool:
    own = sessions.c
    gone = delete_from(sessions).where(own.digest == storable(digest), own.user_name == storable(user_name))
    return bool(writer.connection.execute(gone).rowcount)


def end_sessions(writer: Writer, user_name: str) -> int:
    """All of a user's."""
    gone = delete_from(sessions).where(sessions.c.user_name == storable(user_name))
    return int(writer.connection.execute(gone).rowcount)


def keys(reader: Reader) -> tuple[SigningKey, ...]:
    """The newest first."""
    ordered = select(signing_keys).order_by(signing_keys.c.created_on.desc(), signing_keys.c.kid)
    return tuple(_key(row) for row in reader.connection.execute(ordered))


def add_key(writer: Writer, key: SigningKey) -> None:
    values = {
        "kid": key.kid,
        "private": key.private,
        "public": key.public,
        "created_on": to_epoch(key.created_on),
        "expires_on": to_epoch_or_none(key.expires_on),
    }
    writer.connection.execute(insert(signing_keys).values(values))


def retire_keys(writer: Writer, until: datetime) -> None:
    """Those that sign still sign no more, and are good until then."""
    signs = signing_keys.c.expires_on.is_(None)
    writer.connection.execute(update(signing_keys).where(signs).values(expires_on=to_epoch(until)))


def drop_keys(writer: Writer, before: datetime) -> int:
    """Those that were good until then or earlier."""
    gone = delete_from(signing_keys).where(signing_keys.c.expires_on <= to_epoch(before))
    return int(writer.connection.execute(gone).rowcount)


def revoke_token(writer: Writer, jti: str, expires_on: datetime, now: datetime) -> None:
    """What has expired by itself is forgotten at the same time."""
    writer.connection.execute(delete_from(revoked_tokens).where(revoked_tokens.c.expires_on <= to_epoch(now)))
    bulk.upsert(writer, revoked_tokens, ["jti"], {"jti": storable(jti), "expires_on": to_epoch(expires_on)})


def is_revoked(reader: Reader, jti: str) -> bool:
    return bool(bulk.fetch(reader, "SELECT 1 FROM revoked_tokens WHERE jti = ?", jti))


def _session(row: Row[Any]) -> Session:
    return Session(
        digest=row.digest,
        user_name=row.user_name,
        generation=row.generation,
        began_on=from_epoch(row.began_on),
        seen_on=from_epoch(row.seen_on),
        expires_on=from_epoch(row.expires_on),
        address=row.address,
        agent=row.agent,
    )


def _key(row: Row[Any]) -> SigningKey:
    expires = from_epoch_or_none(row.expires_on)
    return SigningKey(row.kid, row.private, row.public, from_epoch(row.created_on), expires)
