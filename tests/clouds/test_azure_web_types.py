"""App Service of a simulated subscription: what is read of it, what is said when it may not be read, and how it is
judged."""

import re
from collections.abc import Iterator

import pytest

from azure_world import CONTROLS, NEEDS, collect, read, swept
from cloud_world import Swept
from nephoscope.clouds.azure.collectors import web, web_runtimes
from nephoscope.clouds.azure.permissions import DISCLOSING, disclosing, role_definition
from nephoscope.model.evaluations import Status
from nephoscope.model.resources import Document
from nephoscope.model.scopes import Outcome
from nephoscope.resource_types.azure import web as types
from nephoscope.simulation.azure.cloud import AzureCloud
from nephoscope.simulation.azure.estate import web as estate

COUNTS = {"WEB_APP": 11, "FUNCTION_APP": 4, "APP_SERVICE_SLOT": 2, "APP_SERVICE_PLAN": 4}
REFUSED = [
    (row.resource_type, detail.fields, permission)
    for row in web.COLLECTORS
    for detail in row.details
    for permission in detail.permissions
]
KINDS = {row.name for row in types.TYPES}
JUDGED = sorted(cid for cid, control in CONTROLS.items() if control.resource_type in KINDS)
BAD = re.compile(r"lab-|fn-lab|shop-blog/test")
SET_UP_BUT_OPEN = 56701
"""One bad app passes this and fails the next question."""
OF_SETTINGS = {56710, 56733, 56750, 56752, 56754, 56755}


@pytest.fixture(scope="module")
def azure() -> Iterator[AzureCloud]:
    with AzureCloud() as cloud:
        estate.fill(cloud)
        yield cloud


@pytest.fixture(scope="module")
def whole(azure: AzureCloud) -> Swept:
    return swept(azure)


def add(cloud: AzureCloud, name: str, properties: Document, configuration: Document) -> None:
    app = cloud.add("Microsoft.Web/sites", name, properties, kind="app")
    cloud.put(f"{app}/config/web", {"name": "web", "properties": configuration})


def of(azure: AzureCloud, kind: str, name: str) -> Document:
    return read(azure, kind)[name].document


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_read_whole(azure: AzureCloud, kind: str) -> None:
    collected = collect(azure, kind)
    assert (collected.report.outcome, collected.report.message) == (Outcome.COMPLETE, "")
    assert len(collected.resources) == COUNTS[kind]
    assert all(set(row.document) == NEEDS[kind] for row in collected.resources)


def test_apps_and_functions_are_told_apart(azure: AzureCloud) -> None:
    assert {name.partition("-")[0] for name in read(azure, "WEB_APP")} == {"shop", "lab"}
    functions = read(azure, "FUNCTION_APP")
    assert sorted(functions) == ["fn-lab", "fn-mail", "fn-orders", "wf-approvals"]
    assert [name for name, row in functions.items() if row.document["isLogicApp"]] == ["wf-approvals"]


def test_an_app_is_called_by_its_name_and_a_slot_after_its_app(azure: AzureCloud) -> None:
    assert {row.resource_id for row in collect(azure, "APP_SERVICE_SLOT").resources} == {
        "shop-web/staging",
        "shop-blog/test",
    }
    slot, app = of(azure, "APP_SERVICE_SLOT", "shop-web/staging"), of(azure, "WEB_APP", "shop-web")
    assert slot["appId"] == app["lookupId"]


def test_a_web_app_shows_what_the_compatible_api_knows(azure: AzureCloud) -> None:
    app = of(azure, "WEB_APP", "shop-web")
    assert {name: app[name] for name in types.WEB_APP.wire} == {
        "redundancyMode": "None",
        "repositorySiteName": "shop-web",
        "enabled": True,
        "enabledHosts": ["shop-web.azurewebsites.net", "shop-web.meridian.example", "shop-web.scm.azurewebsites.net"],
        "clientCertEnabled": True,
        "subKinds": ["app", "linux"],
        "usageState": "Normal",
        "isDefaultContainer": None,
        "appServicePlan": {
            "id": f"{azure.root()}/resourceGroups/rg-shop/providers/Microsoft.Web/serverfarms/plan-shop",
            "name": "plan-shop",
            "resourceGroupName": "rg-shop",
        },
        "deploymentId": "shop-web",
        "httpsonly": True,
        "clientAffinityEnabled": False,
        "state": "Running",
        "key": None,
        "defaultHostName": "shop-web.azurewebsites.net",
        "availabilityState": "Normal",
        "kind": "app,linux",
    }


def test_who_says_nothing_of_public_access_is_public_unless_private(azure: AzureCloud) -> None:
    private = {"id": "/pe", "properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}
    with AzureCloud() as cloud:
        add(cloud, "private", {"privateEndpointConnections": [private]}, {})
        (app,) = collect(cloud, "WEB_APP").resources
    assert app.document["publicNetworkAccess"] == "Disabled"
    assert of(azure, "WEB_APP", "lab-py")["publicNetworkAccess"] == "Enabled"


def test_providers_without_a_registration_are_not_set_up(azure: AzureCloud) -> None:
    assert of(azure, "WEB_APP", "shop-web")["authentication"]["providers"] == ["azureActiveDirectory"]
    assert of(azure, "WEB_APP", "lab-chat")["authentication"] == {
        "enabled": True,
        "requiresSignIn": False,
        "unauthenticatedAction": "AllowAnonymous",
        "providers": [],
    }


def test_values_of_settings_are_not_kept(azure: AzureCloud) -> None:
    """Not even where a harmless one is expected."""
    found = [read(azure, kind) for kind in ("WEB_APP", "FUNCTION_APP")]
    assert estate.HIDDEN not in str(found)
    lab = found[1]["fn-lab"].document
    assert {"name": "DB_PASSWORD", "isVaultReference": False} in lab["appSettings"]
    assert (lab["functionsVersion"], lab["functionsRuntime"]) == ("~3", None)
    orders = found[1]["fn-orders"].document
    assert {"name": "DB_PASSWORD", "isVaultReference": True} in orders["appSettings"]
    assert (orders["functionsVersion"], orders["functionsRuntime"]) == ("~4", "python")


def test_functions_have_the_level_of_their_trigger(azure: AzureCloud) -> None:
    levels = {
        row["name"]: (row["trigger"], row["authLevel"])
        for app in read(azure, "FUNCTION_APP").values()
        for row in app.document["functions"]
    }
    assert levels == {
        "take": ("httpTrigger", "function"),
        "sweep": ("timerTrigger", None),
        "send": ("httpTrigger", "admin"),
        "hook": ("httpTrigger", "anonymous"),
        "resize": ("timerTrigger", None),
    }


ALLOW_ALL = {"ipAddress": "Any", "action": "Allow", "priority": 2147483647}
DENY_ALL = {"ipAddress": "Any", "action": "Deny", "priority": 2147483647}
OFFICE = {"ipAddress": "203.0.113.0/29", "action": "Allow", "priority": 100}
RESTRICTIONS: tuple[tuple[list[Document], str | None, bool], ...] = (
    ([], None, True),
    ([ALLOW_ALL], None, True),
    ([OFFICE, DENY_ALL], None, False),
    ([DENY_ALL, OFFICE], "Allow", False),
    ([OFFICE], None, False),
    ([OFFICE], "Allow", True),
    ([], "Deny", False),
    ([OFFICE, {"ipAddress": "0.0.0.0/0", "action": "Allow", "priority": 200}, DENY_ALL], "Deny", True),
    ([{"ipAddress": "Any", "action": "Deny", "priority": 1}, ALLOW_ALL], None, False),
    ([{**ALLOW_ALL, "priority": 1, "headers": {"x-azure-fdid": ["f"]}}, DENY_ALL], "Deny", False),
)


def test_the_first_rule_for_everybody_decides() -> None:
    with AzureCloud() as cloud:
        for at, (rules, default, _) in enumerate(RESTRICTIONS):
            names = ("ipSecurityRestrictions", "ipSecurityRestrictionsDefaultAction")
            add(cloud, f"app-{at}", {}, dict(zip(names, (rules, default), strict=True)))
        found = [row.document["isOpenToAll"] for row in collect(cloud, "WEB_APP").resources]
    assert found == [is_open for _, _, is_open in RESTRICTIONS]


def test_the_deployment_site_may_have_the_rules_of_the_app() -> None:
    rules = {"ipSecurityRestrictions": [OFFICE, DENY_ALL], "scmIpSecurityRestrictions": [ALLOW_ALL]}
    with AzureCloud() as cloud:
        add(cloud, "alike", {}, {**rules, "scmIpSecurityRestrictionsUseMain": True})
        add(cloud, "apart", {}, rules)
        found = {row.name: row.document["isScmOpenToAll"] for row in collect(cloud, "WEB_APP").resources}
    assert found == {"alike": False, "apart": True}


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"linuxFxVersion": "PYTHON|3.13"}, [("python", 3, 13)]),
        ({"linuxFxVersion": "NODE|22-lts"}, [("node", 22, 0)]),
        ({"linuxFxVersion": "Node|~20"}, [("node", 20, 0)]),
        ({"linuxFxVersion": "JAVA|17-java17"}, [("java", 17, 0)]),
        ({"linuxFxVersion": "JAVA|21.0.1"}, [("java", 21, 0)]),
        ({"linuxFxVersion": "TOMCAT|9.0-jre8"}, [("java", 8, 0)]),
        ({"linuxFxVersion": "JBOSSEAP|8-java21_byol"}, [("java", 21, 0)]),
        ({"linuxFxVersion": "DOTNET-ISOLATED|8.0"}, [("dotnet", 8, 0)]),
        ({"linuxFxVersion": "RUBY|2.7"}, [("ruby", 2, 7)]),
        ({"linuxFxVersion": "PYTHON|newest"}, [("python", None, None)]),
        ({"windowsFxVersion": "DOCKER|r.azurecr.io/app:1"}, [("container", None, None)]),
        ({"linuxFxVersion": "", "netFrameworkVersion": "v8.0"}, [("dotnet", 8, 0)]),
        ({"netFrameworkVersion": "v4.0", "javaVersion": "1.8.0_202"}, [("java", 8, 0)]),
        ({"netFrameworkVersion": "v4.0", "phpVersion": "5.6", "pythonVersion": ""}, [("php", 5, 6)]),
        ({"netFrameworkVersion": "v4.0", "phpVersion": "Off"}, [("dotnet", 4, 0)]),
        ({}, []),
    ],
)
def test_languages_are_found_where_azure_writes_them(settings: Document, found: list[tuple[str, int, int]]) -> None:
    rows = web_runtimes.runtimes_of({}, settings, is_function=False)
    assert [(row["stack"], row["major"], row["minor"]) for row in rows] == found


def test_functions_of_any_language_have_the_framework_on_windows() -> None:
    assert web_runtimes.runtimes_of({}, {"netFrameworkVersion": "v6.0"}, is_function=True) == []
    flexible = {"functionAppConfig": {"runtime": {"name": "dotnet-isolated", "version": "10.0"}}}
    (row,) = web_runtimes.runtimes_of(flexible, {"netFrameworkVersion": "v4.0"}, is_function=True)
    assert (row["stack"], row["major"]) == ("dotnet", 10)


def test_images_are_named_as_they_are_pulled() -> None:
    assert web_runtimes.image_of({"linuxFxVersion": "DOCKER|r.azurecr.io/a:1"}) == "r.azurecr.io/a:1"
    assert web_runtimes.image_of({"linuxFxVersion": "PYTHON|3.13"}) is None


@pytest.mark.parametrize(("kind", "fields", "permission"), REFUSED)
def test_a_refused_detail_is_unread_and_never_empty(
    azure: AzureCloud, kind: str, fields: tuple[str, ...], permission: str
) -> None:
    with azure.refusing(permission):
        collected = collect(azure, kind)
    assert len(collected.resources) == COUNTS[kind]
    for row in collected.resources:
        assert not row.document.keys() & set(fields)
        assert {row.unread[field] for field in fields} == {f"denied: {permission}"}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_refused_kind_is_denied(azure: AzureCloud, kind: str) -> None:
    (permission,) = next(row.permissions for row in types.TYPES if row.name == kind)
    with azure.refusing(permission):
        report = collect(azure, kind).report
    assert (report.outcome, report.permission.lower()) == (Outcome.DENIED, permission.lower())


def test_an_app_whose_part_is_not_found_stays() -> None:
    with AzureCloud() as cloud:
        add(cloud, "app", {}, {})
        (found,) = collect(cloud, "WEB_APP").resources
    assert {"authentication", "appSettings", "vaultReferences", "ftpBasicAuth"} <= set(found.unread)


def test_the_role_opens_no_secrets() -> None:
    assert disclosing() == tuple(sorted(DISCLOSING))
    assert not DISCLOSING & set(role_definition()["Actions"])
    assert "Microsoft.Web/sites/config/read" in role_definition()["Actions"]
    assert disclosing({"WEB_APP": frozenset({"httpsonly"})}) == ()


@pytest.mark.parametrize("cid", JUDGED)
def test_every_control_tells_good_from_bad(whole: Swept, cid: int) -> None:
    found = {name: status for (name, row), status in whole.verdicts.items() if row == cid}
    assert set(found.values()) == {Status.PASS, Status.FAIL}
    bad = {status for name, status in found.items() if BAD.match(name)}
    assert bad <= {Status.FAIL} or cid == SET_UP_BUT_OPEN


def test_without_the_action_that_opens_secrets_only_what_settings_tell_is_unknown(
    azure: AzureCloud, whole: Swept
) -> None:
    with azure.refusing(*DISCLOSING):
        found = swept(azure).verdicts
    changed = {(cid, status) for (name, cid), status in found.items() if whole.verdicts[name, cid] is not status}
    assert changed == {(cid, Status.UNKNOWN) for cid in OF_SETTINGS}


def test_there_are_as_many_controls_as_promised() -> None:
    assert len(JUDGED) >= 24
    assert set(JUDGED) <= set(range(56700, 56800))
