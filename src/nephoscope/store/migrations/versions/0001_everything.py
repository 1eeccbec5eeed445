"""The first schema: connectors, scopes, resources and their documents, evaluations, tallies, users, runs, workers."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_IDENTITY = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")


def upgrade() -> None:
    _connectors()
    _scopes()
    _resources()
    _evaluations()
    _people_and_runs()
    meta = op.create_table(
        "meta",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("value", sa.BigInteger(), nullable=False),
    )
    op.bulk_insert(meta, [{"name": "version", "value": 0}, {"name": "resource_key", "value": 0}])


def _connectors() -> None:
    op.create_table(
        "connectors",
        sa.Column("key", _KEY, primary_key=True),
        sa.Column("uuid", _IDENTITY, nullable=False, unique=True),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("created_on", sa.BigInteger(), nullable=False),
        sa.Column("access", sa.String(), nullable=False),
        sa.Column("polling_minutes", sa.Integer(), nullable=False),
        sa.Column("is_disabled", sa.Boolean(), nullable=False),
        sa.Column("is_portal_connector", sa.Boolean(), nullable=False),
        sa.Column("account_alias", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("total_assets", sa.BigInteger(), nullable=False),
        sa.Column("last_synced_on", sa.BigInteger()),
        sa.Column("next_sync_on", sa.BigInteger()),
        sa.UniqueConstraint("provider", "account_id", name="connectors_account"),
        sa.UniqueConstraint("provider", "name", name="connectors_name"),
        sqlite_autoincrement=True,
    )


def _scopes() -> None:
    op.create_table(
        "scopes",
        sa.Column("key", _KEY, primary_key=True),
        sa.Column("connector_key", sa.BigInteger(), nullable=False),
        sa.Column("resource_type", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("permission", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("resources", sa.BigInteger(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("closed_on", sa.BigInteger(), nullable=False),
        sa.Column("evaluated_on", sa.BigInteger()),
        sa.UniqueConstraint("connector_key", "resource_type", "region", name="scopes_identity"),
        sqlite_autoincrement=True,
    )
    op.create_index("scopes_type", "scopes", ["resource_type"])


def _resources() -> None:
    op.create_table(
        "resources",
        sa.Column("key", _KEY, primary_key=True),
        sa.Column("uuid", _IDENTITY, nullable=False, unique=True),
        sa.Column("connector_key", sa.BigInteger(), nullable=False),
        sa.Column("scope_key", sa.BigInteger(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("resource_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("arn", sa.String(), nullable=False),
        sa.Column("created_on", sa.BigInteger(), nullable=False),
        sa.Column("updated_on", sa.BigInteger(), nullable=False),
        sa.Column("document_hash", sa.BigInteger(), nullable=False),
        sa.Column("judged", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.BigInteger(), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("unknown", sa.Integer(), nullable=False),
        sa.UniqueConstraint("scope_key", "resource_id", name="resources_identity"),
    )
    op.create_index("resources_connector", "resources", ["connector_key", "key", "scope_key"])
    op.create_table(
        "documents",
        sa.Column("resource_key", _KEY, primary_key=True, autoincrement=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )


def _evaluations() -> None:
    op.create_table(
        "evaluations",
        sa.Column("connector_key", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("resource_key", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("cid", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("first_evaluated", sa.BigInteger(), nullable=False),
        sa.Column("fixed", sa.BigInteger()),
        sa.Column("reopened", sa.BigInteger()),
        sa.Column("reason", sa.String()),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "evaluations_failed",
        "evaluations",
        ["connector_key", "cid", "resource_key"],
        sqlite_where=sa.text("status = 2"),
        postgresql_where=sa.text("status = 2"),
    )
    op.create_table(
        "tallies",
        sa.Column("connector_key", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("scope_key", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("cid", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("status", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
    )


def _people_and_runs() -> None:
    op.create_table(
        "users",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("created_on", sa.BigInteger(), nullable=False),
        sa.Column("is_disabled", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("key", _KEY, primary_key=True),
        sa.Column("uuid", _IDENTITY, nullable=False, unique=True),
        sa.Column("connector_uuid", _IDENTITY, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("queued_on", sa.BigInteger(), nullable=False),
        sa.Column("started_on", sa.BigInteger()),
        sa.Column("finished_on", sa.BigInteger()),
        sa.Column("progress", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("runs_connector", "runs", ["connector_uuid", "key"])
    op.create_index(
        "runs_active",
        "runs",
        ["connector_uuid"],
        unique=True,
        sqlite_where=sa.text("state IN ('QUEUED', 'RUNNING')"),
        postgresql_where=sa.text("state IN ('QUEUED', 'RUNNING')"),
    )
    op.create_table(
        "workers",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("beat_on", sa.BigInteger(), nullable=False),
    )
