"""Every table of the database, whichever file it is written in."""

from nephoscope.store import (
    change_tables,
    finding_tables,
    followed_tables,
    identity_tables,
    report_tables,
    role_tables,
    sealed_tables,
    tables,
)

FILES = (
    change_tables,
    tables,
    report_tables,
    role_tables,
    sealed_tables,
    followed_tables,
    finding_tables,
    identity_tables,
)
metadata = tables.metadata
