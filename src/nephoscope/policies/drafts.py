"""What a person asks for when making or changing a policy, how a JSON body or a YAML file says it, and what may be."""

from collections.abc import Mapping
from typing import Any

import msgspec

from nephoscope.errors import BadRequestError
from nephoscope.kit.folding import fold
from nephoscope.model.controls import Control
from nephoscope.model.policies import ControlPolicy
from nephoscope.model.providers import Provider
from nephoscope.policies.book import PolicyBook

TITLE, CLOUD, DESCRIPTION, CONTROL_IDS = "title", "cloudType", "description", "controlIds"
LONGEST_TITLE, LONGEST_DESCRIPTION, MOST_CONTROLS = 200, 4_000, 5_000
_LARGEST_CID, _DIGITS, _SHOWN, _NAMED = 2**31 - 1, 10, 60, 20


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A policy as asked for: typed, not yet checked. None is not said: when one is changed, it stays as it is.
    `problems` are the fields whose value could not be read, each as `field: what is right`."""

    title: str | None = None
    provider: Provider | None = None
    description: str | None = None
    control_ids: tuple[int, ...] | None = None
    problems: tuple[str, ...] = ()


def draft_of(said: Mapping[str, Any]) -> Draft:
    """The draft that an object says, field names in any case; other fields are for somebody else. Never raises."""
    values = {str(name).lower(): value for name, value in said.items() if value is not None}
    problems: list[str] = []
    return Draft(
        title=_text(values, TITLE, problems),
        provider=_provider(values, problems),
        description=_text(values, DESCRIPTION, problems),
        control_ids=_cids(values, problems),
        problems=tuple(problems),
    )


def checked(
    draft: Draft, controls: Mapping[int, Control], book: PolicyBook, changed: ControlPolicy | None = None
) -> Draft:
    """The draft, whole: what it leaves out is that of the policy to be changed. BadRequestError names everything that
    is wrong with it at once."""
    problems = list(draft.problems)
    said = _completed(draft, changed)
    unread = {problem.partition(":")[0] for problem in problems}
    if TITLE not in unread:
        problems += _title_problems(said.title or "", book, changed)
    if len(said.description or "") > LONGEST_DESCRIPTION:
        problems.append(f"{DESCRIPTION}: {len(said.description or '')} characters; {LONGEST_DESCRIPTION} are allowed")
    if CONTROL_IDS not in unread:
        problems += _control_problems(said, controls)
    if changed and draft.provider not in (None, changed.provider):
        problems.append(f"{CLOUD}: a policy stays with its cloud, {changed.provider}")
    if said.provider is None and CLOUD not in unread:
        problems.append(f"{CLOUD}: one of {', '.join(Provider)} is expected")
    if problems:
        raise BadRequestError("The policy is not acceptable: " + "; ".join(problems[:_NAMED]) + ".", problems)
    return said


def _completed(draft: Draft, changed: ControlPolicy | None) -> Draft:
    cids = draft.control_ids if draft.control_ids is not None else changed.control_ids if changed else None
    return Draft(
        title=draft.title if draft.title is not None else changed.title if changed else None,
        provider=changed.provider if changed else draft.provider,
        description=draft.description if draft.description is not None else changed.description if changed else "",
        control_ids=None if cids is None else tuple(sorted(set(cids))),
    )


def _title_problems(title: str, book: PolicyBook, changed: ControlPolicy | None) -> list[str]:
    if not title:
        return [f"{TITLE}: missing"]
    if len(title) > LONGEST_TITLE or not title.isprintable():
        return [f"{TITLE}: a line of at most {LONGEST_TITLE} characters is expected"]
    taken = book.find(title)
    if taken is not None and (changed is None or taken.uuid != changed.uuid):
        return [f"{TITLE}: {title[:_SHOWN]!r} is taken by the policy {taken.title!r}"]
    return []


def _control_problems(said: Draft, controls: Mapping[int, Control]) -> list[str]:
    cids = said.control_ids or ()
    if not cids:
        return [f"{CONTROL_IDS}: at least one control is needed"]
    if len(cids) > MOST_CONTROLS:
        return [f"{CONTROL_IDS}: {len(cids):,} controls; {MOST_CONTROLS:,} are allowed"]
    problems = []
    unknown = [str(cid) for cid in cids if cid not in controls]
    if unknown:
        problems.append(f"{CONTROL_IDS}: there is no control {', '.join(unknown[:_NAMED])}")
    strange = [f"{cid} ({controls[cid].provider})" for cid in cids if _is_strange(cid, said, controls)]
    if strange:
        problems.append(f"{CONTROL_IDS}: not controls of {said.provider}: {', '.join(strange[:_NAMED])}")
    return problems


def _is_strange(cid: int, said: Draft, controls: Mapping[int, Control]) -> bool:
    return said.provider is not None and cid in controls and controls[cid].provider is not said.provider


def _text(values: Mapping[str, Any], name: str, problems: list[str]) -> str | None:
    value = values.get(name.lower())
    if value is None or isinstance(value, str):
        return value.strip() if value else value
    problems.append(f"{name}: a text is expected")
    return None


def _provider(values: Mapping[str, Any], problems: list[str]) -> Provider | None:
    value = values.get(CLOUD.lower())
    found = next((row for row in Provider if isinstance(value, str) and fold(value.strip()) == fold(row.value)), None)
    if value is not None and found is None:
        problems.append(f"{CLOUD}: {str(value)[:_SHOWN]!r} is none of {', '.join(Provider)}")
    return found


def _cids(values: Mapping[str, Any], problems: list[str]) -> tuple[int, ...] | None:
    """A list of whole numbers, or a text with commas."""
    value = values.get(CONTROL_IDS.lower())
    if value is None:
        return None
    parts = [part for part in value.split(",") if part.strip()] if isinstance(value, str) else value
    if not isinstance(parts, list):
        problems.append(f"{CONTROL_IDS}: a list of whole numbers is expected")
        return None
    found = [_cid(part) for part in parts]
    wrong = [str(part)[:_SHOWN] for part, cid in zip(parts, found, strict=True) if cid is None]
    if wrong:
        problems.append(f"{CONTROL_IDS}: a list of whole numbers is expected; {', '.join(map(repr, wrong[:_NAMED]))}")
        return None
    return tuple(cid for cid in found if cid is not None)


def _cid(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    text = str(value).strip()
    is_number = text.isascii() and text.isdigit() and len(text) <= _DIGITS
    return int(text) if is_number and 0 < int(text) <= _LARGEST_CID else None
