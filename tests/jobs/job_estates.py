"""What a run leaves behind, without its times and keys: two stores that saw the same estate hold the same."""

from typing import Any

import msgspec

from nephoscope.kit.pages import PageRequest
from nephoscope.model.connectors import Connector
from nephoscope.resource_types.table import RESOURCE_TYPES
from nephoscope.store import connectors, evaluations, resources, scopes
from nephoscope.store.session import Reader, Store

EVERYTHING = PageRequest(0, 1_000_000)


class Left(msgspec.Struct, frozen=True):
    resources: dict[str, Any]
    """By uuid: where, how it is called, how many controls fail, the document."""
    verdicts: dict[tuple[str, int], str]
    tallies: tuple[Any, ...]
    scopes: dict[tuple[str, str], str]
    state: str
    assets: int


def left(store: Store, connector: Connector) -> Left:
    with store.read() as reader:
        now = connectors.get(reader, connector.uuid)
        assert now is not None
        return Left(
            resources=_resources(reader, connector),
            verdicts=_verdicts(reader, connector),
            tallies=evaluations.tallies(reader, connector.key),
            scopes={
                (row.report.scope.resource_type, row.report.scope.region): row.report.outcome
                for row in scopes.of_connector(reader, connector.key)
            },
            state=now.state,
            assets=now.total_assets,
        )


def _resources(reader: Reader, connector: Connector) -> dict[str, Any]:
    found = {}
    for row in RESOURCE_TYPES.values():
        page = resources.page(reader, row.provider, row.name, (), EVERYTHING)
        mine = [resource for resource in page.rows if resource.connector_key == connector.key]
        documents = resources.documents(reader, [resource.key for resource in mine])
        for resource in mine:
            found[str(resource.uuid)] = (
                resource.resource_type,
                resource.region,
                resource.resource_id,
                resource.name,
                resource.controls_failed,
                documents[resource.key],
            )
    return found


def _verdicts(reader: Reader, connector: Connector) -> dict[tuple[str, int], str]:
    page = evaluations.page(reader, connector.key, None, (), EVERYTHING)
    verdicts = {(str(row.resource.uuid), row.cid): f"{row.status} {row.reason}" for row in page.rows}
    assert len(verdicts) == len(page.rows) == page.total
    return verdicts
