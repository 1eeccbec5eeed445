"""The formats of exports. Each writes records as they come, in pieces of a bounded size."""
