"""Exports: what there is, or what changed since a cursor, in the format that somebody's other program reads.

One answer is told in one session, so it is of one moment; it says first where the next one begins (`Export.cursor`),
so that whoever has read it to its end can go on from there, and whoever has not asks again with the cursor of before.
"""

from collections.abc import Callable, Generator, Iterator
from datetime import datetime
from itertools import chain
from typing import Any

import msgspec

from nephoscope.controls.catalogue import Catalogue
from nephoscope.errors import BadRequestError
from nephoscope.evaluation.facts import ControlFacts
from nephoscope.kit.clock import Clock
from nephoscope.kit.dates import to_epoch
from nephoscope.model.identities import Reach
from nephoscope.policies.policies import Policies
from nephoscope.qql.binder import bind
from nephoscope.qql.bound import Bound
from nephoscope.qql.parser import parse
from nephoscope.reports.exports import cursors
from nephoscope.reports.exports.context import ExportContext, Source, split_filter
from nephoscope.reports.exports.cursors import Cursor
from nephoscope.reports.exports.nouns import FORMATS, NOUNS, Noun, Writing
from nephoscope.store import evaluations
from nephoscope.store.changelog import changes
from nephoscope.store.changelog.changed_since import Since
from nephoscope.store.session import Reader, Store

MOST = 100_000
"""Things in one part."""
_STEP = 500
"""Things at a time."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """`limit` counts resources (for evaluations and resources) or exceptions that are looked at; 0 is all of them."""

    noun: str
    format: str
    query: str = ""
    since: str = ""
    limit: int = 0


class Export(msgspec.Struct, frozen=True):
    """Exhaust or close the pieces: they hold a session. `cursor` is for the next export, when this one has been read to
    its end; `has_more` says that there is more to tell at once."""

    cursor: str
    has_more: bool
    media_type: str
    suffix: str
    pieces: "Pieces"


class _Head(msgspec.Struct, frozen=True):
    cursor: str
    has_more: bool


class Exports:
    """One for each process. Thread-safe."""

    def __init__(self, store: Store, clock: Clock, catalogue: Catalogue, policies: Policies) -> None:
        self._store = store
        self._clock = clock
        self._catalogue = catalogue
        self._policies = policies

    def open(self, wanted: Wanted, reach: Reach | None = None) -> Export:
        """BadRequestError with every problem at once: an unknown noun or format, one that does not go with the other,
        a filter that cannot be read, a cursor of something else or from too long ago."""
        noun, cursor, bound = _checked(wanted, reach, self._clock())
        stream = self._told(noun, wanted, cursor, bound, reach)
        head = next(stream)
        if not isinstance(head, _Head):
            raise TypeError("An export begins with its head.")
        form = FORMATS[wanted.format]
        pieces = (piece for piece in stream if isinstance(piece, bytes) and piece)
        return Export(head.cursor, head.has_more, form.media_type, form.suffix, Pieces(pieces, stream.close))

    def _told(
        self, noun: Noun, wanted: Wanted, cursor: Cursor, bound: Bound, reach: Reach | None
    ) -> Generator[_Head | bytes, None, None]:
        """The head first, so that the session is open from then on and closing the iterator ends it."""
        facts = ControlFacts(self._catalogue, self._policies.book())
        with self._store.read(reach=reach) as reader:
            now = Since(evaluations.version(reader), to_epoch(reader.at))
            _refuse_old(reader, cursor, now)
            context = ExportContext(reader, facts, None if cursor.is_from_the_beginning else cursor.since)
            of_store = noun.resolve(facts, bound)
            source = noun.source(context, split_filter(of_store, noun.lasting))
            keys = source.keys(cursor.after, wanted.limit + 1) if wanted.limit else ()
            has_more = bool(wanted.limit) and len(keys) > wanted.limit
            last = keys[wanted.limit - 1] if has_more else 0
            yield _Head(cursor.next(now, last, has_more=has_more).spelled(), has_more)
            records = chain.from_iterable(_steps(source, cursor.after, last))
            writing = Writing(noun.columns, self._catalogue.controls, now.at, is_whole=context.since is None)
            yield from FORMATS[wanted.format].write(writing, records)


class Pieces:
    """The bytes of an export. Closing them ends its session too."""

    def __init__(self, pieces: Iterator[bytes], close: Callable[[], None]) -> None:
        self._pieces = pieces
        self.close = close

    def __iter__(self) -> "Pieces":
        return self

    def __next__(self) -> bytes:
        return next(self._pieces)


def _steps(source: Source[Any], after: int, last: int) -> Iterator[Iterator[Any]]:
    """Up to the last key; to the end when it is 0."""
    while keys := source.keys(after, _STEP):
        told = [key for key in keys if key <= last] if last else keys
        if not told:
            return
        yield source.records(told)
        after = keys[-1]


def _checked(wanted: Wanted, reach: Reach | None, now: datetime) -> tuple[Noun, Cursor, Bound]:
    noun, problems = NOUNS.get(wanted.noun), list[str]()
    if noun is None:
        problems.append(f"noun: {wanted.noun[:40]!r} cannot be exported; these can: {', '.join(NOUNS)}")
    if wanted.format not in FORMATS:
        problems.append(f"format: {wanted.format[:40]!r} is none of {', '.join(FORMATS)}")
    elif noun is not None and wanted.format not in noun.formats:
        problems.append(f"format: {wanted.noun} cannot be {wanted.format}; they can be {', '.join(noun.formats)}")
    if not 0 <= wanted.limit <= MOST:
        problems.append(f"limit: {wanted.limit} is not between 1 and {MOST:,}")
    cursor, bound = None, None
    if noun is not None:
        try:
            cursor = cursors.read(wanted.since, wanted.noun, wanted.query, reach)
        except BadRequestError as error:
            problems.extend(error.problems)
        try:
            bound = bind(parse(wanted.query), noun.tokens(), now)
        except BadRequestError as error:
            problems.append(f"filter: {error.message}")
    if problems or noun is None or cursor is None or bound is None:
        raise BadRequestError("The export cannot be made: " + "; ".join(problems), problems)
    return noun, cursor, bound


def _refuse_old(reader: Reader, cursor: Cursor, now: Since) -> None:
    """Notes of changes are kept for a time; a database that was put back knows nothing of what came after."""
    if cursor.is_from_the_beginning and not cursor.is_under_way:
        return
    oldest = changes.oldest(reader)
    known = [at.version for at in (cursor.since, cursor.until) if at.version]
    if min(known, default=oldest) < oldest or max(known, default=0) > now.version:
        problem = "since: changes from then on are not known any more; begin anew without it"
        raise BadRequestError(f"{problem}.", [problem])
