"""What people do with tags: put them on and take them off, by hand and by rules that stand.

A rule tags what it matches now and, in the transaction that records it, whatever matches later; removing it takes off
what only it gave. Every change is recorded in the audit trail by the transaction that makes it.
"""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

import msgspec

from nephoscope.audit import trail
from nephoscope.audit.trail import LOCAL
from nephoscope.errors import ConflictError, ForbiddenError, NotFoundError, refuse
from nephoscope.kit.clock import Clock
from nephoscope.kit.folding import fold
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.identities import Reach
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Resource
from nephoscope.model.tags import TagCount, TagRule
from nephoscope.store import connectors, evaluations, resources, tags
from nephoscope.store.locks import lock_connector, lock_rules
from nephoscope.store.reach import seen_tags, sees_whole
from nephoscope.store.session import Reader, Store, Writer
from nephoscope.store.tagging import rule_matches, tag_rules
from nephoscope.store.tags import Pair
from nephoscope.tags.drafts import RuleDraft, checked_names, rule_of

__all__ = ["Applied", "Find", "Moved", "RuleDraft", "Tags"]

MOST_THINGS = 1_000
"""Resources and connectors in one request."""
MOST_RULES = 500
"""Each of them is tried on everything that is recorded."""

Find = Callable[[Reader, TagRule], Sequence[int]]
"""Keys of the stored resources that a rule matches, in order."""


class Applied(msgspec.Struct, frozen=True):
    """What a rule did. `evaluations` counts those of the resources it matches and `control_ids` are their controls, as
    the list of evaluations by regular expression shows them. `is_new` is false for a rule that stood already."""

    rule: TagRule
    evaluations: int
    control_ids: tuple[int, ...]
    is_new: bool


class Moved(msgspec.Struct, frozen=True):
    """How many resources and connectors changed. `kept` counts resources that a rule gives such a tag all the same."""

    resources: int
    connectors: int
    kept: int = 0


class _Holders(msgspec.Struct, frozen=True):
    """What a request names: key → uuid."""

    resources: Mapping[int, UUID]
    connectors: Mapping[int, UUID]


_Pairs = tuple[Sequence[Pair], Sequence[Pair]]
"""What changed, of resources and of connectors."""


class Tags:
    """One for each process. Thread-safe."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def list(self, request: PageRequest, *, reach: Reach | None = None) -> Page[TagCount]:
        """`reach` here and below: the part that who asks sees."""
        with self._store.read(reach=reach) as reader:
            return tags.page(reader, request)

    def assign(
        self,
        names: Sequence[str],
        resource_ids: Sequence[UUID],
        connector_ids: Sequence[UUID],
        by: str = LOCAL,
        *,
        reach: Reach | None = None,
    ) -> Moved:
        """BadRequestError with every problem at once; NotFoundError names what does not exist or is not seen,
        ForbiddenError connectors that are not seen whole."""
        wanted = _checked(names, resource_ids, connector_ids)
        with self._store.write() as writer:
            held = _held(writer, resource_ids, connector_ids, reach)
            keys = tags.ensure(writer, wanted).values()
            moved = (
                tags.put_on(writer, list(held.resources), keys),
                tags.put_on_connectors(writer, list(held.connectors), keys),
            )
            self._record(writer, by, "tag.assign", held, moved)
        return _counted(*moved)

    def remove(
        self,
        names: Sequence[str],
        resource_ids: Sequence[UUID],
        connector_ids: Sequence[UUID],
        by: str = LOCAL,
        *,
        reach: Reach | None = None,
    ) -> Moved:
        """What was put on by hand. NotFoundError also for a tag that there never was; the others as of `assign`."""
        wanted = _checked(names, resource_ids, connector_ids)
        with self._store.write() as writer:
            held = _held(writer, resource_ids, connector_ids, reach)
            keys = _known(writer, wanted, reach)
            moved = (
                tags.take_off(writer, list(held.resources), keys),
                tags.take_off_connectors(writer, list(held.connectors), keys),
            )
            kept = tags.wearing(writer, list(held.resources), keys)
            self._record(writer, by, "tag.remove", held, moved)
        return _counted(*moved, kept=kept)

    def rules(self, provider: Provider | None, request: PageRequest) -> Page[TagRule]:
        """The oldest first."""
        with self._store.read() as reader:
            return tag_rules.page(reader, provider, request)

    def rule(self, uuid: UUID) -> TagRule:
        """NotFoundError when there is none."""
        with self._store.read() as reader:
            return _rule(reader, uuid)

    def matched(self, uuid: UUID, request: PageRequest) -> Page[Resource]:
        """The resources that a rule matches. NotFoundError when there is no such rule."""
        with self._store.read() as reader:
            found = tag_rules.matched_keys(reader, _rule(reader, uuid), request)
            rows = resources.by_keys(reader, found.rows)
        return Page(tuple(rows[key] for key in found.rows), found.total, request)

    def apply(self, draft: RuleDraft, by: str = LOCAL, find: Find = rule_matches.find) -> Applied:
        """Make a rule, or answer about the one that stands already: applying it again and again changes nothing.
        BadRequestError with every problem at once; ConflictError when there are too many rules."""
        wanted = rule_of(draft, by, self._clock())
        version, early = self._look(wanted, find)
        with self._store.write() as writer:
            lock_rules(writer)
            rule = tag_rules.find_same(writer, wanted)
            is_new = rule is None
            if rule is None:
                _refuse_too_many(writer)
                keys = early if evaluations.version(writer) == version else find(writer, wanted)
                rule = tag_rules.create(writer, wanted, keys)
                self._record_rule(writer, by, "tag_rule.create", rule)
        with self._store.read() as reader:
            keys = early if evaluations.version(reader) <= version + is_new else find(reader, rule)
            count, cids = rule_matches.evaluated(reader, keys), rule_matches.controls(reader, keys)
        return Applied(rule, count, tuple(cids), is_new)

    def remove_rule(self, uuid: UUID, by: str = LOCAL) -> TagRule:
        """With the tags that only it gave. NotFoundError when there is none."""
        with self._store.write() as writer:
            lock_rules(writer)
            rule = _rule(writer, uuid)
            tag_rules.remove(writer, rule)
            self._record_rule(writer, by, "tag_rule.delete", rule)
        return rule

    def _look(self, rule: TagRule, find: Find) -> tuple[int, Sequence[int]]:
        """Before anything is locked, for it may take a while; what changed meanwhile shows in the version."""
        with self._store.read() as reader:
            return evaluations.version(reader), find(reader, rule)

    def _record(self, writer: Writer, by: str, action: str, held: _Holders, moved: _Pairs) -> None:
        """An entry for each tag that was really put on or taken off something."""
        on_resources, on_connectors = moved
        spelled = tags.spelled(writer, {tag_key for _, tag_key in (*on_resources, *on_connectors)})
        for tag_key, name in sorted(spelled.items()):
            detail = {
                "resources": [held.resources[key] for key, tag in on_resources if tag == tag_key],
                "connectors": [held.connectors[key] for key, tag in on_connectors if tag == tag_key],
            }
            trail.record(writer, by, action, name, detail, self._clock())

    def _record_rule(self, writer: Writer, by: str, action: str, rule: TagRule) -> None:
        detail = {
            "provider": rule.provider,
            "kind": rule.kind,
            "resource_type": rule.resource_type,
            "text": rule.text,
            "tags": rule.tag_names,
            "matched": rule.matched,
        }
        trail.record(writer, by, action, str(rule.uuid), detail, self._clock())


def _checked(names: Sequence[str], resource_ids: Sequence[UUID], connector_ids: Sequence[UUID]) -> tuple[str, ...]:
    wanted, problems = checked_names(names)
    count = len(resource_ids) + len(connector_ids)
    if not count:
        problems.append("resources, connectors: at least one id is needed")
    if count > MOST_THINGS:
        problems.append(f"resources, connectors: {count:,} ids; {MOST_THINGS:,} are allowed at once")
    refuse("The tags cannot be changed", problems)
    return wanted


def _held(writer: Writer, resource_ids: Sequence[UUID], connector_ids: Sequence[UUID], reach: Reach | None) -> _Holders:
    """Locked until the transaction ends. NotFoundError names every one that does not exist or is not seen."""
    seen = writer.seen_by(reach)
    named = connectors.keys_of(seen, connector_ids)
    owners = (connector_key for _, connector_key in resources.places(writer, resource_ids).values())
    for key in sorted({*owners, *named.values()}):
        lock_connector(writer, key)
    found = {uuid: key for uuid, (key, _) in resources.places(seen, resource_ids).items()}
    missing = [
        *(f"resource {uuid}" for uuid in resource_ids if uuid not in found),
        *(f"connector {uuid}" for uuid in connector_ids if uuid not in named),
    ]
    if missing:
        raise NotFoundError(f"There is no {', no '.join(missing[:20])}.")
    partly = [str(uuid) for uuid, key in named.items() if not sees_whole(seen, key)]
    if partly:
        raise ForbiddenError(f"You see only a part of the connector {', '.join(partly[:20])}; tag its resources.")
    return _Holders(_turned(found), _turned(named))


def _counted(on_resources: Sequence[Pair], on_connectors: Sequence[Pair], kept: int = 0) -> Moved:
    return Moved(len({key for key, _ in on_resources}), len({key for key, _ in on_connectors}), kept)


def _turned(keys: Mapping[UUID, int]) -> dict[int, UUID]:
    return {key: uuid for uuid, key in keys.items()}


def _known(reader: Reader, names: Sequence[str], reach: Reach | None) -> list[int]:
    seen = seen_tags(reader.seen_by(reach), names)
    found = {folded: key for folded, key in tags.find(reader, names).items() if folded in seen}
    unknown = [name for name in names if fold(name) not in found]
    if unknown:
        raise NotFoundError(f"There is no tag {', no tag '.join(unknown[:20])}.")
    return list(found.values())


def _rule(reader: Reader, uuid: UUID) -> TagRule:
    found = tag_rules.get(reader, uuid)
    if found is None:
        raise NotFoundError(f"There is no tag rule {uuid}.")
    return found


def _refuse_too_many(reader: Reader) -> None:
    if tag_rules.count(reader) >= MOST_RULES:
        raise ConflictError(f"There are {MOST_RULES} rules already; remove one that is not needed any more.")
