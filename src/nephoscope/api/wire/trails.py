"""The audit trail on our own wire: entries as they were written, and whether all of it is."""

from datetime import datetime
from typing import Any

import msgspec

from nephoscope.audit.trail import Broken, Head, Wanted
from nephoscope.errors import BadRequestError
from nephoscope.kit.dates import compact
from nephoscope.model.audit import AuditEntry
from nephoscope.qql.dates import span

WHO, ACTION, SUBJECT, SINCE, UNTIL = "who", "action", "subject", "since", "until"


class EntryBody(msgspec.Struct, frozen=True, rename="camel"):
    """One entry. `hash` is SHA-256 over everything else, `previous` (the hash of the entry before) among it."""

    sequence: int
    at: str
    who: str
    action: str
    subject: str
    detail: dict[str, Any]
    previous: str
    hash: str


class BrokenBody(msgspec.Struct, frozen=True, rename="camel"):
    """The first place where the trail does not hold."""

    sequence: int
    reason: str


class VerifiedBody(msgspec.Struct, frozen=True, rename="camel"):
    """`count` and `hash` are the head of the trail: note them elsewhere, to compare one day."""

    is_whole: bool
    count: int
    hash: str
    broken: BrokenBody | None


def entry(row: AuditEntry) -> EntryBody:
    return EntryBody(
        sequence=row.sequence,
        at=compact(row.at),
        who=row.who,
        action=row.action,
        subject=row.subject,
        detail=row.detail,
        previous=row.previous,
        hash=row.hash,
    )


def verified(head: Head, broken: Broken | None) -> VerifiedBody:
    place = BrokenBody(broken.sequence, broken.reason) if broken else None
    return VerifiedBody(broken is None, head.count, head.hash, place)


def wanted(said: dict[str, str], now: datetime) -> Wanted:
    """BadRequestError names every parameter that is no date."""
    spans = {name: _span(name, said.get(name, ""), now) for name in (SINCE, UNTIL)}
    problems = [found for found in spans.values() if isinstance(found, str)]
    if problems:
        raise BadRequestError(" ".join(problems), problems)
    since, until = (found for found in spans.values() if not isinstance(found, str))
    return Wanted(
        who=said.get(WHO, ""),
        action=said.get(ACTION, ""),
        subject=said.get(SUBJECT, ""),
        since=since[0] if since else None,
        until=until[1] if until else None,
    )


def _span(name: str, text: str, now: datetime) -> tuple[datetime, datetime] | str | None:
    """What the text means, or what is wrong with it."""
    if not text:
        return None
    try:
        return span(text, now)
    except BadRequestError as error:
        return f"{name}: {error.message}"
