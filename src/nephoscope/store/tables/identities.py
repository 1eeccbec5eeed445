"""The tables of how one proves who one is: API clients and their secrets, sessions, signing keys, and what was
revoked. They share the metadata of `core`."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table

from nephoscope.store.tables.core import Identity, Key, metadata

api_clients = Table(
    "api_clients",
    metadata,
    Column("key", Key, primary_key=True),
    Column("uuid", Identity, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("folded", String, nullable=False, unique=True),
    Column("description", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("created_by", String, nullable=False),
    Column("created_on", BigInteger, nullable=False),
    Column("generation", String, nullable=False),
    Column("is_disabled", Boolean, nullable=False),
    Column("expires_on", BigInteger),
    Column("networks", String, nullable=False),
    Column("last_used_on", BigInteger),
    Index("api_clients_owner", "owner"),
    sqlite_autoincrement=True,
)

client_secrets = Table(
    "client_secrets",
    metadata,
    Column("client_key", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", String, primary_key=True),
    Column("created_on", BigInteger, nullable=False),
    Column("expires_on", BigInteger),
    Column("last_used_on", BigInteger),
    sqlite_with_rowid=False,
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String, primary_key=True),
    Column("user_name", String, nullable=False),
    Column("generation", String, nullable=False),
    Column("began_on", BigInteger, nullable=False),
    Column("seen_on", BigInteger, nullable=False),
    Column("expires_on", BigInteger, nullable=False),
    Column("address", String, nullable=False),
    Column("agent", String, nullable=False),
    Index("sessions_user", "user_name"),
    Index("sessions_expiry", "expires_on"),
    sqlite_with_rowid=False,
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("kid", String, primary_key=True),
    Column("private", LargeBinary, nullable=False),
    Column("public", String, nullable=False),
    Column("created_on", BigInteger, nullable=False),
    Column("expires_on", BigInteger),
)

revoked_tokens = Table(
    "revoked_tokens",
    metadata,
    Column("jti", String, primary_key=True),
    Column("expires_on", BigInteger, nullable=False),
    Index("revoked_tokens_expiry", "expires_on"),
    sqlite_with_rowid=False,
)
"""Until they would have expired anyway."""

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("user_name", String, primary_key=True),
    Column("digest", String, primary_key=True),
    sqlite_with_rowid=False,
)

login_counts = Table(
    "login_counts",
    metadata,
    Column("mark", String, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("known_on", BigInteger),
    Index("login_counts_last", "last"),
    sqlite_with_rowid=False,
)
"""Milliseconds since 1970. `mark` is a keyed hash of who tried and where."""
