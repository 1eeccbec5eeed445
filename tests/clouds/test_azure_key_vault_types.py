"""Key vaults, their keys and what is known of their secrets, as they are read from the simulation and judged."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from azure_world import collect, named, read, refusals, swept
from nephoscope.kit.clock import system_clock
from nephoscope.model.evaluations import Status
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import Outcome
from nephoscope.simulation.azure.cloud import AzureCloud
from nephoscope.simulation.azure.estate import gateways
from nephoscope.simulation.azure.estate import key_vault as estate
from nephoscope.simulation.azure.estate.words import network_id

VAULT, KEY, SECRET = "KEY_VAULT", "VAULT_KEY", "SECRETS"
CORE, OLD, LAB = "kv-meridian-core", "kv-meridian-old", "kv-meridian-lab"
KINDS = {
    VAULT: "microsoft.keyvault/vaults/read",
    KEY: "Microsoft.KeyVault/vaults/keys/read",
    SECRET: "Microsoft.KeyVault/vaults/secrets/read",
}
BAD = {
    56141: {OLD, LAB},
    56150: {"invoices"},
    56151: {"short"},
    56152: {"eternal"},
    56153: {"undated"},
    56154: {OLD, LAB},
    56155: {OLD},
    56156: {OLD, LAB},
    56157: {OLD, LAB},
    56158: {"invoices", "short", "dated"},
    56159: {"long-certificate"},
    56160: {OLD},
    56161: {OLD},
    56162: {"short"},
    56163: {"forgotten"},
}


@pytest.fixture(scope="module")
def azure() -> Iterator[AzureCloud]:
    with AzureCloud() as cloud:
        estate.fill(cloud)
        gateways.fill(cloud)
        yield cloud


@pytest.fixture(scope="module")
def vaults(azure: AzureCloud) -> dict[str, Observed]:
    return dict(read(azure, VAULT))


def test_a_vault_is_called_by_its_name(vaults: dict[str, Observed]) -> None:
    assert {row.resource_id for row in vaults.values()} == {CORE, OLD, LAB}
    core = vaults[CORE].document
    assert (core["vaultUri"], core["skuName"]) == ("https://kv-meridian-core.vault.azure.net/", "standard")
    assert (core["resourceGroupName"], core["region"]) == ("rg-core", "westeurope")


def test_who_gets_into_a_vault(vaults: dict[str, Observed]) -> None:
    core = vaults[CORE].document
    assert core["networkAcls"] == {
        "bypass": "AzureServices",
        "defaultAction": "Deny",
        "ipRules": [{"action": "Allow", "value": "192.0.2.0/24"}],
        "virtualNetworkRules": [network_id("virtualNetworks", "vnet-shop/subnets/App", "rg-shop").lower()],
    }
    assert [row["status"] for row in core["privateEndpointConnections"]] == ["Approved"]
    assert [row["status"] for row in vaults[LAB].document["privateEndpointConnections"]] == ["Pending"]
    assert (core["enableRbacAuthorization"], core["accessPolicyCount"]) == (True, 0)
    assert vaults[OLD].document["accessPolicyCount"] == 1


def test_what_was_never_set_is_what_azure_does_by_itself(vaults: dict[str, Observed]) -> None:
    old = vaults[OLD].document
    assert (old["enableSoftDelete"], old["enablePurgeProtection"]) == (True, False)
    assert (old["publicNetworkAccess"], old["networkAcls"]) == ("Enabled", None)
    assert (old["enableRbacAuthorization"], old["enabledForDeployment"]) == (False, True)
    assert (old["privateEndpointConnections"], old["diagnosticSettings"]) == ([], [])


def test_where_vaults_send_their_logs(vaults: dict[str, Observed]) -> None:
    sent = {name: [row["categories"] for row in one.document["diagnosticSettings"]] for name, one in vaults.items()}
    assert sent == {CORE: [["AuditEvent", "AzurePolicyEvaluationDetails"]], OLD: [], LAB: [["allLogs"]]}


def test_keys_tell_what_they_are_and_how_they_rotate(azure: AzureCloud) -> None:
    found = {name: row.document for name, row in read(azure, KEY).items()}
    material = {name: (row["kty"], row["keySize"], row["curveName"]) for name, row in found.items()}
    assert material == {
        "orders": ("RSA", 3072, None),
        "invoices": ("EC-HSM", None, "P-256"),
        "retired": ("RSA", 1024, None),
        "short": ("RSA", 1024, None),
        "dated": ("RSA-HSM", 2048, None),
    }
    assert {name: row["rotateAfter"] for name, row in found.items() if row["rotatesAutomatically"]} == {
        "orders": "P90D"
    }
    assert {name for name, row in found.items() if not row["enabled"]} == {"retired"}
    assert {(row["vaultName"], row["vaultUsesRbac"]) for row in found.values()} == {(CORE, True), (OLD, False)}
    assert found["orders"]["createdOn"] == "2025-01-01T00:00:00Z"
    assert datetime.fromisoformat(found["orders"]["expiresOn"]) > system_clock()
    assert found["invoices"]["expiresOn"] is None


def test_of_secrets_only_their_dates_are_known(azure: AzureCloud) -> None:
    found = {name: row.document for name, row in read(azure, SECRET).items()}
    assert set(found) == {
        *("smtp-password", "eternal", "shop-certificate", "long-certificate"),
        *("forgotten", "undated", "off"),
    }
    assert {name for name, row in found.items() if row["isCertificate"]} == {"shop-certificate", "long-certificate"}
    assert {name for name, row in found.items() if row["notBefore"]} == {"shop-certificate", "long-certificate"}
    assert not [path for path in azure.asked if "vault.azure.net" in path]
    assert not any("value" in row for row in found.values())


def test_a_secret_is_called_by_its_whole_id(azure: AzureCloud) -> None:
    """Two vaults may have secrets of one name."""
    assert read(azure, SECRET)["off"].resource_id.endswith(f"/vaults/{OLD}/secrets/off")


def test_every_page_of_secrets_is_read() -> None:
    with AzureCloud() as cloud:
        whole = cloud.add("Microsoft.KeyVault/vaults", "kv-many", {})
        rows = [{"id": f"{whole}/secrets/s{number}", "name": f"s{number}"} for number in range(120)]
        cloud.put_listing(f"{whole}/secrets", rows)
        assert len(read(cloud, SECRET)) == 120


def test_a_key_that_was_deleted_meanwhile_is_gone() -> None:
    with AzureCloud() as cloud:
        estate.fill(cloud)
        (path,) = [path for path in cloud.documents if path.endswith("/keys/dated")]
        del cloud.documents[path]
        found = read(cloud, KEY)
    assert set(found) == {"orders", "invoices", "retired", "short"}


@pytest.mark.parametrize(("kind", "permission"), [*KINDS.items(), (KEY, KINDS[VAULT]), (SECRET, KINDS[VAULT])])
def test_a_refused_kind_is_denied(azure: AzureCloud, kind: str, permission: str) -> None:
    with azure.refusing(permission):
        found = collect(azure, kind)
    assert (found.report.outcome, found.report.permission, found.resources) == (Outcome.DENIED, permission, ())


@pytest.mark.parametrize(("kind", "fields", "permission"), refusals({VAULT}))
def test_a_refused_detail_is_unread_and_never_empty(
    azure: AzureCloud, kind: str, fields: tuple[str, ...], permission: str
) -> None:
    with azure.refusing(permission):
        found = read(azure, kind)
    assert {row.unread[name] for row in found.values() for name in fields} == {f"denied: {permission}"}


def test_keys_that_are_listed_but_not_shown_are_unread() -> None:
    """A vault's firewall does not matter to Resource Manager; a failing key does not stop the others."""
    with AzureCloud() as cloud:
        estate.fill(cloud)
        (path,) = [path for path in cloud.documents if path.endswith("/keys/dated")]
        cloud.documents[path] = {"id": path, "properties": {"rotationPolicy": "broken"}}
        found = read(cloud, KEY)
    assert set(found["dated"].unread) == {"kty", "curveName", "keySize", "rotatesAutomatically", "rotateAfter"}
    assert not found["short"].unread


def test_what_is_bad_fails_and_the_rest_passes(azure: AzureCloud) -> None:
    verdicts = swept(azure, KINDS).verdicts
    assert named(verdicts, Status.FAIL) == BAD
    assert set(verdicts.values()) == {Status.PASS, Status.FAIL}
    assert all(named(verdicts, Status.PASS).values())
