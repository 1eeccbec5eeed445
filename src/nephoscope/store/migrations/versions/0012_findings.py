"""What lies on disks: their state, vulnerabilities, secrets, the scans and the settings for them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_IDENTITY = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "disks",
        sa.Column("resource_key", _KEY, primary_key=True, autoincrement=False),
        sa.Column("connector_key", sa.BigInteger(), nullable=False),
        sa.Column("scanned_on", sa.BigInteger()),
        sa.Column("attempted_on", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reasons", sa.String(), nullable=False),
        sa.Column("has_searched", sa.Boolean(), nullable=False),
        sa.Column("knowledge", sa.String(), nullable=False),
        sa.Column("unjudged", sa.String(), nullable=False),
        sa.Column("consistency", sa.String(), nullable=False),
        sa.Column("tallies", sa.String(), nullable=False),
        sa.Column("facts", sa.BigInteger(), nullable=False),
        sa.Column("rules", sa.String(), nullable=False),
        sa.Column("inventory", sa.LargeBinary(), nullable=False),
        sa.Column("baselines", sa.LargeBinary(), nullable=False),
    )
    op.create_index("disks_connector", "disks", ["connector_key", "resource_key"])
    op.create_index("disks_knowledge", "disks", ["knowledge", "resource_key"])
    op.create_table(
        "vulnerabilities",
        sa.Column("resource_key", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("qid", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("uuid", _IDENTITY, nullable=False, unique=True),
        sa.Column("connector_key", sa.BigInteger(), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        sa.Column("type_detected", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("cves", sa.String(), nullable=False),
        sa.Column("packages", sa.String(), nullable=False),
        sa.Column("patch_available", sa.Boolean(), nullable=False),
        sa.Column("exploited", sa.Boolean(), nullable=False),
        sa.Column("epss", sa.Float()),
        sa.Column("first_found", sa.BigInteger(), nullable=False),
        sa.Column("last_found", sa.BigInteger()),
        sa.Column("fixed_on", sa.BigInteger()),
        sa.Column("reopened_on", sa.BigInteger()),
        sa.Column("fingerprint", sa.BigInteger(), nullable=False),
        sa.Column("volumes", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    op.create_index("vulnerabilities_qid", "vulnerabilities", ["qid", "resource_key"])
    op.create_table(
        "found_secrets",
        sa.Column("key", _KEY, primary_key=True),
        sa.Column("uuid", _IDENTITY, nullable=False, unique=True),
        sa.Column("resource_key", sa.BigInteger(), nullable=False),
        sa.Column("connector_key", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("preview", sa.String(), nullable=False),
        sa.Column("notes", sa.String(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("volume", sa.String(), nullable=False),
        sa.Column("first_found", sa.BigInteger(), nullable=False),
        sa.Column("last_found", sa.BigInteger()),
        sa.Column("fixed_on", sa.BigInteger()),
        sa.Column("reopened_on", sa.BigInteger()),
        sqlite_autoincrement=True,
    )
    op.create_index("found_secrets_resource", "found_secrets", ["resource_key", "key"])
    op.create_index("found_secrets_digest", "found_secrets", ["digest"])
    op.create_table(
        "disk_scans",
        sa.Column("key", _KEY, primary_key=True),
        sa.Column("uuid", _IDENTITY, nullable=False, unique=True),
        sa.Column("resource_uuid", _IDENTITY, nullable=False),
        sa.Column("resource_id", sa.String(), nullable=False),
        sa.Column("connector_uuid", _IDENTITY, nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("queued_on", sa.BigInteger(), nullable=False),
        sa.Column("started_on", sa.BigInteger()),
        sa.Column("finished_on", sa.BigInteger()),
        sa.Column("quoted", sa.Float(), nullable=False),
        sa.Column("money", sa.Float(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("as_of", sa.String(), nullable=False),
        sa.Column("blocks", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("listings", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("permission", sa.String(), nullable=False),
        sqlite_autoincrement=True,
    )
    active = sa.text("state IN ('QUEUED', 'RUNNING')")
    op.create_index(
        "disk_scans_active", "disk_scans", ["resource_uuid"], unique=True, sqlite_where=active, postgresql_where=active
    )
    op.create_index("disk_scans_connector", "disk_scans", ["connector_uuid", "key"])
    op.create_index("disk_scans_resource", "disk_scans", ["resource_uuid", "key"])
    op.create_table(
        "disk_settings",
        sa.Column("connector_key", _KEY, primary_key=True, autoincrement=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("looked_on", sa.BigInteger()),
    )
