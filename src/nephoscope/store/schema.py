"""Every table of the database, whichever file it is written in."""

from nephoscope.store import report_tables, role_tables, tables

FILES = (tables, report_tables, role_tables)
metadata = tables.metadata
