"""Every table of the database, whichever file it is written in."""

from nephoscope.store.tables import changes, core, findings, followed, identities, reports, roles, sealed

FILES = (changes, core, reports, roles, sealed, followed, findings, identities)
metadata = core.metadata
