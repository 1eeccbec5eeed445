"""`nephoscope resources`: what the last runs found."""

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from nephoscope.cli import options
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import ListFormat, settings_of
from nephoscope.cli.printing import print_detail, print_json, print_rows
from nephoscope.errors import NotFoundError
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Resource

if TYPE_CHECKING:
    from nephoscope.resource_types.types import ResourceType

_COLUMNS = ("resource_id", "name", "region", "controls_failed", "updated_on", "uuid")


def commands(doors: Doors) -> typer.Typer:
    group = typer.Typer(help="What the last runs found.", no_args_is_help=True)
    _add_list(group, doors)
    _add_show(group, doors)
    return group


def _add_list(group: typer.Typer, doors: Doors) -> None:
    @group.command("list")
    def list_all(
        *,
        type_name: Annotated[
            str, typer.Argument(metavar="TYPE", help="Such as EC2_INSTANCE, STORAGE_ACCOUNT or GCS_BUCKET.")
        ],
        provider: Annotated[
            Provider | None,
            typer.Option("--provider", case_sensitive=False, help="Of which cloud, for names that several have."),
        ] = None,
        query: Annotated[
            str, typer.Option("--filter", metavar="QUERY", help='Such as "region:eu-west-1 and name:web".')
        ] = "",
        limit: options.Limit = 100,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """List the resources of a type.

        **Examples**

        - `nephoscope resources list EC2_INSTANCE`
        - `nephoscope resources list BUCKET --filter "name:exports" --format json`
        - `nephoscope resources list STORAGE_ACCOUNT --filter "region:westeurope"`
        - `nephoscope resources list LOAD_BALANCER --provider azure`
        """
        from nephoscope.kit.pages import PageRequest  # noqa: PLC0415 - help does without the store
        from nephoscope.qql.binder import bind  # noqa: PLC0415 - likewise
        from nephoscope.qql.parser import parse  # noqa: PLC0415 - likewise
        from nephoscope.qql.tokens import resource_tokens  # noqa: PLC0415 - likewise
        from nephoscope.store import resources  # noqa: PLC0415 - likewise

        kind = _type_of(provider, type_name)
        with doors.open_usecases(settings_of(data, database)) as usecases, usecases.store.read() as reader:
            bound = bind(parse(query), resource_tokens(kind), usecases.clock()) if query.strip() else ()
            page = resources.page(reader, kind.provider, kind.name, bound, PageRequest(0, limit))
            print_rows(map(_row, page.rows), _COLUMNS, style, total=page.total)


def _add_show(group: typer.Typer, doors: Doors) -> None:
    @group.command("show")
    def show(
        uuid: Annotated[UUID, typer.Argument(metavar="UUID", help="As `resources list` shows it.")],
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Show one resource with all its settings.

        **Examples**

        - `nephoscope resources show 6f0c9f5e-0f3c-4b5a-9a39-0c54e8a1c1d2`
        - `nephoscope resources show 6f0c9f5e-0f3c-4b5a-9a39-0c54e8a1c1d2 --format json`
        """
        from nephoscope.store import resources  # noqa: PLC0415 - help does without the store

        with doors.open_usecases(settings_of(data, database)) as usecases, usecases.store.read() as reader:
            found = resources.get(reader, uuid)
            if found is None:
                raise NotFoundError(f"There is no resource {uuid}.")
            stored = resources.documents(reader, [found.key])[found.key]
        tags = {tag.key: tag.value for tag in stored.tags}
        row = {**_row(found), "tags": tags, "unread": stored.unread}
        if style is ListFormat.JSON:
            print_json({**row, "document": stored.document})
        else:
            print_detail({**row, **stored.document}, style)


def _type_of(provider: Provider | None, name: str) -> "ResourceType":
    """NotFoundError for a name that nobody has; BadParameter for an alias that several clouds have."""
    from nephoscope.resource_types.table import (  # noqa: PLC0415 - help does without the store
        RESOURCE_TYPES,
        find_type,
        named,
    )

    if provider is not None:
        return find_type(provider, name)
    found = named(name)
    if not found:
        near = get_close_matches(name.upper(), RESOURCE_TYPES, 3)
        raise NotFoundError(f"There is no resource type {name!r}." + (f" Near: {', '.join(near)}." if near else ""))
    if len(found) > 1:
        clouds = ", ".join(row.provider for row in found)
        raise typer.BadParameter(f"{name!r} is a type of {clouds}: say which.", param_hint="--provider")
    return found[0]


def _row(resource: Resource) -> dict[str, Any]:
    return {
        "uuid": resource.uuid,
        "resource_type": resource.resource_type,
        "resource_id": resource.resource_id,
        "name": resource.name,
        "region": resource.region,
        "arn": resource.arn,
        "controls_failed": resource.controls_failed,
        "created_on": resource.created_on,
        "updated_on": resource.updated_on,
    }
