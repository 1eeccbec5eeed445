"""Assessment reports: from a request to a file, at one moment in time."""
