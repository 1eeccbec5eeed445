"""What the doors (API, command line) can ask for, gathered in one frozen value that the composition root fills."""
