"""Disks with something on them, made without a tool: for the demo, which runs wherever Python does."""
