"""`nephoscope export`: everything, or what changed since the last time, for another program."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Annotated

import typer

from nephoscope.cli import options
from nephoscope.cli.doors import Doors
from nephoscope.cli.files import written_whole
from nephoscope.cli.options import settings_of
from nephoscope.cli.printing import note
from nephoscope.errors import BadRequestError, SettingsError

_LONGEST = 1_000

HELP = """Write evaluations, resources, findings or exceptions for another program: all of them, or what changed since.

Each export ends with a cursor on stderr: `--since` it, the next one tells only what changed: verdicts that turned,
exceptions that began or ended, what is new and what is gone. `--cursor-file` keeps it between two calls and is written
only when the export is whole. The formats ocsf, sarif and asff are for evaluations.

**Examples**

- `nephoscope export evaluations --format csv -o evaluations.csv`
- `nephoscope export evaluations --format ocsf --filter "control.result:FAIL" --cursor-file /var/lib/siem/cursor`
- `nephoscope export resources --format parquet -o resources.parquet`
"""

_Noun = Annotated[str, typer.Argument(metavar="NOUN", help="evaluations, resources, findings or exceptions.")]
_Style = Annotated[str, typer.Option("--format", metavar="FORMAT", help="csv, jsonl, parquet, ocsf, sarif or asff.")]
_Query = Annotated[
    str, typer.Option("--filter", metavar="QUERY", help='Such as "control.result:FAIL and account.id:123456789012".')
]
_Since = Annotated[str, typer.Option("--since", metavar="CURSOR", help="Only what changed since this cursor.")]
_Kept = Annotated[
    Path | None,
    typer.Option("--cursor-file", metavar="FILE", help="Read the cursor there, if there is one, and write the next."),
]
_Limit = Annotated[int, typer.Option("--limit", min=0, help="Look at so many things at most; the cursor goes on.")]
_Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write there (readable by you alone) instead of to stdout."),
]


def add_export(app: typer.Typer, doors: Doors) -> None:
    @app.command("export", help=HELP)
    def export(
        *,
        noun: _Noun,
        style: _Style = "jsonl",
        query: _Query = "",
        since: _Since = "",
        cursor_file: _Kept = None,
        limit: _Limit = 0,
        output: _Output = None,
        data: options.Data = None,
        database: options.Database = "",
    ) -> None:
        from nephoscope.reports.exports.exports import Wanted  # noqa: PLC0415 - help does without the store

        if since and cursor_file:
            raise typer.BadParameter("say one of the two.", param_hint="--since, --cursor-file")
        seen = _kept(cursor_file) if cursor_file else since
        wanted = Wanted(noun=noun, format=style.lower(), query=query, since=seen, limit=limit)
        with doors.open_usecases(settings_of(data, database)) as usecases:
            told = usecases.exports.open(wanted)
            with closing(told.pieces), _destination(output) as stream:
                for piece in told.pieces:
                    stream.write(piece)
        if cursor_file:
            _keep(cursor_file, told.cursor)
        else:
            note(f"next: --since {told.cursor}")
        if told.has_more:
            note("There is more to tell; call again with the next cursor.")


def _kept(file: Path) -> str:
    try:
        return file.read_text("utf-8")[:_LONGEST].strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise BadRequestError(f"{file} cannot be read: {error}.") from error


def _keep(file: Path, cursor: str) -> None:
    """Whole or not at all."""
    try:
        with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=".cursor-", delete=False) as part:
            part.write(f"{cursor}\n")
        Path(part.name).replace(file)
    except OSError as error:
        raise SettingsError(f"{file} cannot be written: {error.strerror}.") from error


@contextmanager
def _destination(output: Path | None) -> Iterator[IO[bytes]]:
    """Stdout, or a file that appears under its name when it is whole, readable by its owner alone."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with written_whole(output) as file:
        yield file
