"""Rules that put tags on resources: kept, listed, removed. What their texts mean is in `rule_texts`, what they match
among stored resources in `rule_matches`, and what they do to a resource as it is recorded in `retagging`.

A rule and what it put on change together; whoever makes or removes one has called `locks.lock_rules` before it read
anything.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, and_, delete, insert, select, true

from nephoscope.kit.dates import from_epoch, to_epoch
from nephoscope.kit.folding import fold
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.providers import Provider
from nephoscope.model.tags import RuleKind, TagRule
from nephoscope.store import bulk
from nephoscope.store import tags as names
from nephoscope.store.changelog.changes import ChangeKind
from nephoscope.store.pages import count_rows, limited
from nephoscope.store.session import Reader, Writer
from nephoscope.store.tables.core import resource_tags, tag_rule_tags, tag_rules
from nephoscope.store.text import storable


class Standing(NamedTuple):
    """A rule as recording needs it."""

    key: int
    kind: RuleKind
    resource_type: str
    text: str
    tag_keys: tuple[int, ...]


def create(writer: Writer, rule: TagRule, resource_keys: Sequence[int]) -> TagRule:
    """With what it matches now, in order of key. Answers it with its key, and tags as they are spelled."""
    tag_keys = sorted(names.ensure(writer, rule.tag_names).values())
    values = {
        "uuid": rule.uuid,
        "provider": rule.provider,
        "kind": rule.kind,
        "resource_type": rule.resource_type,
        "text": rule.text,
        "created_by": storable(rule.created_by),
        "created_on": to_epoch(rule.created_on),
    }
    key: int = writer.connection.execute(insert(tag_rules).values(values).returning(tag_rules.c.key)).scalar_one()
    bulk.insert(writer, tag_rule_tags, ("rule_key", "tag_key"), [(key, tag_key) for tag_key in tag_keys])
    rows = [(resource_key, tag_key, key) for resource_key in resource_keys for tag_key in tag_keys]
    bulk.insert(writer, resource_tags, ("resource_key", "tag_key", "source_key"), rows)
    names.note_worn(writer, ChangeKind.TAGS, resource_keys)
    writer.mark_changed()
    spelled = tuple(sorted(names.spelled(writer, tag_keys).values(), key=fold))
    return msgspec.structs.replace(rule, key=key, tag_names=spelled, matched=len(resource_keys))


def remove(writer: Writer, rule: TagRule) -> None:
    """With the tags that only it gave."""
    tag_keys = _tag_keys(writer, [rule.key])[rule.key]
    sql = "SELECT resource_key FROM resource_tags WHERE tag_key = ? AND source_key = ?"
    worn = (key for (key,) in bulk.fetch(writer, sql, tag_keys[0], rule.key))
    names.note_worn(writer, ChangeKind.TAGS, worn)
    for tag_key in tag_keys:
        bulk.execute(writer, "DELETE FROM resource_tags WHERE tag_key = ? AND source_key = ?", tag_key, rule.key)
    writer.connection.execute(delete(tag_rule_tags).where(tag_rule_tags.c.rule_key == rule.key))
    writer.connection.execute(delete(tag_rules).where(tag_rules.c.key == rule.key))
    writer.mark_changed()


def standing(reader: Reader, provider: str, resource_type: str) -> list[Standing]:
    """The rules that resources of this type fall under."""
    sql = """
        SELECT r.key, r.kind, r.resource_type, r.text, t.tag_key
        FROM tag_rules r JOIN tag_rule_tags t ON t.rule_key = r.key
        WHERE r.provider = ? AND r.resource_type IN (?, '') ORDER BY r.key, t.tag_key
    """
    rows = bulk.fetch(reader, sql, provider, resource_type)
    return [
        Standing(key, RuleKind(kind), of_type, text, tuple(row[-1] for row in group))
        for (key, kind, of_type, text), group in groupby(rows, key=lambda row: tuple(row[:-1]))
    ]


def count(reader: Reader) -> int:
    return count_rows(reader, tag_rules)


def page(reader: Reader, provider: Provider | None, request: PageRequest) -> Page[TagRule]:
    """The oldest first."""
    matching = tag_rules.c.provider == provider if provider else true()
    total = count_rows(reader, tag_rules, matching)
    listing = limited(select(tag_rules).where(matching).order_by(tag_rules.c.key), request)
    return Page(_rules(reader, reader.connection.execute(listing).all()), total, request)


def get(reader: Reader, uuid: UUID) -> TagRule | None:
    return _one(reader, tag_rules.c.uuid == uuid)


def find_same(reader: Reader, rule: TagRule) -> TagRule | None:
    """A rule that stands already and does exactly this."""
    own = tag_rules.c
    same = and_(
        own.provider == rule.provider,
        own.kind == rule.kind,
        own.resource_type == rule.resource_type,
        own.text == rule.text,
    )
    wanted = set(map(fold, rule.tag_names))
    rows = reader.connection.execute(select(tag_rules).where(same).order_by(own.key)).all()
    return next((found for found in _rules(reader, rows) if set(map(fold, found.tag_names)) == wanted), None)


def matched_keys(reader: Reader, rule: TagRule, request: PageRequest) -> Page[int]:
    """The resources that it matches, in order of key."""
    own = resource_tags.c
    given = and_(own.tag_key == _tag_keys(reader, [rule.key])[rule.key][0], own.source_key == rule.key)
    listing = limited(select(own.resource_key).where(given).order_by(own.resource_key), request)
    keys = tuple(reader.connection.execute(listing).scalars())
    return Page(keys, _matched(reader, rule.key, _tag_keys(reader, [rule.key])[rule.key]), request)


def _one(reader: Reader, condition: ColumnElement[bool]) -> TagRule | None:
    rows = reader.connection.execute(select(tag_rules).where(condition)).all()
    return _rules(reader, rows)[0] if rows else None


def _rules(reader: Reader, rows: Sequence[Row[Any]]) -> tuple[TagRule, ...]:
    of_rule = _tag_keys(reader, [row.key for row in rows])
    spelled = names.spelled(reader, {key for keys in of_rule.values() for key in keys})
    return tuple(_rule(reader, row, of_rule[row.key], spelled) for row in rows)


def _rule(reader: Reader, row: Row[Any], tag_keys: tuple[int, ...], spelled: Mapping[int, str]) -> TagRule:
    return TagRule(
        uuid=row.uuid,
        provider=Provider(row.provider),
        kind=RuleKind(row.kind),
        text=row.text,
        tag_names=tuple(sorted((spelled[key] for key in tag_keys), key=fold)),
        created_by=row.created_by,
        created_on=from_epoch(row.created_on),
        resource_type=row.resource_type,
        matched=_matched(reader, row.key, tag_keys),
        key=row.key,
    )


def _tag_keys(reader: Reader, rule_keys: Sequence[int]) -> dict[int, tuple[int, ...]]:
    own = tag_rule_tags.c
    listing = select(own.rule_key, own.tag_key).where(own.rule_key.in_(rule_keys)).order_by(own.rule_key, own.tag_key)
    found: dict[int, tuple[int, ...]] = {}
    for rule_key, tag_key in reader.connection.execute(listing):
        found[rule_key] = (*found.get(rule_key, ()), tag_key)
    return found


def _matched(reader: Reader, rule_key: int, tag_keys: Iterable[int]) -> int:
    """Every resource that it matches wears each of its tags: one of them is enough to count."""
    own = resource_tags.c
    given = and_(own.tag_key == next(iter(tag_keys)), own.source_key == rule_key)
    return count_rows(reader, resource_tags, given)
