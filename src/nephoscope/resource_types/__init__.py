"""What a type is called, its fields, its query tokens, the permission it needs. One explicit table, no cloud calls."""
