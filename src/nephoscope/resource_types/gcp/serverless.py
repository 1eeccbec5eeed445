"""Google Cloud resource types: functions, Cloud Run and App Engine. Of environments only the names are kept."""

from nephoscope.resource_types.fields import booleans, integers, lists, rows, strings, times
from nephoscope.resource_types.gcp.declaring import BINDINGS, declared

CLOUD_FUNCTION = declared(
    "CLOUD_FUNCTION",
    "Cloud Functions",
    "Cloud Function",
    *strings("name", "generation", "status", "runtime", "ingressSettings", "securityLevel", "serviceAccountEmail"),
    *strings("vpcConnector", "kmsKeyName", "httpsUrl"),
    *lists("environmentVariableNames", "secretNames"),
    *times("updateTime"),
    *BINDINGS,
)
CLOUD_RUN_SERVICE = declared(
    "CLOUD_RUN_SERVICE",
    "Cloud Run",
    "Cloud Run Service",
    *strings("name", "ingress", "serviceAccountEmail", "binaryAuthorization", "vpcConnector", "kmsKeyName", "url"),
    *lists("environmentVariableNames", "secretNames", "images"),
    *BINDINGS,
)
APP_ENGINE_VERSION = declared(
    "APP_ENGINE_VERSION",
    "App Engine",
    "App Engine Version",
    *strings("service", "runtime", "environment", "servingStatus", "serviceAccountEmail"),
    *rows("handlers", "urlRegex", "securityLevel"),
    *integers("insecureHandlers"),
    *booleans("isServing"),
    permissions=("appengine.services.list", "appengine.versions.list"),
)

TYPES = (CLOUD_FUNCTION, CLOUD_RUN_SERVICE, APP_ENGINE_VERSION)
