"""Text that others wrote, as a terminal or a log may show it: names in a cloud and paths of requests are chosen by
strangers, and a terminal obeys escapes."""

import re
from collections.abc import Sequence

_ORDERS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]")
"""Control and direction characters."""
_IN_PLACE = "\ufffd"
_NAMED, _LONGEST = 20, 80


def plain(text: str) -> str:
    """Text that no terminal takes for an order; line ends stay."""
    return _ORDERS.sub(_IN_PLACE, text)


def one_line(text: str) -> str:
    """Such text that makes no second line."""
    return plain(text).replace("\n", _IN_PLACE)


def some_of(names: Sequence[str]) -> str:
    """Names in a sentence: the first 20, each by its first 80 characters, and how many more there are."""
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(name[:_LONGEST] for name in names[:_NAMED]) + more
