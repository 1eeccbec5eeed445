"""`nephoscope doctor`: whether everything is in order, and what would be."""

from typing import Annotated

import msgspec
import typer

from nephoscope.cli import codes, options
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import ListFormat, settings_of
from nephoscope.cli.printing import print_rows


def add_to(app: typer.Typer, doors: Doors) -> None:
    @app.command("doctor")
    def doctor(
        *,
        clouds: Annotated[
            bool, typer.Option("--clouds", help="Enter every enabled connector, for 30 s at most.")
        ] = False,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Look at clock, disk, store, keys, permissions, certificate and workers, and change nothing.

        Exit code 1 when something failed; a warning alone is 0.

        **Examples**

        - `nephoscope doctor`
        - `nephoscope doctor --clouds --format json --database postgresql://nephoscope@db/nephoscope`
        """
        found = doors.examine(settings_of(data, database), with_clouds=clouds)
        rows = [msgspec.structs.asdict(check) for check in found]
        print_rows(rows, ("name", "state", "message"), style, total=len(rows))
        if any(check.state == "failed" for check in found):
            raise typer.Exit(codes.FAILURES)
