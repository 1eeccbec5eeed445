"""The rules of connector groups. A group says who sees what: whoever sees a part changes none, for by that he would see
more, or others would see less."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

import msgspec

from nephoscope.audit import trail
from nephoscope.audit.trail import LOCAL
from nephoscope.errors import ConflictError, NotFoundError, refuse
from nephoscope.kit.clock import Clock
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.groups import ConnectorGroup
from nephoscope.model.identities import Reach
from nephoscope.store import connectors, groups, roles
from nephoscope.store.locks import lock_grants
from nephoscope.store.session import Reader, Store, Writer

LONGEST_NAME = 128
MOST_GROUPS = 10_000
MOST_AT_ONCE = 10_000


class Groups:
    """One for each process. Thread-safe. `reach` is the part that who asks sees."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def list(self, request: PageRequest, *, reach: Reach | None = None) -> Page[ConnectorGroup]:
        """In order of name: those that the reach names or that something seen is in."""
        with self._store.read(reach=reach) as reader:
            return groups.page(reader, request)

    def get(self, uuid: UUID, *, reach: Reach | None = None) -> ConnectorGroup:
        """NotFoundError when there is none."""
        with self._store.read(reach=reach) as reader:
            return _get(reader, uuid)

    def find(self, name: str) -> ConnectorGroup:
        """By its name, in any case, or its uuid. NotFoundError when there is none."""
        with self._store.read() as reader:
            found = groups.find_by_name(reader, name) or _by_uuid(reader, name)
        if found is None:
            raise NotFoundError(f"There is no group {name[:80]!r}.")
        return found

    def connectors_in(self, uuid: UUID, *, reach: Reach | None = None) -> tuple[UUID, ...]:
        """Those that are seen, in order of creation. NotFoundError when there is no such group."""
        with self._store.read(reach=reach) as reader:
            return groups.connectors_in(reader, _get(reader, uuid).key)

    def create(self, name: str, connector_ids: Sequence[UUID] = (), by: str = LOCAL) -> ConnectorGroup:
        """BadRequestError for a name that will not do, ConflictError for one that is taken, NotFoundError with every
        connector that does not exist."""
        _refuse(name, connector_ids)
        now = self._clock().replace(microsecond=0)
        with self._store.write() as writer:
            lock_grants(writer)
            keys = _keys(writer, connector_ids)
            if groups.count(writer) >= MOST_GROUPS:
                raise ConflictError(f"There are {MOST_GROUPS:,} groups already; delete one that nobody needs.")
            made = groups.create(writer, ConnectorGroup(uuid4(), name, by, now))
            groups.put_in(writer, made.key, keys)
            made = msgspec.structs.replace(made, connectors=len(keys))
            _record(writer, by, "group.create", made, now, connector_ids)
        return made

    def rename(self, uuid: UUID, name: str, by: str = LOCAL) -> ConnectorGroup:
        """Errors as of `create`."""
        _refuse(name, ())
        with self._store.write() as writer:
            lock_grants(writer)
            found = _get(writer, uuid)
            after = msgspec.structs.replace(found, name=name)
            groups.rename(writer, found.key, name)
            _record(writer, by, "group.rename", after, self._clock())
        return after

    def delete(self, uuid: UUID, by: str = LOCAL) -> ConnectorGroup:
        """Its connectors stay. ConflictError while it is part of what somebody sees."""
        with self._store.write() as writer:
            lock_grants(writer)
            found = _get(writer, uuid)
            count = roles.count_reaching_group(writer, str(uuid))
            if count:
                raise ConflictError(f"{count} users and API clients see this group; give them another reach first.")
            groups.delete(writer, found.key)
            _record(writer, by, "group.delete", found, self._clock())
        return found

    def add(self, uuid: UUID, connector_ids: Sequence[UUID], by: str = LOCAL) -> ConnectorGroup:
        """All or nothing; NotFoundError names every connector that does not exist. Those in it already stay."""
        _refuse(None, connector_ids)
        with self._store.write() as writer:
            lock_grants(writer)
            found = _get(writer, uuid)
            fresh = set(_keys(writer, connector_ids)) - groups.members(writer, found.key)
            if fresh:
                groups.put_in(writer, found.key, fresh)
                _record(writer, by, "group.add", found, self._clock(), connector_ids)
        return msgspec.structs.replace(found, connectors=found.connectors + len(fresh))

    def remove(self, uuid: UUID, connector_ids: Sequence[UUID], by: str = LOCAL) -> ConnectorGroup:
        """Like `add`; those that are not in it stay out."""
        _refuse(None, connector_ids)
        with self._store.write() as writer:
            lock_grants(writer)
            found = _get(writer, uuid)
            gone = set(_keys(writer, connector_ids)) & groups.members(writer, found.key)
            if gone:
                groups.take_out(writer, found.key, gone)
                _record(writer, by, "group.remove", found, self._clock(), connector_ids)
        return msgspec.structs.replace(found, connectors=found.connectors - len(gone))


def _get(reader: Reader, uuid: UUID) -> ConnectorGroup:
    found = groups.get(reader, uuid)
    if found is None:
        raise NotFoundError(f"There is no group {uuid}.")
    return found


def _by_uuid(reader: Reader, text: str) -> ConnectorGroup | None:
    try:
        return groups.get(reader, UUID(text))
    except ValueError:
        return None


def _keys(writer: Writer, connector_ids: Sequence[UUID]) -> list[int]:
    known = connectors.keys_of(writer, connector_ids)
    missing = [str(uuid) for uuid in connector_ids if uuid not in known]
    if missing:
        raise NotFoundError(f"There is no connector {', '.join(missing[:20])}.")
    return sorted(known.values())


def _refuse(name: str | None, connector_ids: Sequence[UUID]) -> None:
    problems = []
    if name is not None and not _is_name(name):
        problems.append(f"name: 1 to {LONGEST_NAME} printable characters without spaces around them")
    if len(connector_ids) > MOST_AT_ONCE:
        problems.append(f"connectorIds: at most {MOST_AT_ONCE:,} at once")
    refuse("The group cannot be accepted", problems)


def _is_name(name: str) -> bool:
    return 1 <= len(name) <= LONGEST_NAME and name.isprintable() and name == name.strip()


def _record(  # noqa: PLR0917 - what an entry of the trail says
    writer: Writer,
    by: str,
    action: str,
    group: ConnectorGroup,
    now: datetime,
    connector_ids: Sequence[UUID] = (),
) -> None:
    detail = {"name": group.name} | ({"connectors": list(connector_ids)} if connector_ids else {})
    trail.record(writer, by, action, str(group.uuid), detail, now)
