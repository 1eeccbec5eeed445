"""App Service: plans, web apps in several languages, function apps and deployment slots; the shop's are kept well, the
lab's are not."""

from typing import Any

from nephoscope.simulation.azure.cloud import AzureCloud, Document
from nephoscope.simulation.azure.estate.words import ROOT, endpoint, network_id, put_logs

HIDDEN = "hunter2-of-settings"
"""In the settings of apps, which nobody may find in the inventory."""

_CLIENT = "0c4f6a1b-7d52-4b0e-8a3e-5f2f2b1c9d10"
_ANY = {"ipAddress": "Any", "priority": 2147483647}
_OFFICE = [
    {"ipAddress": "203.0.113.0/29", "action": "Allow", "priority": 100, "name": "office", "tag": "Default"},
    {**_ANY, "action": "Deny", "name": "Deny all", "description": "Deny all access"},
]
_EVERYBODY = [{**_ANY, "action": "Allow", "name": "Allow all", "description": "Allow all access"}]
_LOGS = ("AppServiceHTTPLogs", "AppServiceConsoleLogs", "AppServiceAuditLogs")

_GOOD: Document = {
    "minTlsVersion": "1.2",
    "scmMinTlsVersion": "1.2",
    "ftpsState": "Disabled",
    "http20Enabled": True,
    "remoteDebuggingEnabled": False,
    "alwaysOn": True,
    "webSocketsEnabled": False,
    "healthCheckPath": "/health",
    "numberOfWorkers": 1,
    "acrUseManagedIdentityCreds": True,
    "cors": {"allowedOrigins": ["https://shop.meridian.example"], "supportCredentials": False},
    "ipSecurityRestrictions": _OFFICE,
    "ipSecurityRestrictionsDefaultAction": "Deny",
    "scmIpSecurityRestrictions": _EVERYBODY,
    "scmIpSecurityRestrictionsUseMain": True,
}
_BAD: Document = {
    "minTlsVersion": "1.0",
    "scmMinTlsVersion": "1.0",
    "ftpsState": "AllAllowed",
    "http20Enabled": False,
    "remoteDebuggingEnabled": True,
    "remoteDebuggingVersion": "VS2022",
    "alwaysOn": False,
    "healthCheckPath": None,
    "numberOfWorkers": 1,
    "acrUseManagedIdentityCreds": False,
    "cors": {"allowedOrigins": ["*"], "supportCredentials": False},
    "ipSecurityRestrictions": _EVERYBODY,
    "scmIpSecurityRestrictions": _EVERYBODY,
    "scmIpSecurityRestrictionsUseMain": False,
}
_PUBLIC: Document = {"publicNetworkAccess": "Enabled", "privateEndpointConnections": []}
_WINDOWS: Document = {"netFrameworkVersion": "v4.0", "linuxFxVersion": "", "phpVersion": "", "javaVersion": None}


def fill(cloud: AzureCloud) -> None:
    _add_plans(cloud)
    _add_web_apps(cloud)
    _add_function_apps(cloud)
    _add_slots(cloud)


def _add_plans(cloud: AzureCloud) -> None:
    for name, tier, sku, capacity, sites, more in (
        ("plan-shop", "PremiumV3", "P1v3", 3, 6, {"zoneRedundant": True, "reserved": True}),
        ("plan-lab", "Shared", "D1", 0, 5, {}),
        ("plan-forgotten", "PremiumV3", "P0v3", 1, 0, {}),
        ("plan-functions", "FlexConsumption", "FC1", 0, 4, {"zoneRedundant": True, "reserved": True}),
    ):
        known = {"status": "Ready", "numberOfSites": sites, "zoneRedundant": False, "reserved": False, **more}
        sized = {"name": sku, "tier": tier, "size": sku, "family": sku[:1], "capacity": capacity}
        cloud.add("Microsoft.Web/serverfarms", name, known, group="rg-shop", sku=sized, kind="linux")


def _add_web_apps(cloud: AzureCloud) -> None:
    for name, stack in (
        ("shop-web", "PYTHON|3.13"),
        ("shop-api", "NODE|22-lts"),
        ("shop-erp", "TOMCAT|10.1-java21"),
        ("shop-box", "DOCKER|meridian.azurecr.io/box:7"),
    ):
        _add_app(cloud, name, {"linuxFxVersion": stack}, is_good=True)
    _add_app(cloud, "shop-blog", {"linuxFxVersion": "PHP|8.4"}, is_good=True, **_PUBLIC)
    _add_app(cloud, "shop-desk", {"linuxFxVersion": "DOTNETCORE|10.0"}, is_good=True, vnetRouteAllEnabled=False)
    for name, settings in (
        ("lab-py", {"linuxFxVersion": "PYTHON|3.8"}),
        ("lab-chat", {"linuxFxVersion": "NODE|14-lts"}),
        ("lab-erp", {**_WINDOWS, "javaVersion": "1.7.0_80", "javaContainer": "TOMCAT", "phpVersion": "5.6"}),
        ("lab-desk", {**_WINDOWS, "netFrameworkVersion": "v6.0"}),
        ("lab-box", {"linuxFxVersion": "DOCKER|meridian.azurecr.io/lab:latest"}),
    ):
        _add_app(cloud, name, settings, is_good=False)


def _add_function_apps(cloud: AzureCloud) -> None:
    flexible = {"functionAppConfig": {"runtime": {"name": "python", "version": "3.13"}}}
    orders = _add_app(cloud, "fn-orders", {"linuxFxVersion": ""}, is_good=True, kind="functionapp,linux", **flexible)
    _put_functions(cloud, orders, {"take": "function", "sweep": None})
    mail = _add_app(cloud, "fn-mail", {"linuxFxVersion": "Node|22"}, is_good=True, kind="functionapp,linux", **_PUBLIC)
    _put_functions(cloud, mail, {"send": "admin"})
    lab = _add_app(cloud, "fn-lab", {"linuxFxVersion": "Node|14"}, is_good=False, kind="functionapp,linux")
    _put_functions(cloud, lab, {"hook": "anonymous", "resize": None})
    flows = _add_app(cloud, "wf-approvals", _WINDOWS, is_good=True, kind="functionapp,workflowapp")
    _put_functions(cloud, flows, {})


def _add_slots(cloud: AzureCloud) -> None:
    kind = "Microsoft.Web/sites/slots"
    for name, is_good in (("shop-web/staging", True), ("shop-blog/test", False)):
        known = _properties(name.replace("/", "-"), is_good=is_good, plan="plan-shop")
        more = {"identity": {"type": "SystemAssigned"}} if is_good else {}
        whole = cloud.add(kind, name, known, group="rg-shop", kind="app,linux", **more)
        _put_configuration(cloud, whole, {"linuxFxVersion": "PYTHON|3.13"}, is_good=is_good)
        _put_publishing(cloud, whole, is_good=is_good)


def _add_app(
    cloud: AzureCloud, name: str, settings: Document, *, is_good: bool, kind: str = "", **properties: Any
) -> str:
    """`settings` and `properties` come over those of a good or a bad app."""
    kind = kind or ("app,linux" if settings["linuxFxVersion"] else "app")
    is_function = "function" in kind
    known = {**_properties(name, is_good=is_good, plan="plan-functions" if is_function else ""), **properties}
    known["reserved"] = "linux" in kind
    more = {"identity": {"type": "SystemAssigned", "principalId": _CLIENT}} if is_good else {}
    whole = cloud.add("Microsoft.Web/sites", name, known, group="rg-shop" if is_good else "rg-lab", kind=kind, **more)
    _put_configuration(cloud, whole, settings, is_good=is_good)
    _put_publishing(cloud, whole, is_good=is_good)
    _put_authentication(cloud, whole, is_good=is_good)
    _put_settings(cloud, whole, is_good=is_good, is_function=is_function)
    if is_good:
        put_logs(cloud, whole, *(("FunctionAppLogs",) if is_function else _LOGS))
    return whole


def _properties(name: str, *, is_good: bool, plan: str = "") -> Document:
    host, own = f"{name}.azurewebsites.net", f"{name}.meridian.example"
    farm = plan or ("plan-shop" if is_good else "plan-lab")
    farms = f"{ROOT}/resourceGroups/rg-shop/providers/Microsoft.Web/serverfarms"
    return {
        "state": "Running",
        "enabled": True,
        "usageState": "Normal",
        "availabilityState": "Normal",
        "redundancyMode": "None",
        "repositorySiteName": name,
        "deploymentId": name,
        "defaultHostName": host,
        "hostNames": [own, host],
        "enabledHostNames": [own, host, f"{name}.scm.azurewebsites.net"],
        "hostNameSslStates": [
            {"name": own, "sslState": "SniEnabled" if is_good else "Disabled", "hostType": "Standard"},
            {"name": host, "sslState": "Disabled", "hostType": "Standard"},
            {"name": f"{name}.scm.azurewebsites.net", "sslState": "Disabled", "hostType": "Repository"},
        ],
        "serverFarmId": f"{farms}/{farm}",
        "httpsOnly": is_good,
        "clientCertEnabled": is_good,
        "clientCertMode": "Required",
        "clientAffinityEnabled": not is_good,
        "endToEndEncryptionEnabled": is_good,
        "publicNetworkAccess": "Disabled" if is_good else None,
        "privateEndpointConnections": [endpoint(f"pe-{name}", "Approved")] if is_good else [],
        "virtualNetworkSubnetId": network_id("virtualNetworks", "vnet-shop/subnets/apps") if is_good else None,
        "vnetRouteAllEnabled": is_good,
        "lastModifiedTimeUtc": "2025-10-02T07:15:00.1566667",
        "siteConfig": {"numberOfWorkers": 1, "minTlsVersion": None, "ftpsState": None},
    }


def _put_configuration(cloud: AzureCloud, whole: str, settings: Document, *, is_good: bool) -> None:
    known = {**(_GOOD if is_good else _BAD), **settings, "publishingUsername": "$app"}
    cloud.put(f"{whole}/config/web", {"name": "web", "type": "Microsoft.Web/sites/config", "properties": known})


def _put_publishing(cloud: AzureCloud, whole: str, *, is_good: bool) -> None:
    kind = "Microsoft.Web/sites/basicPublishingCredentialsPolicies"
    rows = [{"name": name, "type": kind, "properties": {"allow": not is_good}} for name in ("ftp", "scm")]
    cloud.put_listing(f"{whole}/basicPublishingCredentialsPolicies", rows)


def _put_authentication(cloud: AzureCloud, whole: str, *, is_good: bool) -> None:
    registered = {"openIdIssuer": "https://sts.windows.net/meridian/v2.0", "clientId": _CLIENT}
    known = {
        "platform": {"enabled": is_good or whole.endswith("lab-chat"), "runtimeVersion": "~1"},
        "globalValidation": {
            "requireAuthentication": is_good,
            "unauthenticatedClientAction": "RedirectToLoginPage" if is_good else "AllowAnonymous",
        },
        "identityProviders": {
            "azureActiveDirectory": {"enabled": True, "registration": registered if is_good else {}},
            "facebook": {"enabled": True, "registration": {}, "login": {}},
            "twitter": {"enabled": True, "registration": {}},
        },
    }
    cloud.put(f"{whole}/config/authsettingsV2", {"name": "authsettingsV2", "properties": known})


def _put_settings(cloud: AzureCloud, whole: str, *, is_good: bool, is_function: bool) -> None:
    """Good ones keep their secrets in a vault, or need none because an identity opens the door."""
    reference = "@Microsoft.KeyVault(VaultName=kv-shop;SecretName=db)"
    known = {"STAGE": "production", "DB_PASSWORD": reference if is_good else HIDDEN}
    if is_function:
        known["FUNCTIONS_EXTENSION_VERSION"] = "~4" if is_good else "~3"
        known["FUNCTIONS_WORKER_RUNTIME"] = "python" if is_good else HIDDEN * 2
        known |= {"AzureWebJobsStorage__accountName": "stshop"} if is_good else {"AzureWebJobsStorage": HIDDEN}
    if is_good:
        known["APPLICATIONINSIGHTS_CONNECTION_STRING"] = f"InstrumentationKey={_CLIENT}"
    elif whole.endswith("lab-py"):
        known |= {"API_TOKEN": "@Microsoft.KeyVault(VaultName=kv-gone;SecretName=token)"}
    cloud.put(f"{whole}/config/appsettings/list", {"name": "appsettings", "properties": known})
    status = "Resolved" if is_good else "VaultNotFound"
    rows = [
        {"name": name, "properties": {"vaultName": "kv-shop", "secretName": "db", "status": status}}
        for name, value in known.items()
        if value.startswith("@Microsoft.KeyVault")
    ]
    cloud.put_listing(f"{whole}/config/configreferences/appsettings", rows)


def _put_functions(cloud: AzureCloud, whole: str, levels: dict[str, str | None]) -> None:
    """Functions with the level that their HTTP trigger asks for; those without one are run by a timer."""
    app = whole.rpartition("/")[2]
    rows = []
    for name, level in levels.items():
        trigger = {"type": "httpTrigger", "authLevel": level} if level else {"type": "timerTrigger"}
        config = {"bindings": [{"name": "in", "direction": "in", **trigger}]}
        kind = "Microsoft.Web/sites/functions"
        rows.append({"name": f"{app}/{name}", "type": kind, "properties": {"config": config, "isDisabled": False}})
    cloud.put_listing(f"{whole}/functions", rows)
