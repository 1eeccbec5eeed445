"""The query language: text to a frozen tree, tree to conditions over fields. It knows no SQL and no listing's rows."""
