"""What a database is told after much has changed."""

from nephoscope.store.session import Writer

_TABLES = "scopes, resources, evaluations, tallies"


def refresh_statistics(writer: Writer) -> None:
    """PostgreSQL plans by statistics, and its own housekeeping may take a minute to notice a first scan: until then,
    pages of one control take twenty times as long. A sample is read, so the cost does not grow with what is stored.
    SQLite's plans are fixed by how the statements are written.
    """
    if writer.is_postgres:
        writer.connection.exec_driver_sql(f"ANALYZE {_TABLES}")
