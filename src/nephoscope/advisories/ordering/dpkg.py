"""The ordering of dpkg as a sort key: epoch, upstream version and revision, in turns of other characters and digits.

Inside a turn `~` is before the end, the end before letters, letters before everything else.
"""

import re
from typing import Any

Key = tuple[Any, ...]

_TURN = re.compile(r"([^0-9]*)([0-9]*)")
_END = (0,)
_LONGEST_EPOCH = 10


def part_key(text: str) -> Key:
    """Of an upstream version or a revision alone. At least one turn, so that nothing equals `0`."""
    turns: list[Any] = []
    at = 0
    while True:
        turn = _TURN.match(text, at)
        if turn is None:  # it matches the empty text too
            break
        digits = turn[2].lstrip("0")
        turns += ((*map(_order, turn[1]), 0), (len(digits), digits))
        at = turn.end()
        if at >= len(text):
            break
    return (*turns, _END)


def _order(character: str) -> int:
    if character == "~":
        return -1
    return ord(character) if character.isascii() and character.isalpha() else ord(character) + 256


def split(text: str) -> tuple[int, str, str]:
    """`1:2.3-4` → (1, "2.3", "4"). ValueError when the epoch is no number."""
    epoch, colon, rest = text.strip().partition(":")
    if not colon:
        epoch, rest = "0", text.strip()
    upstream, dash, revision = rest.rpartition("-")
    if len(epoch) > _LONGEST_EPOCH or not epoch.isascii() or not epoch.isdigit():
        raise ValueError(f"{epoch[:20]!r} is no epoch")
    return int(epoch), upstream if dash else rest, revision if dash else ""


def key(text: str) -> Key:
    """Of the whole `[epoch:]upstream[-revision]`."""
    epoch, upstream, revision = split(text)
    return epoch, part_key(upstream), part_key(revision)
