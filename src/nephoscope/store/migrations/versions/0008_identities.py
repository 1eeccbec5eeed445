"""API clients, sessions, signing keys, revoked tokens, second factors, and what else is known of a user."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_IDENTITY = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")


def upgrade() -> None:
    _widen_users()
    _create_clients()
    _create_sessions()
    _create_keys()
    op.create_table(
        "recovery_codes",
        sa.Column("user_name", sa.String(), primary_key=True),
        sa.Column("digest", sa.String(), primary_key=True),
        sqlite_with_rowid=False,
    )


def _widen_users() -> None:
    op.add_column("users", sa.Column("must_change", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("users", sa.Column("generation", sa.String(), nullable=False, server_default=""))
    op.add_column("users", sa.Column("last_login_on", sa.BigInteger()))
    op.add_column("users", sa.Column("factor", sa.LargeBinary()))
    op.add_column("users", sa.Column("has_factor", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("users", sa.Column("factor_step", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("users", sa.Column("issuer", sa.String(), nullable=False, server_default=""))
    op.add_column("users", sa.Column("subject", sa.String(), nullable=False, server_default=""))
    named = sa.text("subject <> ''")
    op.create_index(
        "users_subject", "users", ["issuer", "subject"], unique=True, sqlite_where=named, postgresql_where=named
    )


def _create_clients() -> None:
    op.create_table(
        "api_clients",
        sa.Column("key", _KEY, primary_key=True),
        sa.Column("uuid", _IDENTITY, nullable=False, unique=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False, unique=True),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_on", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.String(), nullable=False),
        sa.Column("is_disabled", sa.Boolean(), nullable=False),
        sa.Column("expires_on", sa.BigInteger()),
        sa.Column("networks", sa.String(), nullable=False),
        sa.Column("last_used_on", sa.BigInteger()),
        sqlite_autoincrement=True,
    )
    op.create_index("api_clients_owner", "api_clients", ["owner"])
    op.create_table(
        "client_secrets",
        sa.Column("client_key", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("digest", sa.String(), primary_key=True),
        sa.Column("created_on", sa.BigInteger(), nullable=False),
        sa.Column("expires_on", sa.BigInteger()),
        sa.Column("last_used_on", sa.BigInteger()),
        sqlite_with_rowid=False,
    )


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(), primary_key=True),
        sa.Column("user_name", sa.String(), nullable=False),
        sa.Column("generation", sa.String(), nullable=False),
        sa.Column("began_on", sa.BigInteger(), nullable=False),
        sa.Column("seen_on", sa.BigInteger(), nullable=False),
        sa.Column("expires_on", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("sessions_user", "sessions", ["user_name"])
    op.create_index("sessions_expiry", "sessions", ["expires_on"])


def _create_keys() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.String(), primary_key=True),
        sa.Column("private", sa.LargeBinary(), nullable=False),
        sa.Column("public", sa.String(), nullable=False),
        sa.Column("created_on", sa.BigInteger(), nullable=False),
        sa.Column("expires_on", sa.BigInteger()),
    )
    op.create_table(
        "revoked_tokens",
        sa.Column("jti", sa.String(), primary_key=True),
        sa.Column("expires_on", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("revoked_tokens_expiry", "revoked_tokens", ["expires_on"])
