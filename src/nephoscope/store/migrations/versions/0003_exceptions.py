"""Exceptions, with what they name and how they were renewed; resources are found by their ids."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_IDENTITY = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "exceptions",
        sa.Column("key", _KEY, primary_key=True),
        sa.Column("uuid", _IDENTITY, nullable=False, unique=True),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False, unique=True),
        sa.Column("explanation", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("all_connectors", sa.Boolean(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("procedure", sa.String(), nullable=False),
        sa.Column("approval", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_on", sa.BigInteger()),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_on", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.Column("updated_on", sa.BigInteger(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("exceptions_ends", "exceptions", ["ends"])
    _named()
    _tags()
    op.create_table(
        "exception_renewals",
        sa.Column("key", _KEY, primary_key=True),
        sa.Column("exception_key", sa.BigInteger(), nullable=False),
        sa.Column("renewed_on", sa.BigInteger(), nullable=False),
        sa.Column("renewed_by", sa.String(), nullable=False),
        sa.Column("old_ends", sa.BigInteger(), nullable=False),
        sa.Column("new_ends", sa.BigInteger(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("exception_renewals_exception", "exception_renewals", ["exception_key", "key"])
    op.create_index("resources_named", "resources", ["connector_key", "resource_id"])


def _named() -> None:
    op.create_table(
        "exception_controls",
        _owner(),
        sa.Column("cid", sa.Integer(), primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_index("exception_controls_cid", "exception_controls", ["cid", "exception_key"])
    op.create_table(
        "exception_resources",
        _owner(),
        sa.Column("account_id", sa.String(), primary_key=True),
        sa.Column("resource_id", sa.String(), primary_key=True),
        sa.Column("region", sa.String(), primary_key=True),
        sqlite_with_rowid=False,
    )
    names = ["resource_id", "account_id", "exception_key"]
    op.create_index("exception_resources_named", "exception_resources", names)
    op.create_table(
        "exception_accounts",
        _owner(),
        sa.Column("account_id", sa.String(), primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("exception_accounts_account", "exception_accounts", ["account_id", "exception_key"])


def _tags() -> None:
    for name in ("exception_resource_tags", "exception_connector_tags"):
        op.create_table(
            name,
            _owner(),
            sa.Column("folded", sa.String(), primary_key=True),
            sa.Column("name", sa.String(), nullable=False),
            sqlite_with_rowid=False,
        )


def _owner() -> sa.Column[int]:
    return sa.Column("exception_key", sa.BigInteger(), primary_key=True, autoincrement=False)
