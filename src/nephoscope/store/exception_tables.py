"""The tables of exceptions. An exception names controls, accounts, resources and tags by what people call them, never
by keys, so that it holds for what does not exist yet."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table

from nephoscope.store.tables import Identity, Key, metadata

exceptions = Table(
    "exceptions",
    metadata,
    Column("key", Key, primary_key=True),
    Column("uuid", Identity, nullable=False, unique=True),
    Column("provider", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("name", String, nullable=False),
    Column("folded", String, nullable=False, unique=True),
    Column("explanation", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("starts", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
    Column("all_connectors", Boolean, nullable=False),
    Column("policy", String, nullable=False),
    Column("procedure", String, nullable=False),
    Column("approval", String, nullable=False),
    Column("decided_by", String, nullable=False),
    Column("decided_on", BigInteger),
    Column("created_by", String, nullable=False),
    Column("created_on", BigInteger, nullable=False),
    Column("updated_by", String, nullable=False),
    Column("updated_on", BigInteger, nullable=False),
    Index("exceptions_ends", "ends"),
    sqlite_autoincrement=True,
)

exception_controls = Table(
    "exception_controls",
    metadata,
    Column("exception_key", BigInteger, primary_key=True, autoincrement=False),
    Column("cid", Integer, primary_key=True, autoincrement=False),
    Index("exception_controls_cid", "cid", "exception_key"),
    sqlite_with_rowid=False,
)

exception_resources = Table(
    "exception_resources",
    metadata,
    Column("exception_key", BigInteger, primary_key=True, autoincrement=False),
    Column("account_id", String, primary_key=True),
    Column("resource_id", String, primary_key=True),
    Column("region", String, primary_key=True),
    Index("exception_resources_named", "resource_id", "account_id", "exception_key"),
    sqlite_with_rowid=False,
)
"""An empty region is any region."""

exception_accounts = Table(
    "exception_accounts",
    metadata,
    Column("exception_key", BigInteger, primary_key=True, autoincrement=False),
    Column("account_id", String, primary_key=True),
    Index("exception_accounts_account", "account_id", "exception_key"),
    sqlite_with_rowid=False,
)
"""Of an exception for resources: the accounts that they lie in."""

exception_resource_tags = Table(
    "exception_resource_tags",
    metadata,
    Column("exception_key", BigInteger, primary_key=True, autoincrement=False),
    Column("folded", String, primary_key=True),
    Column("name", String, nullable=False),
    sqlite_with_rowid=False,
)

exception_connector_tags = Table(
    "exception_connector_tags",
    metadata,
    Column("exception_key", BigInteger, primary_key=True, autoincrement=False),
    Column("folded", String, primary_key=True),
    Column("name", String, nullable=False),
    sqlite_with_rowid=False,
)

exception_renewals = Table(
    "exception_renewals",
    metadata,
    Column("key", Key, primary_key=True),
    Column("exception_key", BigInteger, nullable=False),
    Column("renewed_on", BigInteger, nullable=False),
    Column("renewed_by", String, nullable=False),
    Column("old_ends", BigInteger, nullable=False),
    Column("new_ends", BigInteger, nullable=False),
    Index("exception_renewals_exception", "exception_key", "key"),
    sqlite_autoincrement=True,
)

CHILDREN = (
    exception_controls,
    exception_resources,
    exception_accounts,
    exception_resource_tags,
    exception_connector_tags,
    exception_renewals,
)
