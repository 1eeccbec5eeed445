"""Tenants, folders and organisations whose accounts are followed."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_IDENTITY = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "followed",
        sa.Column("key", _KEY, primary_key=True),
        sa.Column("uuid", _IDENTITY, nullable=False, unique=True),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("within", sa.String(), nullable=False),
        sa.Column("access", sa.String(), nullable=False),
        sa.Column("polling_minutes", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_on", sa.BigInteger(), nullable=False),
        sa.Column("looked_on", sa.BigInteger()),
        sa.Column("error", sa.String(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "followed_connectors",
        sa.Column("connector_uuid", _IDENTITY, primary_key=True),
        sa.Column("followed_key", sa.BigInteger(), nullable=False),
    )
    op.create_index("followed_connectors_followed", "followed_connectors", ["followed_key"])
