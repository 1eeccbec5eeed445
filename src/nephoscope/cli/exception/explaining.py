"""`nephoscope exception explain`: why an evaluation shows what it shows."""

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from nephoscope.cli import options
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import ListFormat, settings_of
from nephoscope.cli.printing import note, print_json, print_rows
from nephoscope.errors import BadRequestError, NotFoundError

if TYPE_CHECKING:
    from nephoscope.exceptions.answers import Explanation
    from nephoscope.usecases.usecases import UseCases

_HEAD = ("status", "cid", "resource_id", "resource_type", "region", "at")
_COLUMNS = ("standing", "name", "scope", "state", "ends", "why")


def add_explain(group: typer.Typer, doors: Doors) -> None:
    @group.command("explain")
    def explain(
        *,
        resource: Annotated[str, typer.Argument(metavar="RESOURCE", help="Its id or its uuid.")],
        cid: Annotated[int, typer.Argument(metavar="CID", help="The control.")],
        at: Annotated[
            str,
            typer.Option("--at", metavar="MOMENT", help="Another moment than now: 2027-01-01 or 2027-01-01T08:00:00Z."),
        ] = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Explain why one control shows FAIL or PASSE on one resource.

        RESOURCE is its id or uuid, CID the number of the control. Shows every exception that matches, which of them
        wins, and why: RESOURCE comes before CONNECTOR before QUALYSTAG; within one scope the one that ends last, then
        the newest.

        **Examples**

        - `nephoscope exception explain i-0123456789abcdef0 322`
        - `nephoscope exception explain i-0123456789abcdef0 322 --at 2027-01-01`
        """
        from nephoscope.usecases.moments import moment_of  # noqa: PLC0415 - help does without the query language

        with doors.open_usecases(settings_of(data, database)) as usecases:
            moment = moment_of(at, "--at", usecases.clock(), usecases.preferences.tenant().zone) if at else None
            found = usecases.exceptions.explain(_resource(usecases, resource), cid, moment)
        _print(found, style)


def _resource(usecases: "UseCases", named_so: str) -> UUID:
    """The one resource of that id, else the uuid: the id of a subscription looks like one. BadRequestError when several
    share it."""
    from nephoscope.store.naming import of_id  # noqa: PLC0415 - help does without the store

    with usecases.store.read() as reader:
        found = of_id(reader, named_so)
    if not found:
        with suppress(ValueError):
            return UUID(named_so)
        raise NotFoundError(f"There is no resource {named_so!r}; see nephoscope resources list.")
    if len(found) > 1:
        shown = ", ".join(f"{row.uuid} ({row.resource_type}, {row.region})" for row in found[:10])
        raise BadRequestError(f"Several resources are called {named_so!r}; say which by its uuid: {shown}.")
    return found[0].uuid


def _print(found: "Explanation", style: ListFormat) -> None:
    rows: list[dict[str, Any]] = [
        {
            "standing": row.standing,
            "name": row.exception.name,
            "scope": row.exception.scope,
            "state": row.state,
            "starts": row.exception.starts,
            "ends": row.exception.ends,
            "why": row.why,
            "uuid": row.exception.uuid,
        }
        for row in found.matches
    ]
    head = {
        "status": found.status,
        "cid": found.cid,
        "resource_id": found.resource.resource_id,
        "resource_type": found.resource.resource_type,
        "region": found.resource.region,
        "resource_uuid": found.resource.uuid,
        "at": found.at,
    }
    if style is ListFormat.JSON:
        print_json({**head, "matches": rows})
        return
    print_rows([head], _HEAD, style, total=1)
    if rows:
        print_rows(rows, _COLUMNS, style, total=len(rows))
    else:
        note("No exception matches it.")
