"""AWS: entering an account, asking it, and shaping what it answers."""
