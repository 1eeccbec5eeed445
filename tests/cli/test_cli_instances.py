"""Instances on the command line: their disks scanned for real through both simulated clouds, what was found, what it
cost, and what is refused."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from advisories.samples import FEEDS
from cli.cli_world import Answer, Invoke
from databases import Postgres
from fresh_stores import kept_in
from nephoscope.kit.sealing import KEY_BYTES
from nephoscope.model.connectors import Connector, GcpAccess
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import Outcome, Scope, ScopeReport
from nephoscope.resource_types.table import RESOURCE_TYPES
from nephoscope.simulation.aws import Disturbance, Fault, Simulation, start
from nephoscope.simulation.azure.cloud import AzureCloud
from nephoscope.store import connectors, resources, scopes
from nephoscope.store.session import Store, open_store
from snapshots.azure_disk_world import AzureWorld
from snapshots.disk_world import KEY_ID, DiskWorld, credentials, debian, image
from worlds import FakeClock

Call = Callable[..., Answer]
Ask = Callable[..., Any]
GOOGLE = "zones/europe-west1-b/instances/web"
NOBODY = "0d5f7c1e-7c0b-4a53-9d3e-000000000000"


class Estate(NamedTuple):
    """A kept store: ids of a tagged instance that was scanned, one that wears no tag, and a machine of Azure."""

    kept: Path
    aws: Simulation
    azure: AzureCloud
    tagged: str
    plain: str
    machine: str
    user: str


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    kept = tmp_path_factory.mktemp("instances")
    (kept / "key").write_text(b64encode(b"k" * KEY_BYTES).decode())
    (kept / "key").chmod(0o600)
    url = kept_in(kept)
    root = image(kept / "root.img", {**debian(), **credentials()})
    clock = FakeClock(datetime.now(UTC).replace(microsecond=0))
    with start() as aws, AzureCloud() as azure, closing(open_store(url)) as store:
        world = DiskWorld(store, kept, clock, aws)
        world.learn()
        ann = world.user("ann", KEY_ID)
        tagged, plain = world.launch(root), world.launch(root, tagged=False)
        machine = AzureWorld(store, kept, clock, azure).launch(root)
        add_google(store, clock)
        yield Estate(kept, aws, azure, tagged.resource_id, plain.resource_id, machine.resource_id, str(ann.uuid))


def add_google(store: Store, clock: FakeClock) -> None:
    """A machine of Google Cloud in the inventory."""
    made = Connector(
        uuid=uuid4(), provider=Provider.GCP, account_id="shop", name="Google", created_on=clock(), access=GcpAccess()
    )
    document: dict[str, Any] = {field.name: None for field in RESOURCE_TYPES["VM_INSTANCE"].fields}
    with store.write() as writer:
        owner = connectors.create(writer, made)
        report = ScopeReport(Scope("VM_INSTANCE", "global"), Outcome.COMPLETE)
        scope = scopes.close(writer, owner.key, report, clock())
        resources.record(
            writer, owner.key, scope, [Observed(GOOGLE, "web", GOOGLE, document)], complete=True, now=clock()
        )


@pytest.fixture
def call(invoke: Invoke, estate: Estate) -> Call:
    return lambda *arguments: invoke(*arguments, "--data", str(estate.kept))


@pytest.fixture
def ask(call: Call) -> Ask:
    def asked(*arguments: str) -> Any:
        answer = call(*arguments, "--format", "json")
        assert answer.code == 0, answer.err
        return json.loads(answer.out)

    return asked


@pytest.fixture
def scanned(call: Call, estate: Estate) -> Estate:
    """The first that asks waits for the scans of everything that wears the tag."""
    if json.loads(call("disk", "scans", "--format", "json").out):
        return estate
    answer = call("disk", "run", "Simulated", "--by", "ann")
    assert answer.code == 0, answer.err
    assert "COMPLETE" in answer.out
    return estate


def snapshots(aws: Simulation) -> list[str]:
    with closing(aws.client("ec2", "us-east-1")) as ec2:
        filters = [{"Name": "tag-key", "Values": ["nephoscope:scan"]}]
        return [row["SnapshotId"] for row in ec2.describe_snapshots(Filters=filters)["Snapshots"]]


def test_a_run_scans_what_wears_the_tag(ask: Ask, scanned: Estate) -> None:
    (row,) = ask("disk", "scans", "--filter", f"resource.id:{scanned.tagged}")
    assert (row["state"], row["requested_by"], row["packages"]) == ("COMPLETE", "ann", 3)
    assert row["os"] == "Debian GNU/Linux 12 (bookworm)"
    assert 0 < row["money"] < row["quoted"]
    assert ask("disk", "scans", "--filter", f"resource.id:{scanned.plain}") == []
    assert snapshots(scanned.aws) == []
    (cost,) = ask("disk", "costs", "--since", "now-1d")
    assert (cost["connector"], cost["scans"], cost["blocks"]) == ("Simulated", 1, row["blocks"])
    assert ask("disk", "costs", "--since", "2999-01-01") == []


def test_what_was_found_is_listed_and_exported(ask: Ask, call: Call, scanned: Estate) -> None:
    weak = ask("findings", "vulnerabilities", "--filter", f"exploited:true and resource.id:{scanned.tagged}")
    assert [(row["severity"], row["cves"], row["status"]) for row in weak] == [(5, ["CVE-2024-0001"], "NEW")]
    lying = ask("findings", "secrets", "--filter", f"live:true and resource.id:{scanned.tagged}")
    assert lying
    assert all(row["owner"].startswith("ann (") and "preview" not in row for row in lying)
    shown = ask("findings", "preview", lying[0]["uuid"], "--by", "bob")
    assert "****" in shown["preview"]
    assert ask("audit", "list")[0]["action"] == "secret.preview"
    assert "CRITICAL" in call("findings", "secrets").out
    bills = {
        form: json.loads(call("disk", "sbom", scanned.tagged, "--format", form).out) for form in ("cyclonedx", "spdx")
    }
    assert {row["name"] for row in bills["cyclonedx"]["components"]} >= {"openssl", "libc6", "other"}
    assert {row["name"] for row in bills["spdx"]["packages"]} >= {"openssl", "libc6", "other"}


def test_a_kept_snapshot_makes_the_next_scan_free(ask: Ask, estate: Estate) -> None:
    ask("disk", "scan", estate.plain, "--how", "keep")
    again = ask("disk", "scan", estate.plain, "--how", "keep")
    assert (again["state"], again["is_unchanged"], again["blocks"]) == ("COMPLETE", True, 0)
    assert len(snapshots(estate.aws)) == 1
    assert ask("disk", "scan", estate.plain, "--no-secrets")["state"] == "COMPLETE"
    assert snapshots(estate.aws) == []


def test_a_machine_of_azure_is_carried_the_same_way(ask: Ask, call: Call, estate: Estate) -> None:
    scan = ask("disk", "scan", estate.machine)
    assert (scan["state"], scan["packages"], scan["consistency"]) == ("COMPLETE", 3, "CRASH_PER_DISK")
    assert estate.azure.disks.snapshots == {}
    with estate.azure.refusing("Microsoft.Compute/snapshots/write"):
        refused = call("disk", "scan", estate.machine)
    assert refused.code == 3
    assert refused.is_one_line
    assert "the permission Microsoft.Compute/snapshots/write is missing" in refused.err


def test_what_is_denied_is_named_and_ends_with_3(call: Call, estate: Estate) -> None:
    estate.aws.disturb(Fault(Disturbance.DENIED, "ec2", "CreateSnapshots"))
    refused = call("disk", "run", "Simulated", "--format", "json")
    estate.aws.disturb()
    (scan,) = json.loads(refused.out)
    assert (refused.code, scan["state"], scan["permission"]) == (3, "FAILED", "ec2:CreateSnapshots")
    assert [scan[name] for name in ("packages", "vulnerabilities", "secrets")] == [None, None, None]
    assert "the permission ec2:CreateSnapshots is missing" in scan["error"]
    assert call("disk", "run", "Simulated").code == 0


def test_who_asks_twice_is_told(ask: Ask, call: Call, estate: Estate) -> None:
    first = ask("disk", "scan", estate.plain, "--no-wait", "--by", "ann")
    assert first["state"] == "QUEUED"
    second = call("disk", "scan", estate.plain, "--no-wait", "--format", "json")
    assert json.loads(second.out)["uuid"] == first["uuid"]
    assert f"{estate.plain} is being scanned already, for ann." in second.err
    cancelled = call("disk", "cancel", first["uuid"])
    assert (cancelled.code, cancelled.err) == (0, f"The scan of {estate.plain} is CANCELLED.\n")


def test_a_quote_asks_for_sizes_alone(ask: Ask, estate: Estate) -> None:
    rows = ask("disk", "quote", estate.tagged, estate.machine)
    assert [row["resource_id"] for row in rows] == [estate.tagged, estate.machine]
    assert rows[0]["whole"] > rows[0]["packages"] > 0
    assert all(row["snapshot_hour"] > 0 and row["error"] is None for row in rows)
    assert [row["resource_id"] for row in ask("disk", "quote", "Simulated")] == [estate.tagged]
    assert snapshots(estate.aws) == []


def test_a_price_that_cannot_be_found_out_is_none(call: Call, estate: Estate) -> None:
    estate.aws.disturb(Fault(Disturbance.DENIED, "ec2", "DescribeVolumes"))
    refused = call("disk", "quote", estate.tagged, "--format", "json")
    estate.aws.disturb()
    (row,) = json.loads(refused.out)
    assert (refused.code, row["disks"], row["whole"]) == (3, None, None)
    assert "ec2:DescribeVolumes" in row["error"]


def test_settings_are_shown_and_set(ask: Ask) -> None:
    before = ask("disk", "settings", "Simulated")
    assert (before["is_enabled"], before["tag_key"], before["tag_value"]) == (False, "QUALYS_SNAPSHOT_ENABLED", "true")
    after = ask("disk", "settings", "Simulated", "--hours", "6", "--money", "0.5", "--tag", "scan", "--keep")
    assert (after["hours"], after["budget"]["money"], after["keep_snapshots"]) == (6, 0.5, True)
    assert (after["tag_key"], after["tag_value"]) == ("scan", "")
    every = ask("disk", "settings", "Simulated", "--tag", "*")
    assert (every["tag_key"], every["hours"]) == ("", 6)
    usual = ("--tag", "QUALYS_SNAPSHOT_ENABLED=true", "--delete", "--money", "0", "--hours", "24")
    assert ask("disk", "settings", "Simulated", *usual) == before


def test_other_advisories_change_verdicts_without_a_scan(ask: Ask, call: Call, scanned: Estate, tmp_path: Path) -> None:
    def verdict() -> list[str]:
        rows = ask("evaluations", "list", "Simulated", "--cid", "30800")
        return [row["status"] for row in rows if row["resource_id"] == scanned.tagged]

    assert verdict() == ["FAIL"]
    (tmp_path / "debian.json").write_text(FEEDS["debian.json"])
    assert call("advisories", "build", str(tmp_path)).code == 0
    assert ask("disk", "match")["disks"] >= 1
    assert ask("disk", "match") == {"disks": 0}
    assert verdict() == ["PASS"]


def test_a_disk_that_google_cloud_attached_is_kept_as_its_machines(ask: Ask, call: Call, estate: Estate) -> None:
    kept = call("disk", "scan", str(estate.kept / "root.img"), "--as", GOOGLE)
    assert (kept.code, f"Kept as what lies on {GOOGLE}" in kept.err) == (0, True)
    assert ask("findings", "vulnerabilities", "--filter", f"resource.id:{GOOGLE}")
    assert json.loads(call("disk", "sbom", GOOGLE).out)["components"]
    (verdict,) = ask("evaluations", "list", "Google", "--cid", "58903")
    assert (verdict["resource_id"], verdict["status"]) == (GOOGLE, "FAIL")


def test_an_image_is_kept_as_what_lies_on_an_instance(ask: Ask, call: Call, estate: Estate, tmp_path: Path) -> None:
    only = {"etc/os-release": "ID=debian\n", "var/lib/dpkg/status": debian()["var/lib/dpkg/status"], "srv/x": "y"}
    disk = image(tmp_path / "attached.img", only)
    kept = call("disk", "scan", str(disk), "--as", estate.plain)
    assert kept.code == 0
    assert f"Kept as what lies on {estate.plain}" in kept.err
    assert ask("findings", "secrets", "--filter", f"resource.id:{estate.plain} and not state:FIXED") == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("disk", "run", "Nowhere"), "There is no connector 'Nowhere'"),
        (("disk", "run", "Azure"), "No instance of Azure wears the tag QUALYS_SNAPSHOT_ENABLED=true."),
        (("disk", "scan", "i-00000000"), "There is no instance 'i-00000000' in the inventory"),
        (("disk", "scan", NOBODY), f"There is no instance '{NOBODY}' in the inventory"),
        (("disk", "scan", "i-00000000", "more.img"), "i-00000000 cannot be opened"),
        (("disk", "scan", "i-00000000", "--how", "sideways"), "'sideways' is not one of 'existing', 'keep'"),
        (("disk", "scan", "ROOT", "--as", "i-00000000"), "There is no instance 'i-00000000' in the inventory"),
        (("disk", "scan", "GOOGLE"), "there are no snapshots that could be read; attach a copy of the disk somewhere"),
        (("disk", "scan", "ROOT", "--as", "USER"), "ann is no machine: disks of EC2_INSTANCE,"),
        (("disk", "quote", "nowhere"), "There is no connector 'nowhere'"),
        (
            (
                "disk",
                "quote",
            ),
            "Missing argument",
        ),
        (("disk", "sbom", "i-00000000"), "There is no instance 'i-00000000' in the inventory"),
        (("disk", "sbom", "ROOT", "--format", "xml"), "'xml' is none of cyclonedx, spdx"),
        (("disk", "scans", "--filter", "state:"), "Expected a value"),
        (("disk", "scans", "--filter", "colour:red"), "There is no token 'colour' here."),
        (("disk", "scans", "--limit", "0"), "Invalid value for '--limit'"),
        (("disk", "cancel", NOBODY), f"There is no disk scan {NOBODY}."),
        (("disk", "cancel", "soon"), "'soon' is not a valid UUID"),
        (("disk", "costs", "--since", "yesterday"), "'yesterday' is not a date"),
        (("disk", "settings", "Nowhere"), "There is no connector 'Nowhere'"),
        (("disk", "settings", "Simulated", "--hours", "0"), "hours: between 1 and 8760"),
        (("disk", "settings", "Simulated", "--money", "-1"), "budget.money: 0 or more"),
        (("disk", "settings", "Simulated", "--tag", ""), "KEY=VALUE, KEY alone, or * for every instance."),
        (("disk", "settings", "Simulated", "--tag", "=true"), "KEY=VALUE, KEY alone, or * for every instance."),
        (("findings", "vulnerabilities", "--filter", "severity >"), "Expected a value"),
        (("findings", "secrets", "--filter", "password:x"), "There is no token 'password' here."),
        (("findings", "preview", NOBODY), f"There is no secret {NOBODY}."),
        (("findings", "preview", "it"), "'it' is not a valid UUID"),
    ],
)
def test_refusals_are_one_line(call: Call, estate: Estate, arguments: tuple[str, ...], said: str) -> None:
    words = {"ROOT": str(estate.kept / "root.img"), "USER": estate.user, "GOOGLE": GOOGLE}
    answer = call(*(words.get(word, word) for word in arguments))
    assert (answer.code, answer.out, answer.is_one_line) == (2, "", True), answer.err
    assert said in answer.err


def test_without_a_key_to_seal_with_it_is_said_before_a_scan_begins(
    invoke: Invoke, estate: Estate, postgres: Postgres
) -> None:
    """PostgreSQL has no folder where a key would be made."""
    url = postgres.emptied()
    with closing(open_store(url)) as store:
        world = DiskWorld(store, estate.kept, FakeClock(datetime.now(UTC)), estate.aws)
        instance = world.launch(estate.kept / "root.img").resource_id
    refused = invoke("disk", "scan", instance, "--database", url)
    assert (refused.code, refused.out, refused.is_one_line) == (2, "", True)
    assert "set NEPHOSCOPE_KEY, NEPHOSCOPE_KEY_FILE or NEPHOSCOPE_KEY_COMMAND" in refused.err
    assert invoke("disk", "settings", "Simulated", "--on", "--database", url).code == 2
    assert json.loads(invoke("disk", "scans", "--database", url, "--format", "json").out) == []
    scan = json.loads(invoke("disk", "scan", instance, "--no-secrets", "--database", url, "--format", "json").out)
    assert (scan["state"], scan["packages"]) == ("COMPLETE", 3)
