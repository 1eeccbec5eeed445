"""Clouds that are asked with plain HTTP: one pool of connections, tokens, pacing, and errors told apart."""
