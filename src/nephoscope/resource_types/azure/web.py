"""Azure resource types of App Service: web apps, function apps, their deployment slots and the plans they run on."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.azure.network import DIAGNOSTICS, PLACE
from nephoscope.resource_types.fields import booleans, integers, lists, parts, rows, strings, times
from nephoscope.resource_types.types import ResourceType

_RESTRICTION = ("name", "action", "address", "tag", "subnetId", "priority")

SITE = (
    *PLACE,
    *strings("kind", "state", "defaultHostName", "planId", "identityType", "clientCertMode", "publicNetworkAccess"),
    *strings("virtualNetworkSubnetId", "environmentId"),
    *booleans("httpsonly", "enabled", "clientCertEnabled", "vnetRouteAllEnabled", "endToEndEncryptionEnabled"),
    *booleans("isLinux"),
    *lists("enabledHosts"),
    *rows("hostNames", "name", "sslState", "isOwn"),
    *rows("privateEndpointConnections", "id", "status"),
    *times("lastModified"),
)
"""What Resource Graph tells of every site. `isOwn`: a name that is not Azure's."""
CONFIGURATION = (
    *strings("minTlsVersion", "scmMinTlsVersion", "ftpsState", "healthCheckPath", "containerImage"),
    *booleans("http20Enabled", "remoteDebuggingEnabled", "alwaysOn", "webSocketsEnabled", "usesIdentityForRegistry"),
    *booleans("isOpenToAll", "isScmOpenToAll", "corsSupportsCredentials"),
    *integers("numberOfWorkers"),
    *lists("corsOrigins"),
    *rows("accessRestrictions", *_RESTRICTION),
    *rows("scmAccessRestrictions", *_RESTRICTION),
    *rows("runtimes", "stack", "version", "major", "minor"),
)
"""What its configuration tells. `isOpenToAll`: no rule keeps any address out. `runtimes` are the languages that are
switched on."""
PUBLISHING = booleans("ftpBasicAuth", "scmBasicAuth")
"""Whether user name and password open the doors through which code comes in."""
SETTINGS = (
    *rows("appSettings", "name", "isVaultReference"),
    *rows("vaultReferences", "name", "vaultName", "secretName", "status"),
)
"""Names of settings, never their values."""
_AUTHENTICATION = parts("authentication", "enabled", "requiresSignIn", "unauthenticatedAction", "providers")

WEB_APP = ResourceType(
    name="WEB_APP",
    provider=Provider.AZURE,
    service_type="App Service",
    title="Azure Web App",
    permissions=("Microsoft.Web/sites/read",),
    aliases=("APP_SERVICE",),
    is_regional=False,
    fields=(
        *SITE,
        *CONFIGURATION,
        *PUBLISHING,
        *SETTINGS,
        *_AUTHENTICATION,
        *DIAGNOSTICS,
        *strings("redundancyMode", "repositorySiteName", "usageState", "deploymentId", "key", "availabilityState"),
        *booleans("isDefaultContainer", "clientAffinityEnabled"),
        *lists("subKinds"),
        *parts("appServicePlan", "id", "name", "resourceGroupName"),
    ),
    wire=(
        *("redundancyMode", "repositorySiteName", "enabled", "enabledHosts", "clientCertEnabled", "subKinds"),
        *("usageState", "isDefaultContainer", "appServicePlan", "deploymentId", "httpsonly", "clientAffinityEnabled"),
        *("state", "key", "defaultHostName", "availabilityState", "kind"),
    ),
)

FUNCTION_APP = ResourceType(
    name="FUNCTION_APP",
    provider=Provider.AZURE,
    service_type="Function App",
    title="Azure Function App",
    permissions=("Microsoft.Web/sites/read",),
    aliases=("AZURE_FUNCTION",),
    is_regional=False,
    fields=(
        *SITE,
        *CONFIGURATION,
        *PUBLISHING,
        *SETTINGS,
        *_AUTHENTICATION,
        *DIAGNOSTICS,
        *strings("functionsVersion", "functionsRuntime"),
        *booleans("isLogicApp"),
        *rows("functions", "name", "trigger", "authLevel", "isDisabled"),
    ),
)

APP_SERVICE_SLOT = ResourceType(
    name="APP_SERVICE_SLOT",
    provider=Provider.AZURE,
    service_type="App Service",
    title="Azure App Service Deployment Slot",
    permissions=("Microsoft.Web/sites/slots/read",),
    aliases=("DEPLOYMENT_SLOT",),
    is_regional=False,
    fields=(*SITE, *CONFIGURATION, *PUBLISHING, *strings("appId", "appName")),
)

APP_SERVICE_PLAN = ResourceType(
    name="APP_SERVICE_PLAN",
    provider=Provider.AZURE,
    service_type="App Service",
    title="Azure App Service Plan",
    permissions=("Microsoft.Web/serverfarms/read",),
    is_regional=False,
    fields=(
        *PLACE,
        *strings("kind", "skuName", "skuTier", "status"),
        *booleans("zoneRedundant", "isLinux", "elasticScaleEnabled"),
        *integers("numberOfSites", "numberOfWorkers", "maximumElasticWorkerCount"),
    ),
)

TYPES = (WEB_APP, FUNCTION_APP, APP_SERVICE_SLOT, APP_SERVICE_PLAN)
