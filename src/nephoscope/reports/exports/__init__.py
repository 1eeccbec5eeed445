"""Exports: everything, or what changed since a cursor, in formats that other programs read. See docs/exports.md."""
