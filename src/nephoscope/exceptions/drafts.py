"""What a person asks for when asking for an exception, and how a JSON body says it. Values of the wrong kind are noted
in the draft beside what could be read, so that the room can name them together with everything else that is wrong."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from nephoscope.model.exceptions import ExceptionReason, ExceptionScope, ExemptResource
from nephoscope.model.providers import Provider

_FLAGS = {"true": True, "false": False}
_LARGEST_CID = 2**31 - 1
_DIGITS = 10
_SHOWN = 60
_PROBLEMS = 100
_Word = TypeVar("_Word", bound=StrEnum)
_Item = TypeVar("_Item")


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An exception as asked for: typed, not yet checked. None and empty mean not said. `problems` are the fields whose
    value could not be read, each as `field: what is right`."""

    provider: Provider | None = None
    scope: ExceptionScope | None = None
    name: str = ""
    explanation: str = ""
    reason: ExceptionReason | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    """Days of the tenant's time zone; the last one belongs to the exception."""
    control_ids: tuple[int, ...] = ()
    resources: tuple[ExemptResource, ...] = ()
    account_ids: tuple[str, ...] = ()
    resource_tags: tuple[str, ...] = ()
    connector_tags: tuple[str, ...] = ()
    is_for_all_connectors: bool | None = None
    security_policy: str = ""
    security_procedure: str = ""
    problems: tuple[str, ...] = ()


def draft_of(said: Mapping[str, Any]) -> Draft:
    """The draft that a JSON object says, in the field names of the API in any case. Lists may be JSON lists or texts
    with commas, `accountId` stands for `accountIds`, flags may be words. Never raises: see `Draft.problems`."""
    body = _Body(said)
    draft = Draft(
        provider=body.word("cloudType", Provider),
        scope=body.word("exceptionScope", ExceptionScope),
        name=body.text("name"),
        explanation=body.text("explanation"),
        reason=body.word("exceptionReason", ExceptionReason),
        starts_on=body.day("startDate"),
        ends_on=body.day("endDate"),
        control_ids=body.items("controlIds", _cid, "whole numbers"),
        resources=body.resources("resources"),
        account_ids=body.items("accountIds", _name, "texts", "accountId"),
        resource_tags=body.items("resourceTagNames", _name, "texts"),
        connector_tags=body.items("connectorTagNames", _name, "texts"),
        is_for_all_connectors=body.flag("isAllConnector"),
        security_policy=body.text("informationSecurityPolicy"),
        security_procedure=body.text("informationSecurityProcedure"),
    )
    return msgspec.structs.replace(draft, problems=tuple(body.problems[:_PROBLEMS]))


class _Body:
    """One JSON object, read field by field; null counts as not given."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = {name.lower(): value for name, value in values.items() if value is not None}
        self.problems: list[str] = []

    def text(self, name: str) -> str:
        value = self._values.get(name.lower(), "")
        if isinstance(value, str):
            return value.strip()
        self.problems.append(f"{name}: a text is expected")
        return ""

    def word(self, name: str, words: type[_Word]) -> _Word | None:
        """One of the words, in any case and with `_` for a space."""
        text = self.text(name)
        folded = text.casefold().replace("_", " ")
        found = next((word for word in words if word.value.casefold().replace("_", " ") == folded), None)
        if text and found is None:
            self.problems.append(f"{name}: {text[:_SHOWN]!r} is none of {', '.join(words)}")
        return found

    def day(self, name: str) -> date | None:
        text = self.text(name)
        if not text:
            return None
        try:
            found = date.fromisoformat(text)
        except ValueError:
            found = None
        if found is None or found.isoformat() != text:
            self.problems.append(f"{name}: {text[:_SHOWN]!r} is not a day; expected YYYY-MM-DD")
            return None
        return found

    def flag(self, name: str) -> bool | None:
        value = self._values.get(name.lower())
        if value is None or isinstance(value, bool):
            return value
        word = value.strip().lower() if isinstance(value, str) else None
        if word not in _FLAGS and word != "":
            self.problems.append(f"{name}: true or false is expected")
        return _FLAGS.get(word or "")

    def items(self, name: str, read: Callable[[Any], _Item | None], expected: str, *aliases: str) -> tuple[_Item, ...]:
        """A list of JSON, a text with commas or a single value; without repetitions."""
        given = [
            self._values[key] for key in (name.lower(), *(alias.lower() for alias in aliases)) if key in self._values
        ]
        found: dict[_Item, None] = {}
        wrong: list[Any] = []
        for part in (part for value in given for part in _parts(value)):
            item = read(part) if _is_plain(part) else None
            if item is None:
                wrong.append(part)
            else:
                found[item] = None
        if wrong:
            shown = wrong[0] if isinstance(wrong[0], (int, float)) else str(wrong[0])[:_SHOWN]
            self.problems.append(f"{name}: a list of {expected} is expected; {shown!r} is none")
        return tuple(found)

    def resources(self, name: str) -> tuple[ExemptResource, ...]:
        value = self._values.get(name.lower(), [])
        if not isinstance(value, list):
            self.problems.append(f"{name}: a list of objects with resourceId and accountId is expected")
            return ()
        found = dict.fromkeys(self._resource(f"{name}[{at}]", one) for at, one in enumerate(value))
        return tuple(one for one in found if one is not None)

    def _resource(self, name: str, value: Any) -> ExemptResource | None:
        if not isinstance(value, dict):
            self.problems.append(f"{name}: an object with resourceId and accountId is expected")
            return None
        inner = _Body(value)
        account = inner.items("accountId", _name, "texts")
        resource_id, region = inner.text("resourceId"), inner.text("region")
        problems = list(inner.problems)
        if not resource_id and not any(problem.startswith("resourceId:") for problem in problems):
            problems.append("resourceId: missing")
        if len(account) != 1 and not any(problem.startswith("accountId:") for problem in problems):
            problems.append("accountId: missing" if not account else "accountId: one account is expected")
        self.problems.extend(f"{name}.{problem}" for problem in problems)
        return None if problems else ExemptResource(resource_id, account[0], region)


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, str):
        return [part for part in value.split(",") if part.strip()]
    if isinstance(value, list):
        return [part for part in value if part is not None and part != ""]
    return [value]


def _is_plain(value: Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool)


def _name(value: Any) -> str | None:
    return str(value).strip() or None


def _cid(value: Any) -> int | None:
    text = str(value).strip()
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        return None
    return int(text) if 0 < int(text) <= _LARGEST_CID else None
