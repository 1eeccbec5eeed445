"""Roles and reach, groups of connectors, settings of the house and of users. Whoever could log in until now may do
everything, as before."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_IDENTITY = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")


def upgrade() -> None:
    _create_roles()
    _create_grants()
    _create_groups()
    _create_settings()
    op.execute("INSERT INTO grants (kind, name, role, is_scoped) SELECT 'user', name, 'Manager', false FROM users")


def _create_roles() -> None:
    op.create_table(
        "roles",
        sa.Column("key", _KEY, primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False, unique=True),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_on", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.Column("updated_on", sa.BigInteger(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "role_permissions",
        sa.Column("role_key", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("permission", sa.String(), primary_key=True),
        sqlite_with_rowid=False,
    )


def _create_grants() -> None:
    op.create_table(
        "grants",
        sa.Column("kind", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("is_scoped", sa.Boolean(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("grants_role", "grants", ["role"])
    op.create_table(
        "grant_parts",
        sa.Column("kind", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("part", sa.String(), primary_key=True),
        sa.Column("value", sa.String(), primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("grant_parts_value", "grant_parts", ["part", "value"])


def _create_groups() -> None:
    op.create_table(
        "connector_groups",
        sa.Column("key", _KEY, primary_key=True),
        sa.Column("uuid", _IDENTITY, nullable=False, unique=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False, unique=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_on", sa.BigInteger(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "group_connectors",
        sa.Column("group_key", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("connector_key", sa.BigInteger(), primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_index("group_connectors_connector", "group_connectors", ["connector_key", "group_key"])


def _create_settings() -> None:
    op.create_table(
        "tenant_settings",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("value", sa.String(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "user_settings",
        sa.Column("user_name", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("value", sa.String(), nullable=False),
        sqlite_with_rowid=False,
    )
