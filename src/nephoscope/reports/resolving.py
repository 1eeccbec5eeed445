"""What a request means in one session: which policies, connectors, tags, controls and conditions. What it names must be
there and must not exclude each other; everything that is wrong is named at once, as the fields of the API."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from nephoscope.errors import BadRequestError
from nephoscope.evaluation.facts import ControlFacts
from nephoscope.kit.folding import fold
from nephoscope.kit.ids import tag_uuid
from nephoscope.model.connectors import Connector
from nephoscope.model.controls import Control
from nephoscope.model.evaluations import Status
from nephoscope.model.policies import ControlPolicy, Mandate
from nephoscope.model.reports import SHOWN_RESULTS, ReportKind, ReportRequest
from nephoscope.qql.binder import bind
from nephoscope.qql.bound import Bound, Condition, Operator, names
from nephoscope.qql.matching import matches
from nephoscope.qql.parser import parse
from nephoscope.qql.tokens import EVALUATION_TOKENS, TAG_NAME
from nephoscope.reports.bodies import CONNECTORS, GROUPS, MANDATE, POLICIES, QUERY, RESULTS, TAGS, Draft
from nephoscope.store import connectors, groups, tags
from nephoscope.store.evaluating.evaluation_walks import Wanted
from nephoscope.store.reach import seen_tags
from nephoscope.store.session import Reader

_NAMED = 20


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """`connectors` are in order of creation, `controls` by cid in order. `conditions` are about resources and dates;
    `statuses` are what of their evaluations is listed."""

    request: ReportRequest
    policies: tuple[ControlPolicy, ...]
    """That were named; none means that controls need not be in one."""
    connectors: tuple[Connector, ...]
    group_names: tuple[str, ...]
    tag_names: tuple[str, ...]
    tagged_connectors: frozenset[int]
    """Keys of those that wear one of the tags themselves."""
    controls: Mapping[int, Control]
    mandate: Mandate | None = None
    conditions: Bound
    of_status: Bound
    """What the query says about results."""
    statuses: tuple[Status, ...]

    def wanted(self, connector: Connector, statuses: Sequence[Status] | None = None) -> Wanted:
        """What a walk through an account lists."""
        return Wanted(
            connector_key=connector.key,
            cids=tuple(self.controls),
            resource_types=self.resource_types,
            conditions=self.conditions_in(connector),
            statuses=self.statuses if statuses is None else statuses,
        )

    def conditions_in(self, connector: Connector) -> Bound:
        """Of resources and dates, in that account."""
        if not self.tag_names or connector.key in self.tagged_connectors:
            return self.conditions
        return (*self.conditions, Condition(TAG_NAME, Operator.ANY_OF, self.tag_names))

    @property
    def resource_types(self) -> tuple[str, ...]:
        return tuple(sorted({control.resource_type for control in self.controls.values()}))


def resolved(reader: Reader, facts: ControlFacts, draft: Draft, now: datetime) -> Selection:
    """BadRequestError with everything that is wrong, what could not be read included."""
    resolving = _Resolving(reader, facts, draft, now)
    selection = resolving.selection()
    problems = [*draft.problems, *resolving.problems]
    if problems:
        named = "; ".join(problems[:_NAMED])
        more = f"; and {len(problems) - _NAMED} more" if len(problems) > _NAMED else ""
        raise BadRequestError(f"The report cannot be made: {named}{more}.", problems)
    return selection


class _Resolving:
    def __init__(self, reader: Reader, facts: ControlFacts, draft: Draft, now: datetime) -> None:
        self.problems: list[str] = []
        self._group_names: list[str] = []
        self._reader = reader
        self._facts = facts
        self._draft = draft
        self._request = draft.request
        self._now = now

    def selection(self) -> Selection:
        policies = self._policies()
        mandate = self._mandate()
        owners = self._connectors()
        named_tags = self._tags()
        bound = self._query()
        of_status = tuple(node for node in bound if names((node,)) == {"status"})
        of_control, rest = self._facts.split(tuple(node for node in bound if node not in of_status))
        dates = self._dates()
        return Selection(
            request=self._request,
            policies=policies,
            connectors=owners,
            group_names=tuple(self._group_names),
            tag_names=named_tags,
            tagged_connectors=self._tagged(owners, named_tags),
            controls=self._of_mandate(mandate, self._controls(policies, of_control)),
            mandate=mandate,
            conditions=(*rest, *dates),
            of_status=of_status,
            statuses=self._statuses(of_status),
        )

    def _policies(self) -> tuple[ControlPolicy, ...]:
        found = []
        for uuid in self._request.policy_ids:
            policy = self._facts.book.get(uuid)
            if policy is None:
                self._note(POLICIES, f"there is no policy {uuid}")
            elif self._is_elsewhere(policy.provider):
                self._note(POLICIES, f"{policy.title} ({uuid}) is a policy for {policy.provider}")
            else:
                found.append(policy)
        return tuple(found)

    def _connectors(self) -> tuple[Connector, ...]:
        """Those named that are in the named groups; all of the cloud when nothing is named."""
        request = self._request
        named = self._named_connectors(request.connector_ids)
        if not self._draft.is_read("cloudType"):
            return ()
        mine = {row.uuid: row for row in connectors.every(self._reader, request.provider)}
        members = self._members()
        chosen = tuple(
            row
            for uuid, row in mine.items()
            if (not request.connector_ids or uuid in named) and (members is None or row.key in members)
        )
        if not chosen and members is not None and not self.problems:
            whose = f"none of the {CONNECTORS}" if named else f"no connector of {request.provider}"
            self._note(GROUPS, f"{whose} is in these groups")
        return chosen

    def _named_connectors(self, uuids: Iterable[UUID]) -> frozenset[UUID]:
        found = set()
        for uuid in uuids:
            connector = connectors.get(self._reader, uuid)
            if connector is None:
                self._note(CONNECTORS, f"there is no connector {uuid}")
            elif self._is_elsewhere(connector.provider):
                self._note(CONNECTORS, f"{connector.name} ({uuid}) is a connector of {connector.provider}")
            else:
                found.add(uuid)
        return frozenset(found)

    def _members(self) -> frozenset[int] | None:
        """Keys of the connectors of the named groups; None when none is named."""
        if not self._request.group_ids:
            return None
        found: set[int] = set()
        for uuid in self._request.group_ids:
            group = groups.get(self._reader, uuid)
            if group is None:
                self._note(GROUPS, f"there is no group {uuid}")
            else:
                self._group_names.append(group.name)
                found |= groups.members(self._reader, group.key)
        return frozenset(found)

    def _tags(self) -> tuple[str, ...]:
        if not self._request.tag_ids:
            return ()
        every = tags.names(self._reader)
        seen = seen_tags(self._reader, every)
        known = {tag_uuid(fold(name)): name for name in every if fold(name) in seen}
        for uuid in self._request.tag_ids:
            if uuid not in known:
                self._note(TAGS, f"there is no tag {uuid}")
        return tuple(known[uuid] for uuid in self._request.tag_ids if uuid in known)

    def _tagged(self, owners: Sequence[Connector], tag_names: Sequence[str]) -> frozenset[int]:
        wanted = {fold(name) for name in tag_names}
        worn = tags.worn_by_connectors(self._reader, [owner.key for owner in owners]) if wanted else {}
        return frozenset(key for key, own in worn.items() if wanted & {fold(name) for name in own})

    def _query(self) -> Bound:
        try:
            return bind(parse(self._request.query), EVALUATION_TOKENS, self._now)
        except BadRequestError as error:
            for problem in error.problems or (error.message,):
                self._note(QUERY, problem.rstrip("."))
        return ()

    def _controls(self, policies: Sequence[ControlPolicy], of_control: Bound) -> Mapping[int, Control]:
        """Of the named policies, as far as the query leaves them."""
        known = self._facts.select(self._request.provider, ())
        left = self._facts.select(self._request.provider, of_control)
        if not self._request.policy_ids:
            if not left and known and of_control and self._draft.is_read("cloudType"):
                self._note(QUERY, f"no control for {self._request.provider} fulfils it")
            return left
        chosen = {cid for policy in policies for cid in policy.control_ids}
        found = {cid: control for cid, control in left.items() if cid in chosen}
        if policies and not found and not self.problems:
            self._note(QUERY if of_control else POLICIES, "there is no control left to report on")
        return found

    def _mandate(self) -> Mandate | None:
        wanted = self._request.mandate_id
        if self._request.kind is not ReportKind.MANDATE_BASED:
            return None
        found = next((row for row in self._facts.book.mandates if row.uuid == wanted), None)
        if found is None and self._draft.is_read(MANDATE):
            self._note(MANDATE, f"there is no mandate {wanted}" if wanted else "missing")
        return found

    def _of_mandate(self, mandate: Mandate | None, controls: Mapping[int, Control]) -> Mapping[int, Control]:
        """Those that say something about one of its requirements."""
        if mandate is None:
            return controls
        about = frozenset(mandate.control_ids)
        found = {cid: control for cid, control in controls.items() if cid in about}
        if controls and not found and not self.problems:
            self._note(MANDATE, f"none of the controls says anything about {mandate.name}")
        return found

    def _dates(self) -> Bound:
        since, until = self._request.since, self._request.until
        if since is None and until is None:
            return ()
        return (Condition("evaluated_on", Operator.BETWEEN, (since, until)),)

    def _statuses(self, of_status: Bound) -> tuple[Status, ...]:
        asked = self._request.results or SHOWN_RESULTS
        left = tuple(status for status in asked if matches(of_status, {"status": status.value}))
        if not left:
            said = f"{RESULTS} and " if self._request.results else ""
            self._note(QUERY, f"{said}what it says about results leave nothing to list")
        return left

    def _is_elsewhere(self, provider: str) -> bool:
        return self._draft.is_read("cloudType") and provider != self._request.provider

    def _note(self, field: str, problem: str) -> None:
        self.problems.append(f"{field}: {problem}")
