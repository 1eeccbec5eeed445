"""What a person asks for when asking for a report, as a JSON body says it. What cannot be read is noted beside what
could, so that everything that is wrong is named at once."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from nephoscope.model.evaluations import Status
from nephoscope.model.providers import Provider
from nephoscope.model.reports import SHOWN_RESULTS, ExecutionType, ReportFormat, ReportRequest

NAME, DESCRIPTION, CLOUD, QUERY = "reportName", "description", "cloudType", "query"
START, END, EXECUTION, FORMAT = "startDate", "endDate", "executionType", "format"
POLICIES, TAGS, CONNECTORS, GROUPS = "policyIds", "tagIds", "connectorIds", "groupIds"
RESULTS, SUMMARY, ARNS, IAC_RESULTS = (
    "resourceResults",
    "resourceSummaryInclude",
    "includeResourceARN",
    "iacResourceResults",
)
MANDATE = "mandateId"
LONGEST_NAME, LONGEST_TEXT, LONGEST_QUERY, MOST_IDS = 200, 4_000, 16_384, 1_000

_SHOWN = 60
_FLAGS = {"true": True, "false": False}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1970, 9998
_Word = TypeVar("_Word", bound=StrEnum)
_Item = TypeVar("_Item")


class Draft(msgspec.Struct, frozen=True):
    """A request as far as it could be read. `problems` are `field: what is right`."""

    request: ReportRequest
    problems: tuple[str, ...]

    def is_read(self, field: str) -> bool:
        """Whether nothing was wrong with a field by itself."""
        return not any(problem.startswith(f"{field}:") for problem in self.problems)


def draft_of(said: Mapping[str, Any]) -> Draft:
    """Field names and words in any case; lists also as one text with commas; null and fields that nobody knows count
    as not said. Never raises."""
    body = Body(said)
    since, until = body.moment(START), body.moment(END, is_end=True)
    results = body.items(RESULTS, _result, f"one of {', '.join(SHOWN_RESULTS)} is expected")
    request = ReportRequest(
        name=body.line(NAME),
        description=body.text(DESCRIPTION),
        provider=body.word(CLOUD, Provider) or Provider.AWS,
        query=body.text(QUERY, LONGEST_QUERY),
        since=since,
        until=until,
        execution_type=body.word(EXECUTION, ExecutionType, ExecutionType.RUN_TIME) or ExecutionType.RUN_TIME,
        policy_ids=body.items(POLICIES, uuid_of, "a uuid is expected"),
        tag_ids=body.items(TAGS, uuid_of, "a uuid is expected"),
        connector_ids=body.items(CONNECTORS, uuid_of, "a uuid is expected"),
        group_ids=body.items(GROUPS, uuid_of, "a uuid is expected"),
        format=body.word(FORMAT, ReportFormat, ReportFormat.CSV) or ReportFormat.CSV,
        results=tuple(result for result in SHOWN_RESULTS if result in results),
        has_summary=body.flag(SUMMARY),
        has_arns=body.flag(ARNS),
    )
    iac_results = body.items(IAC_RESULTS, _text, "a text is expected")
    return Draft(request, (*body.problems, *_contradictions(request, iac_results)))


def _contradictions(request: ReportRequest, iac_results: tuple[str, ...]) -> Iterator[str]:
    if request.since and request.until and request.since > request.until:
        yield f"{START}: it lies after {END}, so that nothing lies between them"
    if request.execution_type is ExecutionType.BUILD_TIME:
        yield (
            f"{EXECUTION}: BUILD_TIME reports list what scans of templates found, and no templates are scanned here; "
            f"{ExecutionType.RUN_TIME} lists what runs"
        )
    elif iac_results:
        yield f"{IAC_RESULTS}: only BUILD_TIME reports have results of templates"
    if request.has_arns and request.provider is not Provider.AWS:
        yield f"{ARNS}: resources of {request.provider} have no ARN"


class Body:
    """One JSON object, read field by field."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = {name.lower(): value for name, value in values.items() if value is not None}
        self.problems: list[str] = []

    def value(self, name: str) -> Any:
        """As it was said; None when it was not."""
        return self._values.get(name.lower())

    def is_read(self, name: str) -> bool:
        """Whether nothing was wrong with it so far."""
        return not any(problem.startswith(f"{name}:") for problem in self.problems)

    def text(self, name: str, longest: int = LONGEST_TEXT) -> str:
        value = self._values.get(name.lower(), "")
        if not isinstance(value, str):
            self.note(name, "a text is expected")
            return ""
        if len(value) > longest:
            self.note(name, f"{len(value):,} characters; {longest:,} are allowed")
        return value[:longest]

    def line(self, name: str) -> str:
        text = self.text(name).strip()
        if any(problem.startswith(f"{name}:") for problem in self.problems):
            return text[:LONGEST_NAME]
        if not text:
            self.note(name, "missing")
        elif len(text) > LONGEST_NAME or not text.isprintable():
            self.note(name, f"a line of at most {LONGEST_NAME} characters is expected")
        return text[:LONGEST_NAME]

    def word(self, name: str, words: type[_Word], otherwise: _Word | None = None) -> _Word | None:
        """One of the words, in any case. It must be said when there is nothing that it is otherwise."""
        value = self._values.get(name.lower(), "")
        if value == "" and otherwise is not None:
            return otherwise
        folded = value.strip().casefold() if isinstance(value, str) else None
        found = next((word for word in words if word.value.casefold() == folded), None)
        if found is None:
            said = f"{value[:_SHOWN]!r} is none of them; " if isinstance(value, str) and value else ""
            self.note(name, f"{said}one of {', '.join(words)} is expected")
        return found

    def moment(self, name: str, *, is_end: bool = False) -> datetime | None:
        """A day is all of it, in UTC; so is a moment without a zone."""
        text = self.text(name).strip()
        if not text:
            return None
        found = _moment(text)
        if found is None:
            self.note(name, f"{text[:_SHOWN]!r} is no moment; expected one such as 2026-05-03T00:12:53Z or 2026-05-03")
            return None
        return found + timedelta(days=1, seconds=-1) if is_end and "T" not in text else found

    def flag(self, name: str) -> bool:
        value = self._values.get(name.lower(), "")
        found = value if isinstance(value, bool) else _FLAGS.get(str(value).strip().lower())
        if found is None and value != "":
            self.note(name, "true or false is expected")
        return bool(found)

    def items(self, name: str, read: Callable[[str], _Item | None], expected: str) -> tuple[_Item, ...]:
        """Without repetitions."""
        value = self._values.get(name.lower(), ())
        said = value.split(",") if isinstance(value, str) else value
        if not isinstance(said, (list, tuple)):
            self.note(name, "a list is expected")
            return ()
        if len(said) > MOST_IDS:
            self.note(name, f"{len(said):,} values; {MOST_IDS:,} are allowed")
            return ()
        found: dict[_Item, None] = {}
        for one in said:
            text = one.strip() if isinstance(one, str) else None
            if text == "":
                continue
            item = read(text) if text is not None else None
            if item is None:
                self.note(name, f"{str(one)[:_SHOWN]!r}: {expected}")
            else:
                found[item] = None
        return tuple(found)

    def note(self, name: str, problem: str) -> None:
        self.problems.append(f"{name}: {problem}")


def _moment(text: str) -> datetime | None:
    if not _MOMENT.fullmatch(text):
        return None
    try:
        found = datetime.fromisoformat(text)
        moment = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return moment.replace(microsecond=0) if _FIRST_YEAR <= moment.year <= _LAST_YEAR else None


def _result(text: str) -> Status | None:
    return next((result for result in SHOWN_RESULTS if result.value == text.upper()), None)


def uuid_of(text: str) -> UUID | None:
    """None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _text(text: str) -> str:
    return text
