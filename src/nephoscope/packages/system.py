"""The packages of the operating system: which system it is, its databases, its kernels, the files that are its own.

Found by name, without a walk: a handful of folders and files is all that is read. A database that cannot be read is a
problem to tell, never an empty list.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from nephoscope.errors import DiskError, NotFoundError, TooLargeError
from nephoscope.model.packages import Kernel, OsRelease, Package
from nephoscope.packages import apk, dpkg, kernels, os_release, rpm, starts
from nephoscope.packages.files import Files
from nephoscope.packages.owned import OwnedFiles

_LARGEST = 128 * 1024 * 1024
"""Bytes of a database that is read as a whole."""
MOST_PROBLEMS = 100


class SystemPackages:
    """Read when made. DiskError when nothing more will come out of the volume."""

    def __init__(self, files: Files, running: str = "") -> None:
        self.problems: list[str] = []
        self.packages: list[Package] = []
        self._owned = OwnedFiles()
        self._has_lists = False
        self._files = files
        self.os = self._read_os()
        self.kernels: tuple[Kernel, ...] = ()
        for read in (self._read_dpkg, self._read_rpm, self._read_apk):
            self.attempt(read)
        self.attempt(partial(self._read_kernels, running))

    def attempt(self, step: Callable[[], None]) -> None:
        """What one file lacks does not keep the others from being read."""
        try:
            step()
        except DiskError as error:
            if error.is_fatal:
                raise
            self.tell(error.message)
        except (NotFoundError, TooLargeError) as error:
            self.tell(error.message)

    def texts(self, paths: Iterable[str], limit: int) -> Iterator[tuple[str, bytes]]:
        """Whole small files, which are known to be there: those that do not come are told."""
        left = dict.fromkeys(paths)
        for path, content in self._files.read_many(tuple(left), limit):
            left.pop(path, None)
            yield path, content
        for path in left:
            self.tell(f"{path} was not read: it has more than {limit:,} bytes, or cannot be read.")

    def tell(self, problem: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)

    @property
    def owned(self) -> OwnedFiles:
        """Of dpkg the lists are read only now: a thousand small files that the packages alone do not need."""
        if not self._has_lists:
            self._has_lists = True
            self.attempt(self._read_lists)
        return self._owned

    @property
    def ecosystem(self) -> str:
        return self.os.ecosystem if self.os else ""

    def _read_os(self) -> OsRelease | None:
        found = dict(self._files.read_many(self._paths(os_release.PATHS), os_release.LIMIT))
        readings = (os_release.parse(path, found[path]) for path in os_release.PATHS if path in found)
        return next((one for one in readings if one is not None), None)

    def _paths(self, patterns: Iterable[str]) -> list[str]:
        """Those that exist, by the names that were asked for."""
        return [pattern for pattern in patterns if next(self._files.find(pattern), None) is not None]

    def _read_dpkg(self) -> None:
        paths = [entry.path for entry in self._files.find(*dpkg.STATUS)]
        pieces = [e.path for e in self._files.find(*dpkg.PIECES) if not e.path.endswith((".md5sums", ".list"))]
        for path in paths:
            self._add(dpkg.parse(path, self._files.read(path, _LARGEST), self.ecosystem))
        for path, content in self.texts(pieces, 1 << 20):
            self._add(dpkg.parse(path, content, self.ecosystem))

    def _read_lists(self) -> None:
        lists = [entry.path for entry in self._files.find(*dpkg.LISTS)]
        dpkg.own(self._files.read_many(lists, dpkg.LIST_LIMIT), self._owned)

    def _read_rpm(self) -> None:
        """Of several databases (one was left behind by a conversion) the newer kind counts, unless it is empty."""
        for entry in self._files.find(*rpm.PATHS):
            path, before = entry.path, len(self.packages)
            self.attempt(partial(self._read_rpm_database, path))
            if len(self.packages) > before:
                return

    def _read_rpm_database(self, path: str) -> None:
        self._add(rpm.read(self._files, path, self.ecosystem, self._owned))

    def _read_apk(self) -> None:
        for entry in self._files.find(*apk.PATHS):
            content = self._files.read(entry.path, _LARGEST)
            self._add(apk.parse(entry.path, content, self.ecosystem))
            apk.own(content, self._owned)

    def _read_kernels(self, running: str) -> None:
        """Where several are installed and nobody says which one runs, it is the one of the last start."""
        paths = [entry.path for entry in self._files.find(*kernels.PATTERNS)]
        self.kernels = kernels.kernels(paths, running)
        if len(self.kernels) > 1 and not running:
            self.kernels = kernels.kernels(paths, starts.started(self._files))

    def _add(self, packages: Iterable[Package]) -> None:
        for package in packages:
            self.packages.append(package)
