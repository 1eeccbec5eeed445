"""What may be a tag's name and what may stand as a rule; everything that is wrong is said at once."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import uuid4

import msgspec

from nephoscope.errors import BadRequestError, NotFoundError, refuse
from nephoscope.kit.folding import fold
from nephoscope.model.providers import Provider
from nephoscope.model.tags import RuleKind, TagRule
from nephoscope.resource_types.table import find_type
from nephoscope.store.tagging import rule_texts
from nephoscope.store.text import is_storable

LONGEST_NAME = 256
"""Characters of a tag's name."""
MOST_NAMES = 50
"""Tags given at once."""
LONGEST_TEXT = 16_384
"""Characters of a rule's text; patterns have a limit of their own."""

TAG_NAMES = "tagNames"
_SHOWN = 60


class RuleDraft(msgspec.Struct, frozen=True):
    """A rule as asked for. `problems` are those of the body that it was read from."""

    provider: Provider
    kind: RuleKind
    text: str
    tag_names: tuple[str, ...]
    resource_type: str = ""
    problems: tuple[str, ...] = ()


def checked_names(names: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """(names to use, problems). Spaces around a name are none of it; a name in another case is the same one."""
    tidy = [name.strip() for name in names]
    problems = list(_problems_of_names(tidy))
    return tuple({fold(name): name for name in reversed(tidy)}.values())[::-1], problems


def rule_of(draft: RuleDraft, by: str, now: datetime) -> TagRule:
    """BadRequestError names every problem."""
    unread = {problem.partition(":")[0] for problem in draft.problems}
    problems = list(draft.problems)
    names, of_names = checked_names(draft.tag_names)
    if TAG_NAMES not in unread:
        problems += of_names
    resource_type, of_text = _checked_text(draft)
    if not unread & {"regex", "text"}:
        problems += of_text
    refuse("The rule cannot stand", problems)
    return TagRule(
        uuid=uuid4(),
        provider=draft.provider,
        kind=draft.kind,
        text=draft.text,
        tag_names=names,
        created_by=by,
        created_on=now.replace(microsecond=0),
        resource_type=resource_type,
    )


def _problems_of_names(names: Sequence[str]) -> Iterator[str]:
    if not names:
        yield f"{TAG_NAMES}: at least one name is needed"
    if len(names) > MOST_NAMES:
        yield f"{TAG_NAMES}: {len(names):,} names; {MOST_NAMES} are allowed at once"
        return
    for name in names:
        if not name:
            yield f"{TAG_NAMES}: a name is empty"
        elif len(name) > LONGEST_NAME:
            yield f"{TAG_NAMES}: {name[:_SHOWN]!r}… has {len(name):,} characters; {LONGEST_NAME} are allowed"
        elif "," in name or not name.isprintable() or not is_storable(name):
            yield f"{TAG_NAMES}: {name[:_SHOWN]!r} must be printable and without commas"


def _checked_text(draft: RuleDraft) -> tuple[str, list[str]]:
    """(the type by its own name, problems)."""
    field = "regex" if draft.kind is RuleKind.REGEX else "text"
    if draft.resource_type and draft.kind is not RuleKind.QQL:
        return "", [f"resourceType: only a rule of kind {RuleKind.QQL} looks at one type"]
    if len(draft.text) > LONGEST_TEXT or not is_storable(draft.text):
        return "", [f"{field}: at most {LONGEST_TEXT:,} characters, without NUL and broken surrogates"]
    try:
        name = find_type(draft.provider, draft.resource_type).name if draft.resource_type else ""
        rule_texts.check(draft.kind, draft.provider, name, draft.text)
    except NotFoundError as error:
        return "", [f"resourceType: {error.message}"]
    except BadRequestError as error:
        return "", [error.message if draft.kind is RuleKind.REGEX else f"{field}: {error.message}"]
    return name, []
