"""Recording what a sweep saw: which types and fields are needed, and how a collected scope becomes rows."""
