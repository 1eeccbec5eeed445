"""Alerts, the places where logs are kept, and IoT hubs, as they are read from the simulation and judged."""

from collections.abc import Iterator

import pytest

from azure_world import collect, named, read, swept
from nephoscope.model.evaluations import Status
from nephoscope.model.resources import Document
from nephoscope.model.scopes import Outcome
from nephoscope.simulation.azure.cloud import AzureCloud
from nephoscope.simulation.azure.estate import monitoring as estate
from nephoscope.simulation.azure.estate import subscription
from nephoscope.simulation.azure.estate.words import ROOT, WORKSPACE

ALERT, GROUP, COMPONENT = "ACTIVITY_LOG_ALERT", "ACTION_GROUP", "APPLICATION_INSIGHTS"
LOGS, SURFACE, HUB = "LOG_ANALYTICS_WORKSPACE", "EASM_WORKSPACE", "IOT_HUB"
KINDS = {
    ALERT: "microsoft.insights/activitylogalerts/read",
    GROUP: "microsoft.insights/actiongroups/read",
    COMPONENT: "microsoft.insights/components/read",
    LOGS: "microsoft.operationalinsights/workspaces/read",
    SURFACE: "microsoft.easm/workspaces/read",
    HUB: "microsoft.devices/iothubs/read",
}
BAD = {
    56027: {"iot-trial"},
    56029: {"iot-trial"},
    56036: {"iot-trial"},
    56094: {"machine-removed"},
    56095: {"ag-asleep", "ag-nobody"},
    56097: {"law-lab"},
    56098: {"law-lab"},
}


@pytest.fixture(scope="module")
def azure() -> Iterator[AzureCloud]:
    with AzureCloud() as cloud:
        subscription.fill(cloud)
        estate.fill(cloud)
        yield cloud


def test_an_alert_says_what_it_waits_for_and_whom_it_tells(azure: AzureCloud) -> None:
    found = read(azure, ALERT)
    assert len(found) == 11
    changed = found["nsg-changed"].document
    assert (changed["category"], changed["operationName"]) == (
        "administrative",
        "microsoft.network/networksecuritygroups/write",
    )
    assert changed["conditions"] == [
        {"field": "category", "equals": "administrative"},
        {"field": "operationname", "equals": "microsoft.network/networksecuritygroups/write"},
    ]
    (group,) = changed["actionGroupIds"]
    assert group.endswith("/actiongroups/ag-security")
    assert (changed["region"], changed["enabled"]) == ("global", True)


def test_what_narrows_an_alert_is_kept(azure: AzureCloud) -> None:
    found = read(azure, ALERT)
    assert [row["field"] for row in found["sql-rule-removed"].document["conditions"]] == [
        "category",
        "operationname",
        "status",
    ]
    assert found["nsg-removed"].document["enabled"] is False
    assert found["solution-removed"].document["scopes"] == [f"{ROOT}/resourcegroups/rg-lab"]
    assert found["machine-removed"].document["actionGroupIds"] == []
    assert (found["azure-is-down"].document["category"], found["azure-is-down"].document["operationName"]) == (
        "servicehealth",
        None,
    )


@pytest.mark.parametrize("scope", [ROOT, f"{ROOT}/", ROOT.upper()])
def test_a_subscription_is_the_same_in_every_spelling(scope: str) -> None:
    with AzureCloud() as cloud:
        estate.add_alert(cloud, "any", scope=scope)
        assert read(cloud, ALERT)["any"].document["scopes"] == [ROOT]


def test_an_alert_that_does_not_say_whether_it_is_on_is_on() -> None:
    known = {"scopes": [ROOT], "condition": {"allOf": [{"anyOf": [{"field": "category", "equals": "Policy"}]}]}}
    with AzureCloud() as cloud:
        cloud.add("Microsoft.Insights/activityLogAlerts", "old", known)
        found = read(cloud, ALERT)["old"].document
    assert (found["enabled"], found["actionGroupIds"], found["category"]) == (True, [], None)
    assert found["conditions"] == [{"field": None, "equals": None}]


def test_receivers_of_every_kind_are_counted(azure: AzureCloud) -> None:
    found = {name: row.document for name, row in read(azure, GROUP).items()}
    assert {name: (row["enabled"], row["receiverCount"]) for name, row in found.items()} == {
        "ag-security": (True, 1),
        "ag-asleep": (False, 1),
        "ag-nobody": (True, 0),
    }
    with AzureCloud() as cloud:
        several = {"enabled": True, "smsReceivers": [{}, {}], "armRoleReceivers": [{}], "webhookReceivers": None}
        cloud.add("Microsoft.Insights/actionGroups", "several", several)
        assert read(cloud, GROUP)["several"].document["receiverCount"] == 3


def test_where_logs_are_kept(azure: AzureCloud) -> None:
    found = {name: row.document for name, row in read(azure, LOGS).items()}
    assert {name: (row["retentionInDays"], row["disableLocalAuth"]) for name, row in found.items()} == {
        "law-core": (365, True),
        "law-lab": (30, False),
    }
    assert found["law-core"]["skuName"] == "PerGB2018"
    (component,) = read(azure, COMPONENT).values()
    assert (component.document["WorkspaceResourceId"], component.document["DisableLocalAuth"]) == (WORKSPACE, True)
    assert component.document["DisableIpMasking"] is False
    (surface,) = read(azure, SURFACE).values()
    assert surface.document["provisioningState"] == "Succeeded"


def test_hubs_with_their_endpoints(azure: AzureCloud) -> None:
    found = {name: row.document for name, row in read(azure, HUB).items()}
    assert [row["status"] for row in found["iot-harbour"]["privateEndpointConnections"]] == ["Approved"]
    assert [row["status"] for row in found["iot-trial"]["privateEndpointConnections"]] == ["Pending"]
    assert found["iot-harbour"]["lookupId"] == f"{estate.HUBS}/iot-harbour".lower()


def test_a_hub_that_was_never_closed_is_open() -> None:
    with AzureCloud() as cloud:
        cloud.add("Microsoft.Devices/IotHubs", "iot-old", {"state": "Active"})
        found = read(cloud, HUB)["iot-old"].document
    assert (found["publicNetworkAccess"], found["privateEndpointConnections"]) == ("Enabled", [])


@pytest.mark.parametrize(("kind", "permission"), KINDS.items())
def test_a_refused_kind_is_denied(azure: AzureCloud, kind: str, permission: str) -> None:
    with azure.refusing(permission):
        found = collect(azure, kind)
    assert (found.report.outcome, found.report.permission, found.resources) == (Outcome.DENIED, permission, ())


def test_what_is_bad_fails_and_the_rest_passes(azure: AzureCloud) -> None:
    verdicts = swept(azure, KINDS).verdicts
    assert named(verdicts, Status.FAIL) == BAD
    assert set(verdicts.values()) == {Status.PASS, Status.FAIL}
    assert all(named(verdicts, Status.PASS).values())


WATCHED = [
    f"{noun}/{verb}"
    for noun in (
        *("microsoft.authorization/policyassignments", "microsoft.network/networksecuritygroups"),
        *("microsoft.security/securitysolutions", "microsoft.sql/servers/firewallrules"),
        "microsoft.network/publicipaddresses",
    )
    for verb in ("write", "delete")
]
NARROWED: list[tuple[str, Document]] = [
    ("off", {"enabled": False}),
    ("of one group", {"scope": f"{ROOT}/resourceGroups/rg-lab"}),
    ("of another subscription", {"scope": "/subscriptions/00000000-0000-0000-0000-000000000000"}),
]


def test_each_operation_that_is_watched_has_its_control() -> None:
    with AzureCloud() as cloud:
        subscription.fill(cloud)
        for number, operation in enumerate(WATCHED):
            estate.add_alert(cloud, f"alert-{number}", estate.doing(operation))
        found = swept(cloud, {"SUBSCRIPTION"}).verdicts
    assert {status for (_, cid), status in found.items() if cid in range(56083, 56093)} == {Status.PASS}


@pytest.mark.parametrize(("name", "more"), NARROWED, ids=[name for name, _ in NARROWED])
def test_an_alert_that_is_not_of_the_whole_subscription_does_not_count(name: str, more: Document) -> None:
    with AzureCloud() as cloud:
        subscription.fill(cloud)
        for operation in WATCHED:
            estate.add_alert(cloud, f"{name} {operation}".replace("/", "-"), estate.doing(operation), **more)
        found = swept(cloud, {"SUBSCRIPTION"}).verdicts
    assert {status for (_, cid), status in found.items() if cid in range(56083, 56093)} == {Status.FAIL}


def test_without_alerts_that_may_be_read_nothing_is_said_of_them(azure: AzureCloud) -> None:
    with azure.refusing(KINDS[ALERT]):
        found = swept(azure, {"SUBSCRIPTION"}).verdicts
    assert {status for (_, cid), status in found.items() if cid in range(56083, 56094)} == {Status.UNKNOWN}
