"""The tables of the log of changes. They share the metadata of `core`."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table

from nephoscope.store.tables.core import Key, metadata

change_sets = Table(
    "change_sets",
    metadata,
    Column("key", Key, primary_key=True),
    Column("version", BigInteger),
    Column("at", BigInteger, nullable=False),
    Index("change_sets_version", "version"),
    sqlite_autoincrement=True,
)
"""One for each transaction that changed something. `version` is the store's own after it."""

changes = Table(
    "changes",
    metadata,
    Column("set_key", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("connector_key", BigInteger, nullable=False),
    Column("subject", BigInteger, nullable=False),
    Column("cid", Integer, nullable=False),
    Column("detail", String),
    sqlite_with_rowid=False,
)
"""`subject` is a key, of what the kind says; `cid` is 0 for all controls; `detail` is JSON of what is gone."""
