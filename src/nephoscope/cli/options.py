"""Options that several commands share, and what they say about themselves."""

from enum import StrEnum
from getpass import getuser
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
import typer

from nephoscope.settings import Settings, default_data_directory, from_environment


class ListFormat(StrEnum):
    """How lists and details are printed."""

    TABLE = "table"
    JSON = "json"


Data = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", help="Where everything is kept. By default the user's data folder of this system."
    ),
]
Database = Annotated[
    str, typer.Option("--database", metavar="URL", help="Keep everything in PostgreSQL instead: postgresql://…")
]
Format = Annotated[ListFormat, typer.Option("--format", help="For people or for programs.")]
By = Annotated[
    str,
    typer.Option("--by", metavar="NAME", help="Who decides this, for the audit trail; by default your name here."),
]
Connectors = Annotated[
    list[UUID] | None, typer.Option("--connector", metavar="UUID", help="A connector; may be repeated.")
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1_000_000, help="Rows at most.")]
Region = Annotated[
    list[str] | None,
    typer.Option("--region", metavar="REGION", help="Only this region; may be repeated. By default every enabled one."),
]
RoleArn = Annotated[
    str, typer.Option("--role-arn", metavar="ARN", help="Assume this role in the account to be looked at.")
]
ExternalId = Annotated[
    str, typer.Option("--external-id", metavar="ID", help="What the role asks for beside the credentials.")
]
Profile = Annotated[str, typer.Option("--profile", metavar="NAME", help="A profile of the AWS configuration files.")]
EndpointUrl = Annotated[
    str, typer.Option("--endpoint-url", metavar="URL", help="Ask this address instead of AWS, for simulations.")
]


Certificate = Annotated[
    Path | None, typer.Option("--tls-cert", metavar="FILE", help="The server's certificate for https, in PEM.")
]
TlsKey = Annotated[
    Path | None, typer.Option("--tls-key", metavar="FILE", help="Its key, when the certificate's file has none.")
]


def with_tls(settings: Settings, certificate: Path | None, key: Path | None) -> Settings:
    """What the command line says of TLS, in place of what the environment says."""
    if certificate is None and key is None:
        return settings
    return msgspec.structs.replace(settings, tls_certificate=certificate or settings.tls_certificate, tls_key=key)


def settings_of(data: Path | None, database: str = "", *, host: str = "", port: int | None = None) -> Settings:
    if has_password(database):
        typer.echo(
            "Everybody on this machine can read the password in --database; NEPHOSCOPE_DATABASE is for it.", err=True
        )
    return from_environment(data=data or default_data_directory(), database_url=database, host=host, port=port)


def has_password(database: str) -> bool:
    try:
        parts = urlsplit(database)
    except ValueError:
        return False
    return bool(parts.password) or "password=" in parts.query


def decider(by: str) -> str:
    """Who decides: as said, else the name that the system knows this person by."""
    if by.strip():
        return by.strip()
    try:
        return getuser()
    except (OSError, KeyError):
        raise typer.BadParameter("this system does not know your name; say it.", param_hint="--by") from None
