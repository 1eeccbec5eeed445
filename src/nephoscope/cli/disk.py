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
from nephoscope.cli.options import ListFormat
from nephoscope.cli.printing import note, plain, print_json, print_rows
from nephoscope.errors import BadRequestError, NotFoundError

if TYPE_CHECKING:
    from nephoscope.images.machines import Coverage, Machine
    from nephoscope.images.mounted import MountedView
    from nephoscope.images.view import Entry

_COLUMNS = ("volume", "kind", "size", "state", "label", "about")
_LISTED = ("mode", "size", "modified", "path")
_PIECE = 4 * 1024 * 1024
_TYPES = {"FILE": S_IFREG, "FOLDER": S_IFDIR, "LINK": S_IFLNK}

_Image = Annotated[
    Path, typer.Argument(metavar="IMAGE", help="An image file (raw, qcow2, VHD, VHDX, VMDK) or a block device.")
]
_Images = Annotated[
    list[Path], typer.Argument(metavar="IMAGE…", help="All disks of one machine: image files or block devices.")
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


def commands() -> typer.Typer:
    group = typer.Typer(help="Look inside of disks, without mounting them.", no_args_is_help=True)
    _add_scan(group)
    _add_ls(group)
    _add_cat(group)
    return group


def _add_scan(group: typer.Typer) -> None:
    @group.command("scan")
    def scan(images: _Images, style: options.Format = ListFormat.TABLE) -> None:
        """Show what disks are divided into, and what of it can be read.

        Nothing is written, and what the disk says is parsed in a process of its own that can open nothing. Exit code 3
        when no volume could be read.

        **Examples**

        - `nephoscope disk scan server.qcow2`
        - `nephoscope disk scan /dev/sdb --format json`
        - `nephoscope disk scan first.vmdk second.vmdk` – one machine with two disks
        """
        with _opened(images) as machine:
            for _ in machine.views():
                continue
            _show(machine, style)
            if machine.coverage().state == "FAILED":
                raise typer.Exit(codes.INCOMPLETE)


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


def _show(machine: "Machine", style: ListFormat) -> None:
    coverage = machine.coverage()
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
        print_json(_whole(machine, coverage, rows))
        return
    print_rows(rows, _COLUMNS, style, total=len(rows))
    note(f"{coverage.state}: {'; '.join(coverage.reasons) or 'every volume could be read.'}")
    for said in coverage.notes:
        note(said)
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
