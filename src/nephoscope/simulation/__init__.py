"""Simulated clouds on loopback, for the demo, the tests and the benchmark; and the disks of machines in them."""
