"""`nephoscope secrets`: credentials in files of this machine, and the rules that find them."""

import secrets as random
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from nephoscope.cli import codes, options
from nephoscope.cli.options import ListFormat
from nephoscope.cli.printing import note, print_json, print_rows
from nephoscope.errors import BadRequestError
from nephoscope.model.secrets import FoundSecret, SecretSeverity

if TYPE_CHECKING:
    from nephoscope.secrets.rules import Rule
    from nephoscope.secrets.searching import Searched

_COLUMNS = ("severity", "type", "path", "line", "times", "preview", "notes")
_RULES = ("id", "title", "type", "severity", "category")
_SHORTEST_KEY = 16


class SecretsFormat(StrEnum):
    TABLE = "table"
    JSON = "json"
    SARIF = "sarif"


class Level(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


_Paths = Annotated[list[Path], typer.Argument(metavar="PATH…", help="Files, and folders with all below them.")]
_Exclude = Annotated[
    list[str] | None,
    typer.Option("--exclude", metavar="GLOB", help="Names, or paths below PATH, to pass over; may be repeated."),
]
_FailOn = Annotated[
    Level | None, typer.Option("--fail-on", help="Exit with 1 when one as bad as this, or worse, is found.")
]
_FailOnUnknown = Annotated[
    bool, typer.Option("--fail-on-unknown", help="Exit with 3 when something could not be read to its end.")
]
_Key = Annotated[
    Path | None,
    typer.Option(
        "--key",
        metavar="FILE",
        help="A file with 16 bytes or more that makes digests comparable between runs; by default they are not.",
    ),
]
_Largest = Annotated[
    int, typer.Option("--most-megabytes", min=1, max=4096, help="Of one file; the rest is passed over.")
]
_Type = Annotated[str, typer.Option("--type", metavar="TYPE", help="Only rules of this type, such as GITHUB_TOKEN.")]

SCAN_HELP = """Find credentials in files. Nothing leaves this machine, and no secret is printed or kept.

What is printed of one: its kind, where it lies, a mask (four characters at most of the beginning, two of the end), and
a digest under a key, equal for equal secrets.

**Examples**

- `nephoscope secrets scan .`
- `nephoscope secrets scan . --exclude "tests/*" --fail-on high` – in a pipeline
- `nephoscope secrets scan . --format sarif > secrets.sarif` – for a code host
- `nephoscope secrets scan /etc /home --key /etc/nephoscope/digest.key --format json`

**Exit codes**: 0 fine · 1 found at or above --fail-on · 2 it could not be carried out · 3 with --fail-on-unknown,
something could not be read · 130 interrupted.
"""


def commands() -> typer.Typer:
    group = typer.Typer(help="Credentials that lie in files, and the rules that find them.", no_args_is_help=True)
    _add_scan(group)
    _add_rules(group)
    return group


def _add_scan(group: typer.Typer) -> None:
    @group.command("scan", help=SCAN_HELP)
    def scan(
        *,
        path: _Paths,
        exclude: _Exclude = None,
        style: Annotated[SecretsFormat, typer.Option("--format", help="For people, programs or code hosts.")] = (
            SecretsFormat.TABLE
        ),
        fail_on: _FailOn = None,
        fail_on_unknown: _FailOnUnknown = False,
        key: _Key = None,
        most_megabytes: _Largest = 32,
    ) -> None:
        missing = [str(one) for one in path if not one.exists()]
        if missing:
            raise BadRequestError(f"There is no {', '.join(missing)}.")
        outcome = _Outcome()
        for found in _searched(path, exclude or [], key_of(key), most_megabytes << 20, outcome):
            outcome.add(found)
        _print(outcome, style)
        raise typer.Exit(outcome.exit_code(fail_on, is_strict=fail_on_unknown))


class _Outcome:
    """What was found, and what was not seen."""

    def __init__(self) -> None:
        self.found: list[FoundSecret] = []
        self.files = self.bytes = self.unread = 0

    def add(self, searched: "Searched") -> None:
        self.found.extend(searched.found)
        self.files += 1
        self.bytes += searched.read

    def miss(self, what: str) -> None:
        self.unread += 1
        note(what)

    def exit_code(self, fail_on: Level | None, *, is_strict: bool) -> int:
        if fail_on is not None:
            least = SecretSeverity(fail_on.upper()).rank
            if any(one.severity.rank <= least for one in self.found):
                return codes.FAILURES
        return codes.INCOMPLETE if is_strict and self.unread else codes.FINE


def key_of(file: Path | None) -> bytes:
    """What the file holds, or as good as nothing that anybody could repeat. BadRequestError for a short one."""
    if file is None:
        return random.token_bytes(32)
    key = file.read_bytes()
    if len(key) < _SHORTEST_KEY:
        raise BadRequestError(f"{file} has {len(key)} bytes; a key has {_SHORTEST_KEY} or more.")
    return key


def _searched(
    roots: list[Path], exclude: list[str], key: bytes, largest: int, outcome: _Outcome
) -> Iterator["Searched"]:
    from nephoscope.secrets.local import files_below, opened  # noqa: PLC0415 - heavy: help does without it
    from nephoscope.secrets.searching import Limits, Searcher  # noqa: PLC0415 - likewise

    searcher = Searcher(key, lambda: datetime.now(UTC), limits=Limits(bytes=largest))
    for file in files_below(roots, exclude):
        if isinstance(file, OSError):
            outcome.miss(f"{file.filename}: {file.strerror}")
            continue
        try:
            with opened(file) as content:
                searched = searcher.search(str(file), content)
        except OSError as error:
            outcome.miss(f"{file}: {error.strerror}")
            continue
        if searched.cut:
            outcome.miss(f"{file}: {searched.cut}")
        yield searched


def _print(outcome: _Outcome, style: SecretsFormat) -> None:
    from nephoscope.cli.secrets_sarif import sarif  # noqa: PLC0415 - as above

    found = sorted(outcome.found, key=lambda one: (one.severity.rank, one.path, one.line, one.rule))
    if style is SecretsFormat.SARIF:
        print_json(sarif(found))
    elif style is SecretsFormat.JSON:
        print_json([msgspec.to_builtins(one) for one in found])
    else:
        if found:
            print_rows([_row(one) for one in found], _COLUMNS, ListFormat.TABLE, total=len(found))
        tail = f"; {outcome.unread} not read to the end" if outcome.unread else ""
        note(f"{len(found)} secrets in {outcome.files} files, {outcome.bytes / 1e6:,.1f} MB{tail}.")


def _row(one: FoundSecret) -> dict[str, Any]:
    shown = {name: getattr(one, name) for name in _COLUMNS}
    return shown | {"notes": " ".join(one.notes).lower()}


def _add_rules(group: typer.Typer) -> None:
    @group.command("rules")
    def rules(kind: _Type = "", limit: options.Limit = 1000, style: options.Format = ListFormat.TABLE) -> None:
        """List the rules: what is looked for, and how bad it is. As JSON with their patterns.

        **Examples**

        - `nephoscope secrets rules`
        - `nephoscope secrets rules --type PRIVATE_KEY --format json`
        """
        from nephoscope.secrets.loading import load_rules  # noqa: PLC0415 - as above

        every = load_rules()
        chosen = [rule for rule in every if kind in ("", rule.row.type)]
        if not chosen:
            raise BadRequestError(f"No rule is of type {kind}; `nephoscope secrets rules` lists them.")
        names = _RULES if style is ListFormat.TABLE else (*_RULES, "pattern", "paths", "check", "entropy")
        print_rows([_fields(rule, names) for rule in chosen[:limit]], _RULES, style, total=len(chosen))


def _fields(rule: "Rule", names: tuple[str, ...]) -> dict[str, Any]:
    own = {"category": rule.category, "pattern": rule.pattern.decode()}
    return {name: own[name] if name in own else getattr(rule.row, name) for name in names}
