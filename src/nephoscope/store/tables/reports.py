"""The tables of reports. They share the metadata of `core`."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, String, Table

from nephoscope.store.tables.core import Identity, Key, metadata

reports = Table(
    "reports",
    metadata,
    Column("key", Key, primary_key=True),
    Column("uuid", Identity, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("provider", String, nullable=False),
    Column("format", String, nullable=False),
    Column("status", String, nullable=False),
    Column("request", String, nullable=False),
    Column("reach", String, nullable=False),
    Column("created_by", String, nullable=False),
    Column("created_on", BigInteger, nullable=False),
    Column("expires_on", BigInteger, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("published", Integer, nullable=False),
    Column("started_on", BigInteger),
    Column("finished_on", BigInteger),
    Column("moment", BigInteger),
    Column("rows", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("progress", SmallInteger, nullable=False),
    Column("reason", String, nullable=False),
    Index("reports_expiry", "expires_on"),
    sqlite_autoincrement=True,
)
"""`reach` is JSON in one spelling, empty for everything."""

report_chunks = Table(
    "report_chunks",
    metadata,
    Column("report_key", BigInteger, primary_key=True, autoincrement=False),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
)
"""The file in compressed pieces, counted from 0. Only those of the attempt that was published are the report."""

report_schedules = Table(
    "report_schedules",
    metadata,
    Column("key", Key, primary_key=True),
    Column("uuid", Identity, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("cron", String, nullable=False),
    Column("time_zone", String, nullable=False),
    Column("request", String, nullable=False),
    Column("targets", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("created_by", String, nullable=False),
    Column("created_on", BigInteger, nullable=False),
    Column("next_on", BigInteger, nullable=False),
    Column("is_disabled", SmallInteger, nullable=False),
    Column("last_report", Identity),
    Column("error", String, nullable=False),
    Index("report_schedules_next", "next_on"),
    sqlite_autoincrement=True,
)
"""`owner` is a kind of principal and its name, `user:alice`; empty for whoever has the machine."""

report_deliveries = Table(
    "report_deliveries",
    metadata,
    Column("key", Key, primary_key=True),
    Column("schedule_key", BigInteger, nullable=False),
    Column("report_uuid", Identity, nullable=False),
    Column("target", String, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_on", BigInteger, nullable=False),
    Column("error", String, nullable=False),
    Index("report_deliveries_state", "state", "next_on"),
    Index("report_deliveries_schedule", "schedule_key", "key"),
    sqlite_autoincrement=True,
)
