"""Reading a whole volume back, to be compared with what was put on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nephoscope.images.machines import Machine, open_files
from nephoscope.images.mounted import MountedView
from nephoscope.images.view import Kind

LIMIT = 64 * 1024 * 1024
Contents = dict[str, bytes | str | None]


def expected(folder: Path) -> Contents:
    """What a folder holds, as `contents` tells it."""
    found: Contents = {}
    for whole in folder.rglob("*"):
        path = f"/{whole.relative_to(folder)}"
        if whole.is_symlink():
            found[path] = str(whole.readlink())
        else:
            found[path] = None if whole.is_dir() else whole.read_bytes()
    return found


def contents(view: MountedView) -> Contents:
    """Everything on a volume, but for what file systems put there themselves."""
    found: Contents = {}
    files = []
    for entry in view.walk():
        if entry.path in ("/", "/lost+found"):
            continue
        if entry.kind is Kind.FILE:
            files.append(entry.path)
        found[entry.path] = entry.target if entry.kind is Kind.LINK else None
    found.update(view.read_many(files, LIMIT))
    return found


@contextmanager
def only_volume(*images: Path) -> Iterator[MountedView]:
    """The view of the one readable volume."""
    with open_files(images) as machine:
        (opened,) = [view for _, view in _kept(machine)]
        with opened:
            yield opened


def _kept(machine: Machine) -> Iterator[tuple[int, MountedView]]:
    for number, volume in enumerate(machine.volumes):
        if volume.state == "READ":
            view = machine.open(number)
            if view is not None:
                yield number, view
