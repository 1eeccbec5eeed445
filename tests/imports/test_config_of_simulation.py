"""What the inventory of the simulated account holds, as AWS Config records it, imported: everything that is decided is
what a scan decides, and what Config does not record is unknown."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import config_world
from config_world import Raw, Verdicts
from nephoscope.model.evaluations import Status
from nephoscope.model.scopes import Outcome
from nephoscope.simulation.aws import ACCESS_KEY, SECRET_KEY, fill_estate, start


@pytest.fixture(scope="module")
def estate() -> Iterator[tuple[Verdicts, list[Raw]]]:
    with start() as simulation, pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        environment.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        fill_estate(simulation)
        yield config_world.swept(simulation), config_world.recorded(simulation)


@pytest.mark.slow
def test_nothing_is_decided_otherwise_than_by_a_scan(estate: tuple[Verdicts, list[Raw]], tmp_path: Path) -> None:
    scanned, items = estate
    done, found = config_world.imported(items, tmp_path / "snapshot.json")
    decided = {key: status for key, status in found.items() if status is not Status.UNKNOWN}
    assert {key: status for key, status in decided.items() if scanned.get(key) is not status} == {}
    assert len(decided) > len(scanned) // 2
    unread = [report for report in done.reports if report.outcome is not Outcome.COMPLETE]
    assert all(report.message for report in unread)
    kinds = {report.scope.resource_type for report in done.reports if report.outcome is Outcome.COMPLETE}
    assert len(kinds) > 30
