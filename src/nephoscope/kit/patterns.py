"""Regular expressions from users: RE2, the whole resource id, bounded before anything is matched."""

from collections.abc import Callable
from functools import lru_cache

import re2

from nephoscope.errors import BadRequestError

LONGEST = 2_048
"""Characters of a pattern."""
_PROGRAM_MEMORY = 1 << 20
"""Bytes that RE2 may spend on the compiled program."""
_REFUSED = {
    "invalid perl operator": "look-around is not supported, because it cannot be matched in linear time",
    "invalid escape sequence": "this escape (a back-reference, perhaps) is not supported",
    "invalid repetition size": "a thousand repetitions are the most, nested ones multiplied",
    "pattern too large": "the pattern is too large; bound its repetitions",
}


def checked(pattern: str) -> str:
    """The pattern, anchored to match whole ids. BadRequestError says what is wrong with it and why."""
    if not pattern:
        raise BadRequestError("regex is empty; give a pattern that matches whole resource ids, such as .*prod.*")
    if len(pattern) > LONGEST:
        raise BadRequestError(f"regex has {len(pattern):,} characters; {LONGEST:,} are allowed.")
    options = re2.Options()
    options.max_mem = _PROGRAM_MEMORY
    options.log_errors = False
    try:
        # Alone first: wrapped at once, `a)|(b` would change what the wrapping means.
        re2.compile(pattern, options)
    except re2.error as error:
        raise BadRequestError(f"regex cannot be used: {_explained(_words(error))}") from None
    return rf"\A(?:{pattern})\z"


@lru_cache(maxsize=1024)
def whole_match(pattern: str) -> Callable[[str], bool]:
    """A test of one text at a time. BadRequestError as `checked`."""
    search = re2.compile(checked(pattern)).search
    return lambda text: search(text) is not None


def _words(error: re2.error) -> str:
    first = error.args[0] if error.args else ""
    return first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)


def _explained(message: str) -> str:
    reason = next((why for words, why in _REFUSED.items() if words in message), "")
    return f"{message} ({reason})." if reason else f"{message}."
