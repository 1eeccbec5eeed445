"""One process at a time serves a data directory: an advisory lock that the system drops when the process dies."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nephoscope.errors import SettingsError

_NAME = "serve.lock"


def _try_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - exists on Windows only

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - exists elsewhere only

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def exclusive(data: Path) -> Iterator[None]:
    """Hold the directory. SettingsError while another process does. The system lets go when the process dies, so
    whoever holds it knows that its predecessor is gone."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(data / _NAME, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        if not _try_lock(descriptor):
            raise SettingsError(
                f"Another nephoscope process is serving {data}. Stop it first, or choose another directory with --data."
            )
        yield
    finally:
        os.close(descriptor)


def is_served(data: Path) -> bool:
    """Whether some process holds the directory now. Makes nothing."""
    if not (data / _NAME).exists():
        return False
    try:
        with exclusive(data):
            return False
    except SettingsError:
        return True
