"""Accounts as their own exports tell them: the collectors of each cloud, over files instead of calls."""
