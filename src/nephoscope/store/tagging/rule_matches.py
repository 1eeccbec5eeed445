"""Which of the stored resources a rule matches, and which of their evaluations that concerns."""

from collections.abc import Iterator, Mapping, Sequence

from nephoscope.kit.chunks import chunks
from nephoscope.model.tags import RuleKind, TagRule
from nephoscope.store import bulk, documents, resources
from nephoscope.store.session import Reader
from nephoscope.store.tagging import rule_texts

_CHUNK = 2_000
"""Resources whose controls are looked up at once."""


def find(reader: Reader, rule: TagRule) -> list[int]:
    """Keys of the resources that match, in order. BadRequestError for a text that cannot be used."""
    match rule.kind:
        case RuleKind.REGEX:
            return list(_by_id(reader, rule))
        case RuleKind.CLOUD_TAG:
            return sorted(_by_tag(reader, rule))
        case RuleKind.QQL:
            bound = rule_texts.conditions(rule.provider, rule.resource_type, rule.text)
            return resources.matching_keys(reader, rule.provider, rule.resource_type, bound)


_IDS = """
    SELECT r.key, r.resource_id FROM resources r JOIN connectors c ON c.key = r.connector_key
    WHERE c.provider = ? ORDER BY r.key
"""
_BODIES = """
    SELECT d.resource_key, d.body
    FROM connectors c JOIN resources r ON r.connector_key = c.key JOIN documents d ON d.resource_key = r.key
    WHERE c.provider = ?
"""


def _by_id(reader: Reader, rule: TagRule) -> Iterator[int]:
    is_id = rule_texts.id_test(rule.text)
    for rows in bulk.stream(reader, _IDS, rule.provider.value):
        yield from (key for key, name in rows if is_id(name))


def _by_tag(reader: Reader, rule: TagRule) -> Iterator[int]:
    """Most documents are passed over as bytes: what is worn stands in them as it is written."""
    is_worn, needle = rule_texts.tags_test(rule.text), rule.text.partition("=")[0].encode()
    for rows in bulk.stream(reader, _BODIES, rule.provider.value):
        for key, body in rows:
            plain = documents.decompress(body)
            if needle in plain and is_worn(documents.tags_of(plain)):
                yield key


def evaluated(reader: Reader, keys: Sequence[int]) -> int:
    """How many evaluations these resources have, as listings by regular expression show them."""
    sql = f"""
        SELECT coalesce(sum(r.failed + CASE WHEN s.outcome = 'complete' THEN r.passed ELSE 0 END), 0)
        FROM resources r JOIN scopes s ON s.key = r.scope_key WHERE {bulk.among(reader, "r.key")}
    """  # noqa: S608 - our own text
    return int(bulk.fetch(reader, sql, bulk.packed(reader, keys))[0][0])


def controls(reader: Reader, keys: Sequence[int]) -> list[int]:
    """Cids of those evaluations, in order. The counters say which cids a scope has at all: resources are only looked at
    until each of these was found once, which is soon."""
    found: set[int] = set()
    for scope_key, members in _by_scope(reader, keys).items():
        missing = _candidates(reader, scope_key) - found
        for part in chunks(members, _CHUNK):
            if not missing:
                break
            seen = _seen(reader, part)
            found |= seen
            missing -= seen
    return sorted(found)


def _by_scope(reader: Reader, keys: Sequence[int]) -> Mapping[int, list[int]]:
    sql = f"SELECT scope_key, key FROM resources WHERE {bulk.among(reader, 'key')} ORDER BY key"  # noqa: S608 - as above
    found: dict[int, list[int]] = {}
    for scope_key, key in bulk.fetch(reader, sql, bulk.packed(reader, keys)):
        found.setdefault(scope_key, []).append(key)
    return found


def _candidates(reader: Reader, scope_key: int) -> set[int]:
    sql = """
        SELECT DISTINCT t.cid FROM scopes s JOIN tallies t ON t.connector_key = s.connector_key AND t.scope_key = s.key
        WHERE s.key = ? AND (t.status = 2 OR (t.status = 1 AND s.outcome = 'complete'))
    """
    return {cid for (cid,) in bulk.fetch(reader, sql, scope_key)}


def _seen(reader: Reader, keys: Sequence[int]) -> set[int]:
    sql = f"""
        SELECT DISTINCT e.cid FROM resources r JOIN scopes s ON s.key = r.scope_key
        JOIN evaluations e ON e.connector_key = r.connector_key AND e.resource_key = r.key
        WHERE {bulk.among(reader, "r.key")} AND (e.status = 2 OR (e.status = 1 AND s.outcome = 'complete'))
    """  # noqa: S608 - as above
    return {cid for (cid,) in bulk.fetch(reader, sql, bulk.packed(reader, keys))}
