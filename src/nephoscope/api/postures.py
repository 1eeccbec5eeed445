"""The posture of an account, from tallies, scopes and catalogue: rows by control, and rows by resource of one."""

from collections.abc import Sequence

from nephoscope.api.library import ControlLibrary
from nephoscope.api.wire import evaluations as wire
from nephoscope.evaluation.evidence import AccountEvidence
from nephoscope.kit.pages import PageRequest
from nephoscope.model.connectors import Connector
from nephoscope.model.controls import Control
from nephoscope.model.evaluations import ControlTally, Status
from nephoscope.model.scopes import Outcome, StoredScope
from nephoscope.qql.bound import Bound, Condition, Operator, names
from nephoscope.qql.matching import matches
from nephoscope.qql.tokens import TAG_NAME
from nephoscope.store import evaluations, resources, scopes
from nephoscope.store.session import Reader

SORTABLE = frozenset({"cid", "control_name", "service_type", "status"})

_SHOWN = Condition("status", Operator.ANY_OF, (Status.PASS.value, Status.FAIL.value, Status.PASSE.value))
_SORT_KEYS = {"cid": "control_id", "control_name": "control_name", "service_type": "service", "status": "result"}


def looks_at_resources(library: ControlLibrary, bound: Bound) -> bool:
    """Whether the rows of an account must be counted anew: otherwise the store keeps the counts."""
    return not names(library.split(bound)[1]) <= {"status"}


def of_account(
    reader: Reader, library: ControlLibrary, connector: Connector, bound: Bound
) -> Sequence[wire.ControlResult]:
    """In order of cid: controls with an evaluation, and those whose resources could not be read.

    Conditions on the result look at the row; those on resources change what is counted in it.
    """
    of_control, rest = library.split(bound)
    of_result = tuple(node for node in rest if names((node,)) == {"status"})
    of_resource = tuple(node for node in rest if node not in of_result)
    controls = library.select(connector.provider, of_control)
    gaps = _gaps(scopes.of_connector(reader, connector.key), of_resource)
    counted = {tally.cid: tally for tally in evaluations.tallies(reader, connector.key, of_resource)}
    rows = [
        wire.control_result(
            control,
            library.policy_names(cid),
            counted.get(cid) or ControlTally(cid, 0, 0, 0),
            is_covered=control.resource_type not in gaps,
        )
        for cid, control in controls.items()
        if cid in counted or control.resource_type in gaps
    ]
    return [row for row in rows if matches(of_result, {"status": row.result})]


def page(rows: Sequence[wire.ControlResult], request: PageRequest) -> Sequence[wire.ControlResult]:
    if request.sort:
        field, descends = request.sort
        rows = sorted(rows, key=lambda row: _folded(getattr(row, _SORT_KEYS[field])), reverse=descends)
    return rows[request.offset : request.offset + request.size]


def of_control(
    reader: Reader, connector: Connector, control: Control, bound: Bound, request: PageRequest
) -> tuple[int, list[wire.ResourceResult]]:
    """All rows there are, and those of the page. What is UNKNOWN has no place in this listing."""
    found = evaluations.page(reader, connector.key, control.cid, (*bound, _SHOWN), request)
    documents = resources.documents(reader, [row.resource.key for row in found.rows])
    evidence = AccountEvidence(reader, connector, [control])
    rows = []
    for row in found.rows:
        stored = documents.get(row.resource.key)
        rows.append(
            wire.resource_result(row, connector, row.resource.region, evidence.of(control, row.resource, stored))
        )
    return found.total, rows


def _gaps(stored: Sequence[StoredScope], of_resource: Bound) -> frozenset[str]:
    """Resource types of which some scope could not be read, among those that the conditions leave: who would wear a tag
    in there, nobody knows."""
    of_resource = tuple(node for node in of_resource if TAG_NAME not in names((node,)))
    return frozenset(
        scope.report.scope.resource_type
        for scope in stored
        if scope.report.outcome is not Outcome.COMPLETE
        and matches(
            of_resource, {"resource_type": scope.report.scope.resource_type, "region": scope.report.scope.region}
        )
    )


def _folded(value: str | int) -> str | int:
    return value.casefold() if isinstance(value, str) else value
