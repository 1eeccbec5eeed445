"""`nephoscope scan`: one scan of an account without a server, its summary, and its machine formats."""
