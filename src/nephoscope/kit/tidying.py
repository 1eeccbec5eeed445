"""Memory of processes that stay."""

import gc


def settle() -> None:
    """Once everything is open: what is there now stays, and is not looked through again."""
    gc.collect()
    gc.freeze()


def tidy() -> None:
    """After work with large libraries. A cloud's clients are cycles of tens of thousands of objects that have grown old
    by then, and Python looks at what is old so seldom that a hundred scans' worth would pile up: five MB each."""
    gc.collect()
