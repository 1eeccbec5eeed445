"""What evaluations looked at, with the values of today: settings of the resource itself and of its related ones."""

from collections.abc import Iterable

from nephoscope.controls.compiled import CompiledControl, evidence_of
from nephoscope.evaluation.judging import identified
from nephoscope.evaluation.neighbours import AccountNeighbours
from nephoscope.evaluation.on_disk import looks_at_disks, on_disk
from nephoscope.model.connectors import Connector
from nephoscope.model.controls import Control
from nephoscope.model.evaluations import Evidence
from nephoscope.model.resources import Document, Resource, StoredDocument
from nephoscope.resource_types.fields import DISK
from nephoscope.store import disks
from nephoscope.store.session import Reader

_NOTHING = StoredDocument({}, {}, ())


class AccountEvidence:
    """For some controls of one account. Related documents are read once, and only when a control shows some."""

    def __init__(self, reader: Reader, connector: Connector, controls: Iterable[Control]) -> None:
        self._account_id = connector.account_id
        self._reader = reader
        self._showing = {row.cid: CompiledControl(row) for row in controls if _related_names(row)}
        types = {
            related.type: frozenset("*")
            for control in self._showing.values()
            for related in control.control.related.values()
        }
        self._neighbours = AccountNeighbours(reader, connector.key, connector.account_id, types)
        self._neighbours.load(reader)
        self._latest: tuple[int, Document] = (0, {})

    def of(self, control: Control, resource: Resource, stored: StoredDocument | None) -> tuple[Evidence, ...]:
        known = self._known(resource, stored)
        showing = self._showing.get(control.cid)
        return evidence_of(control, known, self._neighbours.of(showing, known).documents if showing else None)

    def _known(self, resource: Resource, stored: StoredDocument | None) -> Document:
        """Most who ask have many questions about one resource."""
        key, known = self._latest
        if key != resource.key:
            known = identified(
                stored or _NOTHING, resource.resource_id, resource.arn, resource.region, self._account_id
            )
            if looks_at_disks(resource.resource_type):
                state = disks.get(self._reader, resource.key)
                known[DISK], _ = on_disk(state)
            self._latest = (resource.key, known)
        return known


def _related_names(control: Control) -> frozenset[str]:
    """The control's names of related documents of which it shows something."""
    return frozenset(path.split(".")[1] for path in control.evidence if path.startswith("related."))
