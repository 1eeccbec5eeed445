"""The composition root: settings, store, tables, use cases, doors. The only place that joins everything."""
