"""The audit trail: every decision, chained by hashes, appended and never edited."""
