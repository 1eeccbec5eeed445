"""Who is asking: users and their passwords."""
