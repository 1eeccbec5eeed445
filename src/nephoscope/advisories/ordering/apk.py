"""The ordering of Alpine's apk as a sort key: numbers, a letter, suffixes, a build number.

`1.2.10b_rc1_p2-r3`: the first number by value; later ones by value too, unless one begins with 0, which makes the two
compare as text, as after a decimal point. `_alpha`, `_beta`, `_pre` and `_rc` are before the plain version; `_cvs`,
`_svn`, `_git`, `_hg` and `_p` after it.
"""

import re
from functools import total_ordering
from typing import Any

_SUFFIXES = ("alpha", "beta", "pre", "rc", "", "cvs", "svn", "git", "hg", "p")
_SHAPE = re.compile(
    r"(?P<numbers>[0-9]+(?:\.[0-9]+)*)(?P<letter>[a-z]?)"
    r"(?P<suffixes>(?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)[0-9]*)*)(?:~[0-9a-f]+)?(?:-r(?P<build>[0-9]+))?"
)
_SUFFIX = re.compile(r"_([a-z]+)([0-9]*)")
LONGEST = 256


@total_ordering
class Key:
    """Not a tuple: whether two numbers compare as text depends on both."""

    __slots__ = ("_numbers", "_tail")

    def __init__(self, numbers: tuple[str, ...], tail: tuple[Any, ...]) -> None:
        self._numbers = numbers
        self._tail = tail

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and not self < other and not other < self

    def __hash__(self) -> int:
        return hash(self._tail)

    def __lt__(self, other: "Key") -> bool:
        for at, (one, two) in enumerate(zip(self._numbers, other._numbers, strict=False)):
            is_text = at > 0 and (one[0] == "0" or two[0] == "0")
            mine, theirs = ((0, one), (0, two)) if is_text else (_by_value(one), _by_value(two))
            if mine != theirs:
                return mine < theirs
        if len(self._numbers) != len(other._numbers):
            return len(self._numbers) < len(other._numbers)
        return bool(self._tail < other._tail)


def _by_value(digits: str) -> tuple[int, str]:
    bare = digits.lstrip("0")
    return len(bare), bare


def key(text: str) -> Key:
    """ValueError for what apk would call no version."""
    shape = _SHAPE.fullmatch(text[: LONGEST + 1])
    if shape is None or len(text) > LONGEST:
        raise ValueError(f"{text[:60]!r} is no version of apk")
    plain = (_SUFFIXES.index(""), (0, ""))
    suffixes = [(_SUFFIXES.index(name), _by_value(number)) for name, number in _SUFFIX.findall(shape["suffixes"])]
    return Key(
        tuple(shape["numbers"].split(".")), (shape["letter"], (*suffixes, plain), _by_value(shape["build"] or "0"))
    )
