"""Every table of the database, whichever file it is written in."""

from nephoscope.store import role_tables, tables

FILES = (tables, role_tables)
metadata = tables.metadata
