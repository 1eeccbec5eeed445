"""The rules of connectors: names and accounts are unique, drafts are checked all at once, changes are on record."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from nephoscope.audit import trail
from nephoscope.audit.trail import LOCAL
from nephoscope.connectors import drafts
from nephoscope.connectors.drafts import Draft
from nephoscope.connectors.telling import changes, told
from nephoscope.errors import BadRequestError, ConflictError, ForbiddenError, NotFoundError
from nephoscope.kit.clock import Clock
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.kit.sealing import NO_KEYS, Sealer
from nephoscope.model.connectors import ACCESS, CREDENTIAL, Connector
from nephoscope.model.identities import Reach
from nephoscope.model.providers import Provider
from nephoscope.qql.bound import Bound
from nephoscope.store import connectors, sealed
from nephoscope.store.reach import sees_whole
from nephoscope.store.session import Reader, Store, Writer

__all__ = ["Connectors", "Draft"]


class Connectors:
    def __init__(self, store: Store, clock: Clock, sealer: Sealer = NO_KEYS, *, allows_endpoints: bool = True) -> None:
        """`allows_endpoints`: connectors may name another address than their cloud's."""
        self._sealer = sealer
        self._allows_endpoints = allows_endpoints
        self._store = store
        self._clock = clock

    def list(
        self, provider: Provider | None, conditions: Bound, request: PageRequest, *, reach: Reach | None = None
    ) -> Page[Connector]:
        """`reach` here and below: the part that who asks sees."""
        with self._store.read(reach=reach) as reader:
            return connectors.page(reader, provider, conditions, request)

    def get(self, uuid: UUID, provider: Provider | None = None, *, reach: Reach | None = None) -> Connector:
        """NotFoundError when there is none (of that provider)."""
        with self._store.read(reach=reach) as reader:
            return _get(reader, uuid, provider)

    def get_whole(self, uuid: UUID, provider: Provider | None = None, *, reach: Reach | None = None) -> Connector:
        """For whoever runs, changes or removes it: ForbiddenError when a part of it is not seen."""
        with self._store.read(reach=reach) as reader:
            found = _get(reader, uuid, provider)
            if not sees_whole(reader, found.key):
                raise ForbiddenError(f"You see only a part of the connector {uuid}; somebody who sees it all may.")
        return found

    def find_account(self, provider: Provider, account_id: str, *, reach: Reach | None = None) -> Connector:
        """NotFoundError when no connector of that provider enters the account."""
        with self._store.read(reach=reach) as reader:
            found = connectors.find_by_account(reader, provider, account_id)
        if found is None:
            raise NotFoundError(f"There is no {provider} connector for the account {account_id}.")
        return found

    def create(
        self,
        provider: Provider,
        draft: Draft,
        by: str = LOCAL,
        *,
        reach: Reach | None = None,
        uuid: UUID | None = None,
    ) -> Connector:
        """BadRequestError with every problem at once; ConflictError when name or account is taken; ForbiddenError for
        an account that the reach does not name. Its first run is due at once."""
        self._refuse_endpoint(draft)
        now = self._clock()
        blank = Connector(
            uuid=uuid or uuid4(),
            provider=provider,
            account_id="",
            name="",
            created_on=now,
            access=ACCESS[provider](),
            next_sync_on=now,
        )
        wanted = drafts.apply(draft, blank)
        _refuse_unseen(wanted, reach)
        with self._store.write() as writer:
            _refuse_taken(writer, wanted, reach)
            made = connectors.create(writer, wanted)
            self._seal(writer, made.uuid, draft)
            trail.record(writer, by, "connector.create", str(made.uuid), told(made), now)
        return made

    def update(self, uuid: UUID, draft: Draft, by: str = LOCAL, *, reach: Reach | None = None) -> Connector:
        """Like `create`. The account stays as it is. A new polling frequency counts from the last run."""
        self._refuse_endpoint(draft)
        with self._store.write() as writer:
            before = _get(writer, uuid)
            has_secret = sealed.has(writer, uuid, CREDENTIAL)
            after = drafts.apply(draft, before, has_secret=has_secret)
            wanted = drafts.reschedule(before, after, self._clock())
            _refuse_taken(writer, wanted, reach)
            connectors.update(writer, wanted)
            self._seal(writer, uuid, draft)
            changed = changes(before, wanted) | ({"credential": "changed"} if draft.secret else {})
            if changed:
                trail.record(writer, by, "connector.update", str(uuid), changed, self._clock())
        return wanted

    def delete(self, uuids: Sequence[UUID], by: str = LOCAL) -> None:
        """All or nothing; NotFoundError names the unknown ones."""
        with self._store.write() as writer:
            found = {uuid: connectors.get(writer, uuid) for uuid in uuids}
            unknown = [str(uuid) for uuid, connector in found.items() if connector is None]
            if unknown:
                raise NotFoundError(f"There is no connector {', '.join(unknown[:20])}.")
            gone = [connector for connector in found.values() if connector]
            connectors.delete(writer, [connector.key for connector in gone])
            for connector in gone:
                sealed.remove(writer, connector.uuid)
                trail.record(writer, by, "connector.delete", str(connector.uuid), told(connector), self._clock())

    def _refuse_endpoint(self, draft: Draft) -> None:
        """Whoever may add connectors must not choose where the credentials of clouds are sent."""
        if draft.endpoint_url and not self._allows_endpoints:
            problem = "endpointUrl: this server asks clouds at their own addresses; NEPHOSCOPE_ENDPOINT_OVERRIDES=on"
            raise BadRequestError(f"The connector cannot be accepted: {problem} changes that.", (problem,))

    def _seal(self, writer: Writer, uuid: UUID, draft: Draft) -> None:
        if draft.secret:
            sealed.put(writer, self._sealer, uuid, CREDENTIAL, draft.secret)

    def base_accounts(self, *, reach: Reach | None = None) -> dict[str, str]:
        """Partition → the account that the program itself lives in, as far as a connector without a role says so."""
        homes: dict[str, str] = {}
        with self._store.read(reach=reach) as reader:
            for connector in connectors.every(reader, Provider.AWS):
                if not connector.aws.role_arn:
                    homes.setdefault(connector.aws.partition, connector.account_id)
        return homes


def _get(reader: Reader, uuid: UUID, provider: Provider | None = None) -> Connector:
    found = connectors.get(reader, uuid)
    if found is None or provider not in {None, found.provider}:
        raise NotFoundError(f"There is no {provider or ''} connector {uuid}.".replace("  ", " "))
    return found


def _refuse_unseen(wanted: Connector, reach: Reach | None) -> None:
    """Whoever sees a part makes nothing outside of it."""
    if reach is not None and wanted.account_id not in reach.accounts:
        raise ForbiddenError(f"The account {wanted.account_id} is none of those that you were given.")


def _refuse_taken(reader: Reader, wanted: Connector, reach: Reach | None) -> None:
    """Both at once; the store's own unique indexes catch what slips between two writers."""
    by_name = connectors.find_by_name(reader, wanted.provider, wanted.name)
    by_account = connectors.find_by_account(reader, wanted.provider, wanted.account_id)
    taken = []
    if by_name and by_name.uuid != wanted.uuid:
        is_seen = connectors.get(reader.seen_by(reach), by_name.uuid) is not None
        by = f"connector {by_name.uuid}" if is_seen else "another one"
        taken.append(f"the name {wanted.name!r} is taken by {by}")
    if by_account and by_account.uuid != wanted.uuid:
        taken.append(f"the account {wanted.account_id} already has connector {by_account.uuid}")
    if taken:
        raise ConflictError(f"The connector cannot be accepted: {' and '.join(taken)}.")
