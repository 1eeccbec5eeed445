"""Commands that stay (`serve`, `worker`, `demo`), and what one does around them (`db`, `permissions`)."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from nephoscope.cli import options, permissions
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import ListFormat, settings_of, with_tls
from nephoscope.cli.printing import complain, note, print_rows
from nephoscope.settings import Settings, from_environment, unknown_variables

_Host = Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Where to listen; 127.0.0.1 by default.")]
_Port = Annotated[int | None, typer.Option("--port", min=0, max=65535, help="8000 by default; 0 takes a free one.")]


def add_to(app: typer.Typer, doors: Doors) -> None:
    _add_serve(app, doors)
    _add_worker(app, doors)
    _add_demo(app, doors)
    app.add_typer(_database(doors), name="db")
    app.add_typer(permissions.commands(), name="permissions")


def _add_serve(app: typer.Typer, doors: Doors) -> None:
    @app.command("serve")
    def serve(
        *,
        host: _Host = "",
        port: _Port = None,
        tls_cert: options.Certificate = None,
        tls_key: options.TlsKey = None,
        data: options.Data = None,
        database: options.Database = "",
    ) -> None:
        """Serve the API, and carry the runs, in one process, until Ctrl-C.

        On the first start the user `admin` is made; NEPHOSCOPE_ADMIN_PASSWORD sets the password, else one is printed.

        **Examples**

        - `nephoscope serve`
        - `nephoscope serve --database postgresql://nephoscope@db/nephoscope --host 0.0.0.0`
        - `nephoscope serve --tls-cert server.pem --tls-key server.key`
        """
        settings = with_tls(settings_of(data, database, host=host, port=port), tls_cert, tls_key)
        _tell_unknown()
        doors.serve(settings, on_ready=lambda address, password: _ready(settings, address, password))


def _tell_unknown() -> None:
    """A word that is misspelt must not be missed in silence."""
    for sentence in unknown_variables():
        complain(sentence)


def _ready(settings: Settings, address: str, password: str | None) -> None:
    note(f"nephoscope answers on {address}")
    if password is not None:
        note(f"The first user is {settings.admin_name} with the password {password}")


def _add_worker(app: typer.Typer, doors: Doors) -> None:
    @app.command("worker")
    def worker(database: options.Database = "") -> None:
        """Carry runs beside other processes on the same PostgreSQL, until Ctrl-C.

        **Example**: `nephoscope worker --database postgresql://nephoscope@db/nephoscope`
        """
        settings = msgspec.structs.replace(settings_of(None, database), data=None)
        _tell_unknown()
        doors.work(settings, on_ready=lambda: note("nephoscope carries runs."))


def _add_demo(app: typer.Typer, doors: Doors) -> None:
    @app.command("demo")
    def demo(
        port: _Port = None,
        data: Annotated[
            Path | None,
            typer.Option("--data", metavar="DIR", help="Keep the demo's store; by default it is temporary."),
        ] = None,
        once: Annotated[bool, typer.Option("--once", help="Stop after the scan.")] = False,
    ) -> None:
        """Connect, scan, look into and serve three simulated clouds, until Ctrl-C. Needs no cloud and no credentials.

        Prints `ready URL user=admin password=…` when the API answers. NEPHOSCOPE_ADMIN_PASSWORD sets the password.

        **Examples**

        - `nephoscope demo`
        - `nephoscope demo --port 8080 --data demo`
        """
        settings = msgspec.structs.replace(from_environment(data=data, port=port), database_url="")
        raise typer.Exit(doors.demo(settings, once=once))


def _database(doors: Doors) -> typer.Typer:
    group = typer.Typer(help="The schema of the store.", no_args_is_help=True)

    @group.command("upgrade")
    def upgrade(
        data: options.Data = None, database: options.Database = "", style: options.Format = ListFormat.TABLE
    ) -> None:
        """Create the schema, or bring it to this version. Data are kept; going back is refused.

        **Example**: `nephoscope db upgrade --database postgresql://nephoscope@db/nephoscope`
        """
        before, after = doors.upgrade(settings_of(data, database))
        print_rows([{"before": before or None, "after": after}], ("before", "after"), style, total=1)

    return group
