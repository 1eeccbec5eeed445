"""The posture of a scan for people: benchmarks, services, the worst failures, and what could not be read."""

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from nephoscope.cli.printing import plain_table
from nephoscope.cli.scan.posture import Gap, Judged, Line, Posture
from nephoscope.kit.printable import plain
from nephoscope.model.controls import Criticality
from nephoscope.resource_types.table import RESOURCE_TYPES

WORST = 20
"""Failing controls that are shown."""
_REASONS = 8
_REGIONS = 4
_STYLES = {Criticality.HIGH: "bold red", Criticality.MEDIUM: "yellow", Criticality.LOW: "cyan"}


def show(console: Console, posture: Posture) -> None:
    for part in _parts(posture):
        console.print(part)
        console.print()


def _parts(posture: Posture) -> Iterator[RenderableType]:
    yield _heading(posture)
    if posture.benchmarks:
        yield _lines("Benchmark", posture.benchmarks)
    if posture.services:
        yield _lines("Service", posture.services)
    if posture.failures:
        yield _failures(posture.failures)
    if not posture.is_complete:
        yield _unread(posture)


def _heading(posture: Posture) -> Text:
    text = Text(f"{posture.provider.account} {posture.account_id}", style="bold")
    regions = _regions(posture.regions)
    text.append(f"  {regions}\n", style="default")
    text.append(
        f"{posture.resources} resources from {posture.calls} calls in {posture.seconds:.1f} s: ", style="default"
    )
    text.append(f"{posture.failed} failed", style="bold red" if posture.failed else "default")
    text.append(f", {posture.passed} passed", style="default")
    if posture.excepted:
        text.append(f", {posture.excepted} passed with an exception", style="default")
    if posture.unknown:
        text.append(f", {posture.unknown} could not be decided", style="yellow")
    return text


def _lines(title: str, lines: tuple[Line, ...]) -> Table:
    table = plain_table(title, "controls", "passing", "failing", "undecided", "failures")
    for column in table.columns[1:]:
        column.justify = "right"
        column.no_wrap = True
    for line in lines:
        decided = line.passing + line.failing
        share = f"{line.passing} ({100 * line.passing // decided} %)" if decided else "-"
        table.add_row(
            line.title,
            str(decided + line.unknown),
            share,
            Text(str(line.failing), style="red" if line.failing else "green"),
            Text(str(line.unknown), style="yellow" if line.unknown else ""),
            str(line.failures),
        )
    return table


def _failures(failures: tuple[Judged, ...]) -> Group:
    table = plain_table("Worst failures", "cid", "control", "failed", "for example")
    table.columns[0].no_wrap = True
    table.columns[1].justify = table.columns[3].justify = "right"
    table.columns[3].no_wrap = True
    table.columns[2].ratio, table.columns[4].ratio = 5, 4
    table.expand = True
    for row in failures[:WORST]:
        decided = row.tally.passed + row.tally.failed + row.tally.excepted + row.tally.unknown
        table.add_row(
            Text(row.control.criticality, style=_STYLES[row.control.criticality]),
            str(row.control.cid),
            Text(row.control.name),
            f"{row.tally.failed} of {decided}",
            Text(plain(", ".join(row.examples))),
        )
    rest = len(failures) - WORST
    more = [Text(f"… and {rest} more failing controls; --format tsv lists every resource.")] if rest > 0 else []
    return Group(table, *more, Text("nephoscope controls show CID says how to put one right.", style="dim"))


def _unread(posture: Posture) -> Group:
    parts: list[RenderableType] = []
    if posture.gaps:
        table = plain_table("Could not be read", "why", "missing permission", "regions")
        for gap in posture.gaps:
            table.add_row(*_gap(gap))
        parts.append(table)
    if posture.reasons:
        parts.append(Text("Undecided evaluations", style="bold"))
        for reason, count in posture.reasons[:_REASONS]:
            parts.append(Text(plain(f"{count:>6}  {reason or 'no reason given'}")))
    return Group(*parts)


def _gap(gap: Gap) -> tuple[Text, ...]:
    title = RESOURCE_TYPES[gap.resource_type].title
    why = gap.outcome if gap.permission else f"{gap.outcome}: {gap.message}"
    return Text(title), Text(plain(why)), Text(gap.permission or "-"), Text(_regions(gap.regions))


def _regions(names: tuple[str, ...]) -> str:
    return ", ".join(names) if len(names) <= _REGIONS else f"{len(names)} regions"
