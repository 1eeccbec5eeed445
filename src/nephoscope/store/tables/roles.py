"""The tables of who may do what and where: roles, what each user and API client was given, groups of connectors, and
the settings of the tenant and of each user. They share the metadata of `core`."""

from sqlalchemy import BigInteger, Boolean, Column, Index, String, Table

from nephoscope.store.tables.core import Identity, Key, metadata

roles = Table(
    "roles",
    metadata,
    Column("key", Key, primary_key=True),
    Column("name", String, nullable=False),
    Column("folded", String, nullable=False, unique=True),
    Column("description", String, nullable=False),
    Column("created_by", String, nullable=False),
    Column("created_on", BigInteger, nullable=False),
    Column("updated_by", String, nullable=False),
    Column("updated_on", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)
"""What people made. The roles that the program ships are in no table."""

role_permissions = Table(
    "role_permissions",
    metadata,
    Column("role_key", BigInteger, primary_key=True, autoincrement=False),
    Column("permission", String, primary_key=True),
    sqlite_with_rowid=False,
)

grants = Table(
    "grants",
    metadata,
    Column("kind", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("role", String, nullable=False),
    Column("is_scoped", Boolean, nullable=False),
    Index("grants_role", "role"),
    sqlite_with_rowid=False,
)
"""Who (`kind` user or client) was given which role, by its name, and whether everywhere. Whoever has no row may do
nothing."""

grant_parts = Table(
    "grant_parts",
    metadata,
    Column("kind", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("part", String, primary_key=True),
    Column("value", String, primary_key=True),
    Index("grant_parts_value", "part", "value"),
    sqlite_with_rowid=False,
)
"""A scoped grant reaches any of these: a `part` is group (a uuid as text), account, or tag (a name)."""

connector_groups = Table(
    "connector_groups",
    metadata,
    Column("key", Key, primary_key=True),
    Column("uuid", Identity, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("folded", String, nullable=False, unique=True),
    Column("created_by", String, nullable=False),
    Column("created_on", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

group_connectors = Table(
    "group_connectors",
    metadata,
    Column("group_key", BigInteger, primary_key=True, autoincrement=False),
    Column("connector_key", BigInteger, primary_key=True, autoincrement=False),
    Index("group_connectors_connector", "connector_key", "group_key"),
    sqlite_with_rowid=False,
)

tenant_settings = Table(
    "tenant_settings",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
    sqlite_with_rowid=False,
)
"""What people set over what the program was started with; JSON values."""

user_settings = Table(
    "user_settings",
    metadata,
    Column("user_name", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
    sqlite_with_rowid=False,
)
