"""Exit codes, the same for every command."""

FINE = 0
FAILURES = 1
"""A scan found failures at or above `--fail-on`."""
REFUSED = 2
"""The command could not be carried out: wrong usage, credentials that do not work, a store that cannot be opened."""
INCOMPLETE = 3
"""A scan with `--fail-on-unknown` could not read everything (and found no failures to exit with 1 for)."""
INTERRUPTED = 130
"""Ctrl-C."""
PIPE_CLOSED = 141
"""Whoever read our output went away."""
