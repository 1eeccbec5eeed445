"""What filters ask of a control beside its number, for every control of the catalogue: the store knows none of it, so
conditions on these facts become conditions on numbers before it is asked."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from nephoscope.controls.catalogue import Catalogue
from nephoscope.model.controls import Control
from nephoscope.model.providers import Provider
from nephoscope.policies.book import PolicyBook
from nephoscope.qql.bound import Bound, Condition, Node, Operator, names, rewritten
from nephoscope.qql.matching import matches
from nephoscope.resource_types.table import RESOURCE_TYPES

SYSTEM_DEFINED = "System Defined"

_OF_THE_CONTROL = frozenset({"criticality", "service_type", "control_name", "policy_names"})
"""Fields of evaluation filters that the store does not know."""
_CONTROL_FIELDS = _OF_THE_CONTROL | {"cid"}


class ControlFacts:
    """Of one catalogue with one state of the policies. Immutable."""

    def __init__(self, catalogue: Catalogue, book: PolicyBook) -> None:
        self.catalogue = catalogue
        self.book = book
        self.facts = {control.cid: self._describe(control) for control in catalogue.controls.values()}
        """By cid, in order."""

    def policy_names(self, cid: int) -> tuple[str, ...]:
        names: tuple[str, ...] = self.facts[cid]["policy_names"]
        return names

    def select(self, provider: Provider, bound: Bound) -> dict[int, Control]:
        """Controls of a provider, by cid in order, that match the conditions on controls."""
        return {
            control.cid: control
            for control in self.catalogue.of_provider(provider)
            if matches(bound, self.facts[control.cid])
        }

    def split(self, bound: Bound) -> tuple[Bound, Bound]:
        """What looks at controls alone, and the rest, with the facts of controls in it turned into cids: the store
        knows no others."""
        of_control = tuple(node for node in bound if names((node,)) <= _CONTROL_FIELDS)
        rest = (rewritten(node, self._as_cids) for node in bound if node not in of_control)
        return of_control, tuple(rest)

    def resolved(self, bound: Bound) -> Bound:
        """All of it in terms that the store knows."""
        return tuple(rewritten(node, self._as_cids) for node in bound)

    def _as_cids(self, condition: Condition) -> Node:
        if condition.field not in _OF_THE_CONTROL:
            return condition
        cids = tuple(cid for cid, facts in self.facts.items() if matches((condition,), facts))
        return Condition("cid", Operator.ANY_OF, cids)

    def _describe(self, control: Control) -> Mapping[str, Any]:
        return {
            "cid": control.cid,
            "name": control.name,
            "control_name": control.name,
            "resource_type": (control.resource_type, type_title(control.resource_type)),
            "service_type": control.service_type,
            "provider": control.provider.value,
            "criticality": control.criticality.value,
            "control_type": SYSTEM_DEFINED,
            "policy_names": self.book.names_of(control.cid),
            "created": midnight(control.created),
            "modified": midnight(control.modified),
            "is_customizable": bool(control.parameters),
        }


def type_title(resource_type: str) -> str:
    """`IAM User`."""
    row = RESOURCE_TYPES.get(resource_type)
    return row.title if row else resource_type


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
