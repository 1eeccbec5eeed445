"""The tables, as the newest migration leaves them. Moments are whole seconds since 1970; hashes are signed 64 bits.

What is big is narrow: an evaluation is nine small columns, without a uuid (derived) and without the date of its last
evaluation (that of its scope). What is wide is apart: documents are compressed in a table that no scan touches.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    false,
    text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

PASS, FAIL, UNKNOWN, UNKNOWN_WAS_PASS, UNKNOWN_WAS_FAIL = 1, 2, 0, 3, 4
"""Statuses as stored. An UNKNOWN remembers the last verdict that was one, so that FAIL, UNKNOWN, PASS is a fix."""


class Identity(TypeDecorator[UUID]):
    """A uuid in 16 bytes on both databases."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Uuid() if dialect.name == "postgresql" else LargeBinary(16))

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        return value.bytes if value is not None and dialect.name != "postgresql" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:
        return UUID(bytes=value) if value is not None and dialect.name != "postgresql" else value


Key = BigInteger().with_variant(Integer, "sqlite")
metadata = MetaData()

connectors = Table(
    "connectors",
    metadata,
    Column("key", Key, primary_key=True),
    Column("uuid", Identity, nullable=False, unique=True),
    Column("provider", String, nullable=False),
    Column("account_id", String, nullable=False),
    Column("name", String, nullable=False),
    Column("description", String, nullable=False),
    Column("created_on", BigInteger, nullable=False),
    Column("access", String, nullable=False),
    Column("polling_minutes", Integer, nullable=False),
    Column("is_disabled", Boolean, nullable=False),
    Column("is_portal_connector", Boolean, nullable=False),
    Column("account_alias", String, nullable=False),
    Column("state", String, nullable=False),
    Column("error", String, nullable=False),
    Column("total_assets", BigInteger, nullable=False),
    Column("last_synced_on", BigInteger),
    Column("next_sync_on", BigInteger),
    UniqueConstraint("provider", "account_id", name="connectors_account"),
    UniqueConstraint("provider", "name", name="connectors_name"),
    sqlite_autoincrement=True,
)

scopes = Table(
    "scopes",
    metadata,
    Column("key", Key, primary_key=True),
    Column("connector_key", BigInteger, nullable=False),
    Column("resource_type", String, nullable=False),
    Column("region", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("permission", String, nullable=False),
    Column("message", String, nullable=False),
    Column("resources", BigInteger, nullable=False),
    Column("calls", BigInteger, nullable=False),
    Column("closed_on", BigInteger, nullable=False),
    Column("evaluated_on", BigInteger),
    UniqueConstraint("connector_key", "resource_type", "region", name="scopes_identity"),
    Index("scopes_type", "resource_type"),
    sqlite_autoincrement=True,
)

resources = Table(
    "resources",
    metadata,
    Column("key", Key, primary_key=True),
    Column("uuid", Identity, nullable=False, unique=True),
    Column("connector_key", BigInteger, nullable=False),
    Column("scope_key", BigInteger, nullable=False),
    Column("region", String, nullable=False),
    Column("resource_id", String, nullable=False),
    Column("name", String, nullable=False),
    Column("arn", String, nullable=False),
    Column("created_on", BigInteger, nullable=False),
    Column("updated_on", BigInteger, nullable=False),
    Column("document_hash", BigInteger, nullable=False),
    Column("judged", BigInteger, nullable=False),
    Column("digest", BigInteger, nullable=False),
    Column("passed", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("unknown", Integer, nullable=False),
    UniqueConstraint("scope_key", "resource_id", name="resources_identity"),
    Index("resources_connector", "connector_key", "key", "scope_key"),
    Index("resources_named", "connector_key", "resource_id"),
)

documents = Table(
    "documents",
    metadata,
    Column("resource_key", Key, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
)

evaluations = Table(
    "evaluations",
    metadata,
    Column("connector_key", BigInteger, primary_key=True, autoincrement=False),
    Column("resource_key", BigInteger, primary_key=True, autoincrement=False),
    Column("cid", Integer, primary_key=True, autoincrement=False),
    Column("status", SmallInteger, nullable=False),
    Column("first_evaluated", BigInteger, nullable=False),
    Column("fixed", BigInteger),
    Column("reopened", BigInteger),
    Column("reason", String),
    Index(
        "evaluations_failed",
        "connector_key",
        "cid",
        "resource_key",
        sqlite_where=text(f"status = {FAIL}"),
        postgresql_where=text(f"status = {FAIL}"),
    ),
    sqlite_with_rowid=False,
)

tallies = Table(
    "tallies",
    metadata,
    Column("connector_key", BigInteger, primary_key=True, autoincrement=False),
    Column("scope_key", BigInteger, primary_key=True, autoincrement=False),
    Column("cid", Integer, primary_key=True, autoincrement=False),
    Column("status", SmallInteger, primary_key=True, autoincrement=False),
    Column("count", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

exceptions = Table(
    "exceptions",
    metadata,
    Column("key", Key, primary_key=True),
    Column("uuid", Identity, nullable=False, unique=True),
    Column("provider", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("name", String, nullable=False),
    Column("folded", String, nullable=False, unique=True),
    Column("explanation", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("starts", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
    Column("all_connectors", Boolean, nullable=False),
    Column("policy", String, nullable=False),
    Column("procedure", String, nullable=False),
    Column("approval", String, nullable=False),
    Column("decided_by", String, nullable=False),
    Column("decided_on", BigInteger),
    Column("created_by", String, nullable=False),
    Column("created_on", BigInteger, nullable=False),
    Column("updated_by", String, nullable=False),
    Column("updated_on", BigInteger, nullable=False),
    Index("exceptions_ends", "ends"),
    sqlite_autoincrement=True,
)
"""What an exception names (in the tables below) it names as people do and not by keys: it may not exist yet."""

exception_controls = Table(
    "exception_controls",
    metadata,
    Column("exception_key", BigInteger, primary_key=True, autoincrement=False),
    Column("cid", Integer, primary_key=True, autoincrement=False),
    Index("exception_controls_cid", "cid", "exception_key"),
    sqlite_with_rowid=False,
)

exception_resources = Table(
    "exception_resources",
    metadata,
    Column("exception_key", BigInteger, primary_key=True, autoincrement=False),
    Column("account_id", String, primary_key=True),
    Column("resource_id", String, primary_key=True),
    Column("region", String, primary_key=True),
    Index("exception_resources_named", "resource_id", "account_id", "exception_key"),
    sqlite_with_rowid=False,
)
"""An empty region is any region."""

exception_accounts = Table(
    "exception_accounts",
    metadata,
    Column("exception_key", BigInteger, primary_key=True, autoincrement=False),
    Column("account_id", String, primary_key=True),
    Index("exception_accounts_account", "account_id", "exception_key"),
    sqlite_with_rowid=False,
)
"""Of an exception for resources: the accounts that they lie in."""

exception_resource_tags = Table(
    "exception_resource_tags",
    metadata,
    Column("exception_key", BigInteger, primary_key=True, autoincrement=False),
    Column("folded", String, primary_key=True),
    Column("name", String, nullable=False),
    sqlite_with_rowid=False,
)

exception_connector_tags = Table(
    "exception_connector_tags",
    metadata,
    Column("exception_key", BigInteger, primary_key=True, autoincrement=False),
    Column("folded", String, primary_key=True),
    Column("name", String, nullable=False),
    sqlite_with_rowid=False,
)

exception_renewals = Table(
    "exception_renewals",
    metadata,
    Column("key", Key, primary_key=True),
    Column("exception_key", BigInteger, nullable=False),
    Column("renewed_on", BigInteger, nullable=False),
    Column("renewed_by", String, nullable=False),
    Column("old_ends", BigInteger, nullable=False),
    Column("new_ends", BigInteger, nullable=False),
    Index("exception_renewals_exception", "exception_key", "key"),
    sqlite_autoincrement=True,
)

users = Table(
    "users",
    metadata,
    Column("name", String, primary_key=True),
    Column("password_hash", String, nullable=False),
    Column("created_on", BigInteger, nullable=False),
    Column("is_disabled", Boolean, nullable=False),
    Column("must_change", Boolean, nullable=False, server_default=false()),
    Column("generation", String, nullable=False, server_default=""),
    Column("last_login_on", BigInteger),
    Column("factor", LargeBinary),
    Column("has_factor", Boolean, nullable=False, server_default=false()),
    Column("factor_step", BigInteger, nullable=False, server_default="0"),
    Column("issuer", String, nullable=False, server_default=""),
    Column("subject", String, nullable=False, server_default=""),
    Index(
        "users_subject",
        "issuer",
        "subject",
        unique=True,
        sqlite_where=text("subject <> ''"),
        postgresql_where=text("subject <> ''"),
    ),
)

runs = Table(
    "runs",
    metadata,
    Column("key", Key, primary_key=True),
    Column("uuid", Identity, nullable=False, unique=True),
    Column("connector_uuid", Identity, nullable=False),
    Column("state", String, nullable=False),
    Column("queued_on", BigInteger, nullable=False),
    Column("started_on", BigInteger),
    Column("finished_on", BigInteger),
    Column("progress", String, nullable=False),
    Column("error", String, nullable=False),
    Index("runs_connector", "connector_uuid", "key"),
    Index(
        "runs_active",
        "connector_uuid",
        unique=True,
        sqlite_where=text("state IN ('QUEUED', 'RUNNING')"),
        postgresql_where=text("state IN ('QUEUED', 'RUNNING')"),
    ),
    sqlite_autoincrement=True,
)

workers = Table(
    "workers",
    metadata,
    Column("name", String, primary_key=True),
    Column("beat_on", BigInteger, nullable=False),
)

tags = Table(
    "tags",
    metadata,
    Column("key", Key, primary_key=True),
    Column("name", String, nullable=False),
    Column("folded", String, nullable=False, unique=True),
    sqlite_autoincrement=True,
)
"""`name` as it was first written, `folded` so that its spelling in another case is the same tag."""

resource_tags = Table(
    "resource_tags",
    metadata,
    Column("resource_key", BigInteger, primary_key=True, autoincrement=False),
    Column("tag_key", BigInteger, primary_key=True, autoincrement=False),
    Column("source_key", BigInteger, primary_key=True, autoincrement=False),
    Index("resource_tags_tag", "tag_key", "source_key", "resource_key"),
    sqlite_with_rowid=False,
)
"""`source_key` is the rule that put it on, 0 when a person did. A tag is worn while one source is left."""

connector_tags = Table(
    "connector_tags",
    metadata,
    Column("connector_key", BigInteger, primary_key=True, autoincrement=False),
    Column("tag_key", BigInteger, primary_key=True, autoincrement=False),
    Index("connector_tags_tag", "tag_key", "connector_key"),
    sqlite_with_rowid=False,
)

tag_rules = Table(
    "tag_rules",
    metadata,
    Column("key", Key, primary_key=True),
    Column("uuid", Identity, nullable=False, unique=True),
    Column("provider", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("resource_type", String, nullable=False),
    Column("text", String, nullable=False),
    Column("created_by", String, nullable=False),
    Column("created_on", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

tag_rule_tags = Table(
    "tag_rule_tags",
    metadata,
    Column("rule_key", BigInteger, primary_key=True, autoincrement=False),
    Column("tag_key", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

audit = Table(
    "audit",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("who", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("detail", String, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
    Index("audit_subject", "subject", "sequence"),
    sqlite_with_rowid=False,
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("key", SmallInteger, primary_key=True, autoincrement=False),
    Column("count", BigInteger, nullable=False),
    Column("hash", String, nullable=False),
)
"""One row: how many entries there are, and the hash of the last. Whoever appends holds it."""

policies = Table(
    "policies",
    metadata,
    Column("key", Key, primary_key=True),
    Column("uuid", Identity, nullable=False, unique=True),
    Column("provider", String, nullable=False),
    Column("title", String, nullable=False),
    Column("folded", String, nullable=False, unique=True),
    Column("version", String, nullable=False),
    Column("description", String, nullable=False),
    Column("created_by", String, nullable=False),
    Column("created_on", BigInteger, nullable=False),
    Column("modified_by", String, nullable=False),
    Column("modified_on", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)
"""What people made. What the program ships is in no table."""

policy_controls = Table(
    "policy_controls",
    metadata,
    Column("policy_key", BigInteger, primary_key=True, autoincrement=False),
    Column("cid", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

meta = Table(
    "meta",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
"""`version`: see `evaluations.version`. `resource_key`: the last one given out (on PostgreSQL a sequence does that).
`policies`: see `policies.version`."""
