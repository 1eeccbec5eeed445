"""`nephoscope evaluations`: how resources did against controls."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from nephoscope.cli import options
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import ListFormat, settings_of
from nephoscope.cli.printing import print_rows
from nephoscope.model.evaluations import EvaluationRow, Status

if TYPE_CHECKING:
    from nephoscope.qql.bound import Bound

_COLUMNS = ("cid", "status", "resource_type", "resource_id", "region", "control", "reason")


def commands(doors: Doors) -> typer.Typer:
    group = typer.Typer(help="How resources did against controls.", no_args_is_help=True)

    @group.command("list")
    def list_all(
        *,
        connector: Annotated[str, typer.Argument(metavar="CONNECTOR", help="Its name, its account or its uuid.")],
        cid: Annotated[int | None, typer.Option("--cid", help="Only this control.")] = None,
        status: Annotated[str, typer.Option("--status", help="PASS, FAIL, PASSE (excepted) or UNKNOWN.")] = "",
        region: Annotated[str, typer.Option("--region", help="Only this region.")] = "",
        limit: options.Limit = 100,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """List the evaluations of an account.

        **Examples**

        - `nephoscope evaluations list production --status FAIL`
        - `nephoscope evaluations list 123456789012 --cid 322 --format json`
        """
        from nephoscope.cli.connectors import find  # noqa: PLC0415 - help does without the store
        from nephoscope.kit.pages import PageRequest  # noqa: PLC0415 - likewise
        from nephoscope.store import evaluations  # noqa: PLC0415 - likewise

        bound = _conditions(status, region)
        with doors.open_usecases(settings_of(data, database)) as usecases:
            found = find(usecases, connector)
            names = {control.cid: control.name for control in usecases.catalogue.controls.values()}
            book = usecases.policies.book()
            with usecases.store.read() as reader:
                page = evaluations.page(reader, found.key, cid, bound, PageRequest(0, limit))
        rows = (
            {**_row(row), "control": names.get(row.cid, ""), "policies": book.names_of(row.cid)} for row in page.rows
        )
        print_rows(rows, _COLUMNS, style, total=page.total)

    return group


def _conditions(status: str, region: str) -> "Bound":
    from nephoscope.qql.bound import Condition, Operator  # noqa: PLC0415 - with what needs it

    if status and status.upper() not in Status.__members__:
        raise typer.BadParameter(f"{status!r} is none of {', '.join(Status)}.", param_hint="--status")
    wanted = (("status", status.upper()), ("region", region))
    return tuple(Condition(field, Operator.EQUALS, (value,)) for field, value in wanted if value)


def _row(row: EvaluationRow) -> dict[str, Any]:
    return {
        "cid": row.cid,
        "status": row.status,
        "reason": row.reason,
        "resource_type": row.resource.resource_type,
        "resource_id": row.resource.resource_id,
        "resource_uuid": row.resource.uuid,
        "arn": row.resource.arn,
        "region": row.resource.region,
        "first_evaluated": row.dates.first_evaluated,
        "last_evaluated": row.dates.last_evaluated,
        "reopened": row.dates.reopened,
        "fixed": row.dates.fixed,
    }
