"""The same disk through a whole scan, twice: snapshots in a simulated account, packages of every kind, and the second
time nothing has changed."""

import os
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

from nephoscope.kit.clock import system_clock
from nephoscope.kit.sealing import NO_KEYS
from nephoscope.model.connectors import AwsAccess, Connector
from nephoscope.model.findings import DiskScan, ScanWish
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import Outcome, Scope, ScopeReport
from nephoscope.resource_types.table import RESOURCE_TYPES
from nephoscope.simulation.aws import ACCESS_KEY, ACCOUNT_ID, IMAGE, SECRET_KEY, Simulation, VolumeImage, start
from nephoscope.snapshots.disks import Disks
from nephoscope.snapshots.knowledge import Knowledge
from nephoscope.snapshots.scanning import ScanContext, Scanner
from nephoscope.store import connectors, resources, scopes
from nephoscope.store.session import Store, open_store

_REGION, _TYPE = "us-east-1", "EC2_INSTANCE"
_WISH = ScanWish(with_secrets=False, keep_snapshots=True)


def twice(image: Path, gigabytes: int) -> tuple[DiskScan, DiskScan]:
    """Both scans; each kept its snapshot."""
    os.environ |= {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
    with start() as cloud, closing(open_store("sqlite://")) as store:
        instance = _launched(cloud, image, gigabytes)
        _record(store, cloud, instance)
        disks = Disks(ScanContext(store, system_clock, NO_KEYS, Knowledge(Path("/nonexistent"), system_clock)))
        scanner, found = Scanner(disks.context), disks.find(instance)
        first, second = (_scanned(disks, scanner, found.uuid) for _ in range(2))
    return first, second


def _scanned(disks: Disks, scanner: Scanner, resource: UUID) -> DiskScan:
    scan = disks.start([resource], "bench", _WISH).scans[0]
    scanner.scan(scan.uuid)
    return disks.get(scan.uuid)


def _launched(cloud: Simulation, image: Path, gigabytes: int) -> str:
    with closing(cloud.client("ec2", _REGION)) as ec2:
        disk = [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": gigabytes}}]
        ran = ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, BlockDeviceMappings=disk)
        instance = str(ran["Instances"][0]["InstanceId"])
        filters = [{"Name": "attachment.instance-id", "Values": [instance]}]
        volume = ec2.describe_volumes(Filters=filters)["Volumes"][0]["VolumeId"]
    cloud.tell(VolumeImage(volume, str(image)))
    return instance


def _record(store: Store, cloud: Simulation, instance: str) -> None:
    access = AwsAccess(endpoint_url=cloud.endpoint_url, regions=(_REGION,))
    made = Connector(
        uuid=uuid4(),
        provider=Provider.AWS,
        account_id=ACCOUNT_ID,
        name="bench",
        created_on=system_clock(),
        access=access,
    )
    document = {field.name: None for field in RESOURCE_TYPES[_TYPE].fields}
    with store.write() as writer:
        owner = connectors.create(writer, made)
        report = ScopeReport(Scope(_TYPE, _REGION), Outcome.COMPLETE)
        scope = scopes.close(writer, owner.key, report, system_clock())
        rows = [Observed(instance, instance, instance, document)]
        resources.record(writer, owner.key, scope, rows, complete=True, now=system_clock())
