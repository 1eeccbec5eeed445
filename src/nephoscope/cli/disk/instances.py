"""The commands of `nephoscope disk` about instances: scans through snapshots, what they cost, and how they are set."""

import re
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import msgspec
import typer

from nephoscope.cli import codes, options
from nephoscope.cli.connectors import find as find_connector
from nephoscope.cli.connectors import is_served
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import ListFormat, decider, settings_of
from nephoscope.cli.printing import complain, note, print_detail, print_json, print_rows
from nephoscope.errors import ConflictError
from nephoscope.model.findings import OPEN_SCANS, READ_SCANS, DiskScan, ScanBudget, ScanState, ScanWish

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nephoscope.images.machines import Machine
    from nephoscope.model.packages import Inventory
    from nephoscope.settings import Settings
    from nephoscope.snapshots.disks import Started
    from nephoscope.snapshots.reading import MachineReading
    from nephoscope.usecases.usecases import UseCases

_INSTANCE = re.compile(
    r"i-[0-9a-f]{8,32}|/subscriptions/.+|zones/[^/]+/instances/.+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
_POLL_SECONDS = 0.5
_SCANS = ("queued_on", "resource_id", "state", "vulnerabilities", "secrets", "blocks", "money", "error", "uuid")
_COSTS = ("connector", "scans", "blocks", "bytes", "money", "currency")
_QUOTES = ("resource_id", "disks", "bytes", "whole", "packages", "snapshot_hour", "currency", "error")


class How(StrEnum):
    EXISTING = "existing"
    """The newest snapshots that there are."""
    KEEP = "keep"
    """Keep the snapshots until the next scan, which then reads only what has changed."""


InstanceOptions = Annotated[
    list[How] | None,
    typer.Option(
        "--how",
        help="Of an instance: existing reads the newest snapshots that there are, keep keeps what was made for the "
        "next scan; by default as its connector has it.",
    ),
]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Of an instance: only ask, for whoever serves the store.")]
_Connector = Annotated[str, typer.Argument(metavar="CONNECTOR", help="Name, account or uuid.")]


@dataclass(frozen=True)
class InstanceScan:
    named: str
    with_secrets: bool
    how: tuple[How, ...]
    by: str

    @property
    def wish(self) -> ScanWish:
        return ScanWish(
            with_secrets=None if self.with_secrets else False,
            use_existing=How.EXISTING in self.how or None,
            keep_snapshots=How.KEEP in self.how or None,
        )


def is_instance(text: str) -> bool:
    """Whether it names an instance rather than a file. What is there as a file is one."""
    return _INSTANCE.fullmatch(text) is not None and not Path(text).exists()


def scan_instance(doors: Doors, settings: "Settings", asked: InstanceScan, *, waits: bool, style: ListFormat) -> None:
    opened = doors.open_usecases if not waits or is_served(settings) else doors.carry_runs
    with opened(settings) as usecases:
        found = usecases.disks.find(asked.named)
        scan = _started(usecases, (found.uuid,), lambda: usecases.disks.start([found.uuid], asked.by, asked.wish))[0]
        if waits:
            scan = _waited(usecases, scan)
    print_detail(shown(scan), style)
    if scan.state is ScanState.FAILED:
        complain(scan.error)
        raise typer.Exit(codes.INCOMPLETE)


def _started(usecases: "UseCases", wanted: "Sequence[UUID]", start: "Callable[[], Started]") -> "tuple[DiskScan, ...]":
    """New scans, and those that were under way already: whoever carries scans may have been faster."""
    try:
        scans = start().scans
    except ConflictError:
        scans = ()
    busy = [scan for scan in usecases.disks.under_way(wanted) if scan.uuid not in {one.uuid for one in scans}]
    for scan in busy:
        note(f"{scan.resource_id} is being scanned already, for {scan.requested_by}.")
    return (*scans, *busy) or start().scans


def _waited(usecases: "UseCases", scan: DiskScan) -> DiskScan:
    while scan.state in OPEN_SCANS:
        time.sleep(_POLL_SECONDS)
        scan = usecases.disks.get(scan.uuid)
    return scan


def keep_image(
    doors: Doors, settings: "Settings", named: str, machine: "Machine", *, with_secrets: bool, by: str
) -> "MachineReading":
    """Read images as what lies on this instance, and keep it."""
    from nephoscope.snapshots.reading import Wanted, read_machine  # noqa: PLC0415 - help does without the readers

    with doors.open_usecases(settings) as usecases:
        found = usecases.disks.find(named)
        wanted = usecases.disks.image_wanted(found.uuid) if with_secrets else Wanted()
        reading = read_machine(machine, wanted)
        outcome = usecases.disks.keep_image(found.uuid, reading, by)
    note(f"Kept as what lies on {found.resource_id}: {outcome.turned.new} new, {outcome.turned.fixed} fixed.")
    return reading


def inventory_of_instance(doors: Doors, settings: "Settings", named: str) -> "tuple[str, Inventory]":
    with doors.open_usecases(settings) as usecases:
        found, inventory = usecases.disks.inventory(usecases.disks.find(named).uuid)
    return found.resource_id, inventory


def add_instance_commands(group: typer.Typer, doors: Doors) -> None:
    _add_run(group, doors)
    _add_quote(group, doors)
    _add_scans(group, doors)
    _add_cancel(group, doors)
    _add_costs(group, doors)
    _add_settings(group, doors)
    _add_match(group, doors)


def _add_run(group: typer.Typer, doors: Doors) -> None:
    @group.command("run")
    def run(
        *,
        connector: _Connector,
        no_wait: NoWait = False,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Scan every instance that the selection of a connector chooses, now.

        By default those that wear the tag QUALYS_SNAPSHOT_ENABLED=true; see `nephoscope disk settings`. Exit code 3
        when one of them could not be read.

        **Example**: `nephoscope disk run Production`
        """
        settings = settings_of(data, database)
        opened = doors.open_usecases if no_wait or is_served(settings) else doors.carry_runs
        with opened(settings) as usecases:
            owner = find_connector(usecases, connector)
            wanted = usecases.disks.chosen(owner.uuid)
            started = _started(usecases, wanted, lambda: usecases.disks.start_connector(owner.uuid, decider(by)))
            scans = [row if no_wait else _waited(usecases, row) for row in started]
        print_rows([shown(row) for row in scans], _SCANS, style, total=len(scans))
        if any(row.state is ScanState.FAILED for row in scans):
            raise typer.Exit(codes.INCOMPLETE)


def _add_quote(group: typer.Typer, doors: Doors) -> None:
    @group.command("quote")
    def quote(
        what: Annotated[
            list[str], typer.Argument(metavar="INSTANCE…|CONNECTOR", help="Ids or uuids, or one connector.")
        ],
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Say what scans would cost at most, by the public tariff. Only the sizes of the disks are asked for.

        `whole` is for reading every block, which a search for secrets may come near; `packages` is what packages alone
        are expected to take, and `snapshot_hour` each hour that a full copy is kept. Exit code 3 when the price of one
        could not be found out.

        **Examples**

        - `nephoscope disk quote i-0123456789abcdef0`
        - `nephoscope disk quote Production --format json`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            if all(is_instance(one) for one in what):
                wanted = tuple(usecases.disks.find(one).uuid for one in what)
            else:
                owners = [find_connector(usecases, one) for one in what]
                wanted = tuple(uuid for owner in owners for uuid in usecases.disks.chosen(owner.uuid))
            priced = usecases.disks.quote(wanted)
        rows = [
            {
                "resource_id": row.resource.resource_id,
                "disks": row.disks if row.quote else None,
                "bytes": row.bytes if row.quote else None,
                "whole": round(row.quote.whole, 6) if row.quote else None,
                "packages": round(row.quote.packages, 6) if row.quote else None,
                "snapshot_hour": round(row.quote.snapshot_hour, 6) if row.quote else None,
                "currency": row.quote.currency if row.quote else None,
                "error": row.error or None,
            }
            for row in priced
        ]
        print_rows(rows, _QUOTES, style, total=len(rows))
        if any(row.error for row in priced):
            raise typer.Exit(codes.INCOMPLETE)


def _add_scans(group: typer.Typer, doors: Doors) -> None:
    @group.command("scans")
    def scans(
        query: Annotated[str, typer.Option("--filter", metavar="QUERY", help='Such as "state:FAILED".')] = "",
        limit: options.Limit = 100,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """List scans, the newest first: how they ended, what they found and cost.

        **Example**: `nephoscope disk scans --filter "state:[FAILED, PARTIAL] and queuedOn:[now-7d..now]"`
        """
        from nephoscope.cli.listing import filtered  # noqa: PLC0415 - help does without the store
        from nephoscope.qql.tokens import DISK_SCAN_TOKENS  # noqa: PLC0415 - likewise
        from nephoscope.store import disk_scans  # noqa: PLC0415 - likewise

        with doors.open_usecases(settings_of(data, database)) as usecases:
            page = filtered(usecases, DISK_SCAN_TOKENS, disk_scans.page, query, limit)
        print_rows([shown(row) for row in page.rows], _SCANS, style, total=page.total)


def _add_cancel(group: typer.Typer, doors: Doors) -> None:
    @group.command("cancel")
    def cancel(
        scan: Annotated[UUID, typer.Argument(help="As `disk scans` shows it.")],
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
    ) -> None:
        """Stop a scan; what it made in the account is deleted within seconds.

        **Example**: `nephoscope disk cancel 6f0c9f5e-0f3c-4b5a-9a39-0c54e8a1c1d2`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            found = usecases.disks.cancel(scan, decider(by))
        note(f"The scan of {found.resource_id} is {found.state}.")


def _add_costs(group: typer.Typer, doors: Doors) -> None:
    @group.command("costs")
    def costs(
        since: Annotated[str, typer.Option("--since", metavar="DATE", help="Such as 2026-01-31 or now-30d.")] = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Say what scans have cost, by connector and the public tariff.

        **Example**: `nephoscope disk costs --since now-30d`
        """
        from nephoscope.qql.dates import span  # noqa: PLC0415 - help does without the store
        from nephoscope.store import connectors, disk_scans  # noqa: PLC0415 - likewise

        with doors.open_usecases(settings_of(data, database)) as usecases, usecases.store.read() as reader:
            rows = disk_scans.costs(reader, span(since, usecases.clock())[0] if since else None)
            owners = {row.connector_uuid: connectors.get(reader, row.connector_uuid) for row in rows}
        told = [
            {
                "connector": owner.name if (owner := owners[row.connector_uuid]) else str(row.connector_uuid),
                "scans": row.scans,
                "blocks": row.blocks,
                "bytes": row.bytes,
                "money": round(row.money, 6),
                "currency": row.currency,
            }
            for row in rows
        ]
        print_rows(told, _COSTS, style, total=len(told))


def _add_settings(group: typer.Typer, doors: Doors) -> None:
    @group.command("settings")
    def settings(
        *,
        connector: _Connector,
        enabled: Annotated[
            bool | None, typer.Option("--on/--off", help="Whether instances are scanned by themselves.")
        ] = None,
        tag: Annotated[
            str | None,
            typer.Option("--tag", metavar="KEY=VALUE", help="Which instances; without a value, any. `*`: all."),
        ] = None,
        hours: Annotated[int | None, typer.Option("--hours", help="Between two scans of an instance.")] = None,
        secrets: Annotated[bool | None, typer.Option("--secrets/--no-secrets", help="Look for credentials.")] = None,
        existing: Annotated[
            bool | None, typer.Option("--existing/--new", help="Read the newest snapshots that there are.")
        ] = None,
        keep: Annotated[
            bool | None, typer.Option("--keep/--delete", help="Keep snapshots until the next scan, to compare.")
        ] = None,
        money: Annotated[float | None, typer.Option("--money", help="That one scan may cost; 0 is no bound.")] = None,
        blocks: Annotated[int | None, typer.Option("--blocks", help="That one scan may read; 0 is no bound.")] = None,
        seconds: Annotated[float | None, typer.Option("--seconds", help="That one scan may take.")] = None,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Show or set how the disks of a connector's instances are scanned.

        **Examples**

        - `nephoscope disk settings Production`
        - `nephoscope disk settings Production --on --hours 12 --money 0.50`
        - `nephoscope disk settings Production --on --tag "*"` – every instance
        """
        flags = {"is_enabled": enabled, "with_secrets": secrets, "use_existing": existing, "keep_snapshots": keep}
        texts = {"hours": hours, **({} if tag is None else _chosen_by(tag))}
        given = {name: said for name, said in {**flags, **texts}.items() if said is not None}
        bounds = {"money": money, "blocks": blocks, "seconds": seconds}
        limits = {name: said for name, said in bounds.items() if said is not None}
        with doors.open_usecases(settings_of(data, database)) as usecases:
            owner = find_connector(usecases, connector)
            now = usecases.disks.settings(owner.uuid)
            if given or limits:
                fresh: ScanBudget = msgspec.structs.replace(now.budget, **limits)
                wanted = msgspec.structs.replace(now, budget=fresh, **given)
                now = usecases.disks.put_settings(owner.uuid, wanted, decider(by))
        print_detail({"connector": owner.name, **msgspec.to_builtins(now)}, style)


def _chosen_by(tag: str) -> dict[str, str]:
    """BadParameter for a tag without a key: it would choose everything, which `*` says."""
    key, _, value = tag.partition("=")
    if not key.strip() or (key == "*" and value):
        raise typer.BadParameter("KEY=VALUE, KEY alone, or * for every instance.", param_hint="--tag")
    return {"tag_key": "" if key == "*" else key.strip(), "tag_value": value}


def _add_match(group: typer.Typer, doors: Doors) -> None:
    @group.command("match")
    def match(
        everything: Annotated[
            bool, typer.Option("--all", help="Also those that were compared with these advisories already.")
        ] = False,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Compare the packages of all instances with the advisories as they are now. No disk is touched.

        Servers and workers do it by themselves when the advisories have changed.

        **Example**: `nephoscope advisories build feeds/ && nephoscope disk match`
        """
        with doors.open_usecases(settings_of(data, database)) as usecases:
            count = usecases.disks.rematch(everything=everything)
        if style is ListFormat.JSON:
            print_json({"disks": count})
        else:
            note(f"The packages of {count} instances were compared.")


def shown(scan: DiskScan) -> dict[str, Any]:
    """What a scan that read nothing would have found is not known."""
    result = scan.result if scan.state in READ_SCANS else None
    return {
        "resource_id": scan.resource_id,
        "state": scan.state.value,
        "error": scan.error or None,
        "permission": scan.permission or None,
        "reasons": list(scan.result.reasons),
        "consistency": scan.result.consistency or None,
        "os": scan.result.os or None,
        "packages": result.packages if result else None,
        "vulnerabilities": result.vulnerabilities if result else None,
        "secrets": result.secrets if result else None,
        "new": scan.result.new,
        "fixed": scan.result.fixed,
        "reopened": scan.result.reopened,
        "is_unchanged": scan.result.is_unchanged,
        "unjudged": dict(scan.result.unjudged),
        "left_behind": list(scan.result.left_behind),
        "quoted": round(scan.cost.quoted, 6),
        "money": round(scan.cost.money, 6),
        "currency": scan.cost.currency,
        "blocks": scan.cost.blocks,
        "bytes": scan.cost.bytes,
        "seconds": scan.cost.seconds,
        "requested_by": scan.requested_by,
        "queued_on": scan.queued_on,
        "finished_on": scan.finished_on,
        "uuid": scan.uuid,
    }
