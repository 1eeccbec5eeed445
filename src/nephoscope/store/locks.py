"""Who may write what an account owns: one transaction at a time per connector."""

from sqlalchemy import select

from nephoscope.errors import NotFoundError
from nephoscope.store.session import Writer
from nephoscope.store.tables import connectors


def lock_connector(writer: Writer, connector_key: int) -> None:
    """Until the transaction ends. NotFoundError when the connector was deleted: nothing may be recorded for it.
    On SQLite there is only one writer anyway."""
    row = select(connectors.c.key).where(connectors.c.key == connector_key).with_for_update()
    if writer.connection.execute(row).one_or_none() is None:
        raise NotFoundError("The connector was deleted.")
