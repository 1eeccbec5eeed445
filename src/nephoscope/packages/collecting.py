"""One volume's inventory: the operating system's packages first, then what a walk over all files offers."""

from collections.abc import Iterable, Iterator
from functools import partial

from msgspec.structs import replace

from nephoscope.model.packages import Inventory, Package
from nephoscope.packages.files import Chunked, Files, Named
from nephoscope.packages.owned import OwnedFiles
from nephoscope.packages.system import SystemPackages
from nephoscope.packages.table import FileReader, TextReader, file_reader, text_reader

MOST = 200_000
"""Files of languages that are remembered for reading."""


class Collecting:
    """Made for one volume; the operating system's part is read at once. Then `offer` every file of a walk (nothing is
    read yet) and `finish`.

        collecting = Collecting(view)
        for entry in view.walk():
            collecting.offer(entry)
        inventory = collecting.finish()

    Without a walk, `finish` gives the operating system's packages alone."""

    def __init__(self, files: Files, running_kernel: str = "") -> None:
        self._files = files
        self._system = SystemPackages(files, running_kernel)
        self._texts: dict[TextReader, list[str]] = {}
        self._others: list[tuple[FileReader, str]] = []
        self._room = MOST

    @property
    def owned(self) -> OwnedFiles:
        """The files that belong to packages of the operating system."""
        return self._system.owned

    def offer(self, entry: Named) -> bool:
        """Whether a reader wants the file. Programs and archives that the system's packages brought are theirs."""
        text = text_reader(entry.path)
        other = None if text else file_reader(entry)
        if (text is None and other is None) or self._room <= 0:
            return False
        if text is not None:
            self._texts.setdefault(text, []).append(entry.path)
        elif other is not None:
            if entry.path in self.owned:
                return False
            self._others.append((other, entry.path))
        self._room -= 1
        return True

    def finish(self) -> Inventory:
        """DiskError when nothing more will come out of the volume."""
        found = list(self._system.packages)
        for reader, paths in self._texts.items():
            for path, content in self._system.texts(paths, reader.limit):
                self._system.attempt(partial(self._parse_into, found, reader, path, content))
        for other, path in self._others:
            self._system.attempt(partial(self._read_into, found, other, path))
        if self._room <= 0:
            self._system.tell(f"More than {MOST} files of languages; the rest was not read.")
        return Inventory(
            os=self._system.os,
            packages=tuple(dict.fromkeys(found)),
            kernels=self._system.kernels,
            problems=tuple(self._system.problems),
        )

    def _parse_into(self, found: list[Package], reader: TextReader, path: str, content: bytes) -> None:
        found.extend(self._marked(reader.parse(path, content)))

    def _read_into(self, found: list[Package], reader: FileReader, path: str) -> None:
        with self._files.open(path) as file:
            found.extend(reader.parse(path, Chunked(file)))

    def _marked(self, packages: Iterable[Package]) -> Iterator[Package]:
        for package in packages:
            yield replace(package, is_owned=True) if package.path in self.owned else package
