"""`nephoscope doctor`: whether everything is in order, and what would be."""

from typing import Annotated

import msgspec
import typer

from nephoscope.cli import codes, options
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import ListFormat, settings_of, with_tls
from nephoscope.cli.printing import print_rows


def add_to(app: typer.Typer, doors: Doors) -> None:
    @app.command("doctor")
    def doctor(
        *,
        clouds: Annotated[
            bool, typer.Option("--clouds", help="Enter every enabled connector, for 30 s at most.")
        ] = False,
        tls_cert: options.Certificate = None,
        tls_key: options.TlsKey = None,
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Look at settings, clock, disk, store, keys, permissions, certificate and workers, and change nothing.

        Exit code 1 when something failed; a warning alone is 0.

        **Examples**

        - `nephoscope doctor`
        - `nephoscope doctor --tls-cert server.pem --tls-key server.key`
        - `nephoscope doctor --clouds --format json --database postgresql://nephoscope@db/nephoscope`
        """
        settings = with_tls(settings_of(data, database), tls_cert, tls_key)
        found = doors.examine(settings, with_clouds=clouds)
        rows = [msgspec.structs.asdict(check) for check in found]
        print_rows(rows, ("name", "state", "message"), style, total=len(rows))
        if any(check.state == "failed" for check in found):
            raise typer.Exit(codes.FAILURES)
