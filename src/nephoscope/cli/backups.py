"""`nephoscope backup` and `nephoscope restore`: everything in one file, and back, from either database to either."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nephoscope.cli import options
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import ListFormat, decider, settings_of
from nephoscope.cli.printing import note, print_detail

if TYPE_CHECKING:
    from nephoscope.store.archives import Manifest


def add_to(app: typer.Typer, doors: Doors) -> None:
    _add_backup(app, doors)
    _add_restore(app, doors)


def _add_backup(app: typer.Typer, doors: Doors) -> None:
    @app.command("backup")
    def backup(
        file: Annotated[Path, typer.Argument(help="The file to be made; it must not be there.")],
        *,
        with_key: Annotated[
            bool,
            typer.Option("--with-key", help="Put the key file in as well: who has the backup then has everything."),
        ] = False,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Write everything that is kept into one file, as it is at one moment, while the server runs.

        Credentials in it are encrypted, and the key is not in it: keep that elsewhere, or give `--with-key`.
        The cache of advisories is not in it either.

        **Examples**

        - `nephoscope backup /backups/nephoscope-$(date +%F).zip`
        - `nephoscope backup whole.zip --with-key --database postgresql://nephoscope@db/nephoscope`
        """
        manifest = doors.back_up(settings_of(data, database), file, by=decider(by), with_keys=with_key)
        print_detail({"file": str(file), "bytes": file.stat().st_size, **_told(manifest)}, style)
        if not with_key:
            note("The key that opens the credentials in it is not in it; without that key they are lost.")


def _add_restore(app: typer.Typer, doors: Doors) -> None:
    @app.command("restore")
    def restore(
        file: Annotated[Path, typer.Argument(help="What `nephoscope backup` wrote.")],
        *,
        replace: Annotated[bool, typer.Option("--replace", help="Lose everything that is in the store now.")] = False,
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Take everything from a backup into an empty store, all or nothing. The store may be of the other kind.

        The backup is looked through before anything is written. One of an older version is brought to this one; one
        of a newer version is refused. Who was signed in at the console signs in again.

        **Examples**

        - `nephoscope restore nephoscope-2026-01-01.zip --database postgresql://nephoscope@db/nephoscope`
        - `nephoscope restore nephoscope-2026-01-01.zip --replace --yes`
        """
        if replace and not yes:
            typer.confirm("Replace everything that is in the store?", abort=True, err=True)
        settings = settings_of(data, database)
        manifest, (count, unopened) = doors.restore(settings, file, by=decider(by), is_replacing=replace)
        print_detail({"file": str(file), **_told(manifest), "credentials": count, "unopened": unopened}, style)
        if unopened:
            note(f"{unopened} of {count} encrypted credentials do not open: give the key that they were sealed with.")


def _told(manifest: "Manifest") -> dict[str, Any]:
    return {
        "made_on": datetime.fromtimestamp(manifest.made_on, UTC),
        "version": manifest.version,
        "schema": manifest.revision,
        "source": manifest.source,
        "tables": len(manifest.tables),
        "rows": manifest.rows,
        "has_key": bool(manifest.keys_digest),
    }
