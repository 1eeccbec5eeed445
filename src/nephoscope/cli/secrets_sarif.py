"""Secrets as SARIF 2.1.0, which code hosts show beside the line. Neither a secret nor a piece of one is in it."""

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from nephoscope.model.secrets import FoundSecret, SecretSeverity

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {
    SecretSeverity.CRITICAL: ("error", "9.5"),
    SecretSeverity.HIGH: ("error", "8.0"),
    SecretSeverity.MEDIUM: ("warning", "5.5"),
    SecretSeverity.LOW: ("note", "2.0"),
}


def sarif(found: Sequence[FoundSecret]) -> dict[str, Any]:
    rules = {one.rule: one for one in found}
    driver = {"name": "nephoscope", "version": version("nephoscope"), "rules": [_rule(one) for one in rules.values()]}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "utf16CodeUnits", "results": _results(found)}],
    }


def _rule(one: FoundSecret) -> dict[str, Any]:
    _, score = _LEVELS[one.severity]
    return {
        "id": one.rule,
        "shortDescription": {"text": one.title},
        "properties": {"security-severity": score, "tags": ["security", "secret", one.type]},
    }


def _results(found: Iterable[FoundSecret]) -> list[dict[str, Any]]:
    return [
        {
            "ruleId": one.rule,
            "level": _LEVELS[one.severity][0],
            "message": {"text": f"{one.title} ({one.severity}{_notes(one)})"},
            "locations": [{"physicalLocation": _place(one)}],
            "partialFingerprints": {"nephoscopeSecret/v1": one.digest},
        }
        for one in found
    ]


def _notes(one: FoundSecret) -> str:
    return "".join(f", {note.lower()}" for note in one.notes)


def _place(one: FoundSecret) -> dict[str, Any]:
    where: dict[str, Any] = {"artifactLocation": {"uri": quote(PurePath(one.path).as_posix())}}
    return where | {"region": {"startLine": one.line}} if one.line else where
