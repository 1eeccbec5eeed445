"""What is wrong with a draft: every field that is missing, contradicts another or is out of bounds, as `field: what is
wrong`, in the field names of the API. What could not be read is not called missing as well."""

from collections.abc import Iterator, Sequence
from datetime import date

from nephoscope.exceptions import days
from nephoscope.exceptions.drafts import Draft
from nephoscope.model.exceptions import ExceptionReason, ExceptionScope
from nephoscope.model.providers import Provider

_LONGEST_NAME = 255
_LONGEST_TEXT = 4_000
_LONGEST_ID = 2_048
_MOST_CONTROLS = 10_000
_MOST_ACCOUNTS = 10_000
_MOST_TAGS = 1_000
_MOST_RESOURCES = 100_000


def problems(draft: Draft, today: date) -> list[str]:
    """All that can be said without asking what there is."""
    return [*draft.problems, *_only_new(draft, [*_texts(draft), *_days(draft, today), *_coverage(draft)])]


def coverage_problems(draft: Draft) -> list[str]:
    """The same of the fields that say what it covers."""
    read = [problem for problem in draft.problems if _field(problem) in _OF_COVERAGE]
    return [*read, *_only_new(draft, list(_coverage(draft)))]


_OF_COVERAGE = frozenset(
    {
        *("cloudType", "exceptionScope", "controlIds", "resources", "accountIds"),
        *("resourceTagNames", "connectorTagNames", "isAllConnector"),
    }
)


def _only_new(draft: Draft, found: list[str]) -> list[str]:
    unread = {_field(problem) for problem in draft.problems}
    return [problem for problem in found if not (": missing" in problem and _field(problem) in unread)]


def _field(problem: str) -> str:
    return problem.partition(":")[0].partition("[")[0]


def _texts(draft: Draft) -> Iterator[str]:
    if not draft.name:
        yield "name: missing"
    elif len(draft.name) > _LONGEST_NAME or not draft.name.isprintable():
        yield f"name: at most {_LONGEST_NAME} printable characters"
    if not draft.explanation:
        yield "explanation: missing"
    if draft.reason is None:
        yield f"exceptionReason: missing; one of {', '.join(ExceptionReason)}"
    longer = {
        "explanation": draft.explanation,
        "informationSecurityPolicy": draft.security_policy,
        "informationSecurityProcedure": draft.security_procedure,
    }
    for field, text in longer.items():
        if len(text) > _LONGEST_TEXT:
            yield f"{field}: at most {_LONGEST_TEXT:,} characters"


def _days(draft: Draft, today: date) -> Iterator[str]:
    if draft.starts_on is None:
        yield "startDate: missing; a day as YYYY-MM-DD"
    elif draft.starts_on < today:
        yield f"startDate: {draft.starts_on} is past; today is {today}"
    if draft.ends_on is None:
        yield "endDate: missing; a day as YYYY-MM-DD"
        return
    if draft.ends_on < today:
        yield f"endDate: {draft.ends_on} is past; today is {today}"
    if draft.starts_on is not None and draft.ends_on < draft.starts_on:
        yield f"endDate: {draft.ends_on} is before the startDate {draft.starts_on}"
    if draft.ends_on > days.LAST:
        yield f"endDate: at most {days.LAST}"


def _coverage(draft: Draft) -> Iterator[str]:
    if draft.provider is None:
        yield f"cloudType: missing; one of {', '.join(Provider)}"
    if not draft.control_ids:
        yield "controlIds: missing; at least one"
    match draft.scope:
        case None:
            yield f"exceptionScope: missing; one of {', '.join(ExceptionScope)}"
        case ExceptionScope.RESOURCE:
            yield from _of_resources(draft)
        case ExceptionScope.CONNECTOR:
            yield from _of_connectors(draft)
        case ExceptionScope.QUALYSTAG:
            yield from _of_tags(draft)
    yield from _bounds(draft)


def _of_resources(draft: Draft) -> Iterator[str]:
    if not draft.resources:
        yield "resources: missing; the scope RESOURCE needs at least one"
    if draft.account_ids:
        yield "accountIds: not with the scope RESOURCE, where each resource names its account"
    yield from _not_with(draft, ExceptionScope.RESOURCE)


def _of_connectors(draft: Draft) -> Iterator[str]:
    if not draft.account_ids:
        yield "accountIds: missing; the scope CONNECTOR needs at least one"
    if draft.resources:
        yield "resources: not with the scope CONNECTOR"
    yield from _not_with(draft, ExceptionScope.CONNECTOR)


def _not_with(draft: Draft, scope: ExceptionScope) -> Iterator[str]:
    if draft.resource_tags:
        yield f"resourceTagNames: not with the scope {scope}"
    if draft.connector_tags:
        yield f"connectorTagNames: not with the scope {scope}"
    if draft.is_for_all_connectors:
        yield f"isAllConnector: not with the scope {scope}"


def _of_tags(draft: Draft) -> Iterator[str]:
    if not draft.resource_tags:
        yield "resourceTagNames: missing; the scope QUALYSTAG needs at least one"
    if draft.resources:
        yield "resources: not with the scope QUALYSTAG"
    if draft.is_for_all_connectors is None:
        yield "isAllConnector: missing; true or false"
    elif draft.is_for_all_connectors:
        if draft.account_ids:
            yield "accountIds: contradicts isAllConnector, which is true"
        if draft.connector_tags:
            yield "connectorTagNames: contradicts isAllConnector, which is true"
    elif not draft.account_ids and not draft.connector_tags:
        yield "accountIds: missing; this or connectorTagNames is needed where isAllConnector is false"
        yield "connectorTagNames: missing; this or accountIds is needed where isAllConnector is false"


def _bounds(draft: Draft) -> Iterator[str]:
    lists: dict[str, tuple[Sequence[object], int]] = {
        "controlIds": (draft.control_ids, _MOST_CONTROLS),
        "resources": (draft.resources, _MOST_RESOURCES),
        "accountIds": (draft.account_ids, _MOST_ACCOUNTS),
        "resourceTagNames": (draft.resource_tags, _MOST_TAGS),
        "connectorTagNames": (draft.connector_tags, _MOST_TAGS),
    }
    for field, (items, most) in lists.items():
        if len(items) > most:
            yield f"{field}: at most {most:,}"
    for field in ("accountIds", "resourceTagNames", "connectorTagNames"):
        if any(len(str(item)) > _LONGEST_NAME for item in lists[field][0]):
            yield f"{field}: at most {_LONGEST_NAME} characters each"
    if any(
        len(one.resource_id) > _LONGEST_ID or len(one.account_id + one.region) > _LONGEST_ID for one in draft.resources
    ):
        yield f"resources: ids have at most {_LONGEST_ID:,} characters"
