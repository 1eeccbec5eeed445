"""A small estate whose instances have disks: image files made here, bound to volumes of the simulation."""

import json
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import virtual_disks
from advisories.samples import FEEDS
from nephoscope.controls.loading import load_catalogue
from nephoscope.evaluation.passes import evaluate_type
from nephoscope.kit.sealing import KEY_BYTES, KeyRing
from nephoscope.model.connectors import AwsAccess, Connector
from nephoscope.model.findings import DiskScan, DiskState, FoundVulnerability, ListedSecret, ScanWish
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed, Resource, Tag
from nephoscope.model.scopes import Outcome, Scope, ScopeReport
from nephoscope.resource_types.table import RESOURCE_TYPES
from nephoscope.simulation.aws import ACCOUNT_ID, IMAGE, Simulation, VolumeImage
from nephoscope.snapshots.disks import Disks
from nephoscope.snapshots.knowledge import Knowledge
from nephoscope.snapshots.scanning import ScanContext, Scanner
from nephoscope.store import connectors, disks, found_secrets, resources, scopes, vulnerabilities
from nephoscope.store.session import Store
from secret_world import joined
from worlds import FakeClock

REGION = "us-east-1"
KEY_ID = joined("AKIA", "ZQ3DKLMNOPQRST23")
KEY = joined("hX9vR2kLmQ8sT4wY7bN1", "cD5fG6jK0pZaUeIoAqWx")
TOKEN = joined("ghp_", "1234567890abcdefghijklmnopqrstuvABCD")
OLD, NEW = "3.0.11-1~deb12u2", "3.0.13-1~deb12u1"
CATALOGUE = load_catalogue()


def debian(openssl: str = OLD, *, others: str = "") -> dict[str, str]:
    """The files of a small Debian."""
    rows = [("openssl", openssl, ""), ("libc6", "2.36-9", "glibc"), ("other", "1.0-1", "")]
    status = "".join(
        f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n"
        + (f"Source: {source}\n" if source else "")
        + "\n"
        for name, version, source in rows
    )
    return {
        "etc/os-release": 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
        "var/lib/dpkg/status": status + others,
        "var/lib/dpkg/info/openssl.list": "/usr/bin/openssl\n",
        "usr/bin/openssl": "program",
    }


def credentials(key_id: str = KEY_ID) -> dict[str, str]:
    text = f"[default]\naws_access_key_id = {key_id}\naws_secret_access_key = {KEY}\n"
    return {"root/.aws/credentials": text, "srv/app/.env": f"GITHUB_TOKEN={TOKEN}\n"}


def image(path: Path, files: Mapping[str, str], *, kind: str = "ext4") -> Path:
    tree = path.with_suffix(".tree")
    for name, content in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(content)
    tree.mkdir(exist_ok=True)
    return virtual_disks.ext(path, tree, kind=kind)


def learn(knowledge: Knowledge, folder: Path, **changed: str) -> None:
    """Build the advisories: the samples, or those with other contents."""
    feeds = folder / f"feeds-{uuid4().hex}"
    feeds.mkdir()
    for name, content in {**FEEDS, **changed}.items():
        (feeds / name).write_text(content)
    knowledge.build([feeds])


class DiskWorld:
    """One connector to the simulation. `launch` makes instances, `scan` looks into one."""

    def __init__(self, store: Store, folder: Path, clock: FakeClock, simulation: Simulation) -> None:
        self.store = store
        self.folder = folder
        self.clock = clock
        self.simulation = simulation
        self.sealer = KeyRing([b"k" * KEY_BYTES])
        self.knowledge = Knowledge(folder / "advisories.sqlite", clock)
        self.context = ScanContext(store, clock, self.sealer, self.knowledge)
        self.disks = Disks(self.context)
        self.scanner = Scanner(self.context)
        self.connector = self._connect()
        self._instances: dict[str, Observed] = {}

    def _connect(self) -> Connector:
        access = AwsAccess(endpoint_url=self.simulation.endpoint_url, regions=(REGION,))
        made = Connector(
            uuid=uuid4(),
            provider=Provider.AWS,
            account_id=ACCOUNT_ID,
            name="Simulated",
            created_on=self.clock(),
            access=access,
        )
        with self.store.write() as writer:
            return connectors.create(writer, made)

    def learn(self, **changed: str) -> None:
        """Build the advisories: the samples, or those with other contents."""
        learn(self.knowledge, self.folder, **changed)

    def launch(self, *images: Path, tagged: bool = True, **more: Any) -> Resource:
        """An instance with these disks, in the inventory."""
        devices = ("/dev/sda1", "/dev/sdf", "/dev/sdg")
        with closing(self.simulation.client("ec2", REGION)) as ec2:
            mapped = [{"DeviceName": name, "Ebs": {"VolumeSize": 1}} for name, _ in zip(devices, images, strict=False)]
            ran = ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, BlockDeviceMappings=mapped)
        instance = str(ran["Instances"][0]["InstanceId"])
        for volume, path in zip(self.volumes(instance), images, strict=True):
            self.simulation.tell(VolumeImage(volume, str(path), **more))
        tags = (Tag("QUALYS_SNAPSHOT_ENABLED", "TRUE"),) if tagged else ()
        blank = {field.name: None for field in RESOURCE_TYPES["EC2_INSTANCE"].fields}
        document = blank | {"instanceId": instance, "instanceState": "running"}
        arn = f"arn:aws:ec2:{REGION}:{ACCOUNT_ID}:instance/{instance}"
        self._instances[instance] = Observed(instance, instance, arn, document, {}, tags)
        self.inventory("EC2_INSTANCE", REGION, list(self._instances.values()))
        return self.resource(instance)

    def volumes(self, instance: str) -> list[str]:
        """In the order of their devices."""
        with closing(self.simulation.client("ec2", REGION)) as ec2:
            filters = [{"Name": "attachment.instance-id", "Values": [instance]}]
            rows = ec2.describe_volumes(Filters=filters)["Volumes"]
        return [row["VolumeId"] for row in sorted(rows, key=lambda row: str(row["Attachments"][0]["Device"]))]

    def hold(self, resource: Resource, path: Path, number: int = 0) -> None:
        """From now on the disk holds this."""
        self.simulation.tell(VolumeImage(self.volumes(resource.resource_id)[number], str(path)))

    def inventory(self, kind: str, region: str, observed: list[Observed]) -> None:
        report = ScopeReport(Scope(kind, region), Outcome.COMPLETE)
        with self.store.write() as writer:
            scope = scopes.close(writer, self.connector.key, report, self.clock())
            resources.record(writer, self.connector.key, scope, observed, complete=True, now=self.clock())

    def user(self, name: str, key_id: str, status: str = "Active") -> Resource:
        blank = {field.name: None for field in RESOURCE_TYPES["IAM_USER"].fields}
        keys = [{"accessKeyId": key_id, "status": status, "createDate": "2025-01-01T00:00:00Z"}]
        arn = f"arn:aws:iam::{ACCOUNT_ID}:user/{name}"
        self.inventory("IAM_USER", "global", [Observed(name, name, arn, blank | {"user": name, "accessKeys": keys})])
        return self.resource(name)

    def resource(self, resource_id: str) -> Resource:
        with self.store.read() as reader:
            keys = resources.keys_after(reader, 0, 1000)
            found = resources.by_keys(reader, keys).values()
        return next(row for row in found if row.resource_id == resource_id)

    def scan(self, resource: Resource, **wish: Any) -> DiskScan:
        """Asked for and carried, an hour after whatever was before."""
        self.clock.forward(hours=1)
        started = self.disks.start([resource.uuid], "alice", ScanWish(**wish))
        return self.carry(started.scans[0].uuid)

    def carry(self, scan: UUID) -> DiskScan:
        self.scanner.scan(scan)
        return self.disks.get(scan)

    def judge(self) -> None:
        evaluate_type(self.store, CATALOGUE, self.connector.key, "EC2_INSTANCE", self.clock())

    def state(self, resource: Resource) -> DiskState:
        with self.store.read() as reader:
            found = disks.get(reader, resource.key)
        assert found is not None
        return found

    def weak(self, resource: Resource) -> dict[str, FoundVulnerability]:
        """By their first CVE."""
        with self.store.read() as reader:
            found = vulnerabilities.of_resources(reader, [resource.key])[resource.key]
        return {one.vulnerability.cves[0]: one for one in found}

    def lying(self, resource: Resource) -> dict[str, ListedSecret]:
        """By their rule."""
        with self.store.read() as reader:
            found = found_secrets.of_resources(reader, [resource.key])[resource.key]
        return {one.secret.found.rule: one for one in found}

    def snapshots(self) -> list[str]:
        """That we made and that are still there."""
        with closing(self.simulation.client("ec2", REGION)) as ec2:
            filters = [{"Name": "tag-key", "Values": ["nephoscope:scan"]}]
            return [row["SnapshotId"] for row in ec2.describe_snapshots(Filters=filters)["Snapshots"]]


def debian_feed(**changed: Any) -> str:
    """The tracker's sample with other packages in it."""
    return json.dumps({**json.loads(FEEDS["debian.json"]), **changed})
