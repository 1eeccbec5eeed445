"""Taking away resources that are no more, with all that hangs on them."""

from collections.abc import Sequence

from nephoscope.kit.chunks import chunks
from nephoscope.store import bulk
from nephoscope.store.changelog import changes
from nephoscope.store.changelog.departures import departures
from nephoscope.store.evaluating import counters
from nephoscope.store.session import Writer

_CHUNK = 20_000


def retire(writer: Writer, connector_key: int, keys: Sequence[int]) -> None:
    """Resources of one account, with documents, tags and evaluations; the tallies move along."""
    for part in chunks(keys, _CHUNK):
        packed = bulk.packed(writer, part)
        changes.note(writer, departures(writer, connector_key, part))
        counters.move(writer, connector_key, _losses(writer, connector_key, packed))
        gone = bulk.among(writer, "resource_key")
        bulk.execute(writer, f"DELETE FROM evaluations WHERE connector_key = ? AND {gone}", connector_key, packed)  # noqa: S608 - our own text
        for table in ("resource_tags", "documents", "vulnerabilities", "found_secrets", "disks"):
            bulk.execute(writer, f"DELETE FROM {table} WHERE {gone}", packed)  # noqa: S608 - as above
        bulk.execute(writer, f"DELETE FROM resources WHERE {bulk.among(writer, 'key')}", packed)  # noqa: S608 - as above
        writer.mark_changed()


def _losses(writer: Writer, connector_key: int, packed: object) -> dict[tuple[int, int, int], int]:
    sql = f"""
        SELECT r.scope_key, e.cid, e.status, count(*) FROM evaluations e JOIN resources r ON r.key = e.resource_key
        WHERE e.connector_key = ? AND {bulk.among(writer, "e.resource_key")} GROUP BY r.scope_key, e.cid, e.status
    """  # noqa: S608 - as above
    losses: dict[tuple[int, int, int], int] = {}
    for scope_key, cid, status, count in bulk.fetch(writer, sql, connector_key, packed):
        key = (scope_key, cid, counters.counted(status))
        losses[key] = losses.get(key, 0) - count
    return losses
