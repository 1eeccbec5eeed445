"""The ordering of rpm as a sort key: epoch, version and release, each cut into runs of digits and letters.

`~` is before everything, even before the end; `^` is after the end and before anything else; digits are after letters.
"""

import re

Key = tuple[tuple[int, int, str], ...]
EvrKey = tuple[int, Key, Key]

_PIECES = re.compile(r"[0-9]+|[A-Za-z]+|[~^]")
_LONGEST_EPOCH = 10
_BEFORE, _END, _AFTER, _LETTERS, _DIGITS = range(5)


def segment_key(text: str) -> Key:
    """Of a version or of a release alone."""
    return (*map(_piece_key, _PIECES.findall(text)), (_END, 0, ""))


def _piece_key(piece: str) -> tuple[int, int, str]:
    if piece[0] in "0123456789":
        digits = piece.lstrip("0")
        return _DIGITS, len(digits), digits
    if piece == "~":
        return _BEFORE, 0, ""
    return (_AFTER, 0, "") if piece == "^" else (_LETTERS, 0, piece)


def split(text: str) -> tuple[int, str, str]:
    """`1:2.3-4` → (1, "2.3", "4"). ValueError when the epoch is no number."""
    epoch, colon, rest = text.partition(":")
    if not colon:
        epoch, rest = "0", text
    version, _, release = rest.rpartition("-") if "-" in rest else (rest, "", "")
    return int(epoch or "0") if len(epoch) <= _LONGEST_EPOCH else _no_number(epoch), version, release


def _no_number(text: str) -> int:
    raise ValueError(f"{text[:20]!r} is no epoch")


def key(text: str) -> EvrKey:
    """Of the whole `[epoch:]version[-release]`."""
    epoch, version, release = split(text)
    return epoch, segment_key(version), segment_key(release)
