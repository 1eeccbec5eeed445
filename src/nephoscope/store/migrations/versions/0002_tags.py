"""Tags, who wears them and why, and the rules that put them on."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_IDENTITY = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "tags",
        sa.Column("key", _KEY, primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False, unique=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "resource_tags",
        sa.Column("resource_key", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("tag_key", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("source_key", sa.BigInteger(), primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_index("resource_tags_tag", "resource_tags", ["tag_key", "source_key", "resource_key"])
    op.create_table(
        "connector_tags",
        sa.Column("connector_key", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("tag_key", sa.BigInteger(), primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_index("connector_tags_tag", "connector_tags", ["tag_key", "connector_key"])
    _rules()


def _rules() -> None:
    op.create_table(
        "tag_rules",
        sa.Column("key", _KEY, primary_key=True),
        sa.Column("uuid", _IDENTITY, nullable=False, unique=True),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("resource_type", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_on", sa.BigInteger(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tag_rule_tags",
        sa.Column("rule_key", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("tag_key", sa.BigInteger(), primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
