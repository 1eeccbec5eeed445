"""Recording decisions, reading them back, proving that nobody changed them since, and letting old ones go.

Each entry carries the hash of the one before it, and its own hash covers everything that it says. Whoever changes,
removes or reorders entries breaks the chain at that place; whoever cuts off its end disagrees with the head that the
store keeps. Against somebody who rewrites the whole chain helps a head that was noted elsewhere.

When old entries are removed, an entry says up to where and what the hash of the last of them was: the chain begins
there, and verification demands that entry.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from nephoscope.kit.dates import from_epoch, to_epoch
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.audit import AuditEntry
from nephoscope.store import audit
from nephoscope.store.audit import Head, Stored, Wanted
from nephoscope.store.session import Reader, Writer
from nephoscope.store.text import storable

__all__ = [
    "ANYWHERE",
    "LOCAL",
    "START",
    "Broken",
    "Head",
    "Wanted",
    "entries",
    "hash_of",
    "head",
    "page",
    "prune",
    "record",
    "verify",
]

LOCAL = "local"
"""Who acts on the command line: whoever can reach the database."""
PRUNED = "audit.prune"
ANYWHERE = -1
"""In place of the number of a noted entry: of which only the hash was noted."""
"""The action that says that old entries were removed."""
START = "0" * 64
"""What the first entry names as the hash before it."""


class Broken(msgspec.Struct, frozen=True):
    """The first place where the chain does not hold."""

    sequence: int
    reason: str


def record(  # noqa: PLR0917 - an entry has these six parts, in the order of a sentence
    writer: Writer, who: str, action: str, subject: str, detail: Mapping[str, Any], now: datetime
) -> AuditEntry:
    """Append in the caller's transaction, as the last thing that it does: whoever appends next waits until it ends.
    `detail` is anything that JSON can hold, without secrets."""
    before = audit.head(writer)
    text = msgspec.json.encode(_plain(msgspec.to_builtins(dict(detail))), order="deterministic").decode()
    unsealed = Stored(
        before.count + 1, to_epoch(now), storable(who), storable(action), storable(subject), text, before.hash, ""
    )
    entry = unsealed._replace(hash=_seal(unsealed))
    audit.append(writer, entry)
    return _entry(entry)


def prune(writer: Writer, before: datetime, now: datetime, who: str = LOCAL) -> int:
    """Remove the entries that are older; answers how many. The newest stays whatever its age."""
    through = min(audit.last_before(writer, before), audit.head(writer).count - 1)
    last = audit.get(writer, through) if through > 0 else None
    if last is None:
        return 0
    removed = audit.remove_through(writer, through)
    record(writer, who, PRUNED, str(through), {"through": through, "hash": last.hash, "removed": removed}, now)
    return removed


def verify(reader: Reader, noted: Head | None = None) -> Broken | None:
    """None when every entry is as it was written, and the entry that was the last when `noted` was noted is still there
    (its place may be ANYWHERE). Reads them one by one, whatever their number."""
    last = Head(0, START)
    is_found = noted is None or _is_same(noted, last)
    for row in audit.every(reader):
        if not last.count and row.sequence > 1:
            if not _is_pruned(reader, row):
                return Broken(1, "entries are missing at the beginning, and none says that they were removed")
            last = Head(row.sequence - 1, row.previous)
            is_found = is_found or _is_same(noted, last)
        reason = _fault(row, last)
        if reason:
            return Broken(last.count + 1, reason)
        last = Head(row.sequence, row.hash)
        is_found = is_found or _is_same(noted, last)
    kept = audit.head(reader)
    if kept != last:
        return Broken(last.count + 1, f"the trail ends after {last.count} entries, but {kept.count} were written")
    return None if is_found or noted is None else _unfound(reader, noted)


def _is_same(noted: Head | None, found: Head) -> bool:
    return noted is not None and noted.hash == found.hash and noted.count in {ANYWHERE, found.count}


def _unfound(reader: Reader, noted: Head) -> Broken:
    first = next((row.sequence for row in audit.every(reader)), 1)
    if ANYWHERE < noted.count < first - 1:
        return Broken(noted.count, f"the one that was noted was removed since, with all before entry {first}")
    if noted.count > audit.head(reader).count:
        return Broken(noted.count, "it was noted, and there are fewer entries now")
    return Broken(max(noted.count, 0), "the one that was noted is not there: the trail was rewritten, or cut")


def _is_pruned(reader: Reader, first: Stored) -> bool:
    """Whether an entry says that what came before this one was removed, and what its last hash was."""
    said = audit.page(reader, Wanted(action=PRUNED, subject=str(first.sequence - 1)), PageRequest(0, 10))
    return any(_detail(row.detail).get("hash") == first.previous for row in said.rows)


def head(reader: Reader) -> Head:
    """What to note elsewhere: how many entries there are, and the hash of the last."""
    return audit.head(reader)


def hash_of(reader: Reader, sequence: int) -> str | None:
    """Of one entry, to be compared with a head that was noted when it was the last. None when there is no such entry;
    the hash before the first for 0."""
    found = audit.get(reader, sequence) if sequence else None
    return found.hash if found else None if sequence else START


def page(reader: Reader, wanted: Wanted, request: PageRequest) -> Page[AuditEntry]:
    """The newest first."""
    found = audit.page(reader, wanted, request)
    return Page(tuple(map(_entry, found.rows)), found.total, request)


def entries(reader: Reader) -> Iterator[AuditEntry]:
    """All of them, in order, in bounded memory."""
    return map(_entry, audit.every(reader))


def _fault(row: Stored, last: Head) -> str:
    """Empty for an entry that follows from the last."""
    if row.sequence != last.count + 1:
        return f"it is missing: entry {row.sequence} follows entry {last.count}"
    if row.previous != last.hash:
        return "it does not name the hash of the entry before it"
    return "" if row.hash == _seal(row) else "it was changed: its hash is not that of what it says"


def _seal(row: Stored) -> str:
    """SHA-256 over the JSON list of everything but the hash itself."""
    return sha256(msgspec.json.encode(row[:-1])).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(name)): _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _entry(row: Stored) -> AuditEntry:
    return AuditEntry(
        sequence=row.sequence,
        at=from_epoch(row.at),
        who=row.who,
        action=row.action,
        subject=row.subject,
        detail=_detail(row.detail),
        previous=row.previous,
        hash=row.hash,
    )


def _detail(text: str) -> dict[str, Any]:
    """Somebody may have written anything over it: it is shown all the same."""
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError:
        return {"unreadable": text}
