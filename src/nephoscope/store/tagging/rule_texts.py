"""What the text of a rule means: a test of resource ids, a test of the cloud's tags, or conditions over resources."""

from collections.abc import Callable, Iterable
from functools import cache, lru_cache

from nephoscope.errors import BadRequestError
from nephoscope.kit.dates import from_epoch
from nephoscope.kit.patterns import whole_match
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Tag
from nephoscope.model.tags import RuleKind
from nephoscope.qql.binder import bind
from nephoscope.qql.bound import Bound
from nephoscope.qql.parser import parse
from nephoscope.qql.tokens import TAG_NAME, Tokens, resource_tokens
from nephoscope.resource_types.table import find_type, types_of

_ONE_DAY, _OTHER_DAY = from_epoch(0), from_epoch(10**9)


def check(kind: RuleKind, provider: Provider, resource_type: str, text: str) -> None:
    """BadRequestError says why it cannot stand as a rule."""
    match kind:
        case RuleKind.REGEX:
            whole_match(text)
        case RuleKind.CLOUD_TAG:
            if not text:
                raise BadRequestError("A cloud tag is written key=value, or key for any value.")
        case RuleKind.QQL:
            conditions(provider, resource_type, text)


def id_test(text: str) -> Callable[[str], bool]:
    """For REGEX: whether a whole id matches."""
    return whole_match(text)


def tags_test(text: str) -> Callable[[Iterable[Tag]], bool]:
    """For CLOUD_TAG: whether one of the tags is meant, in the cloud's own spelling. Keys may hold `=` themselves."""
    return lambda tags: any(text in (tag.key, f"{tag.key}={tag.value}") for tag in tags)


@lru_cache(maxsize=1024)
def conditions(provider: Provider, resource_type: str, text: str) -> Bound:
    """For QQL. BadRequestError for a filter that cannot be read here, asks for nothing, or means something else
    tomorrow."""
    query, tokens = parse(text), tokens_of(provider, resource_type)
    bound = bind(query, tokens, _ONE_DAY)
    if not bound:
        raise BadRequestError("A filter is needed, such as region:eu-west-1.")
    if bound != bind(query, tokens, _OTHER_DAY):
        raise BadRequestError("A rule stands, so its dates must be fixed ones: write 2026-01-31 instead of now-30d.")
    return bound


def tokens_of(provider: Provider, resource_type: str) -> Tokens:
    """Of one type, or what every type of the provider knows alike. A rule looks at what the cloud says, not at the tags
    that rules put on, nor at what lies on disks."""
    if resource_type:
        tokens = resource_tokens(find_type(provider, resource_type), with_findings=False)
    else:
        tokens = _common_tokens(provider)
    return {name: token for name, token in tokens.items() if token.field != TAG_NAME}


@cache
def _common_tokens(provider: Provider) -> Tokens:
    tables = [resource_tokens(row, with_findings=False) for row in types_of(provider)]
    if not tables:
        return {}
    first, *others = tables
    return {name: token for name, token in first.items() if all(table.get(name) == token for table in others)}
