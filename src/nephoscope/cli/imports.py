"""`nephoscope import`: judge an inventory that was exported by other means, without asking a cloud."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nephoscope.cli import options
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import ListFormat, decider, settings_of
from nephoscope.cli.printing import note, print_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from nephoscope.imports.importing import Imported, Step

_COLUMNS = ("account", "resources", "moment", "scopes", "not_told", "connector")
_Files = Annotated[list[Path], typer.Argument(metavar="FILE…", help="The export, in one file or several.")]
_Date = Annotated[
    str, typer.Option("--date", metavar="DATE", help="When it was made; by default as old as the newest file.")
]
_Account = Annotated[
    str, typer.Option("--account", metavar="ID", help="Only this account; or its id, where the export has a number.")
]
_Whole = Annotated[
    bool, typer.Option("--complete", help="The export holds everything: what is not in it does not exist.")
]

_HELP = {
    "azure-resource-graph": (
        "Import what `az graph query` printed: rows with id, name, type, location, tags and properties.",
        "az graph query -q 'resources' --first 1000 -o json > graph.json",
    ),
    "gcp-assets": (
        "Import what `gcloud asset export` wrote: assets with their resources, and with their IAM policies.",
        "gcloud asset export --project P --content-type resource --output-path gs://b/assets.json",
    ),
    "aws-config": (
        "Import a configuration snapshot that AWS Config delivered.",
        "aws configservice deliver-config-snapshot --delivery-channel-name default",
    ),
    "terraform-state": (
        "Import what `terraform show -json` printed, of a state or of a plan.",
        "terraform show -json > state.json",
    ),
}


def commands(doors: Doors) -> typer.Typer:
    group = typer.Typer(
        help="Judge an inventory that was exported by other means, without asking a cloud.", no_args_is_help=True
    )
    from nephoscope.imports.names import NAMES  # noqa: PLC0415 - light; the formats themselves are not

    for name in NAMES:
        _add(group, doors, name)
    return group


def _add(group: typer.Typer, doors: Doors, name: str) -> None:
    what, example = _HELP[name]

    def run(
        *,
        files: _Files,
        date: _Date = "",
        account: _Account = "",
        complete: _Whole = False,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        from nephoscope.imports.formats import format_named  # noqa: PLC0415 - help does without the clouds
        from nephoscope.imports.importing import ImportDraft  # noqa: PLC0415 - likewise

        draft = ImportDraft(format_named(name), tuple(files), _moment(date), account, complete)
        with doors.open_usecases(settings_of(data, database)) as usecases, _progress() as hear:
            done = usecases.importing.run(draft, decider(by), hear)
        print_rows([_row(one) for one in done], _COLUMNS, style, total=len(done))
        unread = sum(one.unread for one in done)
        if unread:
            note(f"{unread} kinds are not told by the export: what looks at them is UNKNOWN, with the reason.")

    run.__doc__ = (
        f"{what}\n\nNothing is recorded when a file is damaged. What the export cannot tell is UNKNOWN.\n\n"
        f"**Example**\n\n- `{example}`\n- `nephoscope import {name} FILE`\n"
    )
    group.command(name)(run)


def _moment(text: str) -> datetime | None:
    from nephoscope.errors import BadRequestError  # noqa: PLC0415 - beside what raises it
    from nephoscope.kit.clock import system_clock  # noqa: PLC0415 - likewise
    from nephoscope.qql.dates import span  # noqa: PLC0415 - help does without it

    if not text:
        return None
    try:
        return span(text, system_clock())[0]
    except BadRequestError as error:
        raise typer.BadParameter(error.message, param_hint="--date") from None


@contextmanager
def _progress() -> "Iterator[Callable[[Step], None]]":
    """A bar on a terminal, nothing elsewhere."""
    from rich.console import Console  # noqa: PLC0415 - only for who waits
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - likewise

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("reading")

        def hear(step: "Step") -> None:
            progress.update(task, description=step.phase, completed=step.done, total=step.total)

        yield hear


def _row(done: "Imported") -> dict[str, Any]:
    return {
        "account": done.account_id,
        "resources": done.resources,
        "moment": done.moment,
        "scopes": len(done.reports),
        "not_told": done.unread,
        "connector": done.connector,
    }
