"""One resource × the controls of its type → verdicts. Pure: no store, no clock of its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from nephoscope.controls.compiled import CompiledControl
from nephoscope.controls.expressions import Activation
from nephoscope.model.evaluations import Verdict
from nephoscope.model.resources import Document, StoredDocument

_MISSING_KEY = "Key not found in map"


class Neighbours(Protocol):
    """Where a control's related documents come from."""

    def of(self, control: CompiledControl, resource: Document) -> "Found": ...


class Found(msgspec.Struct, frozen=True):
    """Related documents by the control's names for them. `gap` says which of them could not be read, or is empty."""

    documents: Mapping[str, list[Document]]
    gap: str = ""
    unread: Mapping[str, str] = {}
    """Fields that some of them lack, with the reason."""
    unjoined: Mapping[str, str] = {}
    """Names without documents, because the resource lacks the field to join them by: that field."""


class Rules:
    """The controls of one resource type, ready to be asked about many documents."""

    def __init__(self, controls: Sequence[CompiledControl], now: datetime) -> None:
        self._now = now
        self._alone = [control for control in controls if not _needs_more(control)]
        self._others = [control for control in controls if _needs_more(control)]

    def judge(self, resource: Document, unread: Mapping[str, str], neighbours: Neighbours) -> tuple[Verdict, ...]:
        """All verdicts, in no particular order. `resource` carries its identity keys (see `identified`)."""
        verdicts: list[Verdict] = []
        if self._alone:
            activation = Activation(resource, self._now, _NONE, _NONE)
            for control in self._alone:
                verdict = control.evaluate(activation)
                if verdict is not None:
                    verdicts.append(verdict if not verdict.reason else _explained(verdict, unread))
        for control in self._others:
            found = neighbours.of(control, resource)
            verdict = control.evaluate(Activation(resource, self._now, found.documents, control.params))
            if verdict is not None:
                verdict = control.unknown(found.gap) if found.gap else verdict
                verdicts.append(verdict if not verdict.reason else _explained(verdict, _reasons(found, unread)))
        return tuple(verdicts)


_NONE: Mapping[str, Any] = {}


def _needs_more(control: CompiledControl) -> bool:
    return bool(control.control.related or control.params)


def identified(stored: StoredDocument, resource_id: str, arn: str, region: str, account_id: str) -> Document:
    """The document as expressions see it: with who it is, and its tags as [{key, value}]."""
    return stored.document | {
        "resourceId": resource_id,
        "arn": arn,
        "region": stored.document.get("region") or region,
        "accountId": account_id,
        "tags": [{"key": tag.key, "value": tag.value} for tag in stored.tags],
    }


def _reasons(found: Found, unread: Mapping[str, str]) -> Mapping[str, str]:
    """Why something is missing, by the key that an expression misses."""
    joins = {name: unread[field] for name, field in found.unjoined.items() if field in unread}
    return {**found.unread, **joins, **unread}


def _explained(verdict: Verdict, unread: Mapping[str, str]) -> Verdict:
    """The cloud's reason in place of the engine's, when the missing key is a field that could not be read."""
    if _MISSING_KEY in verdict.reason:
        field = verdict.reason.rpartition(":")[2].strip().strip('"')
        if field in unread:
            return msgspec.structs.replace(verdict, reason=unread[field])
        return msgspec.structs.replace(verdict, reason=f"the resource says nothing about {field}")
    return verdict
