"""Where output goes: results to stdout, progress and complaints to stderr, colours only where a person looks."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import IO, Any

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from nephoscope.cli.options import ListFormat
from nephoscope.kit.printable import plain

PLAIN_WIDTH = 118
"""Columns when the output is no terminal."""


_WHOLE = ("uuid", "cid", "account")
"""Columns that are copied more often than read."""


def out() -> Console:
    """Rich leaves colours away for NO_COLOR and wherever the output is no terminal."""
    return Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH, highlight=False, soft_wrap=False)


def console_on(stream: IO[str]) -> Console:
    return out() if stream is sys.stdout else Console(file=stream, width=PLAIN_WIDTH, highlight=False, no_color=True)


def err() -> Console:
    return Console(stderr=True, highlight=False)


def complain(message: str) -> None:
    """One line on stderr, whatever the message holds."""
    sys.stderr.write(f"nephoscope: {plain(' '.join(message.split()))}\n")


def note(message: str) -> None:
    sys.stderr.write(f"{plain(message)}\n")


def print_json(value: object) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")


def print_rows(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], style: ListFormat, *, total: int) -> None:
    """As JSON every key of every row; as a table the named columns, and how many rows there are beside those shown."""
    shown = list(rows)
    if style is ListFormat.JSON:
        print_json(shown)
        return
    table = plain_table(*(name.replace("_", " ") for name in columns))
    for column in table.columns:
        column.no_wrap = column.header in _WHOLE
    for row in shown:
        table.add_row(*(Text(plain(_spell(row[name]))) for name in columns))
    out().print(table)
    if total > len(shown):
        note(f"{len(shown)} of {total} shown; see --limit.")


def print_detail(row: Mapping[str, Any], style: ListFormat) -> None:
    if style is ListFormat.JSON:
        print_json(row)
        return
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for key, value in row.items():
        table.add_row(key.replace("_", " "), Text(plain(_spell(value))))
    out().print(table)


def plain_table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    return table


def _spell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, Mapping | list | tuple):
        return msgspec.json.encode(value).decode()
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
