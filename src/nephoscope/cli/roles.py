"""`nephoscope role`: what may be given to users and API clients."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from nephoscope.cli import granting, options
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import ListFormat, decider, settings_of
from nephoscope.cli.printing import note, print_detail, print_rows
from nephoscope.model.identities import Permission, Role

if TYPE_CHECKING:
    from nephoscope.access.roles import RoleDraft

_COLUMNS = ("name", "is_built_in", "permissions", "description")

_Role = Annotated[str, typer.Argument(metavar="ROLE", help="Its name, in any case.")]
_Permissions = Annotated[
    list[Permission] | None,
    typer.Option("--permission", metavar="PERMISSION", help="Such as tags:write; may be repeated."),
]
_Description = Annotated[str | None, typer.Option("--description", metavar="TEXT", help="What it is for.")]


def commands(doors: Doors) -> typer.Typer:
    group = typer.Typer(
        help="Roles: what may be given to users and API clients (`user grant`, `client`).", no_args_is_help=True
    )
    _add_list(group, doors)
    _add_show(group, doors)
    _add_permissions(group)
    _add_create(group, doors)
    _add_change(group, doors)
    _add_delete(group, doors)
    return group


def _add_list(group: typer.Typer, doors: Doors) -> None:
    @group.command("list")
    def list_all(
        data: options.Data = None, database: options.Database = "", style: options.Format = ListFormat.TABLE
    ) -> None:
        """List the roles: those that come with the program first, then your own.

        **Example**: `nephoscope role list --format json`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            found = usecases.roles.list()
        rows = [{**_row(role), "permissions": len(role.permissions)} for role in found]
        print_rows(rows, _COLUMNS, style, total=len(rows))


def _add_show(group: typer.Typer, doors: Doors) -> None:
    @group.command("show")
    def show(
        role: _Role,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Show one role with its permissions.

        **Example**: `nephoscope role show "Exception Manager"`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            print_detail(_row(usecases.roles.get(role)), style)


def _add_permissions(group: typer.Typer) -> None:
    @group.command("permissions")
    def permissions(style: options.Format = ListFormat.TABLE) -> None:
        """List what roles are made of: one verb on one capability each.

        **Example**: `nephoscope role permissions`
        """
        rows = [{"permission": one.value} for one in Permission]
        print_rows(rows, ("permission",), style, total=len(rows))


def _add_create(group: typer.Typer, doors: Doors) -> None:
    @group.command("create")
    def create(
        *,
        name: Annotated[str, typer.Argument(help="A name that no other role has.")],
        permission: _Permissions = None,
        description: _Description = None,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Make a role of your own.

        **Example**: `nephoscope role create Tagger --permission tags:read --permission tags:write`
        """
        draft = _draft(name, permission or [], description)
        with doors.open_usecases(settings_of(data, database)) as usecases:
            print_detail(_row(usecases.roles.create(draft, granting.actor(decider(by)))), style)


def _add_change(group: typer.Typer, doors: Doors) -> None:
    @group.command("change")
    def change(
        *,
        role: _Role,
        name: Annotated[str | None, typer.Option("--name", help="Another name; whoever has the role keeps it.")] = None,
        permission: _Permissions = None,
        description: _Description = None,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Change a role of your own. Permissions that are given replace all that it had.

        **Example**: `nephoscope role change Tagger --permission tags:read`
        """
        draft = _draft(name, permission, description)
        with doors.open_usecases(settings_of(data, database)) as usecases:
            print_detail(_row(usecases.roles.change(role, draft, granting.actor(decider(by)))), style)


def _add_delete(group: typer.Typer, doors: Doors) -> None:
    @group.command("delete")
    def delete(role: _Role, by: options.By = "", data: options.Data = None, database: options.Database = "") -> None:
        """Delete a role of your own that nobody has.

        **Example**: `nephoscope role delete Tagger`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            gone = usecases.roles.delete(role, granting.actor(decider(by)))
        note(f"{gone.name} is gone.")


def _draft(name: str | None, permissions: list[Permission] | None, description: str | None) -> "RoleDraft":
    from nephoscope.access.roles import RoleDraft  # noqa: PLC0415 - help does without the store

    return RoleDraft(name, None if permissions is None else frozenset(permissions), description)


def _row(role: Role) -> dict[str, Any]:
    return {
        "name": role.name,
        "is_built_in": role.is_built_in,
        "permissions": sorted(permission.value for permission in role.permissions),
        "description": role.description,
    }
