"""The counters: evaluations per account, scope, control and status, moved by the transaction that moves the rows."""

from collections.abc import Mapping

from nephoscope.store import bulk
from nephoscope.store.session import Writer

Moves = Mapping[tuple[int, int, int], int]
"""(scope key, cid, status as counted) → how many more."""


def counted(status: int) -> int:
    """A stored status as the counters know it: PASS, FAIL, or one of the unknowns."""
    return status if status in {1, 2} else 0


def move(writer: Writer, connector_key: int, moves: Moves) -> None:
    """Counters that reach zero go."""
    rows = [(connector_key, *key, change) for key, change in sorted(moves.items()) if change]
    if not rows:
        return
    for row in rows:
        bulk.execute(writer, _ADD, *row)
    bulk.execute(writer, "DELETE FROM tallies WHERE connector_key = ? AND count = 0", connector_key)


_ADD = """
    INSERT INTO tallies AS t (connector_key, scope_key, cid, status, count) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (connector_key, scope_key, cid, status) DO UPDATE SET count = t.count + excluded.count
"""
