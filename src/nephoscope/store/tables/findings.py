"""The tables of what lies on disks. They share the metadata of `core`.

What is still there is not written again: `last_found` is null while the newest reading of the disk found it, and then
means the moment of that reading.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    text,
)

from nephoscope.store.tables.core import Identity, Key, metadata

disks = Table(
    "disks",
    metadata,
    Column("resource_key", Key, primary_key=True, autoincrement=False),
    Column("connector_key", BigInteger, nullable=False),
    Column("scanned_on", BigInteger),
    Column("attempted_on", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("reasons", String, nullable=False),
    Column("has_searched", Boolean, nullable=False),
    Column("knowledge", String, nullable=False),
    Column("unjudged", String, nullable=False),
    Column("consistency", String, nullable=False),
    Column("tallies", String, nullable=False),
    Column("facts", BigInteger, nullable=False),
    Column("rules", String, nullable=False),
    Column("inventory", LargeBinary, nullable=False),
    Column("baselines", LargeBinary, nullable=False),
    Index("disks_connector", "connector_key", "resource_key"),
    Index("disks_knowledge", "knowledge", "resource_key"),
)
"""One row for each resource whose disks somebody tried to read. `facts` is a hash of what controls see of it."""

vulnerabilities = Table(
    "vulnerabilities",
    metadata,
    Column("resource_key", BigInteger, primary_key=True, autoincrement=False),
    Column("qid", BigInteger, primary_key=True, autoincrement=False),
    Column("uuid", Identity, nullable=False, unique=True),
    Column("connector_key", BigInteger, nullable=False),
    Column("severity", SmallInteger, nullable=False),
    Column("type_detected", String, nullable=False),
    Column("name", String, nullable=False),
    Column("category", String, nullable=False),
    Column("cves", String, nullable=False),
    Column("packages", String, nullable=False),
    Column("patch_available", Boolean, nullable=False),
    Column("exploited", Boolean, nullable=False),
    Column("epss", Float),
    Column("first_found", BigInteger, nullable=False),
    Column("last_found", BigInteger),
    Column("fixed_on", BigInteger),
    Column("reopened_on", BigInteger),
    Column("fingerprint", BigInteger, nullable=False),
    Column("volumes", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("vulnerabilities_qid", "qid", "resource_key"),
)
"""`cves` and `packages` are words with a blank around each."""

found_secrets = Table(
    "found_secrets",
    metadata,
    Column("key", Key, primary_key=True),
    Column("uuid", Identity, nullable=False, unique=True),
    Column("resource_key", BigInteger, nullable=False),
    Column("connector_key", BigInteger, nullable=False),
    Column("rule", String, nullable=False),
    Column("title", String, nullable=False),
    Column("type", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("rank", SmallInteger, nullable=False),
    Column("path", String, nullable=False),
    Column("line", BigInteger, nullable=False),
    Column("digest", String, nullable=False),
    Column("preview", String, nullable=False),
    Column("notes", String, nullable=False),
    Column("times", BigInteger, nullable=False),
    Column("account", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("is_live", Boolean, nullable=False),
    Column("volume", String, nullable=False),
    Column("first_found", BigInteger, nullable=False),
    Column("last_found", BigInteger),
    Column("fixed_on", BigInteger),
    Column("reopened_on", BigInteger),
    Index("found_secrets_resource", "resource_key", "key"),
    Index("found_secrets_digest", "digest"),
    sqlite_autoincrement=True,
)
"""Never the secret itself. `owner` is JSON, empty when nobody is known."""

disk_scans = Table(
    "disk_scans",
    metadata,
    Column("key", Key, primary_key=True),
    Column("uuid", Identity, nullable=False, unique=True),
    Column("resource_uuid", Identity, nullable=False),
    Column("resource_id", String, nullable=False),
    Column("connector_uuid", Identity, nullable=False),
    Column("region", String, nullable=False),
    Column("requested_by", String, nullable=False),
    Column("request", String, nullable=False),
    Column("state", String, nullable=False),
    Column("queued_on", BigInteger, nullable=False),
    Column("started_on", BigInteger),
    Column("finished_on", BigInteger),
    Column("quoted", Float, nullable=False),
    Column("money", Float, nullable=False),
    Column("currency", String, nullable=False),
    Column("as_of", String, nullable=False),
    Column("blocks", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("listings", BigInteger, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("result", String, nullable=False),
    Column("error", String, nullable=False),
    Column("permission", String, nullable=False),
    Index("disk_scans_connector", "connector_uuid", "key"),
    Index("disk_scans_resource", "resource_uuid", "key"),
    Index(
        "disk_scans_active",
        "resource_uuid",
        unique=True,
        sqlite_where=text("state IN ('QUEUED', 'RUNNING')"),
        postgresql_where=text("state IN ('QUEUED', 'RUNNING')"),
    ),
    sqlite_autoincrement=True,
)

disk_settings = Table(
    "disk_settings",
    metadata,
    Column("connector_key", Key, primary_key=True, autoincrement=False),
    Column("is_enabled", Boolean, nullable=False),
    Column("body", String, nullable=False),
    Column("looked_on", BigInteger),
)
"""`looked_on`: when instances were last chosen."""
