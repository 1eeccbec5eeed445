"""Policies that people make, and the number of their changes."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_IDENTITY = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "policies",
        sa.Column("key", _KEY, primary_key=True),
        sa.Column("uuid", _IDENTITY, nullable=False, unique=True),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False, unique=True),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_on", sa.BigInteger(), nullable=False),
        sa.Column("modified_by", sa.String(), nullable=False),
        sa.Column("modified_on", sa.BigInteger(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "policy_controls",
        sa.Column("policy_key", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("cid", sa.Integer(), primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    meta = sa.table("meta", sa.column("name", sa.String()), sa.column("value", sa.BigInteger()))
    op.bulk_insert(meta, [{"name": "policies", "value": 0}])
