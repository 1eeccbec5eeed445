"""The control catalogue as lists see it: facts to match, bodies to send, both made once for each state of the
policies."""

from typing import Any

from nephoscope.api.wire.controls import ControlBody, control_body
from nephoscope.controls.catalogue import Catalogue
from nephoscope.evaluation.facts import ControlFacts, type_title
from nephoscope.kit.pages import Page, PageRequest
from nephoscope.policies.policies import Policies, PolicyBook
from nephoscope.qql.bound import Bound
from nephoscope.qql.matching import matches

SORTABLE = frozenset({"cid", "name", "service_type", "created", "modified"})


class ControlLibrary(ControlFacts):
    """Immutable but for bodies, which are made when first asked for."""

    def __init__(self, catalogue: Catalogue, book: PolicyBook) -> None:
        super().__init__(catalogue, book)
        self._bodies: dict[int, ControlBody] = {}

    def page(self, bound: Bound, request: PageRequest) -> Page[ControlBody]:
        found = [cid for cid, facts in self.facts.items() if matches(bound, facts)]
        if request.sort:
            field, descends = request.sort
            found.sort(key=lambda cid: _sort_key(self.facts[cid][field]), reverse=descends)
        rows = found[request.offset : request.offset + request.size]
        return Page(tuple(self.body(cid) for cid in rows), len(found), request)

    def body(self, cid: int) -> ControlBody:
        found = self._bodies.get(cid)
        if found is None:
            control = self.catalogue.controls[cid]
            title = type_title(control.resource_type)
            found = self._bodies[cid] = control_body(control, title, self.book.of_control(cid))
        return found


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


def _sort_key(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
