"""The control catalogue as lists and filters see it: facts to match, bodies to send, both made once for each state of
the policies."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nephoscope.api.wire.controls import SYSTEM_DEFINED, ControlBody, control_body, midnight
from nephoscope.controls.catalogue import Catalogue
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.model.controls import Control
from nephoscope.model.providers import Provider
from nephoscope.policies.policies import Policies, PolicyBook
from nephoscope.qql.bound import Bound, Condition, Node, Operator, names, rewritten
from nephoscope.qql.matching import matches
from nephoscope.resource_types.table import RESOURCE_TYPES

SORTABLE = frozenset({"cid", "name", "service_type", "created", "modified"})

_OF_THE_CONTROL = frozenset({"criticality", "service_type", "control_name", "policy_names"})
"""Fields of evaluation filters that the store does not know."""
_CONTROL_FIELDS = _OF_THE_CONTROL | {"cid"}


class ControlLibrary:
    """Immutable but for bodies, which are made when first asked for."""

    def __init__(self, catalogue: Catalogue, book: PolicyBook) -> None:
        self.catalogue = catalogue
        self.book = book
        self._facts = {control.cid: self._describe(control) for control in catalogue.controls.values()}
        self._bodies: dict[int, ControlBody] = {}

    def page(self, bound: Bound, request: PageRequest) -> Page[ControlBody]:
        found = [cid for cid, facts in self._facts.items() if matches(bound, facts)]
        if request.sort:
            field, descends = request.sort
            found.sort(key=lambda cid: _sort_key(self._facts[cid][field]), reverse=descends)
        rows = found[request.offset : request.offset + request.size]
        return Page(tuple(self.body(cid) for cid in rows), len(found), request)

    def body(self, cid: int) -> ControlBody:
        found = self._bodies.get(cid)
        if found is None:
            control = self.catalogue.controls[cid]
            title = _title(control.resource_type)
            found = self._bodies[cid] = control_body(control, title, self.book.of_control(cid))
        return found

    def policy_names(self, cid: int) -> tuple[str, ...]:
        names: tuple[str, ...] = self._facts[cid]["policy_names"]
        return names

    def select(self, provider: Provider, bound: Bound) -> dict[int, Control]:
        """Controls of a provider, by cid in order, that match the conditions on controls."""
        return {
            control.cid: control
            for control in self.catalogue.of_provider(provider)
            if matches(bound, self._facts[control.cid])
        }

    def _describe(self, control: Control) -> Mapping[str, Any]:
        return {
            "cid": control.cid,
            "name": control.name,
            "control_name": control.name,
            "resource_type": (control.resource_type, _title(control.resource_type)),
            "service_type": control.service_type,
            "provider": control.provider.value,
            "criticality": control.criticality.value,
            "control_type": SYSTEM_DEFINED,
            "policy_names": self.book.names_of(control.cid),
            "created": midnight(control.created),
            "modified": midnight(control.modified),
            "is_customizable": bool(control.parameters),
        }

    def split(self, bound: Bound) -> tuple[Bound, Bound]:
        """What looks at controls alone, and the rest, with the facts of controls in it turned into cids: the store
        knows no others."""
        of_control = tuple(node for node in bound if names((node,)) <= _CONTROL_FIELDS)
        rest = (rewritten(node, self._as_cids) for node in bound if node not in of_control)
        return of_control, tuple(rest)

    def _as_cids(self, condition: Condition) -> Node:
        if condition.field not in _OF_THE_CONTROL:
            return condition
        cids = tuple(cid for cid, facts in self._facts.items() if matches((condition,), facts))
        return Condition("cid", Operator.ANY_OF, cids)


class Libraries:
    """The library as it is now; made anew when somebody has changed a policy."""

    def __init__(self, catalogue: Catalogue, policies: Policies) -> None:
        self._catalogue = catalogue
        self._policies = policies
        self._latest = ControlLibrary(catalogue, policies.book())

    def current(self) -> ControlLibrary:
        book = self._policies.book()
        found = self._latest
        if found.book is not book:
            found = self._latest = ControlLibrary(self._catalogue, book)
        return found


def without(bound: Bound, fields: Iterable[str]) -> Bound:
    left_out = frozenset(fields)
    return tuple(node for node in bound if not names((node,)) <= left_out)


def _title(resource_type: str) -> str:
    row = RESOURCE_TYPES.get(resource_type)
    return row.title if row else resource_type


def _sort_key(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


__all__: Sequence[str] = ("SORTABLE", "ControlLibrary", "Libraries", "without")
