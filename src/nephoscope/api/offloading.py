"""Where work is done: short reads on the event loop, longer ones on a thread beside it.

Threads that fight over the interpreter make many small reads slower, and one long read on the loop makes all wait.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from nephoscope.kit.pages import PageRequest

Made = TypeVar("Made")

_SHORT_PAGE = 100
"""Rows, each with its document."""


def is_short(request: PageRequest) -> bool:
    """A small page in the listing's natural order."""
    return request.size <= _SHORT_PAGE and request.sort is None


async def run(make: Callable[[], Made], *, is_short: bool) -> Made:
    return make() if is_short else await asyncio.to_thread(make)
