"""Inventories that people exported by other means: read, recorded and judged without asking a cloud."""
