"""Tags: their names, and who wears them. Rules that put them on are in `tagging`.

One tag has one name in any case (A to Z), spelled as it was first written. A resource wears a tag while one source is
left: a rule, or a person (`BY_HAND`).
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

from sqlalchemy import ColumnElement, Select, func, not_, select
from sqlalchemy.dialects import postgresql, sqlite

from nephoscope.kit.chunks import chunks
from nephoscope.kit.folding import fold
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.tags import TagCount
from nephoscope.qql.bound import Condition, Operator
from nephoscope.store import bulk
from nephoscope.store.changelog import changes
from nephoscope.store.changelog.changes import ChangeKind, Note
from nephoscope.store.conditions import words
from nephoscope.store.pages import count_rows, limited
from nephoscope.store.reach import connector_is_seen, resource_is_seen, tag_is_seen
from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables.core import connector_tags, connectors, resource_tags, resources, tags
from nephoscope.store.text import is_storable

BY_HAND = 0
"""The source of a tag that a person put on."""
_MANY = 20_000
"""Keys of one statement."""

Pair = tuple[int, int]
"""(key of a resource or connector, key of a tag)."""


def ensure(writer: Writer, names: Iterable[str]) -> dict[str, int]:
    """Folded name → key, making what is new, in order of name, so that no two writers wait for each other."""
    wanted = {fold(name): name for name in names}
    add = (postgresql.insert if writer.is_postgres else sqlite.insert)(tags).on_conflict_do_nothing()
    for folded, name in sorted(wanted.items()):
        if folded not in find(writer, (name,)):
            writer.connection.execute(add.values(name=name, folded=folded))
    return find(writer, wanted)


def find(reader: Reader, names: Iterable[str]) -> dict[str, int]:
    """Folded name → key, of those that exist."""
    wanted = [fold(name) for name in names if is_storable(name)]
    rows = reader.connection.execute(select(tags.c.folded, tags.c.key).where(tags.c.folded.in_(wanted)))
    return {folded: key for folded, key in rows}  # noqa: C416 - a Row is no pair to mypy


def spelled(reader: Reader, keys: Iterable[int]) -> dict[int, str]:
    """Key → name."""
    rows = reader.connection.execute(select(tags.c.key, tags.c.name).where(tags.c.key.in_(list(keys))))
    return {key: name for key, name in rows}  # noqa: C416 - as above


def page(reader: Reader, request: PageRequest) -> Page[TagCount]:
    """Every tag that there ever was, in order of name; for a reader with a reach, those that something seen wears, and
    what wears them of that."""
    is_seen = tag_is_seen(reader)
    total = count_rows(reader, tags, is_seen)
    listing = limited(select(tags.c.key, tags.c.name).where(is_seen).order_by(tags.c.folded), request)
    found = {key: name for key, name in reader.connection.execute(listing)}  # noqa: C416 - as above
    if reader.reach is None:
        on_resources, on_connectors = _counts(reader, "resource", found), _counts(reader, "connector", found)
    else:
        on_resources, on_connectors = _seen_on_resources(reader, found), _seen_on_connectors(reader, found)
    rows = (TagCount(name, on_resources.get(key, 0), on_connectors.get(key, 0)) for key, name in found.items())
    return Page(tuple(rows), total, request)


def _counts(reader: Reader, noun: str, keys: Iterable[int]) -> Mapping[int, int]:
    sql = f"""
        SELECT tag_key, count(DISTINCT {noun}_key) FROM {noun}_tags WHERE {bulk.among(reader, "tag_key")}
        GROUP BY tag_key
    """  # noqa: S608 - names of our own schema
    return dict(bulk.fetch(reader, sql, bulk.packed(reader, keys)))


def _seen_on_resources(reader: Reader, keys: Iterable[int]) -> Mapping[int, int]:
    own = resource_tags.c
    rows = select(own.tag_key, func.count(own.resource_key.distinct())).join_from(
        resource_tags, resources, resources.c.key == own.resource_key
    )
    return _grouped(reader, rows.where(resource_is_seen(reader)), own.tag_key, keys)


def _seen_on_connectors(reader: Reader, keys: Iterable[int]) -> Mapping[int, int]:
    own = connector_tags.c
    rows = select(own.tag_key, func.count()).join_from(
        connector_tags, connectors, connectors.c.key == own.connector_key
    )
    return _grouped(reader, rows.where(connector_is_seen(reader)), own.tag_key, keys)


def _grouped(reader: Reader, rows: Select[Any], tag_key: ColumnElement[int], keys: Iterable[int]) -> Mapping[int, int]:
    counts = rows.where(bulk.is_among(reader, tag_key, list(keys))).group_by(tag_key)
    return {key: count for key, count in reader.connection.execute(counts)}  # noqa: C416 - as above


def worn(reader: Reader, resource_keys: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Resource → the names of its tags, in order of name. Resources without any are left out."""
    return _worn(reader, "resource", resource_keys)


def worn_by_connectors(reader: Reader, connector_keys: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Like `worn`."""
    return _worn(reader, "connector", connector_keys)


def _worn(reader: Reader, noun: str, keys: Sequence[int]) -> dict[int, tuple[str, ...]]:
    sql = f"""
        SELECT DISTINCT w.{noun}_key, t.folded, t.name FROM {noun}_tags w JOIN tags t ON t.key = w.tag_key
        WHERE {bulk.among(reader, f"w.{noun}_key")} ORDER BY 1, 2
    """  # noqa: S608 - names of our own schema
    found: dict[int, list[str]] = {}
    for part in chunks(keys, _MANY):
        for key, _, name in bulk.fetch(reader, sql, bulk.packed(reader, part)):
            found.setdefault(key, []).append(name)
    return {key: tuple(names) for key, names in found.items()}


def wearing(reader: Reader, resource_keys: Sequence[int], tag_keys: Iterable[int]) -> int:
    """How many of the resources wear one of the tags, whoever gave it."""
    sql = f"""
        SELECT count(DISTINCT resource_key) FROM resource_tags
        WHERE {bulk.among(reader, "resource_key")} AND {bulk.among(reader, "tag_key")}
    """  # noqa: S608 - our own text
    return int(bulk.fetch(reader, sql, bulk.packed(reader, resource_keys), bulk.packed(reader, tag_keys))[0][0])


def put_on(writer: Writer, resource_keys: Sequence[int], tag_keys: Iterable[int]) -> list[Pair]:
    """By hand. Answers what was not so before. Lock the owners of the resources first."""
    fresh = _missing(writer, "resource", resource_keys, tag_keys)
    rows = [(*pair, BY_HAND) for pair in fresh]
    bulk.insert(writer, resource_tags, ("resource_key", "tag_key", "source_key"), rows)
    return _changed(writer, ChangeKind.TAGS, fresh)


def take_off(writer: Writer, resource_keys: Sequence[int], tag_keys: Iterable[int]) -> list[Pair]:
    """What was put on by hand; what a rule gives stays on. Answers what was so before."""
    gone = _present(writer, "resource", resource_keys, tag_keys)
    rows = [(*pair, BY_HAND) for pair in gone]
    bulk.delete(writer, resource_tags, ("resource_key", "tag_key", "source_key"), rows)
    return _changed(writer, ChangeKind.TAGS, gone)


def put_on_connectors(writer: Writer, connector_keys: Sequence[int], tag_keys: Iterable[int]) -> list[Pair]:
    """Like `put_on`."""
    fresh = _missing(writer, "connector", connector_keys, tag_keys)
    bulk.insert(writer, connector_tags, ("connector_key", "tag_key"), fresh)
    return _changed(writer, ChangeKind.CONNECTOR_TAGS, fresh)


def take_off_connectors(writer: Writer, connector_keys: Sequence[int], tag_keys: Iterable[int]) -> list[Pair]:
    """Like `take_off`; connectors have no rules."""
    gone = _present(writer, "connector", connector_keys, tag_keys)
    bulk.delete(writer, connector_tags, ("connector_key", "tag_key"), gone)
    return _changed(writer, ChangeKind.CONNECTOR_TAGS, gone)


def _present(reader: Reader, noun: str, keys: Sequence[int], tag_keys: Iterable[int]) -> list[Pair]:
    by_hand = f"AND source_key = {BY_HAND}" if noun == "resource" else ""
    sql = f"""
        SELECT {noun}_key, tag_key FROM {noun}_tags
        WHERE {bulk.among(reader, f"{noun}_key")} AND {bulk.among(reader, "tag_key")} {by_hand}
    """  # noqa: S608 - names of our own schema
    rows = bulk.fetch(reader, sql, bulk.packed(reader, keys), bulk.packed(reader, tag_keys))
    return sorted((key, tag_key) for key, tag_key in rows)


def _missing(reader: Reader, noun: str, keys: Sequence[int], tag_keys: Iterable[int]) -> list[Pair]:
    wanted = list(tag_keys)
    return sorted(set(product(keys, wanted)) - set(_present(reader, noun, keys, wanted)))


def _changed(writer: Writer, kind: ChangeKind, pairs: list[Pair]) -> list[Pair]:
    note_worn(writer, kind, (key for key, _ in pairs))
    return pairs


def note_worn(writer: Writer, kind: ChangeKind, keys: Iterable[int]) -> None:
    """These wear other tags from now on."""
    changes.note(writer, [Note(kind, 0, key) for key in sorted(set(keys))])


def resources_wearing(condition: Condition) -> ColumnElement[bool]:
    """A condition on the names of a resource's tags, beside a statement over `resources`."""
    own = resource_tags.c
    return _wearing(select(own.tag_key).where(own.resource_key == resources.c.key), own.tag_key, condition)


def connectors_wearing(condition: Condition) -> ColumnElement[bool]:
    """The same for connectors, beside a statement over `connectors`."""
    own = connector_tags.c
    return _wearing(select(own.tag_key).where(own.connector_key == connectors.c.key), own.tag_key, condition)


def _wearing(own: Select[Any], tag_key: ColumnElement[int], condition: Condition) -> ColumnElement[bool]:
    if condition.operator is Operator.IS_NULL:
        return not_(own.exists())
    return own.where(tag_key.in_(select(tags.c.key).where(words(tags.c.name)(condition)))).exists()


def names(reader: Reader) -> tuple[str, ...]:
    """Of every tag that there ever was (and that something seen wears), as first written, in order."""
    listing = select(tags.c.name).where(tag_is_seen(reader)).order_by(tags.c.folded)
    return tuple(reader.connection.execute(listing).scalars())
