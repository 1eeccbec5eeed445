"""The table of sealed credentials. It shares the metadata of `core`."""

from sqlalchemy import Column, LargeBinary, String, Table

from nephoscope.store.tables.core import metadata

sealed = Table(
    "sealed",
    metadata,
    Column("owner", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
