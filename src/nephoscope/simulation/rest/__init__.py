"""Simulated clouds that speak plain HTTP and JSON, without a library of theirs."""
