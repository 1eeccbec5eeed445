"""The log of changes: sets of notes, one for each transaction, in the order of the store's versions."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "change_sets",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("version", sa.BigInteger()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("change_sets_version", "change_sets", ["version"])
    op.create_table(
        "changes",
        sa.Column("set_key", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("connector_key", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("cid", sa.Integer(), nullable=False),
        sa.Column("detail", sa.String()),
        sqlite_with_rowid=False,
    )
    # Nothing was noted so far: whoever comes with a version from before must begin anew, and nobody has one.
    op.execute("INSERT INTO meta (name, value) SELECT 'forgotten', value FROM meta WHERE name = 'version'")
