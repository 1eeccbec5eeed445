"""The routes, a file for each noun: each decodes at the edge, calls a use case and encodes what it answers."""
