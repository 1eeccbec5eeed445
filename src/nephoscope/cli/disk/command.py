"""`nephoscope disk`: what is on an image file or a block device, read without mounting anything and without being root
where the file may be read."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from stat import S_IFDIR, S_IFLNK, S_IFREG, filemode
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nephoscope.cli import codes, options
from nephoscope.cli.disk.images import ImageReading, as_json, judged, knowledge_of, read_image, show
from nephoscope.cli.disk.instances import (
    InstanceOptions,
    InstanceScan,
    NoWait,
    add_instance_commands,
    inventory_of_instance,
    is_instance,
    keep_image,
    scan_instance,
)
from nephoscope.cli.doors import Doors
from nephoscope.cli.options import ListFormat, decider, settings_of
from nephoscope.cli.printing import note, print_json, print_rows
from nephoscope.errors import BadRequestError, NotFoundError
from nephoscope.kit.printable import plain

if TYPE_CHECKING:
    from nephoscope.images.machines import Coverage, Machine
    from nephoscope.images.mounted import MountedView
    from nephoscope.images.view import Entry
    from nephoscope.model.packages import Inventory

_COLUMNS = ("volume", "kind", "size", "state", "label", "about")
_LISTED = ("mode", "size", "modified", "path")
_PIECE = 4 * 1024 * 1024
_TYPES = {"FILE": S_IFREG, "FOLDER": S_IFDIR, "LINK": S_IFLNK}

_Image = Annotated[
    Path, typer.Argument(metavar="IMAGE", help="An image file (raw, qcow2, VHD, VHDX, VMDK) or a block device.")
]
_Others = Annotated[
    list[Path] | None,
    typer.Option("--with", metavar="IMAGE", help="Another disk of the same machine; may be repeated."),
]
_Volume = Annotated[
    str,
    typer.Option(
        "--volume", metavar="NAME", help="Which volume, as `disk scan` names it; by default the one with the system."
    ),
]


def commands(doors: Doors) -> typer.Typer:
    group = typer.Typer(help="Look inside of disks, without mounting them.", no_args_is_help=True)
    _add_scan(group, doors)
    _add_ls(group)
    _add_cat(group)
    _add_sbom(group, doors)
    add_instance_commands(group, doors)
    return group


def _add_scan(group: typer.Typer, doors: Doors) -> None:
    @group.command("scan")
    def scan(
        *,
        what: Annotated[
            list[str],
            typer.Argument(
                metavar="IMAGE…|INSTANCE", help="Image files or block devices of one machine, or an instance's id."
            ),
        ],
        secrets: Annotated[
            bool, typer.Option("--secrets/--no-secrets", help="Look for credentials in files as well.")
        ] = True,
        keep_as: Annotated[
            str,
            typer.Option("--as", metavar="RESOURCE", help="Keep what images hold as what lies on this instance."),
        ] = "",
        key: Annotated[
            Path | None,
            typer.Option("--key", metavar="FILE", help="16 bytes or more that make digests of secrets comparable."),
        ] = None,
        file: Annotated[
            Path | None, typer.Option("--advisories", metavar="FILE", help="This file of advisories instead.")
        ] = None,
        limit: options.Limit = 100,
        how: InstanceOptions = None,
        no_wait: NoWait = False,
        by: options.By = "",
        data: options.Data = None,
        database: options.Database = "",
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """Look inside of a machine: its volumes, packages, vulnerabilities and secrets.

        Of image files nothing is written anywhere, unless --as says whose disks they are (a disk that Google Cloud
        attached to this machine, say). What the disk says is parsed in a process of its own that can open nothing. An
        instance is scanned through snapshots, which are deleted again; what is found is kept.

        Exit code 3 when no volume could be read.

        **Examples**

        - `nephoscope disk scan server.qcow2`
        - `nephoscope disk scan first.vmdk second.vmdk --format json` – one machine with two disks
        - `nephoscope disk scan /dev/sdb --as i-0123456789abcdef0`
        - `nephoscope disk scan i-0123456789abcdef0 --how existing`
        """
        settings = settings_of(data, database)
        if len(what) == 1 and is_instance(what[0]):
            asked = InstanceScan(what[0], secrets, tuple(how or ()), decider(by))
            scan_instance(doors, settings, asked, waits=not no_wait, style=style)
            return
        knowledge = knowledge_of(settings, file)
        with _opened([Path(name) for name in what]) as machine:
            if keep_as:
                reading = keep_image(doors, settings, keep_as, machine, with_secrets=secrets, by=decider(by))
            else:
                reading = read_image(machine, _digest_key(key) if secrets else b"")
            read = judged(reading, knowledge)
            _show(machine, style, read, limit)
            if read.reading.coverage.state == "FAILED":
                raise typer.Exit(codes.INCOMPLETE)


def _digest_key(file: Path | None) -> bytes:
    from nephoscope.cli.secrets import key_of  # noqa: PLC0415 - beside what needs it

    return key_of(file)


def _add_sbom(group: typer.Typer, doors: Doors) -> None:
    @group.command("sbom")
    def sbom(
        what: Annotated[
            list[str], typer.Argument(metavar="IMAGE…|INSTANCE", help="Image files, or an instance's id or uuid.")
        ],
        form: Annotated[str, typer.Option("--format", metavar="FORM", help="cyclonedx or spdx.")] = "cyclonedx",
        output: Annotated[
            Path | None, typer.Option("--output", "-o", metavar="FILE", help="By default the standard output.")
        ] = None,
        data: options.Data = None,
        database: options.Database = "",
    ) -> None:
        """Write the bill of materials of a machine, CycloneDX 1.6 or SPDX 2.3, as JSON.

        Of an instance: as it was read last. Exit code 3 when something could not be read.

        **Examples**

        - `nephoscope disk sbom server.qcow2 > server.cdx.json`
        - `nephoscope disk sbom i-0123456789abcdef0 --format spdx -o web.spdx.json`
        """
        from nephoscope.snapshots.bills import bill, form_named  # noqa: PLC0415 - help does without

        wanted = form_named(form)
        settings = settings_of(data, database)
        is_whole = True
        if len(what) == 1 and is_instance(what[0]):
            subject, inventory = inventory_of_instance(doors, settings, what[0])
        else:
            subject, inventory, is_whole = _inventory_of_image([Path(name) for name in what])
        body = bill(wanted, inventory, subject, datetime.now(UTC))
        if output is None:
            sys.stdout.buffer.write(body + b"\n")
            sys.stdout.buffer.flush()
        else:
            output.write_bytes(body)
        if not is_whole:
            raise typer.Exit(codes.INCOMPLETE)


def _inventory_of_image(images: Sequence[Path]) -> "tuple[str, Inventory, bool]":
    from nephoscope.snapshots.keeping import inventory_of, merged  # noqa: PLC0415 - help does without the readers
    from nephoscope.snapshots.reading import Wanted, read_machine  # noqa: PLC0415 - likewise

    with _opened(images) as machine:
        reading = read_machine(machine, Wanted())
    for reason in reading.coverage.reasons:
        note(reason)
    return images[0].name, inventory_of(merged((), reading)), reading.coverage.state == "COMPLETE"


def _add_ls(group: typer.Typer) -> None:
    @group.command("ls")
    def ls(
        image: _Image,
        path: Annotated[str, typer.Argument(metavar="PATH", help="A folder or a file; links are followed.")] = "/",
        volume: _Volume = "",
        others: _Others = None,
        style: options.Format = ListFormat.TABLE,
    ) -> None:
        """List the files in a folder of a volume.

        **Examples**

        - `nephoscope disk ls server.qcow2 /etc`
        - `nephoscope disk ls server.qcow2 / --volume "disk partition 1" --format json`
        """
        with _opened([image, *(others or [])]) as machine, _volume(machine, volume) as view:
            found = view.stat(path)
            if found is None:
                raise NotFoundError(f"There is no {path} on this volume.")
            rows = [_row(entry) for entry in (view.names(found.path) if found.kind == "FOLDER" else (found,))]
            print_rows(rows, _LISTED, style, total=len(rows))
            for problem in view.problems():
                note(problem)


def _add_cat(group: typer.Typer) -> None:
    @group.command("cat")
    def cat(
        image: _Image,
        path: Annotated[str, typer.Argument(metavar="PATH", help="A file; links are followed.")],
        volume: _Volume = "",
        others: _Others = None,
    ) -> None:
        """Write a file of a volume to the standard output, byte for byte.

        **Example**: `nephoscope disk cat server.qcow2 /etc/os-release`
        """
        with (
            _opened([image, *(others or [])]) as machine,
            _volume(machine, volume) as view,
            view.open(path) as reader,
        ):
            for offset in range(0, reader.size, _PIECE):
                sys.stdout.buffer.write(reader.read(offset, _PIECE))
            sys.stdout.buffer.flush()


@contextmanager
def _opened(images: Sequence[Path]) -> "Iterator[Machine]":
    from nephoscope.images.machines import open_files  # noqa: PLC0415 - help does without it

    with open_files(images) as machine:
        yield machine


@contextmanager
def _volume(machine: "Machine", name: str) -> "Iterator[MountedView]":
    """The volume of that name. Without one: where an operating system starts from, else the only one there is."""
    from nephoscope.images.machines import is_root  # noqa: PLC0415 - as above

    readable = [number for number, volume in enumerate(machine.volumes) if volume.state == "READ"]
    chosen = [number for number in readable if name in ("", machine.volumes[number].name)]
    if name and not chosen:
        raise NotFoundError(f"No volume that can be read is called {name!r}. {_told(machine)}")
    for number in chosen:
        view = machine.open(number)
        if view is None:
            continue
        with view:
            if len(chosen) == 1 or is_root(view):
                yield view
                return
    reasons = " ".join(machine.coverage().reasons) if len(chosen) <= 1 else ""
    raise BadRequestError(f"Say which volume is meant with --volume. {_told(machine)} {reasons}".strip())


def _told(machine: "Machine") -> str:
    names = [repr(volume.name) for volume in machine.volumes if volume.state == "READ"]
    return f"There are {', '.join(names)}." if names else "There is none that can be read."


def _show(machine: "Machine", style: ListFormat, read: ImageReading, limit: int) -> None:
    coverage = read.reading.coverage
    rows = [
        {
            "volume": volume.name,
            "kind": volume.kind or None,
            "size": volume.size,
            "state": volume.state,
            "label": volume.label or None,
            "about": " ".join((*([volume.reason] if volume.reason else []), *volume.gaps, *volume.notes)) or None,
        }
        for volume in coverage.volumes
    ]
    if style is ListFormat.JSON:
        print_json(_whole(machine, coverage, rows) | as_json(read))
        return
    print_rows(rows, _COLUMNS, style, total=len(rows))
    note(f"{coverage.state}: {'; '.join(coverage.reasons) or 'every volume could be read.'}")
    for said in coverage.notes:
        note(said)
    show(read, limit)
    for gap in machine.sandbox:
        note(f"The sandbox is weaker here. {gap}")


def _whole(machine: "Machine", coverage: "Coverage", rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    layout, spent = machine.layout, machine.spent()
    disks = [
        {"format": form, "size": size, "table": table or None}
        for form, size, table in zip(layout.formats, layout.sizes, layout.tables, strict=True)
    ]
    return {
        "state": coverage.state,
        "reasons": coverage.reasons,
        "notes": coverage.notes,
        "consistency": coverage.consistency,
        "disks": disks,
        "volumes": rows,
        "blocksRead": spent.blocks,
        "bytesRead": spent.bytes,
        "sandboxGaps": machine.sandbox,
    }


def _row(entry: "Entry") -> dict[str, Any]:
    shown = plain(entry.path.encode("utf-8", "backslashreplace").decode()).replace("\n", "\ufffd")
    return {
        "mode": filemode(_TYPES.get(entry.kind, 0) | entry.mode),
        "size": entry.size,
        "modified": _moment(entry.mtime),
        "path": f"{shown} → {plain(entry.target)}" if entry.target else shown,
    }


def _moment(seconds: float) -> str | None:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}" if seconds else None
    except (ValueError, OverflowError, OSError):
        return None
