"""A simulated cloud on loopback, for the demo, the tests and the benchmark: moto's server, patched where it lacks."""
