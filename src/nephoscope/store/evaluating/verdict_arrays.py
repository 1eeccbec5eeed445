"""Verdicts of many resources as arrays: what a page of a million rows is made from without a Python object a row."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nephoscope.model.evaluations import Status
from nephoscope.store import bulk
from nephoscope.store.coverage.exemptions import covered_failures
from nephoscope.store.session import Reader

Integers = npt.NDArray[np.int64]
SHOWN = (Status.PASS, Status.FAIL, Status.PASSE)
"""What the numbers in `VerdictArrays.statuses` mean."""
_PASSE = 2
_PAIR = 2**32


class VerdictArrays(NamedTuple):
    """Parallel, by resource key and cid. `keys` repeats a resource's key for each of its verdicts."""

    keys: Integers
    cids: Integers
    statuses: npt.NDArray[np.int8]

    def part(self, skip: int, take: int) -> "VerdictArrays":
        rows = slice(skip, skip + take)
        return VerdictArrays(self.keys[rows], self.cids[rows], self.statuses[rows])


def verdict_arrays(reader: Reader, keys: Sequence[int]) -> VerdictArrays:
    """The PASS, FAIL and PASSE rows of these resources, as listings show them: a PASS in a scope that is not complete
    is left out. All of them at once: ask for some thousand resources at a time."""
    joined = "string_agg((e.cid * 2 + (e.status = 2)::int)::text, ',')" if reader.is_postgres else _JOINED
    sql = _VERDICTS.format(joined=joined, keys=bulk.among(reader, "r.key"))
    rows = bulk.fetch(reader, sql, bulk.packed(reader, keys))
    counts = np.array([count for _, count, _ in rows], np.int64)
    found = np.repeat(np.array([key for key, _, _ in rows], np.int64), counts)
    codes = np.fromstring(",".join(text for _, _, text in rows), np.int64, sep=",")
    order = np.lexsort((codes, found))
    found, cids, statuses = found[order], codes[order] >> 1, (codes[order] & 1).astype(np.int8)
    excepted = [key * _PAIR + cid for key, cid in covered_failures(reader, keys)]
    statuses[np.isin(found * _PAIR + cids, np.array(excepted, np.int64))] = _PASSE
    return VerdictArrays(found, cids, statuses)


_JOINED = "group_concat(e.cid * 2 + (e.status = 2))"
_VERDICTS = """
    SELECT r.key, count(*), {joined}
    FROM resources r CROSS JOIN scopes s CROSS JOIN evaluations e
    WHERE {keys} AND s.key = r.scope_key AND e.connector_key = r.connector_key AND e.resource_key = r.key
    AND (e.status = 2 OR (e.status = 1 AND s.outcome = 'complete'))
    GROUP BY r.key
"""
"""A verdict travels as twice its cid, plus one when it failed. CROSS JOIN keeps SQLite to the order written."""
