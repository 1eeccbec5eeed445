"""The command line, built around the doors that the composition root gives it, and the one place where errors become
one line and an exit code."""

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import click
import typer

from nephoscope.cli import (
    advisories,
    audit,
    backups,
    clients,
    codes,
    connectors,
    controls,
    doctor,
    evaluations,
    exports,
    groups,
    imports,
    keys,
    policies,
    resources,
    roles,
    secrets,
    services,
    settings,
    tags,
    users,
)
from nephoscope.cli import findings as finding_lists
from nephoscope.cli import posture as outlook
from nephoscope.cli.disk import command as disk
from nephoscope.cli.doors import Doors
from nephoscope.cli.exception import command as exceptions
from nephoscope.cli.panels import Grouped
from nephoscope.cli.printing import complain
from nephoscope.cli.report import command as reports
from nephoscope.cli.scan import command as scan
from nephoscope.cli.store_guard import finding
from nephoscope.errors import NephoscopeError

NAME = "nephoscope"

HELP = """nephoscope watches how your clouds are set up, and says what is wrong, why, and how to put it right.

**To begin**

- `nephoscope demo` – three simulated clouds, scanned and served
- `nephoscope scan aws` – your account, now, with the credentials you have; nothing leaves this machine
- `nephoscope serve` – the API and scheduled scans

Every list and detail takes `--format json`. Exit codes: 0 fine, 1 failures found (`scan --fail-on`), 2 refused,
3 incomplete (`scan --fail-on-unknown`), 130 interrupted.
"""


def build(doors: Doors) -> typer.Typer:
    """The whole command line."""
    doors = finding(doors)
    app = typer.Typer(
        name=NAME,
        cls=Grouped,
        help=HELP,
        no_args_is_help=True,
        suggest_commands=False,  # click suggests already
        rich_markup_mode="markdown",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )

    @app.callback()
    def main(
        _version: Annotated[
            bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
        ] = False,
    ) -> None:
        """Options that come before a command."""

    app.add_typer(scan.commands(doors), name="scan")
    app.add_typer(imports.commands(doors), name="import")
    app.add_typer(connectors.commands(doors), name="connector")
    app.add_typer(controls.commands(doors), name="controls")
    app.add_typer(policies.commands(doors), name="policy")
    app.add_typer(reports.commands(doors), name="report")
    app.add_typer(resources.commands(doors), name="resources")
    app.add_typer(disk.commands(doors), name="disk")
    app.add_typer(finding_lists.commands(doors), name="findings")
    app.add_typer(evaluations.commands(doors), name="evaluations")
    app.add_typer(exceptions.commands(doors), name="exception")
    app.add_typer(secrets.commands(), name="secrets")
    app.add_typer(tags.commands(doors), name="tag")
    app.add_typer(audit.commands(doors), name="audit")
    exports.add_export(app, doors)
    outlook.add_posture(app, doors)
    app.add_typer(keys.commands(doors), name="keys")
    app.add_typer(advisories.commands(), name="advisories")
    app.add_typer(users.commands(doors), name="user")
    app.add_typer(roles.commands(doors), name="role")
    app.add_typer(groups.commands(doors), name="group")
    app.add_typer(settings.commands(doors), name="settings")
    app.add_typer(clients.commands(doors), name="client")
    app.add_typer(clients.key_commands(doors), name="signing-key")
    backups.add_to(app, doors)
    doctor.add_to(app, doors)
    services.add_to(app, doors)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"{NAME} {version(NAME)}")
        raise typer.Exit


def run(app: typer.Typer, arguments: Sequence[str]) -> int:
    """Carry out a command line; answers the exit code. What goes wrong is one line on stderr."""
    code = codes.REFUSED
    try:
        code = _call(app, arguments)
    except click.exceptions.NoArgsIsHelpError:
        pass  # the help has been printed
    except click.UsageError as error:
        hint = f" See {error.ctx.command_path} --help." if error.ctx else ""
        complain(f"{error.format_message()}{hint}")
    except click.ClickException as error:
        complain(error.format_message())
    except NephoscopeError as error:
        complain(error.message)
    except (click.Abort, KeyboardInterrupt):
        code = codes.INTERRUPTED
    except BrokenPipeError:
        _let_go_of_stdout()
        code = codes.PIPE_CLOSED
    except OSError as error:
        complain(f"{error.filename or 'The system'}: {error.strerror or error}")
    if code == codes.INTERRUPTED:
        complain("interrupted")
    return code


def _call(app: typer.Typer, arguments: Sequence[str]) -> int:
    """BrokenPipeError when the reader of our output has gone."""
    try:
        answered = app(args=list(arguments), prog_name=NAME, standalone_mode=False)
    except SystemExit as ended:  # typer's own: shell completion ends with 0, a closed pipe with 1
        if ended.code == 1:
            raise BrokenPipeError from ended
        answered = codes.FINE
    sys.stdout.flush()
    return answered if isinstance(answered, int) else codes.FINE


def _let_go_of_stdout() -> None:
    """So that the interpreter does not complain about the closed pipe when it flushes at the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
