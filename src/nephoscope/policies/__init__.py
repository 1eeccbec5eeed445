"""Policies that are shipped and policies that people make, in one book; and mandates over them."""
