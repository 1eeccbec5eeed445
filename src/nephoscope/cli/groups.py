"""`nephoscope group`: groups of connectors, for people and for the reach of users and API clients."""

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from nephoscope.cli import options
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import ListFormat, decider, settings_of
from nephoscope.cli.printing import note, print_detail, print_rows
from nephoscope.kit.pages import PageRequest
from nephoscope.model.groups import ConnectorGroup

if TYPE_CHECKING:
    from nephoscope.usecases.usecases import UseCases

_COLUMNS = ("name", "connectors", "uuid", "created_by", "created_on")

_Group = Annotated[str, typer.Argument(metavar="GROUP", help="Its name, in any case, or its uuid.")]
_Name = Annotated[str, typer.Argument(help="A name that no other group has.")]
_Needed = Annotated[list[UUID], typer.Option("--connector", metavar="UUID", help="A connector; may be repeated.")]


def commands(doors: Doors) -> typer.Typer:
    group = typer.Typer(help="Groups of connectors.", no_args_is_help=True)
    _add_list(group, doors)
    _add_show(group, doors)
    _add_create(group, doors)
    _add_rename(group, doors)
    _add_delete(group, doors)
    _add_members(group, doors)
    return group


def _add_list(group: typer.Typer, doors: Doors) -> None:
    @group.command("list")
    def list_all(
        limit: options.Limit = 100,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """List the groups in order of name.

        **Example**: `nephoscope group list --format json`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            page = usecases.groups.list(PageRequest(0, limit))
        print_rows([_row(row) for row in page.rows], _COLUMNS, style, total=page.total)


def _add_show(group: typer.Typer, doors: Doors) -> None:
    @group.command("show")
    def show(
        name: _Group,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Show one group with its connectors.

        **Example**: `nephoscope group show Shops`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            print_detail(_whole(usecases, usecases.groups.find(name)), style)


def _add_create(group: typer.Typer, doors: Doors) -> None:
    @group.command("create")
    def create(
        *,
        name: _Name,
        connector: options.Connectors = None,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Make a group.

        **Example**: `nephoscope group create Shops --connector 6f0c9f5e-0f3c-4b5a-9a39-0c54e8a1c1d2`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            made = usecases.groups.create(name, tuple(dict.fromkeys(connector or ())), decider(by))
            print_detail(_whole(usecases, made), style)


def _add_rename(group: typer.Typer, doors: Doors) -> None:
    @group.command("rename")
    def rename(
        group: _Group, name: _Name, by: options.By = "", data: options.Data = None, database: options.Database = ""
    ) -> None:
        """Give a group another name.

        **Example**: `nephoscope group rename Shops "Shops of Europe"`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            usecases.groups.rename(usecases.groups.find(group).uuid, name, decider(by))
        note(f"{group} is {name} now.")


def _add_delete(group: typer.Typer, doors: Doors) -> None:
    @group.command("delete")
    def delete(name: _Group, by: options.By = "", data: options.Data = None, database: options.Database = "") -> None:
        """Delete a group; its connectors stay. Refused while it is part of what somebody sees.

        **Example**: `nephoscope group delete Shops`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            gone = usecases.groups.delete(usecases.groups.find(name).uuid, decider(by))
        note(f"{gone.name} is gone.")


def _add_members(group: typer.Typer, doors: Doors) -> None:
    @group.command("add")
    def add(
        *,
        name: _Group,
        connector: _Needed,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Put connectors into a group.

        **Example**: `nephoscope group add Shops --connector 6f0c9f5e-0f3c-4b5a-9a39-0c54e8a1c1d2`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            found = usecases.groups.add(usecases.groups.find(name).uuid, connector, decider(by))
            print_detail(_whole(usecases, found), style)

    @group.command("remove")
    def remove(
        *,
        name: _Group,
        connector: _Needed,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Take connectors out of a group.

        **Example**: `nephoscope group remove Shops --connector 6f0c9f5e-0f3c-4b5a-9a39-0c54e8a1c1d2`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            found = usecases.groups.remove(usecases.groups.find(name).uuid, connector, decider(by))
            print_detail(_whole(usecases, found), style)


def _whole(usecases: "UseCases", group: ConnectorGroup) -> dict[str, Any]:
    inside = usecases.groups.connectors_in(group.uuid)
    return {**_row(group), "connectors": [str(uuid) for uuid in inside]}


def _row(group: ConnectorGroup) -> dict[str, Any]:
    return {
        "name": group.name,
        "connectors": group.connectors,
        "uuid": group.uuid,
        "created_by": group.created_by,
        "created_on": group.created_on,
    }
