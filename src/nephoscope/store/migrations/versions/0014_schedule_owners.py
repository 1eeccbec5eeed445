"""Schedules of reports know whose they are: what the owner may see when it is time counts."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_NOBODY = "user:"
"""Of whom there was only a reach, and who is not here any more."""


def upgrade() -> None:
    op.add_column("report_schedules", sa.Column("owner", sa.String(), nullable=False, server_default=""))
    connection = op.get_bind()
    users = set(connection.execute(sa.text("SELECT name FROM users")).scalars())
    clients = {
        f"client:{name}": f"user:{owner}" if owner else f"client:{_uuid(uuid)}"
        for uuid, name, owner in connection.execute(sa.text("SELECT uuid, name, owner FROM api_clients"))
    }
    for key, name, reach in connection.execute(sa.text('SELECT "key", created_by, reach FROM report_schedules')).all():
        owner = f"user:{name}" if name in users else clients.get(name, _NOBODY if reach else "")
        change = sa.text('UPDATE report_schedules SET owner = :owner WHERE "key" = :key')
        connection.execute(change, {"owner": owner, "key": key})
    op.drop_column("report_schedules", "reach")
    if connection.dialect.name == "postgresql":
        op.alter_column("report_schedules", "owner", server_default=None)


def _uuid(value: bytes | UUID) -> UUID:
    return value if isinstance(value, UUID) else UUID(bytes=value)
