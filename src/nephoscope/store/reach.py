"""What an identity with a reach sees, as conditions: the one place where a reach becomes SQL. A reader without a reach
gets conditions that are always true, which leave no trace in a statement.

A connector is seen whole when it is in one of the groups, its account is named, or it wears one of the tags itself. Of
the others, the resources are seen that wear one of the tags, and the connector as far as it owns such a resource.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, exists, false, func, or_, select, true

from nephoscope.kit.folding import fold
from nephoscope.model.identities import Reach
from nephoscope.store import bulk
from nephoscope.store.session import Part, Reader
from nephoscope.store.tables.core import connector_tags, connectors, resource_tags, resources, tags
from nephoscope.store.tables.roles import connector_groups, group_connectors
from nephoscope.store.text import is_storable


def part(reader: Reader) -> Part | None:
    """None for a reader that sees everything."""
    if reader.reach is not None and reader.part is None:
        reader.part = _part(reader, reader.reach)
    return reader.part


def sees_whole(reader: Reader, connector_key: int) -> bool:
    found = part(reader)
    return found is None or connector_key in found.connectors


def resource_is_seen(reader: Reader) -> ColumnElement[bool]:
    """Beside a statement over resources."""
    found = part(reader)
    if found is None:
        return true()
    return or_(connector_is_among(reader, resources.c.connector_key, found), wears(reader, found))


def resource_is_seen_in(reader: Reader, connector_key: int) -> ColumnElement[bool]:
    """The same, of the resources of one connector."""
    found = part(reader)
    if found is None or connector_key in found.connectors:
        return true()
    return wears(reader, found)


def connector_is_seen(reader: Reader) -> ColumnElement[bool]:
    """Beside a statement over connectors: whole or in part."""
    found = part(reader)
    if found is None:
        return true()
    is_whole = connector_is_among(reader, connectors.c.key, found)
    if not found.tags:
        return is_whole
    owned = select(resources.c.key).where(resources.c.connector_key == connectors.c.key, wears(reader, found))
    owned = owned.correlate(connectors)
    return or_(is_whole, owned.exists())


def connector_is_among(reader: Reader, key: ColumnElement[int], found: Part) -> ColumnElement[bool]:
    """Whether it is one of those that are seen whole."""
    return bulk.is_among(reader, key, sorted(found.connectors)) if found.connectors else false()


def wears(reader: Reader, found: Part) -> ColumnElement[bool]:
    """Beside a statement over resources: one of the tags of the reach."""
    if not found.tags:
        return false()
    own = resource_tags.c
    worn = select(own.tag_key).where(own.resource_key == resources.c.key)
    return exists(worn.where(bulk.is_among(reader, own.tag_key, found.tags)).correlate(resources))


def seen_assets(reader: Reader, connector_keys: Sequence[int]) -> dict[int, int]:
    """How many resources are seen of connectors that are seen in part. Others are left out."""
    found = part(reader)
    partly = [] if found is None else [key for key in connector_keys if key not in found.connectors]
    if found is None or not partly:
        return {}
    own = resources.c
    rows = (
        select(own.connector_key, func.count())
        .where(bulk.is_among(reader, own.connector_key, partly), wears(reader, found))
        .group_by(own.connector_key)
    )
    counts = dict.fromkeys(partly, 0)
    for key, count in reader.connection.execute(rows):
        counts[key] = count
    return counts


def seen_tags(reader: Reader, names: Iterable[str]) -> frozenset[str]:
    """Those that something seen wears or that the reach names, in small letters (A to Z); all for a reader that sees
    everything."""
    wanted = {fold(name) for name in names}
    if reader.reach is None:
        return frozenset(wanted)
    own = wanted & {fold(name) for name in reader.reach.tags}
    rows = select(tags.c.folded).where(tags.c.folded.in_([name for name in wanted - own if is_storable(name)]))
    return frozenset(own | set(reader.connection.execute(rows.where(tag_is_seen(reader))).scalars()))


def tag_is_seen(reader: Reader) -> ColumnElement[bool]:
    """Beside a statement over tags: something that is seen wears it."""
    if part(reader) is None:
        return true()
    on_resource, on_connector = resource_tags.c, connector_tags.c
    worn = select(on_resource.tag_key).join(resources, resources.c.key == on_resource.resource_key)
    worn = worn.where(on_resource.tag_key == tags.c.key, resource_is_seen(reader)).correlate(tags)
    shown = select(on_connector.tag_key).join(connectors, connectors.c.key == on_connector.connector_key)
    shown = shown.where(on_connector.tag_key == tags.c.key, connector_is_seen(reader)).correlate(tags)
    return or_(worn.exists(), shown.exists())


def seen_keys(reader: Reader, provider: str) -> list[int]:
    """Keys of the resources of a provider that are seen, for whoever filters something in memory."""
    rows = (
        select(resources.c.key)
        .join(connectors, connectors.c.key == resources.c.connector_key)
        .where(connectors.c.provider == provider, resource_is_seen(reader))
    )
    return list(reader.connection.execute(rows).scalars())


def _part(reader: Reader, reach: Reach) -> Part:
    tag_keys = _tag_keys(reader, reach)
    own = connectors.c
    wearing = select(connector_tags.c.connector_key).where(bulk.is_among(reader, connector_tags.c.tag_key, tag_keys))
    grouped = (
        select(group_connectors.c.connector_key)
        .join(connector_groups, connector_groups.c.key == group_connectors.c.group_key)
        .where(connector_groups.c.uuid.in_(reach.group_ids))
    )
    accounts = [name for name in reach.accounts if is_storable(name)]
    whole = or_(own.account_id.in_(accounts), own.key.in_(grouped), own.key.in_(wearing))
    return Part(frozenset(reader.connection.execute(select(own.key).where(whole)).scalars()), tuple(tag_keys))


def _tag_keys(reader: Reader, reach: Reach) -> list[int]:
    names = [fold(name) for name in reach.tags if is_storable(name)]
    rows = select(tags.c.key).where(tags.c.folded.in_(names)).order_by(tags.c.key)
    return list(reader.connection.execute(rows).scalars()) if names else []
