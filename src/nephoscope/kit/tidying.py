"""Memory of processes that stay."""

import ctypes
import gc
from typing import Any

_ARENA_MAX = -8
"""What glibc calls M_ARENA_MAX."""
_HEAPS = 2


def share_heaps() -> None:
    """Before there are threads. Else glibc gives each its own heap, up to eight a core, and each keeps what it once
    needed: after twenty scans that was a third of the process. What Python makes small is not in them."""
    if mallopt := _of_libc("mallopt"):
        mallopt(_ARENA_MAX, _HEAPS)


def settle() -> None:
    """Once everything is open: what is there now stays, and is not looked through again."""
    gc.collect()
    gc.freeze()


def tidy() -> None:
    """After work with large libraries. A cloud's clients are cycles of tens of thousands of objects that have grown old
    by then, and Python looks at what is old so seldom that a hundred scans' worth would pile up: five MB each. What is
    free then goes back to the system."""
    gc.collect()
    if trim := _of_libc("malloc_trim"):
        trim(0)


def _of_libc(name: str) -> Any:
    """None where the C library has no such function."""
    return getattr(ctypes.CDLL(None), name, None)
