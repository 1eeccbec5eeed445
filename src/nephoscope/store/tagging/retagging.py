"""Standing rules as resources are recorded: a match puts the rule's tags on, in the same transaction; where a changed
resource no longer matches, they come off."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import select

from nephoscope.errors import BadRequestError
from nephoscope.kit.dates import from_epoch
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Resource, Tag
from nephoscope.model.tags import RuleKind
from nephoscope.qql.matching import matches
from nephoscope.store import bulk, documents, tags
from nephoscope.store.changelog.changes import ChangeKind
from nephoscope.store.matching import row_of
from nephoscope.store.session import Writer
from nephoscope.store.tables import core as tables
from nephoscope.store.tagging import rule_texts, tag_rules
from nephoscope.store.tagging.tag_rules import Standing

_ROWS = ("resource_key", "tag_key", "source_key")


class Touched(NamedTuple):
    """A resource as it was just recorded, with its document as it is kept."""

    key: int
    resource_id: str
    body: bytes


class Place(NamedTuple):
    """Where resources were recorded."""

    provider: str
    account_id: str
    resource_type: str


def retag(writer: Writer, place: Place, fresh: Sequence[Touched], changed: Sequence[Touched]) -> None:
    """After both were written."""
    rules = tag_rules.standing(writer, place.provider, place.resource_type) if fresh or changed else []
    if not rules:
        return
    batch = _Batch(writer, place, [*fresh, *changed])
    before = _given(writer, changed)
    after: set[tuple[int, int, int]] = set()
    for rule in rules:
        try:
            keys = batch.matching(rule)
        except BadRequestError:
            # A filter of an older version that this one does not understand: what it gave stays until it is removed.
            after.update(row for row in before if row[2] == rule.key)
            continue
        after.update((key, tag_key, rule.key) for key in keys for tag_key in rule.tag_keys)
    bulk.delete(writer, tables.resource_tags, _ROWS, sorted(before - after))
    bulk.insert(writer, tables.resource_tags, _ROWS, sorted(after - before))
    turned = (key for key, _, _ in before ^ after)
    tags.note_worn(writer, ChangeKind.TAGS, turned)


class _Batch:
    """What was recorded, prepared only as far as some rule looks at it."""

    def __init__(self, writer: Writer, place: Place, touched: Sequence[Touched]) -> None:
        self._writer = writer
        self._place = place
        self._touched = touched

    def matching(self, rule: Standing) -> Iterator[int]:
        """Keys. BadRequestError for a text that is not understood."""
        match rule.kind:
            case RuleKind.REGEX:
                is_id = rule_texts.id_test(rule.text)
                return (key for key, name in self._ids if is_id(name))
            case RuleKind.CLOUD_TAG:
                is_worn = rule_texts.tags_test(rule.text)
                return (key for key, worn in self._tags if is_worn(worn))
            case RuleKind.QQL:
                bound = rule_texts.conditions(Provider(self._place.provider), rule.resource_type, rule.text)
                return (key for key, row in self._rows if matches(bound, row))

    @cached_property
    def _ids(self) -> list[tuple[int, str]]:
        return [(row.key, row.resource_id) for row in self._touched]

    @cached_property
    def _tags(self) -> list[tuple[int, tuple[Tag, ...]]]:
        return [(row.key, documents.tags_of(documents.decompress(row.body))) for row in self._touched]

    @cached_property
    def _rows(self) -> list[tuple[int, Mapping[str, Any]]]:
        stored = _stored(self._writer, self._place.resource_type, [row.key for row in self._touched])
        account = self._place.account_id
        return [(row.key, row_of(documents.decode(row.body), stored[row.key], account)) for row in self._touched]


def _given(writer: Writer, changed: Sequence[Touched]) -> set[tuple[int, int, int]]:
    """What rules gave so far."""
    sql = f"""
        SELECT resource_key, tag_key, source_key FROM resource_tags
        WHERE {bulk.among(writer, "resource_key")} AND source_key <> 0
    """  # noqa: S608 - our own text
    rows = bulk.fetch(writer, sql, bulk.packed(writer, [row.key for row in changed])) if changed else []
    return {(key, tag_key, source_key) for key, tag_key, source_key in rows}


def _stored(writer: Writer, resource_type: str, keys: Sequence[int]) -> dict[int, Resource]:
    """As far as conditions look at it."""
    own = tables.resources.c
    found = {}
    for row in writer.connection.execute(select(tables.resources).where(bulk.is_among(writer, own.key, keys))):
        found[row.key] = Resource(
            key=row.key,
            uuid=row.uuid,
            connector_key=row.connector_key,
            scope_key=row.scope_key,
            resource_type=resource_type,
            region=row.region,
            resource_id=row.resource_id,
            name=row.name,
            arn=row.arn,
            created_on=from_epoch(row.created_on),
            updated_on=from_epoch(row.updated_on),
            seen_on=from_epoch(row.updated_on),
            controls_failed=row.failed,
        )
    return found
