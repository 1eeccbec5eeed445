"""`nephoscope keys`: what credentials are encrypted with at rest."""

from typing import Annotated

import typer

from nephoscope.cli import options
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import settings_of
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
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
        data: options.Data = None,
        database: options.Database = "",
    ) -> None:
        """Put a new key in front of the old ones and encrypt everything anew with it.

        The old keys stay in the file until you remove them: processes that run still need them. Where the keys come
        from NEPHOSCOPE_KEY or NEPHOSCOPE_KEY_COMMAND, put the new one in front there first.

        **Examples**

        - `nephoscope keys rotate`
        - `nephoscope keys rotate --yes --database postgresql://nephoscope@db/nephoscope`
        """
        if not yes:
            typer.confirm("Encrypt every stored credential anew?", abort=True, err=True)
        count = doors.rotate_keys(settings_of(data, database))
        note(f"{count} credentials are encrypted with the newest key. Restart what runs, then remove the old keys.")

    return group
