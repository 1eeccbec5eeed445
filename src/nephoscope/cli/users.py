"""`nephoscope user`: who may ask the API. Passwords are typed or piped, never arguments that others could see."""

import sys
from typing import Annotated

import typer

from nephoscope.cli import options
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import ListFormat, settings_of
from nephoscope.cli.printing import note, print_rows
from nephoscope.errors import BadRequestError

_LONGEST = 4096
"""Characters of a piped password that are read."""


def commands(doors: Doors) -> typer.Typer:
    group = typer.Typer(help="Who may ask the API.", no_args_is_help=True)

    @group.command("add")
    def add(
        name: Annotated[str, typer.Argument(help="What they log in with.")],
        password_stdin: Annotated[
            bool, typer.Option("--password-stdin", help="Read the password from stdin: its first line.")
        ] = False,
        data: options.Data = None,
        database: options.Database = "",
    ) -> None:
        """Add a user.

        **Examples**

        - `nephoscope user add alice` – asks for the password, twice
        - `pass show nephoscope/ci | nephoscope user add ci --password-stdin`
        """
        password = sys.stdin.readline(_LONGEST).rstrip("\r\n") if password_stdin else _typed()
        with doors.open_usecases(settings_of(data, database)) as usecases:
            usecases.access.add_user(name, password)
        note(f"{name} may log in.")

    @group.command("list")
    def list_all(
        data: options.Data = None, database: options.Database = "", style: options.Format = ListFormat.TABLE
    ) -> None:
        """List the users."""
        from nephoscope.store import users  # noqa: PLC0415 - help does without the store

        with doors.open_store(settings_of(data, database)) as store, store.read() as reader:
            found = users.every(reader)
        rows = [{"name": row.name, "created_on": row.created_on, "is_disabled": row.is_disabled} for row in found]
        print_rows(rows, ("name", "created_on", "is_disabled"), style, total=len(rows))

    return group


def _typed() -> str:
    if not sys.stdin.isatty():
        raise BadRequestError("There is no terminal to type the password at; pipe it in with --password-stdin.")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
