"""What `azure_world` and `gcp_world` share: a simulated account, read and judged as a scan does it."""

from collections.abc import Collection, Mapping

import msgspec

from nephoscope.clouds.doors import Collected
from nephoscope.controls.loading import load_catalogue
from nephoscope.kit.pages import PageRequest
from nephoscope.model.controls import Control
from nephoscope.model.evaluations import Status
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import Outcome, ScopeReport
from nephoscope.resource_types.table import RESOURCE_TYPES, types_of
from nephoscope.store import evaluations, scopes
from nephoscope.store.session import Store

CATALOGUE = load_catalogue()
Verdicts = Mapping[tuple[str, int], Status]


class Swept(msgspec.Struct, frozen=True):
    """`verdicts` by resource id and cid; `scopes` by type."""

    verdicts: Verdicts
    scopes: Mapping[str, ScopeReport]


def controls_of(provider: Provider, on_disks: Collection[int]) -> dict[int, Control]:
    """Without those over what scans of disks find: the estates have none, `tests/snapshots` has."""
    return {
        cid: control
        for cid, control in CATALOGUE.controls.items()
        if control.provider is provider and cid not in on_disks
    }


def needs_of(provider: Provider) -> dict[str, frozenset[str]]:
    return {row.name: frozenset(field.name for field in row.fields) for row in types_of(provider)}


def whole(found: Collected, kind: str) -> tuple[Observed, ...]:
    """Every declared field is in the document or named in `unread`."""
    assert found.report.outcome is Outcome.COMPLETE, found.report
    declared = {field.name for field in RESOURCE_TYPES[kind].fields}
    for one in found.resources:
        assert set(one.document) | set(one.unread) == declared
        assert not set(one.document) & set(one.unread)
    return tuple(found.resources)


def found_in(store: Store, connector_key: int) -> Swept:
    with store.read() as reader:
        rows = evaluations.page(reader, connector_key, None, (), PageRequest(0, 100_000)).rows
        reports = {row.report.scope.resource_type: row.report for row in scopes.of_connector(reader, connector_key)}
    return Swept({(row.resource.resource_id, row.cid): row.status for row in rows}, reports)
