"""rpm's databases, whichever of its three kinds a system has."""

from collections.abc import Iterator
from contextlib import ExitStack

from nephoscope.errors import NotFoundError
from nephoscope.model.packages import Package
from nephoscope.packages import rpm_bdb, rpm_ndb, sqlite_file
from nephoscope.packages.files import Chunked, Files, OpenFile, malformed
from nephoscope.packages.owned import OwnedFiles
from nephoscope.packages.rpm_header import Header

_FOLDERS = ("/var/lib/rpm", "/usr/lib/sysimage/rpm", "/usr/share/rpm")
"""The last is where systems put it that are updated as a whole."""
_FILES = ("rpmdb.sqlite", "Packages.db", "Packages")
PATHS = tuple(f"{folder}/{name}" for name in _FILES for folder in _FOLDERS)
_SMALLEST = 256
"""Bytes of a package, at the least."""


def read(files: Files, path: str, ecosystem: str, owned: OwnedFiles) -> Iterator[Package]:
    """What cannot be read ends with DiskError; what came before it has been given."""
    left = _room(files, path)
    for blob in blobs(files, path):
        left -= max(len(blob), _SMALLEST)
        if left < 0:
            raise malformed(path, "damaged: it holds more packages than it has bytes for")
        try:
            header = Header(blob)
        except ValueError as error:
            raise malformed(path, f"damaged: {error}") from None
        package = header.package(path, ecosystem)
        if package is not None:
            owned.add(header.files())
            yield package


def _room(files: Files, path: str) -> int:
    """Bytes that all packages together may have: each lies in the file, or in the log beside it, once."""
    with ExitStack() as opened:
        log = _log_beside(files, path, opened) if path.endswith(".sqlite") else None
        return opened.enter_context(files.open(path)).size + (log.size if log else 0)


def blobs(files: Files, path: str) -> Iterator[bytes]:
    with ExitStack() as opened:
        file = Chunked(opened.enter_context(files.open(path)))
        if path.endswith(".sqlite"):
            log = _log_beside(files, path, opened)
            pages = sqlite_file.Pages(file, path, Chunked(log) if log else None)
            yield from (row[-1] for row in sqlite_file.rows(pages, "Packages") if row and isinstance(row[-1], bytes))
        elif path.endswith(".db"):
            yield from rpm_ndb.blobs(file, path)
        else:
            yield from rpm_bdb.blobs(file, path)


def _log_beside(files: Files, path: str, opened: ExitStack) -> OpenFile | None:
    try:
        return opened.enter_context(files.open(f"{path}-wal"))
    except NotFoundError:
        return None
