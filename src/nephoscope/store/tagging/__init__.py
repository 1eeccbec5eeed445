"""Rules that put tags on resources: kept, matched with what is stored, and tried on what is recorded."""
