"""`nephoscope audit`: the trail of decisions, read and proven; nothing here can change it."""

import re
import sys
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from nephoscope.cli import codes, options
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import ListFormat, settings_of
from nephoscope.cli.printing import complain, print_detail, print_rows
from nephoscope.errors import BadRequestError
from nephoscope.kit.clock import system_clock
from nephoscope.kit.pages import PageRequest
from nephoscope.model.audit import AuditEntry

if TYPE_CHECKING:
    from nephoscope.audit.trail import Head

_COLUMNS = ("sequence", "at", "who", "action", "subject")

_MOMENT = "2026-01-31, 2026-01-31T08:00:00Z or now-7d"


def commands(doors: Doors) -> typer.Typer:
    group = typer.Typer(
        help="Who decided what and when, chained so that a change of the past shows.", no_args_is_help=True
    )
    _add_list(group, doors)
    _add_verify(group, doors)
    _add_export(group, doors)
    return group


def _add_list(group: typer.Typer, doors: Doors) -> None:
    @group.command("list")
    def list_all(
        *,
        who: Annotated[str, typer.Option("--who", metavar="NAME", help="Only what this person decided.")] = "",
        action: Annotated[
            str, typer.Option("--action", help="Only this: exception.create, or all of a noun: exception.")
        ] = "",
        subject: Annotated[str, typer.Option("--subject", help="Only what was done to this uuid or name.")] = "",
        since: Annotated[str, typer.Option("--since", metavar="DATE", help=f"From then on: {_MOMENT}.")] = "",
        until: Annotated[str, typer.Option("--until", metavar="DATE", help=f"Until then: {_MOMENT}.")] = "",
        limit: options.Limit = 100,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """List decisions, the newest first.

        **Example**: `nephoscope audit list --action exception --since now-30d`
        """
        from nephoscope.audit import trail  # noqa: PLC0415 - help does without the store
        from nephoscope.qql.dates import span  # noqa: PLC0415 - as above

        now = system_clock()
        spans = {}
        for option, text in (("--since", since), ("--until", until)):
            try:
                spans[option] = span(text, now) if text else (None, None)
            except BadRequestError as error:
                raise typer.BadParameter(error.message, param_hint=option) from None
        wanted = trail.Wanted(who, action, subject, spans["--since"][0], spans["--until"][1])
        with doors.open_store(settings_of(data, database)) as store, store.read() as reader:
            page = trail.page(reader, wanted, PageRequest(0, limit))
        print_rows([_row(entry) for entry in page.rows], _COLUMNS, style, total=page.total)


def _add_verify(group: typer.Typer, doors: Doors) -> None:
    @group.command("verify")
    def verify(
        noted: Annotated[
            str,
            typer.Option(
                "--head",
                "--noted",
                metavar="[N:]HASH",
                help="One that was noted before: its hash, and how many it was of.",
            ),
        ] = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Prove that the trail is as it was written.

        Prints how many entries there are and the hash of the last: note it elsewhere, and a rewritten trail shows too.
        The exit code is 1 when the chain is broken.

        **Examples**

        - `nephoscope audit verify`
        - `nephoscope audit verify --head 1204:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08`
        """
        from nephoscope.audit import trail  # noqa: PLC0415 - help does without the store

        with doors.open_store(settings_of(data, database)) as store, store.read() as reader:
            head, broken = trail.head(reader), trail.verify(reader, _noted(noted))
        if broken is not None:
            complain(f"The trail is broken at entry {broken.sequence}: {broken.reason}.")
            raise typer.Exit(codes.FAILURES)
        print_detail({"is_whole": True, "entries": head.count, "hash": head.hash}, style)


def _noted(text: str) -> "Head | None":
    """BadParameter for anything but a hash, with or without a number and a colon before it."""
    from nephoscope.audit.trail import ANYWHERE, Head  # noqa: PLC0415 - help does without the store

    if not text:
        return None
    if not re.fullmatch(r"(?:[0-9]{1,18}:)?[0-9a-f]{64}", text):
        raise typer.BadParameter(f"{text[:80]!r} is no hash, as `audit verify` prints them.", param_hint="--head")
    count, _, found = text.rpartition(":")
    return Head(int(count) if count else ANYWHERE, found)


def _add_export(group: typer.Typer, doors: Doors) -> None:
    @group.command("export")
    def export(data: options.Data = None, database: options.Database = "") -> None:
        """Write the whole trail to stdout, the oldest first, one JSON object a line.

        **Example**: `nephoscope audit export > trail.jsonl`
        """
        from nephoscope.audit import trail  # noqa: PLC0415 - help does without the store

        with doors.open_store(settings_of(data, database)) as store, store.read() as reader:
            for entry in trail.entries(reader):
                sys.stdout.write(msgspec.json.encode(_row(entry)).decode() + "\n")


def _row(entry: AuditEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in entry.__struct_fields__}
