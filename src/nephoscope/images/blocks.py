"""Sets of block numbers, kept as ranges: which blocks hold data, which were read, which have changed."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator


class BlockSet:
    """Numbers from 0. Takes memory for each gap, not for each block."""

    def __init__(self, ranges: Iterable[tuple[int, int]] = ()) -> None:
        """`ranges` are first and past-the-last, in any order."""
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(ranges):
            self.add(start, end)

    def add(self, start: int, end: int | None = None) -> None:
        """One block, or all from `start` up to and without `end`."""
        until = start + 1 if end is None else end
        if until <= start:
            return
        first = bisect_left(self._ends, start)
        last = bisect_right(self._starts, until)
        if first < last:
            start = min(start, self._starts[first])
            until = max(until, self._ends[last - 1])
        self._starts[first:last] = [start]
        self._ends[first:last] = [until]

    def __contains__(self, block: int) -> bool:
        at = bisect_right(self._starts, block) - 1
        return at >= 0 and block < self._ends[at]

    def __len__(self) -> int:
        return sum(self._ends) - sum(self._starts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BlockSet) and self.ranges() == other.ranges()

    __hash__ = None  # type: ignore[assignment]  # it changes

    def ranges(self) -> tuple[tuple[int, int], ...]:
        """In order, with gaps between them: what a set is stored as."""
        return tuple(zip(self._starts, self._ends, strict=True))

    def __iter__(self) -> Iterator[int]:
        for start, end in self.ranges():
            yield from range(start, end)

    def meets(self, other: "BlockSet") -> bool:
        """Whether they have a block in common."""
        mine, theirs = iter(self.ranges()), iter(other.ranges())
        one, two = next(mine, None), next(theirs, None)
        while one is not None and two is not None:
            if one[0] < two[1] and two[0] < one[1]:
                return True
            if one[1] <= two[1]:
                one = next(mine, None)
            else:
                two = next(theirs, None)
        return False
