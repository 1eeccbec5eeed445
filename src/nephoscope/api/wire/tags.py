"""Tags and their rules on the wire: `applyTags` as the compatible API has it (contract §7.4), and our own bodies."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from nephoscope.api.wire.reading import Reading
from nephoscope.kit.dates import compact
from nephoscope.kit.folding import fold
from nephoscope.kit.ids import tag_uuid
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Resource
from nephoscope.model.tags import RuleKind, TagCount, TagRule
from nephoscope.tags.drafts import TAG_NAMES, RuleDraft, checked_names
from nephoscope.tags.tags import Applied, Moved

REGEX, RESOURCES, CONNECTORS = "regex", "resources", "connectors"
_KIND, _TEXT, _TYPE, _PROVIDER = "kind", "text", "resourceType", "provider"


class AppliedBody(msgspec.Struct, frozen=True, rename="camel"):
    """The evaluations of what was tagged: their controls, and how many there are."""

    control_ids: tuple[int, ...]
    message: str


class TagBody(msgspec.Struct, frozen=True, rename="camel"):
    """A tag and how many wear it."""

    tag_id: UUID
    tag_name: str
    resources: int
    connectors: int


class RuleBody(msgspec.Struct, frozen=True, rename="camel"):
    """A rule that stands. `matched` counts the resources that it matches now. An empty `resource_type` is any."""

    rule_id: UUID
    provider: str
    kind: str
    text: str
    resource_type: str
    tag_names: tuple[str, ...]
    matched: int
    created_by: str
    created_on: str


class MadeRuleBody(RuleBody, frozen=True, rename="camel"):
    """The answer to its making. `is_new` is false when the same rule stood already."""

    is_new: bool
    evaluations: int
    control_ids: tuple[int, ...]


class MatchedBody(msgspec.Struct, frozen=True, rename="camel"):
    """A resource that a rule matches."""

    uuid: UUID
    resource_id: str
    name: str
    resource_type: str
    region: str


class MovedBody(msgspec.Struct, frozen=True, rename="camel"):
    """How many changed. `kept_by_rules` resources still wear such a tag, because a rule gives it."""

    resources: int
    connectors: int
    kept_by_rules: int


class Move(msgspec.Struct, frozen=True):
    """Tags to put on or to take off, as a body says it."""

    tag_names: tuple[str, ...]
    resources: tuple[UUID, ...]
    connectors: tuple[UUID, ...]
    problems: tuple[str, ...]


def tag_id(name: str) -> UUID:
    """The same for a name in any case."""
    return tag_uuid(fold(name))


def worn_names(names: Iterable[str]) -> list[dict[str, str]]:
    """`qualysTags` of a resource."""
    return [{"tagName": name} for name in names]


def read_regex_rule(body: Reading, provider: Provider) -> RuleDraft:
    """The body of `applyTags`."""
    names, text = body.words(TAG_NAMES) or (), body.text(REGEX) or ""
    return RuleDraft(provider, RuleKind.REGEX, text, names, problems=tuple(body.problems))


def read_rule(body: Reading) -> RuleDraft:
    """The body of a rule of ours. What cannot be read is noted among its problems."""
    provider, kind = body.word(_PROVIDER, Provider), body.word(_KIND, RuleKind)
    names, text = body.words(TAG_NAMES) or (), body.text(_TEXT) or ""
    resource_type = body.text(_TYPE) or ""
    problems = tuple(body.problems)
    return RuleDraft(provider or Provider.AWS, kind or RuleKind.REGEX, text, names, resource_type, problems)


def read_move(body: Reading) -> Move:
    names = body.words(TAG_NAMES) or ()
    resources, connectors = (body.uuids(field) for field in (RESOURCES, CONNECTORS))
    problems = list(body.problems)
    if problems and not any(problem.startswith(f"{TAG_NAMES}:") for problem in problems):
        problems += checked_names(names)[1]
    return Move(names, resources or (), connectors or (), tuple(problems))


def applied(done: Applied) -> AppliedBody:
    return AppliedBody(done.control_ids, f"Tag applied successfully to {done.evaluations} evaluations")


def tag(row: TagCount) -> TagBody:
    return TagBody(tag_id(row.name), row.name, row.resources, row.connectors)


def rule(row: TagRule) -> RuleBody:
    return RuleBody(
        rule_id=row.uuid,
        provider=row.provider.value,
        kind=row.kind.value,
        text=row.text,
        resource_type=row.resource_type,
        tag_names=row.tag_names,
        matched=row.matched,
        created_by=row.created_by,
        created_on=compact(row.created_on),
    )


def made_rule(done: Applied) -> MadeRuleBody:
    facts = msgspec.structs.asdict(rule(done.rule))
    return MadeRuleBody(**facts, is_new=done.is_new, evaluations=done.evaluations, control_ids=done.control_ids)


def matched(row: Resource) -> MatchedBody:
    return MatchedBody(row.uuid, row.resource_id, row.name, row.resource_type, row.region)


def moved(done: Moved) -> MovedBody:
    return MovedBody(done.resources, done.connectors, done.kept)
