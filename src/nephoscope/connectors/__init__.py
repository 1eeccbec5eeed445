"""Connectors: what people create, change and remove; no cloud call."""
