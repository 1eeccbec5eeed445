"""The tables as the newest migration leaves them, a file for each part of the schema."""
