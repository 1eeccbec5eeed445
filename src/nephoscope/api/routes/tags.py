"""Routes of tags: `applyTags` of the compatible API (contract §7.4), and our own for tags by hand and for the rules.

The rule that `applyTags` makes stands, unlike the original's: there is no need to call it again and again, and calling
it again changes nothing.
"""

from functools import partial

from litestar import delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from nephoscope.api.asking import (
    Asked,
    InPath,
    Services,
    asked_listing,
    json_object,
    parameter,
    provider_named,
    services,
    uuid_named,
)
from nephoscope.api.documenting import answers, described, page_parameters, text_parameter
from nephoscope.api.streaming import LongWork
from nephoscope.api.wire import envelope
from nephoscope.api.wire import tags as wire
from nephoscope.api.wire.envelope import PageBody
from nephoscope.api.wire.listing import STREAM_LIMIT, USUAL_PAGE
from nephoscope.errors import refuse
from nephoscope.kit.pages import PageRequest
from nephoscope.model.tags import RuleKind, TagRule
from nephoscope.store.session import Reader
from nephoscope.tags.drafts import TAG_NAMES
from nephoscope.tags.tags import Applied, Moved, RuleDraft

_TAGS = ["Tags"]
_PROVIDER = "provider"
_MOVE_EXAMPLE = {
    TAG_NAMES: ["Production"],
    wire.RESOURCES: ["6f0c9f5e-0f3c-4b5a-9a39-0c54e8a1c1d2"],
    wire.CONNECTORS: ["0d8f7a36-3c1d-4f0e-8b57-9a3f1b7e6c11"],
}
_RULE_EXAMPLE = {
    "provider": "AWS",
    "kind": "qql",
    "text": "instance.type:t2.micro",
    "resourceType": "EC2_INSTANCE",
    TAG_NAMES: ["Small"],
}


@post(
    "/{provider:str}/evaluations/applyTags",
    tags=["Evaluations"],
    summary="Tag resources by regular expression",
    description=(
        "Puts the tags on every resource whose whole id matches, whatever page is asked for, and on those that are "
        "recorded later: the rule stands until it is removed under `/api/tag-rules`. Answers the controls and the "
        f"number of the evaluations concerned. `{TAG_NAMES}` is a list, or one text with commas."
    ),
    operation_class=described(
        page_parameters(USUAL_PAGE, STREAM_LIMIT), body={TAG_NAMES: ["Production"], wire.REGEX: ".*prod.*"}
    ),
    responses=answers(wire.AppliedBody, "What was tagged"),
    status_code=200,
)
async def apply_tags(request: Asked, provider: InPath, body: RawBody) -> wire.AppliedBody:
    cloud = provider_named(provider)
    asked_listing(request, USUAL_PAGE, STREAM_LIMIT)
    return wire.applied(await _applied(request, wire.read_regex_rule(json_object(request, body), cloud)))


@get(
    "/tags",
    tags=_TAGS,
    summary="List tags",
    description="Every tag that was ever used, in order of name, with how many resources and connectors wear it now.",
    operation_class=described(page_parameters(USUAL_PAGE)),
    responses=answers(PageBody[wire.TagBody], "A page of tags"),
    media_type="application/json",
    sync_to_thread=True,
)
def list_tags(request: Asked) -> bytes:
    page = services(request).usecases.tags.list(_wanted(request), reach=request.user.reach)
    return envelope.page([wire.tag(row) for row in page.rows], page.total, page.request)


@post(
    "/tags/assign",
    tags=_TAGS,
    summary="Put tags on resources and connectors",
    description="Resources and connectors by their uuids. A tag that does not exist yet is made. All or nothing.",
    operation_class=described(body=_MOVE_EXAMPLE),
    responses=answers(wire.MovedBody, "What changed"),
    status_code=200,
    sync_to_thread=True,
)
def assign_tags(request: Asked, body: RawBody) -> wire.MovedBody:
    move = _read_move(request, body)
    who = request.user
    done = services(request).usecases.tags.assign(
        move.tag_names, move.resources, move.connectors, who.name, reach=who.reach
    )
    return wire.moved(done)


@post(
    "/tags/remove",
    tags=_TAGS,
    summary="Take tags off resources and connectors",
    description="Those that were put on by hand. What a rule gives stays on until the rule is removed.",
    operation_class=described(body=_MOVE_EXAMPLE),
    responses=answers(wire.MovedBody, "What changed"),
    status_code=200,
    sync_to_thread=True,
)
def remove_tags(request: Asked, body: RawBody) -> wire.MovedBody:
    move = _read_move(request, body)
    who = request.user
    done: Moved = services(request).usecases.tags.remove(
        move.tag_names, move.resources, move.connectors, who.name, reach=who.reach
    )
    return wire.moved(done)


@get(
    "/tag-rules",
    tags=_TAGS,
    summary="List rules",
    description="The rules that stand, the oldest first, with how many resources each one matches now.",
    operation_class=described((*page_parameters(USUAL_PAGE), text_parameter(_PROVIDER, "Only those of one cloud."))),
    responses=answers(PageBody[wire.RuleBody], "A page of rules"),
    media_type="application/json",
    sync_to_thread=True,
)
def list_rules(request: Asked) -> bytes:
    name = parameter(request, _PROVIDER)
    page = services(request).usecases.tags.rules(provider_named(name) if name else None, _wanted(request))
    return envelope.page([wire.rule(row) for row in page.rows], page.total, page.request)


@post(
    "/tag-rules",
    tags=_TAGS,
    summary="Make a rule",
    description=(
        "`kind` is `regex` (the whole resource id, in RE2's syntax), `cloud_tag` (`key=value` or `key`, as the cloud "
        "spells them) or `qql` (a filter; with `resourceType` over that type's own tokens, without it over those that "
        "all types share). What matches now is tagged at once, what matches later as it is recorded, and what matches "
        "no longer loses the tag. The same rule again changes nothing."
    ),
    operation_class=described(body=_RULE_EXAMPLE),
    responses=answers(wire.MadeRuleBody, "The rule, and the evaluations that it concerns now", status=201),
    status_code=201,
)
async def create_rule(request: Asked, body: RawBody) -> wire.MadeRuleBody:
    return wire.made_rule(await _applied(request, wire.read_rule(json_object(request, body))))


@get(
    "/tag-rules/{rule_id:str}",
    tags=_TAGS,
    summary="One rule",
    responses=answers(wire.RuleBody, "The rule"),
    sync_to_thread=True,
)
def get_rule(request: Asked, rule_id: InPath) -> wire.RuleBody:
    return wire.rule(_named(request, rule_id))


@get(
    "/tag-rules/{rule_id:str}/resources",
    tags=_TAGS,
    summary="What a rule matches",
    operation_class=described(page_parameters(USUAL_PAGE)),
    responses=answers(PageBody[wire.MatchedBody], "A page of resources"),
    media_type="application/json",
    sync_to_thread=True,
)
def list_matched(request: Asked, rule_id: InPath) -> bytes:
    page = services(request).usecases.tags.matched(_named(request, rule_id).uuid, _wanted(request))
    return envelope.page([wire.matched(row) for row in page.rows], page.total, page.request)


@delete(
    "/tag-rules/{rule_id:str}",
    tags=_TAGS,
    summary="Remove a rule",
    description="Its tags come off everything that has them from no other rule and no hand.",
    sync_to_thread=True,
)
def delete_rule(request: Asked, rule_id: InPath) -> None:
    services(request).usecases.tags.remove_rule(_named(request, rule_id).uuid, request.user.name)


async def _applied(request: Asked, draft: RuleDraft) -> Applied:
    """Over a million resources it takes seconds: on a thread of its own, in turn with other long work."""
    work = LongWork(services(request).slots)
    try:
        return await work.run(partial(_apply, services(request), draft, request.user.name))
    finally:
        work.close()


def _apply(here: Services, draft: RuleDraft, by: str) -> Applied:
    if draft.kind is not RuleKind.REGEX:
        return here.usecases.tags.apply(draft, by)

    def find(reader: Reader, rule: TagRule) -> list[int]:
        return here.regexes.resource_keys(reader, rule.provider, rule.text)

    return here.usecases.tags.apply(draft, by, find)


def _wanted(request: Asked) -> PageRequest:
    asked = asked_listing(request, USUAL_PAGE)
    return PageRequest(asked.page, asked.size)


def _read_move(request: Asked, body: bytes) -> wire.Move:
    """BadRequestError names every field that cannot be read."""
    move = wire.read_move(json_object(request, body))
    refuse("The tags cannot be changed", move.problems)
    return move


def _named(request: Asked, rule_id: str) -> TagRule:
    return services(request).usecases.tags.rule(uuid_named(rule_id, "tag rule"))


ROUTES: tuple[HTTPRouteHandler, ...] = (apply_tags,)
OWN_ROUTES: tuple[HTTPRouteHandler, ...] = (
    list_tags,
    assign_tags,
    remove_tags,
    list_rules,
    create_rule,
    get_rule,
    list_matched,
    delete_rule,
)
