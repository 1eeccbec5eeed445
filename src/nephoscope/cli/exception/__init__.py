"""`nephoscope exception`: failures that are accepted for a time."""
