"""`nephoscope findings`: what lies on the disks that were read, over all instances."""

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from nephoscope.cli import options
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import ListFormat, decider, settings_of
from nephoscope.cli.printing import print_detail, print_rows

if TYPE_CHECKING:
    from nephoscope.model.findings import FoundVulnerability, ListedSecret

_WEAK = ("severity", "type", "status", "exploited", "resource_id", "packages", "fixed_version", "name")
_LYING = ("severity", "type", "state", "resource_id", "path", "line", "owner", "uuid")
_Query = Annotated[str, typer.Option("--filter", metavar="QUERY", help="As the query language has it.")]


def commands(doors: Doors) -> typer.Typer:
    group = typer.Typer(help="Vulnerabilities and secrets on the disks of instances.", no_args_is_help=True)
    _add_vulnerabilities(group, doors)
    _add_secrets(group, doors)
    _add_preview(group, doors)
    return group


def _add_vulnerabilities(group: typer.Typer, doors: Doors) -> None:
    @group.command("vulnerabilities")
    def vulnerabilities(
        query: _Query = "not status:FIXED",
        limit: options.Limit = 100,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """List vulnerabilities, the worst first; by default those that are open.

        **Examples**

        - `nephoscope findings vulnerabilities`
        - `nephoscope findings vulnerabilities --filter "exploited:true and not status:FIXED" --format json`
        - `nephoscope findings vulnerabilities --filter "resource.id:i-0123456789abcdef0 and severity >= 4"`
        """
        from nephoscope.cli.listing import filtered  # noqa: PLC0415 - help does without the store
        from nephoscope.qql.tokens import VULNERABILITY_TOKENS  # noqa: PLC0415 - likewise
        from nephoscope.store import vulnerabilities as stored  # noqa: PLC0415 - likewise

        with doors.open_usecases(settings_of(data, database)) as usecases:
            page = filtered(usecases, VULNERABILITY_TOKENS, stored.page, query, limit)
        print_rows([_weak(row) for row in page.rows], _WEAK, style, total=page.total)


def _add_secrets(group: typer.Typer, doors: Doors) -> None:
    @group.command("secrets")
    def secrets(
        query: _Query = "not state:FIXED",
        limit: options.Limit = 100,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """List secrets, the worst first; by default those that are open. The secret itself is nowhere.

        **Examples**

        - `nephoscope findings secrets`
        - `nephoscope findings secrets --filter "live:true and not state:FIXED"`
        """
        from nephoscope.cli.listing import filtered  # noqa: PLC0415 - help does without the store
        from nephoscope.qql.tokens import SECRET_TOKENS  # noqa: PLC0415 - likewise
        from nephoscope.store import found_secrets  # noqa: PLC0415 - likewise

        with doors.open_usecases(settings_of(data, database)) as usecases:
            page = filtered(usecases, SECRET_TOKENS, found_secrets.page, query, limit)
        print_rows([_lying(row) for row in page.rows], _LYING, style, total=page.total)


def _add_preview(group: typer.Typer, doors: Doors) -> None:
    @group.command("preview")
    def preview(
        secret: Annotated[UUID, typer.Argument(help="As `findings secrets` shows it.")],
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Show the mask of one secret, to recognise it by. That somebody looked is noted in the audit trail.

        **Example**: `nephoscope findings preview 6f0c9f5e-0f3c-4b5a-9a39-0c54e8a1c1d2`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            found = usecases.disks.preview(secret, decider(by))
        print_detail({**_lying(found), "preview": found.secret.found.preview}, style)


def _weak(one: "FoundVulnerability") -> dict[str, Any]:
    known = one.vulnerability
    return {
        "uuid": one.uuid,
        "resource_id": one.resource_id,
        "qid": known.qid,
        "name": known.name,
        "severity": known.severity,
        "type": known.type_detected.value,
        "status": one.status.value,
        "exploited": "yes" if known.kev else None,
        "epss": known.epss,
        "category": known.category,
        "cves": known.cves,
        "packages": " ".join(dict.fromkeys(f"{row.name} {row.version}" for row in known.packages)),
        "fixed_version": known.fixed_version or None,
        "first_found": one.first_found,
        "last_found": one.last_found,
        "fixed_on": one.fixed_on,
    }


def _lying(one: "ListedSecret") -> dict[str, Any]:
    found = one.secret.found
    return {
        "uuid": one.secret.uuid,
        "resource_id": one.resource_id,
        "type": found.type,
        "title": found.title,
        "severity": found.severity.value,
        "state": one.secret.state.value,
        "path": found.path,
        "line": found.line,
        "times": found.times,
        "notes": found.notes,
        "digest": found.digest,
        "owner": f"{found.owner.user} ({found.owner.account})" if found.owner else None,
        "first_found": one.secret.first_found,
        "last_found": one.secret.last_found,
        "fixed_on": one.fixed_on,
    }
