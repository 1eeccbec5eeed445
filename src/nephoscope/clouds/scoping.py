"""Reading one scope: fetch, shape, then what completes each item; and how it ended."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from nephoscope.clouds.collecting import SURPRISES, C, Collector, Detail, Place, Raw
from nephoscope.clouds.crew import Crew
from nephoscope.clouds.doors import Collected
from nephoscope.errors import (
    CloudError,
    DeniedError,
    GoneError,
    NotApplicableError,
    ThrottledError,
)
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import Outcome, Scope, ScopeReport


class End(msgspec.Struct, frozen=True):
    """How a part of a scope ended."""

    outcome: Outcome = Outcome.COMPLETE
    permission: str = ""
    message: str = ""


class Read(msgspec.Struct):
    """One detail of one item: its answer, or why there is none."""

    detail: Detail[Any]
    answer: Mapping[str, Any] = {}
    unread: str = ""
    permission: str = ""
    is_gone: bool = False


def collect_scope(
    scope: Scope,
    collector: Collector[C],
    needed: frozenset[str],
    calls: C,
    crew: Crew,
    *,
    place: Place,
    made: Callable[[], int],
) -> Collected:
    """Everything that the scope has; `made` answers how many calls it took. Never raises CloudError."""
    raws, end = _fetched(collector, calls)
    shaped, surprise = _shaped(collector, raws, place)
    details = tuple(detail for detail in collector.details if needed.intersection(detail.fields))
    skipped = [name for detail in collector.details if detail not in details for name in detail.fields]
    reads = _details(details, [raw for raw, _ in shaped], calls, crew)
    seen = [
        _completed(observed, done, skipped)
        for (_, observed), done in zip(shaped, reads, strict=True)
        if not any(read.is_gone for read in done)
    ]
    resources = tuple(sorted({one.resource_id: one for one in seen}.values(), key=lambda one: one.resource_id))
    if end.outcome is Outcome.COMPLETE and surprise:
        end = End(Outcome.FAILED, message=surprise)
    elif end.outcome is Outcome.COMPLETE and not end.message:
        end = _with_unread(reads, len(resources))
    report = ScopeReport(scope, end.outcome, end.permission, end.message, len(resources), made())
    return Collected(report, resources)


def _fetched(collector: Collector[C], calls: C) -> tuple[list[Raw], End]:
    """What was listed before the listing ended, and how it ended."""
    raws: list[Raw] = []
    try:
        raws.extend(collector.fetch(calls))  # list.extend keeps what came before an error
    except NotApplicableError as error:
        return raws, End(message=error.message)
    except DeniedError as error:
        return raws, End(Outcome.DENIED, error.permission, error.message)
    except ThrottledError as error:
        return raws, End(Outcome.THROTTLED, message=error.message)
    except CloudError as error:
        return raws, End(Outcome.FAILED, message=error.message)
    except SURPRISES as error:
        return raws, End(Outcome.FAILED, message=_surprise(collector, "listed", error))
    return raws, End()


def _shaped(collector: Collector[Any], raws: Iterable[Raw], place: Place) -> tuple[list[tuple[Raw, Observed]], str]:
    """The items with their resources, and what went wrong with those that are missing."""
    shaped = []
    surprise = ""
    for raw in raws:
        try:
            shaped.append((raw, collector.shape(raw, place)))
        except SURPRISES as error:
            surprise = _surprise(collector, "shaped", error)
    return shaped, surprise


def _details(details: Sequence[Detail[C]], raws: Sequence[Raw], calls: C, crew: Crew) -> list[list[Read]]:
    """For each item its details, in the order of their declaration, whatever order they were read in."""
    reads = [[Read(detail) for detail in details] for _ in raws]
    crew.run(partial(_read, read, raw, calls) for raw, row in zip(raws, reads, strict=True) for read in row)
    return reads


def _read(read: Read, raw: Raw, calls: C) -> None:
    try:
        read.answer = read.detail.read(calls, raw)
    except GoneError:
        read.is_gone = True
    except DeniedError as error:
        read.unread, read.permission = f"denied: {error.permission}", error.permission
    except ThrottledError as error:
        read.unread = f"throttled: {error.message}"
    except CloudError as error:
        read.unread = f"failed: {error.message}"
    except SURPRISES as error:
        read.unread = f"failed: the answer could not be understood ({type(error).__name__})"


def _completed(observed: Observed, reads: Iterable[Read], skipped: Iterable[str]) -> Observed:
    """The resource with what its details answered. A field that was not read is absent, never null."""
    document = dict(observed.document)
    unread = dict(observed.unread)
    for name in skipped:
        if document.get(name) is None:
            document.pop(name, None)
    for read in reads:
        for name in read.detail.fields:
            if read.unread:
                document.pop(name, None)
                unread[name] = read.unread
            elif name in read.answer:
                document[name] = read.answer[name]
    return msgspec.structs.replace(observed, document=document, unread=unread)


def _with_unread(reads: Iterable[Iterable[Read]], total: int) -> End:
    """Complete, with the fields that could not be read said aloud."""
    bad = [read for row in reads for read in row if read.unread]
    if not bad:
        return End()
    counts = Counter(f"{', '.join(read.detail.fields)} ({read.unread})" for read in bad)
    shown = "; ".join(f"{what} on {count} of {total}" for what, count in sorted(counts.items())[:3])
    more = f"; and {len(counts) - 3} more" if len(counts) > 3 else ""  # noqa: PLR2004 - as many as were shown
    permission = min((read.permission for read in bad if read.permission), default="")
    return End(permission=permission, message=f"Not read: {shown}{more}.")


def _surprise(collector: Collector[Any], verb: str, error: Exception) -> str:
    return f"An answer about {collector.resource_type} could not be {verb}: {type(error).__name__} {error}."
