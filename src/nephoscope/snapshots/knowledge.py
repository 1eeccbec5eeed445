"""What is known about packages, as one file in the data directory: building it from feeds, taking one that was built
elsewhere, asking it.

Whoever asks opens the file anew each time: it may have been replaced, and `version` tells whether it says something
else now.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from nephoscope.advisories.matching import match
from nephoscope.advisories.reading import entries
from nephoscope.kit.clock import Clock
from nephoscope.model.packages import Inventory
from nephoscope.model.vulnerabilities import Matched
from nephoscope.settings import Settings
from nephoscope.store.advisories.building import build_file, import_file
from nephoscope.store.advisories.file import AdvisoryFile, FileFacts

_FILE_NAME = "advisories.sqlite"


def file_of(settings: Settings) -> Path:
    """Where the settings say that the file of advisories is: by default in the data directory. Without one, nowhere."""
    return settings.advisories or (settings.data or Path("/nonexistent")) / _FILE_NAME


class Built(msgspec.Struct, frozen=True):
    """`passed_over`: documents in no format that we read, the first of them; `passed_over_count` all."""

    facts: FileFacts
    passed_over: tuple[str, ...]
    passed_over_count: int


class Knowledge:
    """The file at `path`, which need not exist yet."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._clock = clock

    def build(self, feeds: Iterable[Path]) -> Built:
        """Read feeds (files, archives, folders) and write the file. BadRequestError for a damaged one, or when there is
        nothing in them; then the file stays as it was."""
        documents: Counter[str] = Counter()
        passed_over: list[str] = []

        def tell(name: str, found: str) -> None:
            if found:
                documents[found] += 1
            else:
                passed_over.append(name)

        build_file(self.path, entries(feeds, tell), documents, self._clock())
        return Built(self.facts(), tuple(passed_over[:10]), len(passed_over))

    def take(self, source: Path) -> FileFacts:
        """Put a file that was built elsewhere in the place of this one, checked whole first."""
        import_file(source, self.path)
        return self.facts()

    def facts(self) -> FileFacts:
        """StoreError when there is no file."""
        with self.opened() as file:
            return file.facts()

    def version(self) -> str:
        """Empty when there is no file."""
        if not self.path.is_file():
            return ""
        with self.opened() as file:
            return file.version

    @contextmanager
    def opened(self) -> Iterator[AdvisoryFile]:
        with AdvisoryFile(self.path) as file:
            yield file

    def match(self, inventory: Inventory) -> Matched:
        running = next((kernel.release for kernel in inventory.kernels if kernel.is_running), "")
        with self.opened() as file:
            return match(inventory.packages, file, os=inventory.os, running=running)
