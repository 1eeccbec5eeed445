"""The file of advisories: reading it, and building it. It is no part of the schema."""
