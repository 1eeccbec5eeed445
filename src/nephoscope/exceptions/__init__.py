"""Exceptions: human decisions that a FAIL is accepted for a time. Drafts are checked; the clock does the rest."""
