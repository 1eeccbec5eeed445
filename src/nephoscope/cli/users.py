"""`nephoscope user`: who may log in. Passwords are typed or piped, never arguments that others could see."""

import sys
from typing import Annotated

import typer

from nephoscope.cli import granting, options
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import ListFormat, decider, settings_of
from nephoscope.cli.printing import note, print_rows
from nephoscope.errors import BadRequestError
from nephoscope.kit.pages import PageRequest
from nephoscope.model.identities import Principal, PrincipalKind

_LONGEST = 4096
"""Characters of a piped password that are read."""
_COLUMNS = ("name", "role", "reach", "is_disabled", "must_change", "has_second_factor", "created_on", "last_login_on")

_Name = Annotated[str, typer.Argument(help="What they log in with.")]
_Stdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin: its first line.")]
_Generate = Annotated[bool, typer.Option("--generate", help="Make a password, and print it.")]


def commands(doors: Doors) -> typer.Typer:
    group = typer.Typer(help="Who may log in.", no_args_is_help=True)
    _add_add(group, doors)
    _add_list(group, doors)
    _add_grant(group, doors)
    _add_password(group, doors)
    _add_switches(group, doors)
    _add_endings(group, doors)
    return group


def _add_add(group: typer.Typer, doors: Doors) -> None:
    @group.command("add")
    def add(
        *,
        name: _Name,
        role: granting.Role = "Reader",
        account: granting.Accounts = None,
        group_uuid: granting.Groups = None,
        tag: granting.Tags = None,
        password_stdin: _Stdin = False,
        generate: _Generate = False,
        must_change: Annotated[
            bool, typer.Option("--must-change", help="They choose another password before anything else.")
        ] = False,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
    ) -> None:
        """Add a user, who may read everything unless something else is said.

        A password has 12 characters or more, and is none that everybody tries first.

        **Examples**

        - `nephoscope user add alice --role Manager` – asks for the password, twice
        - `nephoscope user add bob --role Analyst --account 111122223333 --generate --must-change`
        - `pass show nephoscope/ci | nephoscope user add ci --password-stdin`
        """
        password = None if generate else _given(password_stdin=password_stdin)
        grant = granting.grant_of(role, account, group_uuid, tag)
        with doors.open_usecases(settings_of(data, database)) as usecases:
            actor = granting.actor(decider(by))
            made = usecases.access.accounts.add(name, password, actor, grant, must_change=must_change)
        note(f"{name} may log in, as {grant.role}.")
        _print_made(made)


def _add_list(group: typer.Typer, doors: Doors) -> None:
    @group.command("list")
    def list_all(
        limit: options.Limit = 100,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """List the users, and what each was given.

        **Example**: `nephoscope user list --format json`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            page = usecases.access.accounts.list(PageRequest(0, limit))
            grants = usecases.roles.grants(PrincipalKind.USER)
        rows = []
        for row in page.rows:
            grant = grants.get(row.name)
            rows.append(
                {
                    "name": row.name,
                    "role": grant.role if grant else None,
                    "reach": granting.spelled(grant.reach) if grant else None,
                    "is_disabled": row.is_disabled,
                    "must_change": row.must_change,
                    "has_second_factor": row.has_factor,
                    "created_on": row.created_on,
                    "last_login_on": row.last_login_on,
                }
            )
        print_rows(rows, _COLUMNS, style, total=page.total)


def _add_grant(group: typer.Typer, doors: Doors) -> None:
    @group.command("grant")
    def grant(
        *,
        name: _Name,
        role: granting.Role,
        account: granting.Accounts = None,
        group_uuid: granting.Groups = None,
        tag: granting.Tags = None,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
    ) -> None:
        """Give a user a role, in place of the one that he had; everywhere, or for the named parts.

        **Example**: `nephoscope user grant bob --role "Exception Manager" --tag payments`
        """
        wanted = granting.grant_of(role, account, group_uuid, tag)
        with doors.open_usecases(settings_of(data, database)) as usecases:
            usecases.access.accounts.get(name)
            given = usecases.roles.give(Principal.user(name), wanted, granting.actor(decider(by)))
        note(f"{name} is {given.role} of {granting.spelled(given.reach)}.")


def _add_password(group: typer.Typer, doors: Doors) -> None:
    @group.command("password")
    def password(
        *,
        name: _Name,
        password_stdin: _Stdin = False,
        generate: _Generate = False,
        final: Annotated[bool, typer.Option("--final", help="They need not choose another one.")] = False,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
    ) -> None:
        """Give a user another password, which they change at the next login. Their sessions and tokens end.

        **Examples**

        - `nephoscope user password bob --generate`
        - `nephoscope user password admin --final` – for whoever has lost his own
        """
        chosen = None if generate else _given(password_stdin=password_stdin)
        with doors.open_usecases(settings_of(data, database)) as usecases:
            actor = granting.actor(decider(by))
            made = usecases.access.accounts.set_password(name, chosen, actor, must_change=not final)
        note(f"{name} has another password.")
        _print_made(made)


def _add_switches(group: typer.Typer, doors: Doors) -> None:
    @group.command("disable")
    def disable(name: _Name, by: options.By = "", data: options.Data = None, database: options.Database = "") -> None:
        """Let a user in no more; sessions and tokens end.

        **Example**: `nephoscope user disable bob`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            usecases.access.accounts.switch(name, granting.actor(decider(by)), is_disabled=True)
        note(f"{name} may not log in.")

    @group.command("enable")
    def enable(name: _Name, by: options.By = "", data: options.Data = None, database: options.Database = "") -> None:
        """Let a user in again.

        **Example**: `nephoscope user enable bob`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            usecases.access.accounts.switch(name, granting.actor(decider(by)), is_disabled=False)
        note(f"{name} may log in.")


def _add_endings(group: typer.Typer, doors: Doors) -> None:
    @group.command("remove")
    def remove(name: _Name, by: options.By = "", data: options.Data = None, database: options.Database = "") -> None:
        """Remove a user, with sessions, tokens, and the API clients that act for him.

        **Example**: `nephoscope user remove bob`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            usecases.access.accounts.remove(name, granting.actor(decider(by)))
        note(f"Removed: {name}")

    @group.command("log-out")
    def log_out(name: _Name, by: options.By = "", data: options.Data = None, database: options.Database = "") -> None:
        """End every session and token of a user.

        **Example**: `nephoscope user log-out bob`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            usecases.access.accounts.log_out(name, granting.actor(decider(by)))
        note(f"{name} is logged out everywhere.")

    @group.command("reset-factor")
    def reset_factor(
        name: _Name, by: options.By = "", data: options.Data = None, database: options.Database = ""
    ) -> None:
        """Take the second factor off a user who has lost it.

        **Example**: `nephoscope user reset-factor bob`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            usecases.access.accounts.remove_factor(name, granting.actor(decider(by)))
        note(f"{name} has no second factor.")


def _given(*, password_stdin: bool) -> str:
    if password_stdin:
        return sys.stdin.readline(_LONGEST).rstrip("\r\n")
    if not sys.stdin.isatty():
        raise BadRequestError("There is no terminal to type the password at; pipe it in with --password-stdin.")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def _print_made(password: str | None) -> None:
    """To stdout, alone, so that it can be piped."""
    if password is not None:
        typer.echo(password)
