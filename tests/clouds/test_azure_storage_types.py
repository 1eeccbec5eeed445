"""Storage accounts and managed disks, as they are read from the simulation."""

from collections.abc import Iterator

import pytest

from azure_world import collect, named, read, refusals, swept
from nephoscope.model.evaluations import Status
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import Outcome
from nephoscope.resource_types.azure.storage import STORAGE_ACCOUNT
from nephoscope.simulation.azure.cloud import AzureCloud
from nephoscope.simulation.azure.estate import disks, gateways, storage
from nephoscope.simulation.azure.estate.words import ROOT, network_id

KIND = "STORAGE_ACCOUNT"
LOCKS = "Microsoft.Authorization/locks"
QUALYSDK = (
    *("displayName", "connectorId", "scanId", "skuTier", "resourceIdentity", "minimumTlsVersion", "kind"),
    *("firstDiscoveredOn", "lastDiscoveredOn", "skuName", "file", "blob", "primaryLocation", "secondaryLocation"),
    *("hnsEnabled", "resourceGroupId", "supportsHttpsTrafficOnly", "statusOfPrimary", "statusOfSecondary", "location"),
    "networkAcls",
)
"""What the client knows of a storage account; it fails on anything else."""


@pytest.fixture(scope="module")
def azure() -> Iterator[AzureCloud]:
    with AzureCloud() as cloud:
        storage.fill(cloud)
        gateways.fill(cloud)
        disks.fill(cloud)
        yield cloud


@pytest.fixture(scope="module")
def accounts(azure: AzureCloud) -> dict[str, Observed]:
    return dict(read(azure, KIND))


def test_the_keys_on_the_wire_are_those_of_the_client() -> None:
    assert STORAGE_ACCOUNT.wire == QUALYSDK


def test_what_the_wire_shows_of_an_account(accounts: dict[str, Observed]) -> None:
    shop = accounts["stmeridianshop"]
    assert {key: shop.document[key] for key in QUALYSDK} == {
        "displayName": "stmeridianshop",
        "connectorId": None,
        "scanId": None,
        "skuTier": "Standard",
        "resourceIdentity": {"type": "SystemAssigned"},
        "minimumTlsVersion": "TLS1_2",
        "kind": "StorageV2",
        "firstDiscoveredOn": None,
        "lastDiscoveredOn": None,
        "skuName": "Standard_GRS",
        "file": {"enabled": True, "keyType": "Account", "lastEnabledTime": "2025-02-03T08:14:51Z"},
        "blob": {"enabled": True, "keyType": "Account", "lastEnabledTime": "2025-02-03T08:14:51Z"},
        "primaryLocation": "westeurope",
        "secondaryLocation": "northeurope",
        "hnsEnabled": False,
        "resourceGroupId": f"{ROOT}/resourceGroups/rg-shop",
        "supportsHttpsTrafficOnly": True,
        "statusOfPrimary": "available",
        "statusOfSecondary": "available",
        "location": "westeurope",
        "networkAcls": {
            "bypass": "Logging, AzureServices",
            "defaultAction": "Deny",
            "ipRules": [{"action": "Allow", "value": "203.0.113.0/24"}],
            "virtualNetworkRules": [network_id("virtualNetworks", "vnet-shop/subnets/App", "rg-shop").lower()],
        },
    }
    assert (shop.resource_id, shop.name) == ("stmeridianshop", "stmeridianshop")
    assert shop.arn == f"{ROOT}/resourceGroups/rg-shop/providers/Microsoft.Storage/storageAccounts/stmeridianshop"


def test_how_long_each_service_keeps_what_was_deleted(accounts: dict[str, Observed]) -> None:
    shop, lab = accounts["stmeridianshop"].document, accounts["stmeridianlab"].document
    for field in ("blobSoftDelete", "containerSoftDelete", "shareSoftDelete"):
        assert (shop[field], lab[field]) == ({"enabled": True, "days": 14}, {"enabled": False, "days": None})
    assert (shop["blobVersioning"], lab["blobVersioning"]) == (True, False)
    assert shop["smb"] == {
        "versions": ["SMB3.1.1"],
        "channelEncryption": ["AES-256-GCM"],
        "authenticationMethods": ["Kerberos"],
    }
    assert lab["smb"] == {"versions": [], "channelEncryption": [], "authenticationMethods": []}


def test_what_was_never_set_is_what_azure_does_by_itself(accounts: dict[str, Observed]) -> None:
    lab, lake = accounts["stmeridianlab"].document, accounts["stmeridianlake"].document
    assert (lab["allowSharedKeyAccess"], lab["publicNetworkAccess"]) == (True, "Enabled")
    assert (lab["defaultToOAuthAuthentication"], lab["requireInfrastructureEncryption"]) == (False, False)
    assert (lab["keyExpirationPeriodInDays"], lab["sasExpirationPeriod"], lab["secondaryLocation"]) == (
        None,
        None,
        None,
    )
    assert lab["resourceIdentity"] is None
    assert [row["status"] for row in lab["privateEndpointConnections"]] == ["Pending"]
    assert (lake["isSftpEnabled"], lake["isLocalUserEnabled"], lake["hnsEnabled"]) == (True, True, True)


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("stmeridianlake", ()),
        ("stmeridianfiles", ("blobSoftDelete", "blobVersioning", "blobDiagnosticSettings", "queueDiagnosticSettings")),
        ("stmeridianblocks", ("shareSoftDelete", "smb", "queueDiagnosticSettings", "tableDiagnosticSettings")),
        ("stmeridianpages", ("shareSoftDelete", "smb", "queueDiagnosticSettings", "tableDiagnosticSettings")),
    ],
)
def test_services_that_an_account_has_not_are_null(
    accounts: dict[str, Observed], name: str, missing: tuple[str, ...]
) -> None:
    document = accounts[name].document
    fields = ("blobSoftDelete", "shareSoftDelete", "smb", "blobDiagnosticSettings", "queueDiagnosticSettings")
    assert {field for field in (*fields, *missing) if document[field] is None} >= set(missing)
    assert {field for field in fields if document[field] is None} <= set(missing)


def test_where_each_service_sends_its_logs(accounts: dict[str, Observed]) -> None:
    shop, lab = accounts["stmeridianshop"].document, accounts["stmeridianlab"].document
    fields = ("blobDiagnosticSettings", "queueDiagnosticSettings", "tableDiagnosticSettings")
    assert [[row["categories"] for row in shop[field]] for field in fields] == [
        [["StorageDelete", "StorageRead", "StorageWrite"]],
        [["audit"]],
        [["StorageDelete", "StorageRead", "StorageWrite"]],
    ]
    assert [[row["categories"] for row in lab[field]] for field in fields] == [[["StorageRead"]], [], []]


def test_locks_of_the_account_and_of_what_holds_it() -> None:
    with AzureCloud() as cloud:
        storage.fill(cloud)
        group, path = f"{ROOT}/resourceGroups/RG-Shop/providers/{LOCKS}/all", f"{ROOT}/providers/{LOCKS}"
        row = {"id": group, "name": "all", "properties": {"level": "CanNotDelete"}}
        cloud.put_listing(path, [*cloud.listings[path.lower()], row])
        found = read(cloud, KIND)
    assert [
        (lock["name"], lock["level"], lock["isInherited"]) for lock in found["stmeridianshop"].document["locks"]
    ] == [
        ("all", "CanNotDelete", True),
        ("frozen", "ReadOnly", False),
    ]
    assert found["stmeridianlab"].document["locks"] == []


def test_disks(azure: AzureCloud) -> None:
    keys = ("diskState", "encryptionType", "networkAccessPolicy", "publicNetworkAccess", "dataAccessAuthMode")
    found = {name: tuple(row.document[key] for key in keys) for name, row in read(azure, "AZURE_DISK").items()}
    own, platform = "EncryptionAtRestWithCustomerKey", "EncryptionAtRestWithPlatformKey"
    assert found == {
        "disk-shop-os": ("Attached", own, "DenyAll", "Disabled", "AzureActiveDirectory"),
        "disk-lab-os": ("Attached", platform, "AllowAll", "Enabled", None),
        "disk-kept": ("Unattached", own, "DenyAll", "Disabled", "AzureActiveDirectory"),
        "disk-orphan": ("Unattached", platform, "AllowAll", "Enabled", None),
    }


@pytest.mark.parametrize("permission", STORAGE_ACCOUNT.permissions)
def test_refused_accounts_are_denied(azure: AzureCloud, permission: str) -> None:
    with azure.refusing(permission):
        found = collect(azure, KIND)
    assert (found.report.outcome, found.resources) == (Outcome.DENIED, ())


@pytest.mark.parametrize(("kind", "fields", "permission"), sorted(set(refusals({KIND}))))
def test_a_refused_detail_is_unread(azure: AzureCloud, kind: str, fields: tuple[str, ...], permission: str) -> None:
    """Of an account that has all services; the others keep the null of what they have not."""
    with azure.refusing(permission):
        found = read(azure, kind)
    unread = found["stmeridianshop"].unread
    assert set(fields) <= set(unread)
    assert set(unread.values()) == {f"denied: {permission}"}
    assert found["stmeridianfiles"].document.get("queueDiagnosticSettings", "unread") is None


SHOP, FLOWS, LAB, LAKE = "stmeridianshop", "stmeridianflows", "stmeridianlab", "stmeridianlake"
PAGES, BLOCKS, FILES = "stmeridianpages", "stmeridianblocks", "stmeridianfiles"
PREMIUM = {PAGES, BLOCKS, FILES}
WITHOUT_SHOP = {FLOWS, LAB, LAKE, *PREMIUM}
BAD: dict[int, set[str]] = {
    **dict.fromkeys((56140, 56171, 56172, 56174, 56175, 56178, 56186, 56187, 56188, 56189, 56190), WITHOUT_SHOP),
    **dict.fromkeys((56191, 56192, 56193, 56194), WITHOUT_SHOP),
    **{cid: {LAB, LAKE, *PREMIUM} for cid in (56170, 56176)},
    **{cid: {FLOWS, LAB, PAGES, BLOCKS} for cid in (56179, 56180, 56182)},
    56173: {LAB},
    56177: {FLOWS},
    56181: {LAB, PAGES, BLOCKS},
    56183: {FLOWS, LAB, FILES},
    **{cid: {FLOWS, LAB, LAKE, FILES} for cid in (56184, 56185)},
    **{cid: {FLOWS, LAB, LAKE} for cid in (56195, 56197)},
    56196: {FLOWS, LAB, LAKE, PAGES, BLOCKS},
    56198: {LAKE},
    56600: {"disk-lab-os"},
    56601: {"disk-orphan"},
    56602: {"disk-lab-os", "disk-orphan"},
    56603: {"disk-lab-os", "disk-orphan"},
}


def test_what_is_bad_fails_and_the_rest_passes(azure: AzureCloud) -> None:
    verdicts = swept(azure, {KIND, "AZURE_DISK"}).verdicts
    assert set(verdicts.values()) == {Status.PASS, Status.FAIL}
    assert named(verdicts, Status.FAIL) == BAD
    assert all(named(verdicts, Status.PASS).values())
