"""A control with its expressions compiled and its questions about itself answered."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import msgspec

from nephoscope.controls.expressions import Activation, Expression
from nephoscope.controls.paths import paths
from nephoscope.errors import CatalogueError
from nephoscope.model.controls import Control
from nephoscope.model.evaluations import Evidence, Status, Verdict
from nephoscope.model.resources import Document


class CompiledControl:
    """`evaluate` is pure: the same activation gives the same verdict."""

    def __init__(self, control: Control) -> None:
        self.control = control
        self.passes = self._compile("passes", control.passes)
        self.applies = self._compile("applies", control.applies) if control.applies else None
        self.params: dict[str, Any] = {row.name: row.value for row in control.parameters}
        self._pass = Verdict(control.cid, Status.PASS)
        self._fail = Verdict(control.cid, Status.FAIL)

    @cached_property
    def uses_clock(self) -> bool:
        """Whether its verdict may change while no document does."""
        return "now" in paths(self.control.passes) | paths(self.control.applies)

    def evaluate(self, activation: Activation) -> Verdict | None:
        """None when the control does not apply to this resource."""
        if self.applies is not None:
            applies = self.applies.evaluate(activation)
            if applies is False:
                return None
            if applies is not True:
                return self.unknown(applies)
        answer = self.passes.evaluate(activation)
        if answer is True:
            return self._pass
        return self._fail if answer is False else self.unknown(answer)

    def unknown(self, reason: str) -> Verdict:
        return Verdict(self.control.cid, Status.UNKNOWN, reason)

    def _compile(self, field: str, text: str) -> Expression:
        try:
            return Expression(text)
        except CatalogueError as error:
            raise CatalogueError(f"Control {self.control.cid}: {field}: {error.message}") from error


def evidence_of(
    control: Control, document: Document, related: Mapping[str, list[Document]] | None = None
) -> tuple[Evidence, ...]:
    """The settings that the control looks at, with the values they have in this document and, where the path starts
    with `related.`, in the related ones."""
    beside: Document = {"related": related or {}}
    return tuple(
        Evidence(path, _spell(_look(beside if path.startswith("related.") else document, path.split("."))))
        for path in control.evidence
    )


def _look(value: Any, path: list[str]) -> Any:
    for index, name in enumerate(path):
        if isinstance(value, list):
            return [_look(inner, path[index:]) for inner in value]
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


_LONGEST = 2_000


def _spell(value: Any) -> str:
    """As the API shows values: bare words, `null`, JSON for what has parts; cut when it is longer than anyone reads."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value if isinstance(value, str) else _json(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
