"""Bodies from outside: JSON read field by field, every wrong field named at once."""

from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from nephoscope.errors import BadRequestError, UnsupportedMediaTypeError

Word = TypeVar("Word", bound=StrEnum)

_FLAGS = {"true": True, "false": False}
_DIGITS = 90


def decode_json(body: bytes, content_type: str) -> Any:
    """The value in a JSON body. A missing content type is taken for JSON, as clients forget it."""
    media_type, _, rest = content_type.partition(";")
    media_type = media_type.strip().lower()
    if media_type and media_type != "application/json" and not media_type.endswith("+json"):
        raise UnsupportedMediaTypeError(f"The body must be application/json, not {media_type[:80]}.")
    charset = rest.lower().replace(" ", "").replace('"', "").partition("charset=")[2].partition(";")[0]
    if charset not in {"", "utf-8", "utf8"}:
        raise UnsupportedMediaTypeError(f"The body must be UTF-8, not {charset[:40]}.")
    if not body.strip():
        raise BadRequestError("The request needs a JSON body.")
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequestError(f"The body is not JSON: {error}.") from None
    except RecursionError:
        raise BadRequestError("The body is not acceptable: it is nested too deeply.") from None


def decode_object(body: bytes, content_type: str) -> "Reading":
    value = decode_json(body, content_type)
    if not isinstance(value, dict):
        raise BadRequestError("The body must be a JSON object.")
    return Reading(value)


class Reading:
    """One JSON object. Fields may be asked for under several names, in any case; null counts as not given.

    A value of the wrong kind is noted in `problems` as `field: what is right` and answered as not given.
    """

    def __init__(self, body: Mapping[str, Any], inside: str = "") -> None:
        self._values = {name.lower(): value for name, value in body.items() if value is not None}
        self._inside = inside
        self.problems: list[str] = []

    def text(self, name: str, *, digits: bool = False) -> str | None:
        """`digits` lets a whole number stand for its text."""
        value = self._values.get(name.lower())
        if digits and isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**_DIGITS:
            return str(value)
        if value is None or isinstance(value, str):
            return value
        self._note(name, "a text is expected")
        return None

    def document(self, name: str) -> str | None:
        """A JSON object, or the text of one; as text."""
        value = self._values.get(name.lower())
        if isinstance(value, dict):
            return msgspec.json.encode(value).decode()
        return self.text(name)

    def flag(self, *names: str) -> bool | None:
        """A JSON boolean or its word: some clients send "true"."""
        for name in names:
            value = self._values.get(name.lower())
            if isinstance(value, bool):
                return value
            if isinstance(value, str) and value.strip().lower() in _FLAGS:
                return _FLAGS[value.strip().lower()]
            if value is not None and value != "":
                self._note(name, "true or false is expected")
        return None

    def number(self, name: str) -> int | None:
        value = self._values.get(name.lower())
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9):
            return value
        self._note(name, "a whole number is expected")
        return None

    def amount(self, name: str) -> float | None:
        """A number from 0 on, whole or not."""
        value = self._values.get(name.lower())
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if value is None or (is_number and 0 <= value < 10**9):
            return None if value is None else float(value)
        self._note(name, "a number from 0 on is expected")
        return None

    def texts(self, name: str) -> tuple[str, ...] | None:
        value = self._values.get(name.lower())
        if value is None:
            return None
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(value)
        self._note(name, "a list of texts is expected")
        return None

    def words(self, name: str) -> tuple[str, ...] | None:
        """A list of texts, or one text with commas in it."""
        value = self._values.get(name.lower())
        if isinstance(value, str):
            return tuple(part for part in value.split(",") if part.strip())
        return self.texts(name)

    def word(self, name: str, words: type[Word]) -> Word | None:
        """One of the words, in any case. It must be given."""
        value = self._values.get(name.lower())
        found = next((word for word in words if isinstance(value, str) and word.lower() == value.strip().lower()), None)
        if found is None:
            self._note(name, f"one of {', '.join(words)} is expected")
        return found

    def uuids(self, name: str) -> tuple[UUID, ...] | None:
        """A list of uuids; every one that is none is named."""
        texts = self.texts(name)
        if texts is None:
            return None
        found = {text: parse_uuid(text) for text in texts}
        for text in (text for text, uuid in found.items() if uuid is None):
            self._note(name, f"{text[:60]!r} is not a uuid")
        return tuple(uuid for uuid in found.values() if uuid is not None)

    def inner(self, name: str) -> "Reading | None":
        """An object inside; its problems are this one's."""
        value = self._values.get(name.lower())
        if isinstance(value, dict):
            found = Reading(value, f"{self._inside}{name}.")
            found.problems = self.problems
            return found
        if value is not None:
            self._note(name, "an object is expected")
        return None

    def only(self, *names: str) -> None:
        """Notes what is none of these fields: a `reach` that is misspelt must not be everything."""
        known = {name.lower(): name for name in names}
        for name in sorted(self._values.keys() - known.keys()):
            near = get_close_matches(name, known, n=1)
            self._note(
                name[:40], f"there is no such field; {known[near[0]]} is one" if near else "there is no such field"
            )

    def _note(self, name: str, expected: str) -> None:
        self.problems.append(f"{self._inside}{name}: {expected}")


def identifiers(value: Any, key: str) -> tuple[UUID, ...]:
    """The uuids in `{key: [...]}` or `[...]`, without repetitions. BadRequestError names every one that is none."""
    if isinstance(value, dict):
        value = next((inner for name, inner in value.items() if name.lower() == key.lower()), None)
    if not isinstance(value, list) or not value:
        raise BadRequestError(f'The body must be {{"{key}": ["…"]}} or ["…"] with at least one id.')
    found: dict[UUID, None] = {}
    problems: list[str] = []
    for text in value:
        uuid = parse_uuid(text)
        if uuid is None:
            problems.append(f"{key}: {str(text)[:60]!r} is not a uuid")
        else:
            found[uuid] = None
    if problems:
        raise BadRequestError("; ".join(problems[:20]) + ".", problems)
    return tuple(found)


def parse_uuid(text: Any) -> UUID | None:
    try:
        return UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None
