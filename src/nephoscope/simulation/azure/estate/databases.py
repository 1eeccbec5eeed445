"""Managed databases: of every kind one that is kept well and one that is not."""

from collections.abc import Mapping

from nephoscope.simulation.azure.cloud import AzureCloud, Document

_APPROVED = [{"id": "/endpoint", "properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}]
_OPEN = {"AllowAllAzureServices": ("0.0.0.0", "0.0.0.0")}  # noqa: S104 - a rule that is there to be found
_OFFICE = {"office": ("192.0.2.1", "192.0.2.9")}


def fill(cloud: AzureCloud) -> None:
    _add_single(cloud)
    _add_flexible(cloud)
    _add_sql(cloud, "sql-shop", is_good=True)
    _add_sql(cloud, "sql-old", is_good=False)
    _add_accounts(cloud)


def _single(ssl: str, tls: str, geo: str, public: str) -> Document:
    return {
        "administratorLogin": "dba",
        "version": "10.3",
        "sslEnforcement": ssl,
        "minimalTlsVersion": tls,
        "publicNetworkAccess": public,
        "infrastructureEncryption": geo,
        "storageProfile": {"storageMB": 51200, "backupRetentionDays": 7, "geoRedundantBackup": geo},
        "userVisibleState": "Ready",
    }


def _add_single(cloud: AzureCloud) -> None:
    good = _single("Enabled", "TLS1_2", "Enabled", "Disabled")
    bad = _single("Disabled", "TLSEnforcementDisabled", "Disabled", "Enabled")
    template = _single("Enabled", "TLSEnforcementDisabled", "Disabled", "Enabled")
    maria, postgres, mysql = (f"Microsoft.DBfor{name}/servers" for name in ("MariaDB", "PostgreSQL", "MySQL"))
    cloud.add(maria, "azure-template-mariadb", template, group="rg-data")
    cloud.add(maria, "maria-shop", good, group="rg-data")
    cloud.add(maria, "maria-forgotten", bad, group="rg-data")
    for kind, name, known in (
        (postgres, "pg-ledger", good),
        (postgres, "pg-forgotten", bad),
        (mysql, "my-ledger", good),
        (mysql, "my-forgotten", bad),
    ):
        whole = cloud.add(kind, name, known, group="rg-data")
        _let_in(cloud, whole, _OFFICE if known is good else _OPEN)
        word = "on" if known is good else "off"
        _set(cloud, whole, {"log_connections": word, "log_disconnections": word})


def _add_flexible(cloud: AzureCloud) -> None:
    postgres, mysql = "Microsoft.DBforPostgreSQL/flexibleServers", "Microsoft.DBforMySQL/flexibleServers"
    for name, word, days, rules in (("pg-orders", "on", "7", _OFFICE), ("pg-trial", "off", "3", _OPEN)):
        whole = cloud.add(postgres, name, _flexible(word), group="rg-data")
        _let_in(cloud, whole, rules)
        words = dict.fromkeys(("require_secure_transport", "log_checkpoints", "connection_throttle.enable"), word)
        _set(cloud, whole, {**words, "logfiles.retention_days": days})
    for name, word, versions, events in (
        ("my-orders", "ON", "TLSv1.2,TLSv1.3", "CONNECTION,DDL"),
        ("my-trial", "OFF", "TLSv1,TLSv1.2", "DDL"),
    ):
        whole = cloud.add(mysql, name, _flexible(word), group="rg-data")
        _let_in(cloud, whole, {})
        words = dict.fromkeys(("require_secure_transport", "audit_log_enabled"), word)
        _set(cloud, whole, {**words, "tls_version": versions, "audit_log_events": events})


def _flexible(word: str) -> Document:
    is_good = word.lower() == "on"
    return {
        "version": "16",
        "state": "Ready",
        "network": {"publicNetworkAccess": "Disabled" if is_good else "Enabled"},
        "backup": {"backupRetentionDays": 14, "geoRedundantBackup": "Enabled" if is_good else "Disabled"},
        "highAvailability": {"mode": "ZoneRedundant" if is_good else "Disabled"},
    }


def _add_sql(cloud: AzureCloud, name: str, *, is_good: bool) -> None:
    known = {
        "version": "12.0",
        "state": "Ready",
        "minimalTlsVersion": "1.2" if is_good else "1.0",
        "publicNetworkAccess": "Disabled" if is_good else "Enabled",
        "privateEndpointConnections": _APPROVED if is_good else [],
    }
    whole = cloud.add("Microsoft.Sql/servers", name, known, group="rg-data")
    _let_in(cloud, whole, _OFFICE if is_good else _OPEN)
    auditing = {"state": "Enabled" if is_good else "Disabled", "retentionDays": 120 if is_good else 0}
    cloud.put(f"{whole}/auditingSettings/default", {"name": "default", "properties": auditing})
    protector = {"serverKeyType": "AzureKeyVault" if is_good else "ServiceManaged"}
    cloud.put(f"{whole}/encryptionProtector/current", {"name": "current", "properties": protector})
    people = [{"name": "ActiveDirectory", "properties": {"login": "dba", "azureADOnlyAuthentication": True}}]
    cloud.put_listing(f"{whole}/administrators", people if is_good else [])
    for database, state in (("master", "Disabled"), ("orders", "Enabled" if is_good else "Disabled")):
        below = cloud.add(
            "Microsoft.Sql/servers/databases", f"{name}/{database}", {"status": "Online"}, group="rg-data"
        )
        cloud.put(f"{below}/transparentDataEncryption/current", {"name": "current", "properties": {"state": state}})


def _add_accounts(cloud: AzureCloud) -> None:
    closed: Document = {"publicNetworkAccess": "Disabled", "privateEndpointConnections": _APPROVED}
    cosmos, redis = "Microsoft.DocumentDB/databaseAccounts", "Microsoft.Cache/redis"
    cloud.add(cosmos, "cosmos-carts", {**closed, "disableLocalAuth": True}, group="rg-data")
    cloud.add(cosmos, "cosmos-trial", {"disableLocalAuth": False}, group="rg-data")
    cloud.add(redis, "redis-carts", {**closed, "enableNonSslPort": False, "minimumTlsVersion": "1.2"}, group="rg-data")
    cloud.add(redis, "redis-trial", {"enableNonSslPort": True, "minimumTlsVersion": "1.0"}, group="rg-data")


def _let_in(cloud: AzureCloud, whole: str, rules: Mapping[str, tuple[str, str]]) -> None:
    rows = [
        {"name": name, "properties": {"startIpAddress": first, "endIpAddress": last}}
        for name, (first, last) in rules.items()
    ]
    cloud.put_listing(f"{whole}/firewallRules", rows)


def _set(cloud: AzureCloud, whole: str, values: Mapping[str, str]) -> None:
    rows = [{"name": name, "properties": {"value": value}} for name, value in values.items()]
    cloud.put_listing(f"{whole}/configurations", rows)
