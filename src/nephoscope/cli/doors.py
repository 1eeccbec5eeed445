"""What the command line is given by the composition root, so that it need not know how the program is put together."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from nephoscope.settings import Settings

if TYPE_CHECKING:
    from nephoscope.model.health import Check
    from nephoscope.store.archives import Manifest
    from nephoscope.store.session import Store
    from nephoscope.usecases.usecases import UseCases


class Serve(Protocol):
    """API and jobs until SIGINT or SIGTERM. `on_ready` hears the address, and the administrator's password when it
    was generated just now."""

    def __call__(self, settings: Settings, *, on_ready: Callable[[str, str | None], None]) -> None: ...


class Work(Protocol):
    """Jobs alone until SIGINT or SIGTERM."""

    def __call__(self, settings: Settings, *, on_ready: Callable[[], None]) -> None: ...


class Demo(Protocol):
    """The whole demo; answers the exit code. `once`: stop after the scan."""

    def __call__(self, settings: Settings, *, once: bool) -> int: ...


class RotateKeys(Protocol):
    """Make a new key and seal with it what older ones sealed; answers how many credentials that were. `is_last`: make
    none, seal what is left, and take the old keys out of their file."""

    def __call__(self, settings: Settings, *, by: str, is_last: bool) -> int: ...


class BackUp(Protocol):
    """Everything into one file, of one moment. `with_keys`: also what credentials are encrypted with."""

    def __call__(self, settings: Settings, file: Path, *, by: str, with_keys: bool) -> "Manifest": ...


class Restore(Protocol):
    """Everything from one file, all or nothing. Answers what was in it, and how many sealed credentials there are and
    how many of them the keys of this process do not open."""

    def __call__(
        self, settings: Settings, file: Path, *, by: str, is_replacing: bool
    ) -> "tuple[Manifest, tuple[int, int]]": ...


class Examine(Protocol):
    """Whether everything is in order; changes nothing."""

    def __call__(self, settings: Settings, *, with_clouds: bool) -> "Sequence[Check]": ...


@dataclass(frozen=True)
class Doors:
    """Each is called only when a command needs it; whatever is heavy is imported behind it."""

    open_store: Callable[[Settings], "AbstractContextManager[Store]"]
    """The store alone, created or migrated first. Light: for scans."""
    open_usecases: Callable[[Settings], "AbstractContextManager[UseCases]"]
    """The use cases, with runs that are queued for whoever serves the store."""
    carry_runs: Callable[[Settings], "AbstractContextManager[UseCases]"]
    """The use cases, and runs are carried here. SettingsError when another process serves the same directory."""
    serve: Serve
    work: Work
    demo: Demo
    has_store: Callable[[Settings], bool]
    """Whether there is a store already, for what does without one."""
    rotate_keys: RotateKeys
    back_up: BackUp
    restore: Restore
    examine: Examine
    upgrade: Callable[[Settings], tuple[str, str]]
    """Create or migrate the schema; answers the revisions before and after."""
