"""`nephoscope keys`: what credentials are encrypted with at rest."""

from typing import Annotated

import typer

from nephoscope.cli import options
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import decider, settings_of
from nephoscope.cli.printing import note


def commands(doors: Doors) -> typer.Typer:
    group = typer.Typer(help="What credentials are encrypted with at rest.", no_args_is_help=True)

    @group.command("new")
    def new() -> None:
        """Print a new key, for NEPHOSCOPE_KEY or a key file.

        **Example**: `(umask 077; nephoscope keys new > /etc/nephoscope/key)`
        """
        from nephoscope.kit.sealing import new_key  # noqa: PLC0415 - help does without cryptography

        typer.echo(new_key())

    @group.command("rotate")
    def rotate(
        finish: Annotated[
            bool, typer.Option("--finish", help="Everything was restarted: take the old keys out of the file.")
        ] = False,
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
    ) -> None:
        """Put a new key in front of the old ones and encrypt everything anew with it.

        What runs still encrypts with the key that it started with: restart it, then call this once more with
        `--finish`. Where the keys come from NEPHOSCOPE_KEY or NEPHOSCOPE_KEY_COMMAND, put the new one in front there
        first, and take the old ones away after `--finish`.

        **Examples**

        - `nephoscope keys rotate`
        - `nephoscope keys rotate --finish --yes --database postgresql://nephoscope@db/nephoscope`
        """
        if not yes:
            typer.confirm("Encrypt every stored credential anew?", abort=True, err=True)
        count = doors.rotate_keys(settings_of(data, database), by=decider(by), is_last=finish)
        rest = "The old keys are not needed any more." if finish else "Restart what runs, then rotate with --finish."
        note(f"{count} credentials were encrypted anew. {rest}")

    return group
