"""Where Alembic enters: the connection is handed over by `store.upgrading`."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
