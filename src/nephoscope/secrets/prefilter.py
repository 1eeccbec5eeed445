"""The first look: all rules at once over raw bytes, with hyperscan, at the speed of memory.

What it answers is generous: places where a rule may match. Its patterns have no anchors, so the places do not depend
on how a file is cut. One for each thread: a hyperscan database has one scratch space.
"""

from collections.abc import Sequence

import hyperscan

from nephoscope.errors import CatalogueError
from nephoscope.secrets.rules import Rule

LONGEST_HIT = 512
"""Bytes that a prefilter's match may span; the same as what a confirming pattern may look back."""


class Prefilter:
    """Compiled once (a quarter of a second for the whole pack), used for every file."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        pairs = [(number, text) for number, rule in enumerate(rules) for text in rule.prefilters]
        self._owners = [number for number, _ in pairs]
        self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        if not pairs:
            return
        try:
            self._database.compile(
                expressions=[text.encode() for _, text in pairs],
                ids=list(range(len(pairs))),
                elements=len(pairs),
                flags=0,
            )
        except hyperscan.HyperscanError as error:
            raise CatalogueError(f"the prefilter cannot be compiled: {error}") from error

    def places(self, data: bytes) -> list[tuple[int, int]]:
        """(end of a hit, index into `rules`), in order, each once."""
        found: set[tuple[int, int]] = set()
        owners, add = self._owners, found.add

        def note(pattern: int, _start: int, end: int, _flags: int, _context: object) -> None:
            add((end, owners[pattern]))

        if owners and data:
            self._database.scan(data, match_event_handler=note)
        return sorted(found)
