"""`nephoscope report schedule`: reports that come by themselves."""

import sys
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from nephoscope.cli import options
from nephoscope.cli.doors import Doors
from nephoscope.cli.files import read_object
from nephoscope.cli.options import ListFormat, decider, settings_of
from nephoscope.cli.printing import note, print_detail, print_rows
from nephoscope.errors import BadRequestError
from nephoscope.kit.dates import zulu
from nephoscope.model.identities import Identity
from nephoscope.model.schedules import Delivery, FolderTarget, MailTarget, ReportSchedule, Target, WebhookTarget

_COLUMNS = ("name", "cron", "time_zone", "format", "next_on", "error", "uuid")
_SENT = ("report", "target", "state", "attempts", "error")
_Named = Annotated[UUID, typer.Argument(metavar="SCHEDULE", help="Its uuid, as `report schedule list` prints it.")]


def commands(doors: Doors) -> typer.Typer:
    group = typer.Typer(help="Reports that come by themselves, and where they are taken.", no_args_is_help=True)
    _add_create(group, doors)
    _add_reading(group, doors)
    _add_changing(group, doors)
    return group


def _add_create(group: typer.Typer, doors: Doors) -> None:
    @group.command("create")
    def create(
        *,
        name: Annotated[str, typer.Option("--name", help="What people call it, and its reports.")],
        cron: Annotated[str, typer.Option("--cron", metavar="TIME", help="Five fields: '0 6 * * MON'.")],
        time_zone: Annotated[str, typer.Option("--time-zone", metavar="ZONE", help="The tenant's by default.")] = "",
        cloud: Annotated[str, typer.Option("--cloud", help="aws, azure or gcp.")] = "aws",
        style_of_file: Annotated[str, typer.Option("--as", metavar="FORMAT", help="pdf, csv, json or xlsx.")] = "pdf",
        body: Annotated[
            Path | None,
            typer.Option("--file", metavar="FILE", help="More of the report, as JSON: see `report create`."),
        ] = None,
        folder: Annotated[list[str] | None, typer.Option("--folder", help="Below NEPHOSCOPE_REPORT_FOLDER.")] = None,
        webhook: Annotated[
            list[str] | None,
            typer.Option("--webhook", metavar="URL", help="Or @FILE with it, where nobody sees it; @- is stdin."),
        ] = None,
        mail: Annotated[list[str] | None, typer.Option("--mail", metavar="ADDRESS")] = None,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Have a report come by itself. A server or worker makes and delivers it.

        **Examples**

        - `nephoscope report schedule create --name weekly --cron '0 6 * * MON' --mail ciso@example.com`
        - `nephoscope report schedule create --name daily --cron '30 4 * * *' --as csv --folder daily`
        - `nephoscope report schedule create --name hourly --cron '0 * * * *' --webhook @/etc/nephoscope/hook`
        """
        from nephoscope.reports.delivery.schedules import schedule_draft  # noqa: PLC0415 - help does without it

        targets: list[dict[str, Any]] = [{"folder": one} for one in folder or ()]
        targets += [{"url": _address(one)} for one in webhook or ()] + ([{"to": mail}] if mail else [])
        report = {
            "cloudType": cloud.upper(),
            "format": style_of_file,
            **(read_object(body, "POST /report/assessment/create") if body else {}),
        }
        said = {"name": name, "cron": cron, "timeZone": time_zone, "report": report, "deliveries": targets}
        with doors.open_usecases(settings_of(data, database)) as usecases:
            zone = usecases.preferences.zone_of("").key
            made = usecases.schedules.create(schedule_draft(said, zone), Identity(decider(by)))
        print_detail({**_row(made.schedule), **({"webhook_secret": made.secret} if made.secret else {})}, style)


def _add_reading(group: typer.Typer, doors: Doors) -> None:
    @group.command("list")
    def list_all(
        data: options.Data = None, database: options.Database = "", style: options.Format = ListFormat.TABLE
    ) -> None:
        """List the schedules.

        **Example**: `nephoscope report schedule list --format json`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            found = usecases.schedules.every(Identity.local())
        print_rows(map(_row, found), _COLUMNS, style, total=len(found))

    @group.command("deliveries")
    def deliveries(
        schedule: _Named,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Show how the deliveries of a schedule went, the newest first.

        **Example**: `nephoscope report schedule deliveries 6f0c9f5e-0f3c-4b5a-9a39-0c54e8a1c1d2`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            found = usecases.schedules.deliveries(schedule, Identity.local())
        print_rows(map(_sent, found), _SENT, style, total=len(found))


def _add_changing(group: typer.Typer, doors: Doors) -> None:
    @group.command("run")
    def run(schedule: _Named, by: options.By = "", data: options.Data = None, database: options.Database = "") -> None:
        """Have the report made and delivered now, beside its times.

        **Example**: `nephoscope report schedule run 6f0c9f5e-0f3c-4b5a-9a39-0c54e8a1c1d2`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            report = usecases.schedules.run(schedule, Identity(decider(by)))
        note(f"The report {report} was asked for; whoever serves the store makes and delivers it.")

    @group.command("delete")
    def delete(
        schedule: _Named, by: options.By = "", data: options.Data = None, database: options.Database = ""
    ) -> None:
        """Remove a schedule. Its reports stay until they expire.

        **Example**: `nephoscope report schedule delete 6f0c9f5e-0f3c-4b5a-9a39-0c54e8a1c1d2`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            usecases.schedules.delete(schedule, Identity(decider(by)))
        note("The schedule is removed.")


def _address(said: str) -> str:
    """The address of a webhook, which is a secret more often than not."""
    if not said.startswith("@"):
        return said
    try:
        return (sys.stdin.read() if said == "@-" else Path(said[1:]).read_text("utf-8")).strip()
    except (OSError, ValueError) as error:
        raise BadRequestError(
            f"{said[1:]} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}."
        ) from None


def _row(row: ReportSchedule) -> dict[str, Any]:
    return {
        "name": row.name,
        "cron": row.cron,
        "time_zone": row.time_zone,
        "format": row.request.format,
        "deliveries": [_spelled(target) for target in row.targets],
        "next_on": zulu(row.next_on),
        "last_report": row.last_report,
        "error": row.error,
        "created_by": row.created_by,
        "uuid": row.uuid,
    }


def _sent(row: Delivery) -> dict[str, Any]:
    return {
        "report": row.report_uuid,
        "target": _spelled(row.target),
        "state": row.state,
        "attempts": row.attempts,
        "error": row.error,
    }


def _spelled(target: Target) -> str:
    match target:
        case FolderTarget(folder):
            return f"folder {folder or '.'}"
        case WebhookTarget() as hook:
            return f"webhook {hook.shown}"
        case MailTarget(to):
            return f"mail to {', '.join(to)}"
