"""A simulated subscription whose machines have disks: image files, bound to managed disks of the simulation."""

from pathlib import Path
from typing import Any
from uuid import uuid4

from azure_world import access_to
from nephoscope.evaluation.passes import evaluate_type
from nephoscope.kit.pages import PageRequest
from nephoscope.kit.sealing import KEY_BYTES, KeyRing
from nephoscope.model.connectors import CREDENTIAL, Connector
from nephoscope.model.findings import DiskScan, FindingStatus, ScanWish
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed, Resource, Tag
from nephoscope.model.scopes import Outcome, Scope, ScopeReport
from nephoscope.resource_types.table import RESOURCE_TYPES
from nephoscope.simulation.azure.cloud import SECRET, SUBSCRIPTION, AzureCloud
from nephoscope.snapshots.disks import Disks
from nephoscope.snapshots.knowledge import Knowledge
from nephoscope.snapshots.scanning import ScanContext, Scanner
from nephoscope.store import connectors, evaluations, resources, scopes, sealed, vulnerabilities
from nephoscope.store.session import Store
from snapshots.disk_world import CATALOGUE, learn
from worlds import FakeClock

KIND = "VIRTUAL_MACHINE"
CIDS = (57000, 57001, 57002, 57003)


class AzureWorld:
    """One connector to the simulation, with the advisories of the samples."""

    def __init__(self, store: Store, folder: Path, clock: FakeClock, cloud: AzureCloud) -> None:
        self.store, self.clock, self.cloud = store, clock, cloud
        sealer = KeyRing([b"k" * KEY_BYTES])
        knowledge = Knowledge(folder / "advisories.sqlite", clock)
        learn(knowledge, folder)
        scan_context = ScanContext(store, clock, sealer, knowledge)
        self.disks, self._scanner = Disks(scan_context), Scanner(scan_context)
        made = Connector(
            uuid=uuid4(),
            provider=Provider.AZURE,
            account_id=SUBSCRIPTION,
            name="Azure",
            created_on=clock(),
            access=access_to(cloud),
        )
        with store.write() as writer:
            self.connector = connectors.create(writer, made)
            sealed.put(writer, sealer, made.uuid, CREDENTIAL, SECRET)
        self._machines: list[Observed] = []

    def launch(self, path: Path, *, group: str = "rg-core", tags: tuple[Tag, ...] = ()) -> Resource:
        """A machine called web with this disk, in the inventory."""
        disk = self.cloud.add("Microsoft.Compute/disks", "web-os", {"diskSizeBytes": path.stat().st_size}, group=group)
        self.cloud.disks.hold(disk, path)
        properties = {"storageProfile": {"osDisk": {"managedDisk": {"id": disk}}}}
        machine = self.cloud.add("Microsoft.Compute/virtualMachines", "web", properties, group=group)
        document: dict[str, Any] = {field.name: None for field in RESOURCE_TYPES[KIND].fields}
        self._machines.append(Observed(machine, "web", machine, document, {}, tags))
        with self.store.write() as writer:
            report = ScopeReport(Scope(KIND, "global"), Outcome.COMPLETE)
            scope = scopes.close(writer, self.connector.key, report, self.clock())
            resources.record(writer, self.connector.key, scope, self._machines, complete=True, now=self.clock())
        return self.disks.find(machine)

    def hold(self, machine: Resource, path: Path) -> None:
        self.cloud.disks.hold(machine.resource_id.replace("virtualMachines/web", "disks/web-os"), path)

    def scan(self, machine: Resource, **wish: Any) -> DiskScan:
        self.clock.forward(hours=1)
        scan = self.disks.start([machine.uuid], "alice", ScanWish(**wish)).scans[0]
        self._scanner.scan(scan.uuid)
        return self.disks.get(scan.uuid)

    def statuses(self, machine: Resource) -> dict[str, FindingStatus]:
        """By CVE."""
        with self.store.read() as reader:
            found = vulnerabilities.of_resources(reader, [machine.key])[machine.key]
        return {one.vulnerability.cves[0]: one.status for one in found}

    def verdicts(self, machine: Resource) -> dict[int, str]:
        evaluate_type(self.store, CATALOGUE, self.connector.key, KIND, self.clock())
        with self.store.read() as reader:
            rows = evaluations.page(reader, self.connector.key, None, (), PageRequest(0, 10_000)).rows
        return {row.cid: row.status.value for row in rows if row.resource.key == machine.key and row.cid in CIDS}
