"""API clients and their secrets."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, insert, select, update
from sqlalchemy import delete as delete_from

from nephoscope.kit.dates import from_epoch, from_epoch_or_none, to_epoch, to_epoch_or_none
from nephoscope.kit.folding import fold
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.clients import ApiClient, ClientSecret
from nephoscope.store.conflicts import unless_taken
from nephoscope.store.pages import count_rows
from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables.identities import api_clients, client_secrets
from nephoscope.store.text import storable


def get(reader: Reader, uuid: UUID) -> ApiClient | None:
    """A writer that gets a client has it for itself until it ends."""
    wanted = select(api_clients).where(api_clients.c.uuid == uuid)
    row = reader.connection.execute(reader.held(wanted)).one_or_none()
    return _clients(reader, [row])[0] if row else None


def find_name(reader: Reader, name: str) -> ApiClient | None:
    """In any case."""
    wanted = select(api_clients).where(api_clients.c.folded == fold(storable(name)))
    row = reader.connection.execute(wanted).one_or_none()
    return _clients(reader, [row])[0] if row else None


def page(reader: Reader, request: PageRequest, owner: str | None = None) -> Page[ApiClient]:
    """In order of creation; those of one owner, or all."""
    wanted = select(api_clients).where(*_of(owner)).order_by(api_clients.c.key)
    rows = reader.connection.execute(wanted.limit(request.size).offset(request.offset)).all()
    return Page(tuple(_clients(reader, rows)), count(reader, owner), request)


def count(reader: Reader, owner: str | None = None) -> int:
    """Those of one owner, or all."""
    return count_rows(reader, api_clients, *_of(owner))


def _of(owner: str | None) -> list[ColumnElement[bool]]:
    return [] if owner is None else [api_clients.c.owner == storable(owner)]


def create(writer: Writer, client: ApiClient) -> ApiClient:
    """Answers it with its key. ConflictError when the name is taken."""
    adding = insert(api_clients).values(_values(client)).returning(api_clients.c.key)
    with unless_taken(writer, _taken(client)):
        key: int = writer.connection.execute(adding).scalar_one()
    made = msgspec.structs.replace(client, key=key)
    put_secrets(writer, made, made.secrets)
    return made


def change(writer: Writer, client: ApiClient) -> None:
    """All but its secrets. ConflictError when the name is taken."""
    with unless_taken(writer, _taken(client)):
        writer.connection.execute(update(api_clients).where(api_clients.c.key == client.key).values(_values(client)))


def put_secrets(writer: Writer, client: ApiClient, secrets: Iterable[ClientSecret]) -> None:
    """In place of those that there were."""
    writer.connection.execute(delete_from(client_secrets).where(client_secrets.c.client_key == client.key))
    for secret in secrets:
        values = {
            "client_key": client.key,
            "digest": secret.digest,
            "created_on": to_epoch(secret.created_on),
            "expires_on": to_epoch_or_none(secret.expires_on),
            "last_used_on": to_epoch_or_none(secret.last_used_on),
        }
        writer.connection.execute(insert(client_secrets).values(values))


def mark_used(writer: Writer, client: ApiClient, digest: str, now: datetime) -> None:
    at = to_epoch(now)
    own = client_secrets.c
    writer.connection.execute(update(api_clients).where(api_clients.c.key == client.key).values(last_used_on=at))
    used = update(client_secrets).where(own.client_key == client.key, own.digest == digest)
    writer.connection.execute(used.values(last_used_on=at))


def delete(writer: Writer, client: ApiClient) -> None:
    writer.connection.execute(delete_from(client_secrets).where(client_secrets.c.client_key == client.key))
    writer.connection.execute(delete_from(api_clients).where(api_clients.c.key == client.key))


def owned_by(reader: Reader, owner: str) -> tuple[ApiClient, ...]:
    wanted = select(api_clients).where(api_clients.c.owner == storable(owner)).order_by(api_clients.c.key)
    return tuple(_clients(reader, reader.connection.execute(wanted).all()))


def _clients(reader: Reader, rows: Iterable[Row[Any]]) -> list[ApiClient]:
    found = list(rows)
    secrets = _secrets(reader, client_secrets.c.client_key.in_([row.key for row in found])) if found else {}
    return [_client(row, secrets.get(row.key, [])) for row in found]


def _secrets(reader: Reader, condition: ColumnElement[bool]) -> dict[int, list[ClientSecret]]:
    """The one that has no end first, then the newest."""
    own = client_secrets.c
    ordered = select(client_secrets).where(condition).order_by(own.expires_on.isnot(None), own.created_on.desc())
    secrets: dict[int, list[ClientSecret]] = {}
    for row in reader.connection.execute(ordered):
        one = ClientSecret(
            row.digest,
            from_epoch(row.created_on),
            from_epoch_or_none(row.expires_on),
            from_epoch_or_none(row.last_used_on),
        )
        secrets.setdefault(row.client_key, []).append(one)
    return secrets


def _taken(client: ApiClient) -> str:
    return f"There is already an API client named {client.name!r}."


def _values(client: ApiClient) -> dict[str, Any]:
    return {
        "uuid": client.uuid,
        "name": storable(client.name),
        "folded": fold(storable(client.name)),
        "description": storable(client.description),
        "owner": storable(client.owner),
        "created_by": storable(client.created_by),
        "created_on": to_epoch(client.created_on),
        "generation": client.generation,
        "is_disabled": client.is_disabled,
        "expires_on": to_epoch_or_none(client.expires_on),
        "networks": " ".join(client.networks),
        "last_used_on": to_epoch_or_none(client.last_used_on),
    }


def _client(row: Row[Any], secrets: Iterable[ClientSecret]) -> ApiClient:
    return ApiClient(
        uuid=row.uuid,
        name=row.name,
        created_by=row.created_by,
        created_on=from_epoch(row.created_on),
        generation=row.generation,
        owner=row.owner,
        description=row.description,
        is_disabled=row.is_disabled,
        expires_on=from_epoch_or_none(row.expires_on),
        networks=tuple(row.networks.split()),
        last_used_on=from_epoch_or_none(row.last_used_on),
        secrets=tuple(secrets),
        key=row.key,
    )
