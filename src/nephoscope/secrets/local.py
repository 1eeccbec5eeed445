"""Files of this machine as the search wants them. Links are not followed, and only regular files are opened."""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path

from nephoscope.secrets.choosing import is_entered, is_wanted


class LocalFile:
    """One open file."""

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor = descriptor
        self.size = size

    def read(self, offset: int, size: int) -> bytes:
        return os.pread(self._descriptor, size, offset)


@contextmanager
def opened(path: Path) -> Iterator[LocalFile]:
    """OSError when it cannot be read, or is no regular file by now."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(0, "is no regular file", str(path))
        yield LocalFile(descriptor, facts.st_size)
    finally:
        os.close(descriptor)


def files_below(roots: Sequence[Path], exclude: Sequence[str] = ()) -> Iterator[Path | OSError]:
    """The files worth searching, in a stable order, and what could not be listed. A root is taken as it is named."""
    for root in roots:
        if root.is_file():
            yield root
        else:
            yield from _below(root, exclude)


def _below(root: Path, exclude: Sequence[str]) -> Iterator[Path | OSError]:
    troubles: list[OSError] = []
    for folder, folders, names in os.walk(root, onerror=troubles.append):
        yield from troubles
        troubles.clear()
        folders[:] = sorted(name for name in folders if _is_inside(root, Path(folder, name), exclude))
        for name in sorted(names):
            path = Path(folder, name)
            if not _is_excluded(root, path, exclude) and _is_worth_it(path):
                yield path
    yield from troubles


def _is_inside(root: Path, folder: Path, exclude: Sequence[str]) -> bool:
    return is_entered(folder.absolute().as_posix()) and not _is_excluded(root, folder, exclude)


def _is_excluded(root: Path, path: Path, exclude: Sequence[str]) -> bool:
    inside = path.relative_to(root).as_posix()
    return any(fnmatch(inside, pattern) or fnmatch(path.name, pattern) for pattern in exclude)


def _is_worth_it(path: Path) -> bool:
    try:
        facts = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(facts.st_mode) and is_wanted(path.as_posix(), facts.st_size)
