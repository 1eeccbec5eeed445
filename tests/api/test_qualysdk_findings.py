"""qualysdk, unmodified, reads machines on whose disks something was found."""

import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from apiworld import PASSWORD, USER, World, document
from exports.disk_findings import key_on_disk, scanned, weak
from nephoscope.connectors.connectors import Draft
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed, Resource
from nephoscope.model.vulnerabilities import TypeDetected
from nephoscope.settings import Settings
from nephoscope.simulation.azure.cloud import APPLICATION, SUBSCRIPTION, TENANT
from nephoscope.store import resources
from served import self_signed, serve
from worlds import FakeClock

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from qualysdk import totalcloud
    from qualysdk.auth import BasicAuth

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

MACHINE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/web"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An instance with secrets, one with vulnerabilities alone, and a machine of Azure with both."""
    world = World(tmp_path_factory.mktemp("findings"), FakeClock(NOW))
    world.populate()
    draft = Draft(name="Azure", account_id=SUBSCRIPTION, tenant_id=TENANT, application_id=APPLICATION, secret="s")
    azure = world.connectors.create(Provider.AZURE, draft)
    known = document("VIRTUAL_MACHINE", {"resourceGroupName": "rg", "osType": "Linux"})
    world.record("VIRTUAL_MACHINE", "global", [Observed(MACHINE, "web", MACHINE, known)], connector=azure)
    found = (
        weak(7, patch_available=True),
        weak(8, 3, type_detected=TypeDetected.INFORMATION, kev=None, epss=0.25, host_os="Debian 12"),
    )
    for name, secrets in (("i-0aaa", [key_on_disk()]), ("i-0bbb", []), (MACHINE, [key_on_disk()])):
        scanned(world, resource(world, name), *found, secrets=secrets)
    yield world
    world.store.close()


def resource(world: World, name: str) -> Resource:
    with world.store.read() as reader:
        found = resources.get(reader, world.uuids[name])
    assert found is not None
    return found


@pytest.fixture(scope="module")
def auth(estate: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """At a server that leaves out the keys which this client does not know."""
    estate.use(Settings(data=estate.settings.data, shows_secret_keys=False))
    yield from entered(estate, tmp_path_factory)


@pytest.fixture(scope="module")
def usual(estate: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    estate.use(Settings(data=estate.settings.data))
    yield from entered(estate, tmp_path_factory)


def entered(estate: World, folders: pytest.TempPathFactory) -> Iterator[Any]:
    certificate = self_signed(folders.mktemp("tls"))
    with pytest.MonkeyPatch.context() as patch, serve(estate.application(), certificate) as address:
        patch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        platform = dict.fromkeys(("api_url", "gateway_url", "qualysguard_url"), address)
        yield BasicAuth(USER, PASSWORD, override_platform=platform)


def test_it_reads_what_was_found_on_instances(auth: Any) -> None:
    rows = {row.resourceId: row for row in totalcloud.get_inventory(auth, "aws", "EC2", thread_count=1)}
    for row in rows.values():
        assert (row.vulnerabilityStats_severity_5, row.vulnerabilityStats_severity_3) == (1, 1)
        assert row.vulnerabilityStats_typeDetected_Confirmed == 1
        assert row.vulnerabilityStats_typeDetected_totalVulnerability == 2
        assert row.sev3Sev4Sev5VulnCount == 2
        assert row.isSnapshotScanEnabled is True


@pytest.mark.parametrize("name", ["i-0aaa", "i-0bbb"])
def test_it_reads_every_vulnerability_of_an_instance(auth: Any, estate: World, name: str) -> None:
    detail = totalcloud.get_resource_details(auth, "aws", "EC2", str(estate.uuids[name]))
    assert [(int(row), row.severity, row.typeDetected) for row in detail.vulnerabilities] == [
        (7, 5, "Confirmed"),
        (8, 3, "Information"),
    ]
    assert [row.exploitability for row in detail.vulnerabilities] == [
        "Known to be exploited since 2024-05-01.",
        "EPSS 0.250",
    ]
    first, second = detail.vulnerabilities
    assert first.firstFound == first.lastFound == NOW
    assert (first.status, first.patchAvailable, second.hostOS) == ("NEW", True, "Debian 12")


def test_it_reads_machines_of_azure(auth: Any, estate: World) -> None:
    (row,) = totalcloud.get_inventory(auth, "azure", "VM", thread_count=1)
    assert (row.resourceId, row.osType) == (MACHINE, "Linux")
    assert row.vulnerabilityStats.severity == {"5": 1, "3": 1}
    for query, count in (("vulnerability.severity:5 and secret.type:AWS", 1), ("vulnerability.qid:9", 0)):
        assert len(totalcloud.get_inventory(auth, "azure", "VM", thread_count=1, filter=query)) == count
    detail = totalcloud.get_resource_details(auth, "azure", "VM", str(estate.uuids[MACHINE]))
    assert detail.vulnerabilityStats.typeDetected == {"Confirmed": 1, "Information": 1}


def test_without_secrets_it_needs_no_setting(usual: Any, estate: World) -> None:
    detail = totalcloud.get_resource_details(usual, "aws", "EC2", str(estate.uuids["i-0bbb"]))
    assert len(detail.vulnerabilities) == 2
    with pytest.raises(TypeError, match="hasSecrets"):
        totalcloud.get_resource_details(usual, "aws", "EC2", str(estate.uuids["i-0aaa"]))
