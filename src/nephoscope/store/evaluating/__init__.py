"""Evaluations below their noun: recording verdicts, the counters, and reading by page, by account and as arrays."""
