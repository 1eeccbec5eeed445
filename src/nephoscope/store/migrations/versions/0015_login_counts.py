"""Failed logins are counted for all processes together."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "login_counts",
        sa.Column("mark", sa.String(), primary_key=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("known_on", sa.BigInteger()),
        sqlite_with_rowid=False,
    )
    op.create_index("login_counts_last", "login_counts", ["last"])
