"""Exceptions: human decisions that a FAIL is accepted for a time. Drafts are checked at once; the clock does the rest."""
