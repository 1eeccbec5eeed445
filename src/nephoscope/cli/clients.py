"""`nephoscope client`: programs that exchange an id and a secret for a token. `nephoscope signing-key`: the keys that
tokens are signed with."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nephoscope.cli import granting, options
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import ListFormat, decider, settings_of
from nephoscope.cli.printing import note, print_detail, print_rows
from nephoscope.kit.pages import PageRequest
from nephoscope.model.clients import ApiClient
from nephoscope.model.identities import Grant, PrincipalKind

if TYPE_CHECKING:
    from nephoscope.access.clients import Made

_COLUMNS = ("uuid", "name", "role", "reach", "is_disabled", "expires_on", "last_used_on")
_KEYS = ("kid", "created_on", "expires_on")
_Client = Annotated[str, typer.Argument(metavar="CLIENT", help="Its id or its name.")]


def commands(doors: Doors) -> typer.Typer:
    group = typer.Typer(
        help="API clients: programs that exchange an id and a secret for a token.", no_args_is_help=True
    )
    _add_create(group, doors)
    _add_list(group, doors)
    _add_rotate(group, doors)
    _add_switches(group, doors)
    _add_delete(group, doors)
    return group


def _add_create(group: typer.Typer, doors: Doors) -> None:
    @group.command("create")
    def create(
        *,
        name: Annotated[str, typer.Argument(help="What people call it.")],
        role: granting.Role,
        account: granting.Accounts = None,
        group_uuid: granting.Groups = None,
        tag: granting.Tags = None,
        network: Annotated[
            list[str] | None, typer.Option("--network", metavar="CIDR", help="Only from here; may be repeated.")
        ] = None,
        days: Annotated[int | None, typer.Option("--days", min=1, max=3650, help="It expires after so many.")] = None,
        description: Annotated[str, typer.Option("--description", help="What it is for.")] = "",
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Create an API client; prints its secret, this once.

        **Examples**

        - `nephoscope client create siem --role Reader --network 10.0.0.0/8 --days 365`
        - `nephoscope client create ci --role Analyst --account 111122223333 --format json`
        """
        from nephoscope.access.clients import ClientDraft  # noqa: PLC0415 - help does without the store

        expires = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days) if days else None
        draft = ClientDraft(name, description, expires, networks=tuple(network or ()))
        grant = granting.grant_of(role, account, group_uuid, tag)
        with doors.open_usecases(settings_of(data, database)) as usecases:
            made = usecases.access.clients.create(draft, granting.actor(decider(by)), grant)
        _print_made(made, style)


def _add_list(group: typer.Typer, doors: Doors) -> None:
    @group.command("list")
    def list_all(
        limit: options.Limit = 100,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """List the API clients, and what each was given.

        **Example**: `nephoscope client list --format json`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            page = usecases.access.clients.list(PageRequest(0, limit))
            grants = usecases.roles.grants(PrincipalKind.CLIENT)
        rows = [_fields(row, grants.get(str(row.uuid))) for row in page.rows]
        print_rows(rows, _COLUMNS, style, total=page.total)


def _add_rotate(group: typer.Typer, doors: Doors) -> None:
    @group.command("rotate")
    def rotate(
        *,
        client: _Client,
        overlap_hours: Annotated[
            int, typer.Option("--overlap-hours", min=0, max=720, help="How long the last secret stays good.")
        ] = 24,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Give an API client a new secret, and print it, this once. The last one stays good for a while.

        **Example**: `nephoscope client rotate siem --overlap-hours 1`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            found = usecases.access.clients.find(client)
            overlap = timedelta(hours=overlap_hours)
            made = usecases.access.clients.rotate(found.uuid, granting.actor(decider(by)), overlap)
        _print_made(made, style)


def _add_switches(group: typer.Typer, doors: Doors) -> None:
    @group.command("disable")
    def disable(
        client: _Client, by: options.By = "", data: options.Data = None, database: options.Database = ""
    ) -> None:
        """Let an API client in no more; its tokens end for good.

        **Example**: `nephoscope client disable siem`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            found = usecases.access.clients.find(client)
            usecases.access.clients.switch(found.uuid, granting.actor(decider(by)), is_disabled=True)
        note(f"{found.name} is disabled.")

    @group.command("enable")
    def enable(
        client: _Client, by: options.By = "", data: options.Data = None, database: options.Database = ""
    ) -> None:
        """Let an API client in again.

        **Example**: `nephoscope client enable siem`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            found = usecases.access.clients.find(client)
            usecases.access.clients.switch(found.uuid, granting.actor(decider(by)), is_disabled=False)
        note(f"{found.name} is enabled.")


def _add_delete(group: typer.Typer, doors: Doors) -> None:
    @group.command("delete")
    def delete(
        client: _Client, by: options.By = "", data: options.Data = None, database: options.Database = ""
    ) -> None:
        """Delete an API client.

        **Example**: `nephoscope client delete siem`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            found = usecases.access.clients.find(client)
            usecases.access.clients.delete(found.uuid, granting.actor(decider(by)))
        note(f"Deleted: {found.name}")


def key_commands(doors: Doors) -> typer.Typer:
    group = typer.Typer(help="The keys that tokens are signed with.", no_args_is_help=True)

    @group.command("list")
    def list_all(
        data: options.Data = None, database: options.Database = "", style: options.Format = ListFormat.TABLE
    ) -> None:
        """List the keys that are good now; the one without an end signs.

        **Example**: `nephoscope signing-key list`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            found = usecases.access.keys.good()
        rows = [{"kid": row.kid, "created_on": row.created_on, "expires_on": row.expires_on} for row in found]
        print_rows(rows, _KEYS, style, total=len(rows))

    @group.command("rotate")
    def rotate(
        revoke: Annotated[bool, typer.Option("--revoke", help="Every token that there is counts no more.")] = False,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
    ) -> None:
        """Sign with a new key from now on. What was signed before stays good until it expires.

        **Example**: `nephoscope signing-key rotate --revoke`, when a key may have been seen.
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            made = usecases.access.rotate_keys(decider(by), revokes=revoke)
        note(f"Tokens are signed with {made.kid}.")

    return group


def _print_made(made: "Made", style: ListFormat) -> None:
    print_detail({"client_id": made.client.uuid, "client_secret": made.secret, "name": made.client.name}, style)


def _fields(client: ApiClient, grant: Grant | None) -> dict[str, Any]:
    return {
        "uuid": client.uuid,
        "name": client.name,
        "role": grant.role if grant else f"as {client.owner}",
        "reach": granting.spelled(grant.reach) if grant else None,
        "is_disabled": client.is_disabled,
        "created_by": client.created_by,
        "created_on": client.created_on,
        "expires_on": client.expires_on,
        "last_used_on": client.last_used_on,
        "networks": list(client.networks),
        "secrets": len(client.secrets),
        "description": client.description,
    }
