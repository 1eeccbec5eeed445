"""`nephoscope advisories`: what is known to be wrong with packages, as one file: built from feeds, carried, asked."""

import platform
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nephoscope.cli import options
from nephoscope.cli.options import ListFormat
from nephoscope.cli.printing import note, print_detail, print_rows
from nephoscope.kit.clock import system_clock

if TYPE_CHECKING:
    from nephoscope.model.vulnerabilities import Matched, Vulnerability
    from nephoscope.snapshots.knowledge import Knowledge
    from nephoscope.store.advisories.file import FileFacts

_COLUMNS = ("severity", "type", "exploited", "epss", "packages", "fixed_version", "name")
_File = Annotated[
    Path | None,
    typer.Option("--file", metavar="FILE", help="This file of advisories instead of the one that is used here."),
]


def commands() -> typer.Typer:
    group = typer.Typer(
        help="What is known to be wrong with packages: feeds in one file, which needs no network.", no_args_is_help=True
    )
    _add_build(group)
    _add_import(group)
    _add_status(group)
    _add_match(group)
    return group


def _add_build(group: typer.Typer) -> None:
    @group.command("build")
    def build(
        feeds: Annotated[list[Path], typer.Argument(metavar="DIR|FILE...", help="Feeds, archives of them, folders.")],
        output: Annotated[
            Path | None,
            typer.Option("--output", metavar="FILE", help="By default the file that is used here."),
        ] = None,
        data: options.Data = None,
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Build the file of advisories from feeds that have been downloaded.

        Read: OSV (JSON, YAML; zip, tar), `updateinfo.xml` (Amazon, AlmaLinux, Rocky, Oracle, Fedora), Debian's tracker,
        Ubuntu's OVAL, Red Hat's CSAF VEX, Alpine's secdb, KEV and EPSS; plain or compressed. Everything is built anew,
        so name all feeds. The numbers (QIDs) that the replaced file gave stay.

        **Examples**

        - `nephoscope advisories build feeds/`
        - `nephoscope advisories build osv/PyPI.zip updateinfo.xml.gz kev.json --output /media/stick/advisories.sqlite`
        """
        built = _knowledge(data, output).build(feeds)
        print_detail(_facts(built.facts), style)
        if built.passed_over_count:
            shown = ", ".join(built.passed_over[:3])
            note(f"Passed over, because in no format that we read: {built.passed_over_count}, such as {shown}")


def _add_import(group: typer.Typer) -> None:
    @group.command("import")
    def take(
        file: Annotated[Path, typer.Argument(metavar="FILE", help="Built by `nephoscope advisories build --output`.")],
        data: options.Data = None,
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Use a file of advisories that was built elsewhere. It is checked whole before it takes the old one's place.

        **Example**

        - `nephoscope advisories import /media/stick/advisories.sqlite`
        """
        print_detail(_facts(_knowledge(data).take(file)), style)


def _add_status(group: typer.Typer) -> None:
    @group.command("status")
    def status(file: _File = None, data: options.Data = None, style: options.Format = ListFormat.TABLE) -> None:
        """Say what the file of advisories holds and when it was built.

        **Examples**

        - `nephoscope advisories status`
        - `nephoscope advisories status --file /media/stick/advisories.sqlite --format json`
        """
        print_detail(_facts(_knowledge(data, file).facts()), style)


def _add_match(group: typer.Typer) -> None:
    @group.command("match")
    def match(
        root: Annotated[Path, typer.Argument(metavar="DIR", help="The root of a system: / or where one is mounted.")],
        *,
        is_system_only: Annotated[
            bool,
            typer.Option("--system-only", help="Only the packages of the operating system; no walk over all files."),
        ] = False,
        limit: options.Limit = 1000,
        file: _File = None,
        data: options.Data = None,
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """List what is vulnerable below a folder of this machine. Nothing is stored.

        **Examples**

        - `nephoscope advisories match / --system-only`
        - `nephoscope advisories match /mnt/image --file advisories.sqlite --format json`
        """
        matched = _matched(root, _knowledge(data, file), is_system_only=is_system_only)
        rows = [_row(row) for row in matched.vulnerabilities]
        if style is ListFormat.TABLE:
            rows = [{**row, "packages": " ".join(row["packages"])} for row in rows]
        print_rows(rows[:limit], _COLUMNS, style, total=len(rows))


def _knowledge(data: Path | None, file: Path | None = None) -> "Knowledge":
    from nephoscope.snapshots.knowledge import Knowledge, file_of  # noqa: PLC0415 - help does without the readers

    return Knowledge(file or file_of(options.settings_of(data)), system_clock)


def _matched(root: Path, knowledge: "Knowledge", *, is_system_only: bool) -> "Matched":
    from nephoscope.packages.collecting import Collecting  # noqa: PLC0415 - as above
    from nephoscope.packages.directory import Directory  # noqa: PLC0415 - as above

    if not root.is_dir():
        raise typer.BadParameter(f"{root} is no folder.", param_hint="DIR")
    knowledge.facts()
    files = Directory(root)
    collecting = Collecting(files, platform.release() if root.resolve() == Path("/") else "")
    for entry in () if is_system_only else files.walk():
        collecting.offer(entry)
    inventory = collecting.finish()
    for problem in inventory.problems:
        note(problem)
    matched = knowledge.match(inventory)
    note(f"{len(inventory.packages)} packages on {inventory.os.title if inventory.os else 'an unknown system'}.")
    for ecosystem, count in matched.unjudged:
        note(f"Nothing is known about {count} packages of {ecosystem}: no feed of it is in the file.")
    return matched


def _facts(facts: "FileFacts") -> dict[str, Any]:
    return {
        "version": facts.version,
        "built": facts.built,
        "bytes": facts.bytes,
        "advisories": facts.advisories,
        "statements": facts.statements,
        "exploited": facts.exploited,
        "likelihoods": facts.likelihoods,
        "ecosystems": facts.ecosystems,
        "feeds": {row.format: row.documents for row in facts.feeds},
    }


def _row(row: "Vulnerability") -> dict[str, Any]:
    return {
        "qid": row.qid,
        "severity": row.severity,
        "type": row.type_detected,
        "exploited": row.kev.added if row.kev else None,
        "epss": row.epss,
        "packages": [f"{one.name} {one.version}" for one in row.packages],
        "fixed_version": row.fixed_version or None,
        "name": row.name,
        "category": row.category,
        "host_os": row.host_os,
        "cves": row.cves,
        "title": row.title,
        "patch_available": row.patch_available,
        "paths": sorted({one.path for one in row.packages}),
    }
