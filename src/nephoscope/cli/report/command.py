"""`nephoscope report`: what the evaluations of a cloud say at one moment, as a file."""

import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from nephoscope.cli import codes, options
from nephoscope.cli.connectors import find, is_served
from nephoscope.cli.doors import Doors
from nephoscope.cli.files import read_object
from nephoscope.cli.options import ListFormat, decider, settings_of
from nephoscope.cli.printing import complain, note, print_detail, print_rows
from nephoscope.cli.report import schedules as report_schedules
from nephoscope.cli.rewording import in_words_of_options
from nephoscope.kit.dates import zulu
from nephoscope.kit.folding import fold
from nephoscope.kit.ids import tag_uuid
from nephoscope.model.identities import Identity
from nephoscope.model.reports import Report, ReportFormat, ReportStatus

if TYPE_CHECKING:
    from nephoscope.settings import Settings
    from nephoscope.usecases.usecases import UseCases

_COLUMNS = ("name", "provider", "format", "status", "progress", "rows", "created_by", "created_on", "uuid")
_POLL_SECONDS = 0.5

_Named = Annotated[UUID, typer.Argument(metavar="REPORT", help="Its uuid, as `report list` prints it.")]
_Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Where to write it; - is the standard output."),
]
_NoWait = Annotated[bool, typer.Option("--no-wait", help="Only ask for it, for whoever serves the same store.")]


def commands(doors: Doors) -> typer.Typer:
    group = typer.Typer(
        help="What the evaluations of a cloud say at one moment, as a file to hand on.", no_args_is_help=True
    )
    _add_create(group, doors)
    _add_list(group, doors)
    _add_get(group, doors)
    _add_download(group, doors)
    _add_rerun(group, doors)
    _add_cancel(group, doors)
    _add_delete(group, doors)
    group.add_typer(report_schedules.commands(doors), name="schedule")
    return group


def _add_create(group: typer.Typer, doors: Doors) -> None:
    @group.command("create")
    def create(
        *,
        name: Annotated[str, typer.Option("--name", help="What it is called.")] = "",
        description: Annotated[str, typer.Option("--description", metavar="TEXT", help="What it is for.")] = "",
        provider: Annotated[str, typer.Option("--provider", help="AWS, AZURE or GCP.")] = "",
        kind: Annotated[
            str, typer.Option("--as", metavar="FORMAT", help=f"One of {', '.join(ReportFormat)}; csv by default.")
        ] = "",
        policy: Annotated[
            list[str] | None,
            typer.Option("--policy", metavar="POLICY", help="Controls of this policy: title, framework or uuid."),
        ] = None,
        connector: Annotated[
            list[str] | None,
            typer.Option(
                "--connector", metavar="CONNECTOR", help="This account: name, account or uuid of the connector."
            ),
        ] = None,
        group: Annotated[
            list[str] | None, typer.Option("--group", metavar="GROUP", help="Connectors of this group: name or uuid.")
        ] = None,
        tag: Annotated[
            list[str] | None,
            typer.Option("--tag", metavar="NAME", help="What wears this tag, itself or through its connector."),
        ] = None,
        query: Annotated[
            str, typer.Option("--filter", metavar="QUERY", help='Such as "control.criticality:HIGH".')
        ] = "",
        since: Annotated[str, typer.Option("--since", metavar="MOMENT", help="Evaluated then or later.")] = "",
        until: Annotated[str, typer.Option("--until", metavar="MOMENT", help="Evaluated then or before.")] = "",
        result: Annotated[
            list[str] | None, typer.Option("--result", metavar="RESULT", help="PASS, PASSE or FAIL; all by default.")
        ] = None,
        summary: Annotated[bool, typer.Option("--summary", help="With counts, and what could not be read.")] = False,
        arns: Annotated[bool, typer.Option("--arns", help="With the ARN of each resource.")] = False,
        file: Annotated[
            Path | None,
            typer.Option(
                "--from",
                metavar="FILE",
                help="What the options leave open, as the body that the API takes; - is stdin.",
            ),
        ] = None,
        output: _Output = None,
        no_wait: _NoWait = False,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Ask for a report, and wait until it is there.

        Every option narrows; an option that may be repeated takes any of its values. A server or worker on the same
        store makes it; where nobody serves, this process does. Everything that is wrong is said at once.

        **Examples**

        - `nephoscope report create --name "Payments" --provider AWS --policy "CIS AWS 5.0" --result FAIL -o fails.csv`
        - `nephoscope report create --name Week --provider AWS --as xlsx --since 2026-11-01 --summary -o week.xlsx`
        - `nephoscope report create --from request.json --no-wait`
        """
        from nephoscope.reports.reports import draft_of  # noqa: PLC0415 - help does without the store

        texts = {
            "reportName": name,
            "description": description,
            "cloudType": provider,
            "format": kind,
            "query": query,
            "startDate": since,
            "endDate": until,
            "resourceResults": result,
            "resourceSummaryInclude": summary,
            "includeResourceARN": arns,
        }
        settings = settings_of(data, database)
        with doors.open_usecases(settings) as usecases:
            tag_names = {str(tag_uuid(fold(one))): one for one in tag or ()}
            ids = {
                "policyIds": [str(usecases.policies.find(one).uuid) for one in policy or ()],
                "connectorIds": [str(find(usecases, one).uuid) for one in connector or ()],
                "groupIds": [str(usecases.groups.find(one).uuid) for one in group or ()],
                "tagIds": list(tag_names),
            }
            said = {field: value for field, value in {**texts, **ids}.items() if value}
            body = (read_object(file, "POST /report/assessment/create") if file else {}) | said
            asker = Identity(decider(by))
            renamed = partial(_renamed, names=tag_names)
            with in_words_of_options("The report cannot be made", _OPTIONS, has_file=file is not None, also=renamed):
                made = usecases.reports.create(draft_of(body), asker)
            _follow(usecases, settings, made, output, no_wait=no_wait, style=style)


def _add_list(group: typer.Typer, doors: Doors) -> None:
    @group.command("list")
    def list_all(
        *,
        query: Annotated[
            str, typer.Option("--filter", metavar="QUERY", help='Such as "status:Completed and createdBy:alice".')
        ] = "",
        limit: options.Limit = 100,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """List the reports that are there, the newest first.

        **Examples**

        - `nephoscope report list`
        - `nephoscope report list --filter "status:Failed or createdOn:[now-1d..now]" --format json`
        """
        from nephoscope.kit.pages import PageRequest  # noqa: PLC0415 - help does without the store
        from nephoscope.qql.binder import bind  # noqa: PLC0415 - likewise
        from nephoscope.qql.parser import parse  # noqa: PLC0415 - likewise
        from nephoscope.qql.tokens import REPORT_TOKENS  # noqa: PLC0415 - likewise

        with doors.open_usecases(settings_of(data, database)) as usecases:
            bound = bind(parse(query), REPORT_TOKENS, usecases.clock())
            page = usecases.reports.list(Identity.local(), bound, PageRequest(0, limit))
        print_rows([_shown(report) for report in page.rows], _COLUMNS, style, total=page.total)


def _add_get(group: typer.Typer, doors: Doors) -> None:
    @group.command("get")
    def get(
        report: _Named,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Show what REPORT is about and how it is doing.

        **Example**: `nephoscope report get 0d8f7a36-3c1d-4f0e-8b57-9a3f1b7e6c11`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            print_detail(_whole(usecases.reports.get(report, Identity.local())), style)


def _add_download(group: typer.Typer, doors: Doors) -> None:
    @group.command("download")
    def download(
        report: _Named, output: _Output = None, data: options.Data = None, database: options.Database = ""
    ) -> None:
        """Write the file of REPORT, under its own name in this folder unless --output says otherwise.

        **Examples**

        - `nephoscope report download 0d8f7a36-3c1d-4f0e-8b57-9a3f1b7e6c11`
        - `nephoscope report download 0d8f7a36-3c1d-4f0e-8b57-9a3f1b7e6c11 --output - | head`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            _write(usecases, report, output)


def _add_rerun(group: typer.Typer, doors: Doors) -> None:
    @group.command("rerun")
    def rerun(
        *,
        report: _Named,
        output: _Output = None,
        no_wait: _NoWait = False,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Make REPORT once more, under the same uuid, of what is there now.

        **Example**: `nephoscope report rerun 0d8f7a36-3c1d-4f0e-8b57-9a3f1b7e6c11 --output today.csv`
        """
        settings = settings_of(data, database)
        with doors.open_usecases(settings) as usecases:
            again = usecases.reports.rerun(report, Identity(decider(by)))
            _follow(usecases, settings, again, output, no_wait=no_wait, style=style)


def _add_cancel(group: typer.Typer, doors: Doors) -> None:
    @group.command("cancel")
    def cancel(report: _Named, by: options.By = "", data: options.Data = None, database: options.Database = "") -> None:
        """Stop making REPORT; whoever makes it notices within a second.

        **Example**: `nephoscope report cancel 0d8f7a36-3c1d-4f0e-8b57-9a3f1b7e6c11`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            stopped = usecases.reports.cancel(report, Identity(decider(by)))
        note(f"Cancelled: {stopped.request.name}")


def _add_delete(group: typer.Typer, doors: Doors) -> None:
    @group.command("delete")
    def delete(
        report: Annotated[list[UUID], typer.Argument(metavar="REPORT...", help="Their uuids.")],
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
    ) -> None:
        """Delete reports with their files, all of them or none.

        **Example**: `nephoscope report delete 0d8f7a36-3c1d-4f0e-8b57-9a3f1b7e6c11`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            usecases.reports.delete(report, Identity(decider(by)))
        note(f"Deleted: {len(report)}")


def _follow(
    usecases: "UseCases", settings: "Settings", report: Report, output: Path | None, *, no_wait: bool, style: ListFormat
) -> None:
    """Wait for a report that was asked for, write it where it is wanted, and tell what became of it."""
    if not no_wait:
        if not is_served(settings):
            usecases.reports.make(report)
        report = _ended(usecases, report)
    if report.status is ReportStatus.FAILED:
        complain(f"The report failed: {report.reason}")
        raise typer.Exit(codes.REFUSED)
    if output is not None and not no_wait:
        _write(usecases, report.uuid, output)
        return
    print_detail(_whole(report), style)


def _ended(usecases: "UseCases", report: Report) -> Report:
    while report.is_open:
        report = usecases.reports.get(report.uuid, Identity.local())
        if report.is_open:
            time.sleep(_POLL_SECONDS)
    return report


def _write(usecases: "UseCases", uuid: UUID, output: Path | None) -> None:
    document = usecases.reports.document(uuid, Identity.local())
    if output is not None and str(output) == "-":
        for piece in document.pieces:
            sys.stdout.buffer.write(piece)
        return
    target = output or Path(document.name)
    with target.open("wb") as file:
        for piece in document.pieces:
            file.write(piece)
    note(f"Written: {target} ({document.size:,} bytes, {document.report.rows:,} rows)")


_OPTIONS = {
    "reportName": "--name",
    "description": "--description",
    "cloudType": "--provider",
    "format": "--as",
    "query": "--filter",
    "startDate": "--since",
    "endDate": "--until",
    "policyIds": "--policy",
    "connectorIds": "--connector",
    "groupIds": "--group",
    "tagIds": "--tag",
    "resourceResults": "--result",
    "resourceSummaryInclude": "--summary",
    "includeResourceARN": "--arns",
}


def _renamed(problem: str, names: Mapping[str, str]) -> str:
    """With the names that stood for ids."""
    for uuid, name in names.items():
        problem = problem.replace(uuid, repr(name))
    return problem


def _shown(report: Report) -> dict[str, Any]:
    return {
        "name": report.request.name,
        "provider": report.request.provider,
        "format": report.request.format,
        "status": report.status,
        "progress": f"{report.progress}%",
        "rows": report.rows,
        "created_by": report.created_by,
        "created_on": _spelled(report.created_on),
        "uuid": str(report.uuid),
    }


def _whole(report: Report) -> dict[str, Any]:
    request = report.request
    about: dict[str, Any] = {
        "description": request.description,
        "query": request.query,
        "since": _spelled(request.since),
        "until": _spelled(request.until),
        "policies": _texts(request.policy_ids),
        "connectors": _texts(request.connector_ids),
        "groups": _texts(request.group_ids),
        "tags": _texts(request.tag_ids),
        "results": _texts(request.results),
    }
    told = {"size": report.size, "as_of": _spelled(report.moment), "expires_on": _spelled(report.expires_on)}
    return {
        **_shown(report),
        **{name: value for name, value in about.items() if value},
        **told,
        "reason": report.reason,
    }


def _texts(values: Sequence[object]) -> list[str]:
    return [str(value) for value in values]


def _spelled(moment: datetime | None) -> str | None:
    return zulu(moment) if moment else None
