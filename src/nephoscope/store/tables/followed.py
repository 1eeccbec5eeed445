"""Tables of the places that are followed (tenants, management groups, folders, organisations) and of the connectors
that were made for what was found there. They share the metadata of `core`."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table

from nephoscope.store.tables.core import Identity, Key, metadata

followed = Table(
    "followed",
    metadata,
    Column("key", Key, primary_key=True),
    Column("uuid", Identity, nullable=False, unique=True),
    Column("provider", String, nullable=False),
    Column("within", String, nullable=False),
    Column("access", String, nullable=False),
    Column("polling_minutes", Integer, nullable=False),
    Column("created_by", String, nullable=False),
    Column("created_on", BigInteger, nullable=False),
    Column("looked_on", BigInteger),
    Column("error", String, nullable=False),
    sqlite_autoincrement=True,
)

followed_connectors = Table(
    "followed_connectors",
    metadata,
    Column("connector_uuid", Identity, primary_key=True),
    Column("followed_key", BigInteger, nullable=False),
    Index("followed_connectors_followed", "followed_key"),
)
