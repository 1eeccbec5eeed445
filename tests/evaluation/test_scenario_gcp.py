"""A Google Cloud project end to end: the simulated estate, the real engine, the real judgement; and what becomes of the
verdicts when something may not be read or is switched off."""

import csv
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cloud_world import Swept, Verdicts
from gcp_world import CONTROLS, NEEDS, collect, enter, swept
from nephoscope.clouds.doors import Collected
from nephoscope.controls.loading import load_catalogue
from nephoscope.model.evaluations import Status
from nephoscope.model.scopes import Outcome
from nephoscope.simulation.gcp.cloud import PROJECT, GcpCloud
from nephoscope.simulation.gcp.estate import fill_gcp

GOLDEN = Path(__file__).parent / "golden_gcp.tsv"
ENTRY = "resourcemanager.projects.get"
ONE_SIDED = {cid for cid, control in CONTROLS.items() if control.resource_type in ("PROJECT", "COMPUTE_PROJECT")} | {
    58032,  # only old keys
    58033,  # one default account
    58103,  # one log bucket of people's own
    58605,  # both clusters have a list
    58634,  # one pool with the default account
    58821,  # the service is off in the project
}
"""Controls over what the estate has one of."""


@pytest.fixture(scope="module")
def gcp() -> Iterator[GcpCloud]:
    with GcpCloud() as cloud:
        fill_gcp(cloud)
        yield cloud


@pytest.fixture(scope="module")
def whole(gcp: GcpCloud) -> Swept:
    return swept(gcp)


def expected() -> Verdicts:
    with GOLDEN.open(encoding="utf-8", newline="") as file:
        return {(row[1], int(row[0])): Status(row[2]) for row in csv.reader(file, delimiter="\t")}


def test_every_verdict_is_the_expected_one(whole: Swept) -> None:
    wanted = expected()
    assert {key: found for key, found in whole.verdicts.items() if wanted.get(key) is not found} == {}
    assert wanted.keys() == whole.verdicts.keys()


@pytest.mark.parametrize("cid", sorted(CONTROLS))
def test_every_control_tells_good_from_bad(whole: Swept, cid: int) -> None:
    found = {status for (_, row), status in whole.verdicts.items() if row == cid}
    assert found == {Status.PASS, Status.FAIL} or (cid in ONE_SIDED and len(found) == 1)


def test_everything_was_read(whole: Swept) -> None:
    assert whole.scopes.keys() == {row.resource_type for row in CONTROLS.values()} | _related()
    assert {report.outcome for report in whole.scopes.values()} == {Outcome.COMPLETE}
    assert not [report for report in whole.scopes.values() if report.message]


def _related() -> set[str]:
    return {one.type for control in CONTROLS.values() for one in control.related.values()}


def everything(cloud: GcpCloud) -> list[Collected]:
    with closing(enter(cloud)) as account:
        return [account.collect(scope, NEEDS) for scope in account.plan(NEEDS)]


def test_a_scan_takes_few_calls(gcp: GcpCloud) -> None:
    found = everything(gcp)
    resources = sum(len(one.resources) for one in found)
    assert resources >= 60
    assert sum(one.report.calls for one in found) <= resources


def _permissions() -> list[str]:
    with GcpCloud() as cloud:
        fill_gcp(cloud)
        with closing(enter(cloud)) as account:
            for scope in account.plan(NEEDS):
                account.collect(scope, NEEDS)
            return sorted(account.permissions_used() - {ENTRY})


@pytest.mark.parametrize("permission", _permissions())
def test_a_refused_permission_is_said_and_passes_nothing(gcp: GcpCloud, whole: Swept, permission: str) -> None:
    """Every verdict is as it was, or UNKNOWN; and a type that is denied, or a field that is unread, says so."""
    with gcp.refusing(permission):
        found = swept(gcp)
        told = everything(gcp)
    denied = [one.report.scope.resource_type for one in told if one.report.outcome is Outcome.DENIED]
    unread = {reason for one in told for row in one.resources for reason in row.unread.values()}
    assert denied or unread
    assert unread <= {f"denied: {permission}"}
    assert all(one.report.permission == permission for one in told if one.report.outcome is not Outcome.COMPLETE)
    changed = {key: status for key, status in found.verdicts.items() if whole.verdicts.get(key) is not status}
    assert set(changed.values()) <= {Status.UNKNOWN}


SWITCHED_OFF = {
    "logging": {"LOG_SINK", "LOG_BUCKET", "LOG_METRIC"},
    "monitoring": {"ALERT_POLICY", "NOTIFICATION_CHANNEL"},
    "apikeys": {"API_KEY"},
    "appengine": {"APP_ENGINE_VERSION"},
}


@pytest.mark.parametrize("service", SWITCHED_OFF)
def test_of_a_service_that_is_off_there_is_nothing(gcp: GcpCloud, service: str) -> None:
    gcp.switched_off.add(service)
    try:
        found = {kind: collect(gcp, kind) for kind in SWITCHED_OFF[service]}
        judged = swept(gcp).verdicts
    finally:
        gcp.switched_off.clear()
    for one in found.values():
        assert (one.report.outcome, one.resources) == (Outcome.COMPLETE, ())
        assert f"{service}.googleapis.com is not enabled" in one.report.message
    alerts = {cid for cid, row in CONTROLS.items() if "policies" in row.related and row.resource_type == "PROJECT"}
    if service in ("logging", "monitoring"):
        assert judged[PROJECT, 58112] is Status.FAIL
        assert {judged[PROJECT, cid] for cid in alerts} <= {Status.FAIL, Status.PASS}


@pytest.mark.parametrize("service", ["accessapproval", "essentialcontacts", "orgpolicy", "serviceusage", "iam"])
def test_what_a_service_would_tell_is_unknown_when_it_is_off(gcp: GcpCloud, whole: Swept, service: str) -> None:
    """What is inherited does not vanish with a service of the project."""
    gcp.switched_off.add(service)
    try:
        found = swept(gcp).verdicts
    finally:
        gcp.switched_off.clear()
    changed = {status for key, status in found.items() if whole.verdicts.get(key) is not status}
    assert changed == {Status.UNKNOWN}


def test_without_vm_manager_nobody_knows_of_updates(gcp: GcpCloud) -> None:
    gcp.switched_off.add("osconfig")
    try:
        found = swept(gcp).verdicts
    finally:
        gcp.switched_off.clear()
    assert {status for (_, cid), status in found.items() if cid == 58312} == {Status.FAIL}


def test_there_are_as_many_controls_as_promised() -> None:
    assert len(CONTROLS) >= 95
    titles = {policy.title for policy in load_catalogue().policies if policy.provider == "GCP"}
    assert len(titles) == 7
