"""An Azure subscription end to end: the simulated estate, the real engine, the real judgement; and what becomes of the
verdicts when something may not be read, and of the readings when the cloud has a bad day.

`golden_azure.tsv` holds every verdict. After a change that is meant to change some: `PYTHONPATH=tests python
tests/evaluation/test_scenario_azure.py` writes it anew, and its difference is to be read like code.
"""

import csv
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from azure_world import CONTROLS, NEEDS, Watch, enter, swept
from cloud_world import CATALOGUE, Swept, Verdicts
from nephoscope.clouds.azure.collectors import AZURE_COLLECTORS
from nephoscope.clouds.azure.permissions import ENTRY_ACTIONS
from nephoscope.clouds.doors import Collected
from nephoscope.model.evaluations import Status
from nephoscope.model.providers import Provider
from nephoscope.model.scopes import Outcome
from nephoscope.resource_types.table import RESOURCE_TYPES, types_of
from nephoscope.simulation.azure.cloud import AzureCloud
from nephoscope.simulation.azure.estate import fill_azure

GOLDEN = Path(__file__).parent / "golden_azure.tsv"
ONE_SIDED = {cid for cid, control in CONTROLS.items() if control.resource_type in ("SUBSCRIPTION", "ENTRA_TENANT")}
"""Controls over what the estate has one of."""


def touched(permission: str) -> set[str]:
    """Types of which something is not read without that permission."""
    whole = {row.name for row in types_of(Provider.AZURE) if permission in row.permissions}
    parts = {
        row.resource_type for row in AZURE_COLLECTORS for detail in row.details if permission in detail.permissions
    }
    return whole | parts


def permissions() -> list[str]:
    declared = {name for row in types_of(Provider.AZURE) for name in row.permissions}
    details = {name for row in AZURE_COLLECTORS for detail in row.details for name in detail.permissions}
    return sorted((declared | details) - set(ENTRY_ACTIONS))


@pytest.fixture(scope="module")
def azure() -> Iterator[AzureCloud]:
    with AzureCloud() as cloud:
        fill_azure(cloud)
        yield cloud


@pytest.fixture(scope="module")
def watch(azure: AzureCloud) -> Iterator[Watch]:
    with closing(Watch(azure)) as watch:
        yield watch


@pytest.fixture(scope="module")
def whole(watch: Watch) -> Swept:
    return watch.sweep()


def expected() -> Verdicts:
    with GOLDEN.open(encoding="utf-8", newline="") as file:
        return {(row[1], int(row[0])): Status(row[2]) for row in csv.reader(file, delimiter="\t")}


def everything(cloud: AzureCloud) -> list[Collected]:
    with closing(enter(cloud)) as account:
        return [account.collect(scope, NEEDS) for scope in account.plan(NEEDS)]


def test_every_verdict_is_the_expected_one(whole: Swept) -> None:
    wanted = expected()
    assert {key: found for key, found in whole.verdicts.items() if wanted.get(key) is not found} == {}
    assert wanted.keys() == whole.verdicts.keys()


@pytest.mark.parametrize("cid", sorted(CONTROLS))
def test_every_control_tells_good_from_bad(whole: Swept, cid: int) -> None:
    found = {status for (_, row), status in whole.verdicts.items() if row == cid}
    assert found >= {Status.PASS, Status.FAIL} or (cid in ONE_SIDED and len(found) == 1)


def test_everything_was_read(whole: Swept) -> None:
    assert whole.scopes.keys() == {row.resource_type for row in CONTROLS.values()} | _related()
    assert {report.outcome for report in whole.scopes.values()} == {Outcome.COMPLETE}
    assert not [report for report in whole.scopes.values() if report.message]


def _related() -> set[str]:
    return {one.type for control in CONTROLS.values() for one in control.related.values()}


def test_a_scan_takes_few_calls(azure: AzureCloud) -> None:
    found = everything(azure)
    resources = sum(len(one.resources) for one in found)
    assert resources >= 60
    assert sum(one.report.calls for one in found) <= 1.5 * resources


@pytest.mark.parametrize("permission", permissions())
def test_a_refused_permission_is_said_and_passes_nothing(
    azure: AzureCloud, watch: Watch, whole: Swept, permission: str
) -> None:
    """Every verdict is as it was, or UNKNOWN, and none is lost; where it cannot be told whether a control applies, that
    is UNKNOWN too; what was not read says so; and all is as before once the permission is back."""
    kinds = touched(permission)
    with azure.refusing(permission):
        found = watch.sweep_again(kinds)
        with closing(enter(azure)) as account:
            told = [account.collect(scope, NEEDS) for scope in account.plan(NEEDS) if scope.resource_type in kinds]
    healed = watch.sweep_again(kinds)
    for one in told:
        _assert_said(one, permission)
    assert found.verdicts.keys() >= whole.verdicts.keys()
    changed = {key: status for key, status in found.verdicts.items() if whole.verdicts.get(key) is not status}
    assert set(changed.values()) <= {Status.UNKNOWN}
    assert healed.verdicts == whole.verdicts


def _assert_said(told: Collected, permission: str) -> None:
    kind = told.report.scope.resource_type
    if permission in RESOURCE_TYPES[kind].permissions:
        assert (told.report.outcome, told.resources) == (Outcome.DENIED, ()), kind
        assert told.report.permission.lower() == permission.lower()
        return
    reasons = {reason for row in told.resources for reason in row.unread.values()}
    assert reasons == {f"denied: {permission}"}, kind
    assert told.report.permission == permission


def test_there_are_as_many_controls_as_promised() -> None:
    assert len(CONTROLS) >= 130
    titles = {policy.title for policy in CATALOGUE.policies if policy.provider == "AZURE"}
    assert len(titles) >= 7


def write_golden() -> None:
    with AzureCloud() as cloud:
        fill_azure(cloud)
        verdicts = swept(cloud).verdicts
    rows = sorted((cid, resource_id, status) for (resource_id, cid), status in verdicts.items())
    with GOLDEN.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter="\t", lineterminator="\n").writerows(rows)
    sys.stdout.write(f"{len(rows)} verdicts\n")


if __name__ == "__main__":
    write_golden()
