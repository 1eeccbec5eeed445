"""What is kept: schema, migrations, one file per noun. SQLite embedded, PostgreSQL beyond; the only room with SQL.

A function that takes a `Reader` cannot write. Writers are opened at a door (`with store.write() as writer`) and commit
when the block ends; nothing below commits.
"""
