"""How Azure resource types are read: managed databases. A server's name is unique in all of Azure and is its id here;
the full id is its ARN."""

from collections.abc import Callable, Mapping
from typing import Any

from nephoscope.clouds.azure.collecting import Calls, Collector, Detail, Place, Raw, resources
from nephoscope.clouds.azure.shaping import picked, properties, resource
from nephoscope.model.resources import Observed
from nephoscope.resource_types.azure import databases as types
from nephoscope.resource_types.types import ResourceType

_SQL, _SINGLE, _FLEXIBLE = "2021-11-01", "2017-12-01", "2022-01-01"
_ACCESS = ("name", "startIpAddress", "endIpAddress")


def _connections(known: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Private endpoints of a service, and whether its owners let them in."""
    rows = known.get("privateEndpointConnections") or ()
    return [
        {"id": row.get("id"), "status": (properties(row).get("privateLinkServiceConnectionState") or {}).get("status")}
        for row in rows
    ]


def _firewall(provider: str, version: str) -> Detail:
    def read(calls: Calls, raw: Raw) -> Mapping[str, Any]:
        rows = calls.items(f"{raw['id']}/firewallRules", version)
        return {"firewallRules": [picked({"name": row["name"], **properties(row)}, _ACCESS) for row in rows]}

    return Detail(("firewallRules",), (f"{provider}/firewallRules/read",), read)


def _parameters(provider: str, version: str) -> Detail:
    """The server's parameters, in lower case: Azure writes ON, on and On."""

    def read(calls: Calls, raw: Raw) -> Mapping[str, Any]:
        rows = calls.items(f"{raw['id']}/configurations", version)
        found = {str(row["name"]).replace(".", "_"): properties(row).get("value") for row in rows}
        kept = {name: found.get(name) for name in types.PARAMETERS}
        return {"parameters": {name: value.lower() if value else value for name, value in kept.items()}}

    return Detail(("parameters",), (f"{provider}/configurations/read",), read)


def _single(row: ResourceType) -> Callable[[Raw, Place], Observed]:
    def shape(raw: Raw, _: Place) -> Observed:
        return resource(row, raw, {**properties(raw), "sku": raw.get("sku")}, resource_id=raw["name"])

    return shape


def _flexible(row: ResourceType) -> Callable[[Raw, Place], Observed]:
    def shape(raw: Raw, _: Place) -> Observed:
        known = properties(raw)
        backup, network = known.get("backup") or {}, known.get("network") or {}
        more = {
            "publicNetworkAccess": network.get("publicNetworkAccess"),
            "geoRedundantBackup": backup.get("geoRedundantBackup"),
            "backupRetentionDays": backup.get("backupRetentionDays"),
            "highAvailabilityMode": (known.get("highAvailability") or {}).get("mode"),
            "dataEncryptionType": (known.get("dataEncryption") or {}).get("type"),
        }
        return resource(row, raw, {**known, **more}, resource_id=raw["name"])

    return shape


def _shape_sql_server(raw: Raw, _: Place) -> Observed:
    known = {**properties(raw), "privateEndpointConnections": _connections(properties(raw))}
    return resource(types.SQL_SERVER, raw, known, resource_id=raw["name"])


def _read_auditing(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    known = properties(calls.get(f"{raw['id']}/auditingSettings/default", _SQL))
    names = ("state", "retentionDays", "storageEndpoint", "isAzureMonitorTargetEnabled")
    return {"auditing": picked(known, names)}


def _read_protector(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    return {
        "protectorType": properties(calls.get(f"{raw['id']}/encryptionProtector/current", _SQL)).get("serverKeyType")
    }


def _read_administrators(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    rows = calls.items(f"{raw['id']}/administrators", _SQL)
    return {"entraAdministrators": [picked(properties(row), ("login", "azureADOnlyAuthentication")) for row in rows]}


def _shape_database(raw: Raw, _: Place) -> Observed:
    known = {
        **properties(raw),
        "databaseName": raw["name"],
        "serverName": str(raw["id"]).split("/")[-3],
        "isSystem": raw["name"] == "master",
    }
    return resource(types.SQL_SERVER_DATABASE, raw, known)


def _read_encryption(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    known = properties(calls.get(f"{raw['id']}/transparentDataEncryption/current", _SQL))
    return {"transparentDataEncryption": known.get("state") or known.get("status")}


def _shape_cosmos(raw: Raw, _: Place) -> Observed:
    known = properties(raw)
    switches = ("isVirtualNetworkFilterEnabled", "disableLocalAuth", "disableKeyBasedMetadataWriteAccess")
    more = {
        **{name: bool(known.get(name)) for name in switches},
        "kind": raw.get("kind"),
        "publicNetworkAccess": known.get("publicNetworkAccess") or "Enabled",
        "backupType": (known.get("backupPolicy") or {}).get("type"),
        "ipRules": sorted(str(row.get("ipAddressOrRange")) for row in known.get("ipRules") or ()),
        "privateEndpointConnections": _connections(known),
    }
    return resource(types.COSMODB, raw, {**known, **more}, resource_id=raw["name"])


def _shape_redis(raw: Raw, _: Place) -> Observed:
    known = properties(raw)
    entra = str((known.get("redisConfiguration") or {}).get("aad-enabled") or "")
    more = {
        "enableNonSslPort": bool(known.get("enableNonSslPort")),
        "disableAccessKeyAuthentication": bool(known.get("disableAccessKeyAuthentication")),
        "entraAuthentication": entra.lower() == "true",
        "publicNetworkAccess": known.get("publicNetworkAccess") or "Enabled",
        "skuName": (known.get("sku") or {}).get("name"),
        "privateEndpointConnections": _connections(known),
    }
    return resource(types.REDIS, raw, {**known, **more}, resource_id=raw["name"])


_PG, _PG_FLEXIBLE = "Microsoft.DBforPostgreSQL/servers", "Microsoft.DBforPostgreSQL/flexibleServers"
_MY, _MY_FLEXIBLE = "Microsoft.DBforMySQL/servers", "Microsoft.DBforMySQL/flexibleServers"
_SERVERS = "Microsoft.Sql/servers"

COLLECTORS = (
    Collector("MARIADB_SERVER", resources("microsoft.dbformariadb/servers"), _single(types.MARIADB_SERVER)),
    Collector(
        "POSTGRE_SINGLE_SERVER",
        resources(_PG.lower()),
        _single(types.POSTGRE_SINGLE_SERVER),
        (_parameters(_PG, _SINGLE), _firewall(_PG, _SINGLE)),
    ),
    Collector(
        "POSTGRE_FLEXIBLE_SERVER",
        resources(_PG_FLEXIBLE.lower()),
        _flexible(types.POSTGRE_FLEXIBLE_SERVER),
        (_parameters(_PG_FLEXIBLE, "2022-12-01"), _firewall(_PG_FLEXIBLE, "2022-12-01")),
    ),
    Collector("MYSQL", resources(_MY.lower()), _single(types.MYSQL), (_firewall(_MY, _SINGLE),)),
    Collector(
        "MYSQL_FLEXIBLE_SERVER",
        resources(_MY_FLEXIBLE.lower()),
        _flexible(types.MYSQL_FLEXIBLE_SERVER),
        (_parameters(_MY_FLEXIBLE, _FLEXIBLE), _firewall(_MY_FLEXIBLE, _FLEXIBLE)),
    ),
    Collector(
        "SQL_SERVER",
        resources(_SERVERS.lower()),
        _shape_sql_server,
        (
            Detail(("auditing",), (f"{_SERVERS}/auditingSettings/read",), _read_auditing),
            Detail(("protectorType",), (f"{_SERVERS}/encryptionProtector/read",), _read_protector),
            Detail(("entraAdministrators",), (f"{_SERVERS}/administrators/read",), _read_administrators),
            _firewall(_SERVERS, _SQL),
        ),
    ),
    Collector(
        "SQL_SERVER_DATABASE",
        resources("microsoft.sql/servers/databases"),
        _shape_database,
        (
            Detail(
                ("transparentDataEncryption",),
                (f"{_SERVERS}/databases/transparentDataEncryption/read",),
                _read_encryption,
            ),
        ),
    ),
    Collector("COSMODB", resources("microsoft.documentdb/databaseaccounts"), _shape_cosmos),
    Collector("REDIS", resources("microsoft.cache/redis"), _shape_redis),
)
