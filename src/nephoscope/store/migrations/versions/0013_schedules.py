"""Reports that come by themselves, and their deliveries."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_IDENTITY = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "report_schedules",
        sa.Column("key", _KEY, primary_key=True),
        sa.Column("uuid", _IDENTITY, nullable=False, unique=True),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("name", "cron", "time_zone", "request", "targets", "reach", "created_by")
        ),
        sa.Column("created_on", sa.BigInteger(), nullable=False),
        sa.Column("next_on", sa.BigInteger(), nullable=False),
        sa.Column("is_disabled", sa.SmallInteger(), nullable=False),
        sa.Column("last_report", _IDENTITY),
        sa.Column("error", sa.String(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("report_schedules_next", "report_schedules", ["next_on"])
    op.create_table(
        "report_deliveries",
        sa.Column("key", _KEY, primary_key=True),
        sa.Column("schedule_key", sa.BigInteger(), nullable=False),
        sa.Column("report_uuid", _IDENTITY, nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_on", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("report_deliveries_state", "report_deliveries", ["state", "next_on"])
    op.create_index("report_deliveries_schedule", "report_deliveries", ["schedule_key", "key"])
