"""Which ids match a pattern, many ids at a time: RE2 inside Arrow, on a few threads, until a deadline."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from nephoscope.errors import TooLargeError
from nephoscope.kit.patterns import checked

_SLICE = 4_096
"""Ids between two looks at the clock: linear time can still be 58 µs an id."""
_DEADLINE = 10.0
"""Seconds for one pattern over all ids."""


class Matcher:
    """Holds the threads. RE2 leaves the interpreter alone while it works."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(min(os.cpu_count() or 1, 4), thread_name_prefix="regex")

    def mask(self, ids: Any, pattern: str) -> Any:
        """A boolean array beside `ids`, a string array. BadRequestError for a pattern that cannot be used,
        TooLargeError when it takes over ten seconds."""
        anchored = checked(pattern)
        ends = time.monotonic() + _DEADLINE

        def match(start: int) -> Any:
            if time.monotonic() > ends:
                raise TooLargeError("regex took longer than ten seconds over all resource ids; make it simpler.")
            return pc.match_substring_regex(ids.slice(start, _SLICE), pattern=anchored)

        parts = list(self._pool.map(match, range(0, len(ids), _SLICE)))
        return pa.concat_arrays(parts) if parts else pa.array([], pa.bool_())
