"""What is known to be wrong with packages: feeds, version ordering and matching."""
