"""One file per format: from what a vendor publishes to advisories in our words. Nothing here opens a file."""
