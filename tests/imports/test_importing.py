"""Exports are read, recorded and judged without a cloud; what is damaged leaves nothing behind."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fresh_stores import open_fresh
from nephoscope.connectors.connectors import Connectors, Draft
from nephoscope.controls.catalogue import Catalogue
from nephoscope.controls.loading import load_catalogue
from nephoscope.errors import BadRequestError
from nephoscope.imports import importing
from nephoscope.imports.formats import FORMATS, format_named
from nephoscope.imports.importing import ImportDraft, Imported, Importing
from nephoscope.imports.names import NAMES
from nephoscope.kit.pages import PageRequest
from nephoscope.model.providers import Provider
from nephoscope.model.scopes import Outcome
from nephoscope.store import resources, scopes
from nephoscope.store.session import Store
from worlds import FakeClock

SUBSCRIPTION = "5b0c9e7d-3f21-4c68-8d9a-e4a7b2c61f03"
DAY = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(clock: FakeClock) -> Iterator[Store]:
    opened = open_fresh(clock)
    yield opened
    opened.close()


@pytest.fixture
def importing_room(store: Store, clock: FakeClock) -> Importing:
    clock.now = DAY + timedelta(days=30)
    return Importing(store, clock, _catalogue(), Connectors(store, clock))


def _catalogue() -> Catalogue:
    """The shipped one, and a control that looks at who may do what with a bucket."""
    shipped = load_catalogue()
    (like, *_) = shipped.controls.values()
    private = msgspec.structs.replace(
        like,
        cid=999_999,
        provider=Provider.GCP,
        resource_type="GCS_BUCKET",
        applies="",
        passes='!resource.bindings.exists(b, "allUsers" in b.members)',
        evidence=("bindings",),
        related={},
        parameters=(),
    )
    return Catalogue([*shipped.controls.values(), private], shipped.policies)


def maria(number: int, **properties: Any) -> dict[str, Any]:
    name = f"maria-{number}"
    identity = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.DBforMariaDB/servers/{name}"
    return {
        "id": identity,
        "name": name,
        "type": "microsoft.dbformariadb/servers",
        "location": "westeurope",
        "tags": {"stage": "prod"},
        "properties": {"sslEnforcement": "Enabled", **properties},
    }


def bucket(name: str, **more: Any) -> dict[str, Any]:
    return {
        "name": f"//storage.googleapis.com/{name}",
        "asset_type": "storage.googleapis.com/Bucket",
        "ancestors": ["projects/481516", "organizations/7001"],
        "resource": {"version": "v1", "location": "eu", "data": {"name": name}},
        **more,
    }


PROJECT = {
    "name": "//cloudresourcemanager.googleapis.com/projects/481516",
    "asset_type": "cloudresourcemanager.googleapis.com/Project",
    "ancestors": ["projects/481516", "organizations/7001"],
    "resource": {"data": {"projectId": "meridian-prod", "projectNumber": "481516"}},
}


def run(room: Importing, kind: str, *files: Path, **more: Any) -> tuple[Imported, ...]:
    return room.run(ImportDraft(format_named(kind), files, **{"moment": DAY, **more}))


def names(store: Store, provider: Provider, kind: str) -> list[str]:
    with store.read() as reader:
        return [row.resource_id for row in resources.page(reader, provider, kind, (), PageRequest(0, 9_999)).rows]


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


ROWS = [maria(1), maria(2)]
SHAPES = {
    "array": json.dumps(ROWS),
    "pretty array": json.dumps(ROWS, indent=2),
    "answer": json.dumps({"count": 2, "data": ROWS, "skip_token": None}),
    "pretty answer": json.dumps({"count": 2, "data": ROWS}, indent=2),
    "lines": "".join(json.dumps(row) + "\n" for row in ROWS),
    "lines with a mark": "\ufeff" + "\r\n".join(json.dumps(row) for row in ROWS),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("is_packed", [False, True])
def test_every_shape_of_a_file_is_read(
    importing_room: Importing, store: Store, tmp_path: Path, shape: str, is_packed: bool
) -> None:
    content = SHAPES[shape].encode()
    file = written(tmp_path / "graph.json", gzip.compress(content) if is_packed else content)
    (done,) = run(importing_room, "azure-resource-graph", file)
    assert (done.account_id, done.resources, done.moment) == (SUBSCRIPTION, 2, DAY)
    assert names(store, Provider.AZURE, "MARIADB_SERVER") == ["maria-1", "maria-2"]


def test_what_an_export_does_not_hold_is_not_known(importing_room: Importing, store: Store, tmp_path: Path) -> None:
    file = written(tmp_path / "graph.json", json.dumps([maria(1)]))
    (done,) = run(importing_room, "azure-resource-graph", file)
    outcomes = {report.scope.resource_type: report for report in done.reports}
    assert outcomes["MARIADB_SERVER"].outcome is Outcome.COMPLETE
    others = [report for name, report in outcomes.items() if name != "MARIADB_SERVER"]
    assert all(report.outcome is Outcome.FAILED for report in others)
    with store.read() as reader:
        (key,) = {
            row.connector_key
            for row in resources.page(reader, Provider.AZURE, "MARIADB_SERVER", (), PageRequest(0, 9)).rows
        }
        assert len(scopes.of_connector(reader, key)) == len(done.reports)


@pytest.mark.parametrize("is_packed", [True, False])
@pytest.mark.parametrize("token", ["skip_token", "$skipToken"])
def test_a_page_that_is_missing_is_not_a_whole_answer(
    importing_room: Importing, store: Store, tmp_path: Path, token: str, is_packed: bool
) -> None:
    """Where a page says that there are more; a word in a row says nothing."""

    def page(number: int, more: str | None) -> Path:
        content = json.dumps({"count": 1, "data": [maria(number, skip_token="x")], token: more}).encode()
        return written(tmp_path / f"{number}.json", gzip.compress(content) if is_packed else content)

    first, last = page(1, "eyJk"), page(2, None)
    with pytest.raises(BadRequestError, match=r"1\.json: the answer goes on"):
        run(importing_room, "azure-resource-graph", first)
    assert names(store, Provider.AZURE, "MARIADB_SERVER") == []
    run(importing_room, "azure-resource-graph", first, last)
    assert names(store, Provider.AZURE, "MARIADB_SERVER") == ["maria-1", "maria-2"]


def test_pieces_make_a_whole(
    importing_room: Importing, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nephoscope.clouds.exported.account.PIECE", 7)
    first = written(tmp_path / "1.json", "\n".join(json.dumps(maria(number)) for number in range(50)))
    run(importing_room, "azure-resource-graph", first)
    assert len(names(store, Provider.AZURE, "MARIADB_SERVER")) == 50
    second = written(tmp_path / "2.json", "\n".join(json.dumps(maria(number)) for number in range(10, 61)))
    run(importing_room, "azure-resource-graph", second, moment=DAY + timedelta(days=1))
    assert set(names(store, Provider.AZURE, "MARIADB_SERVER")) == {f"maria-{number}" for number in range(10, 61)}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", ["empty"]),
        ("id,name\n", ["not JSON"]),
        (json.dumps(maria(1)) + "\n{broken\n", ["line 2"]),
        (json.dumps([maria(1), {"name": "x"}]), ["item 2", "id and a type"]),
        (
            json.dumps([{**maria(1), "properties": None}, {k: v for k, v in maria(2).items() if k != "properties"}]),
            ["properties"],
        ),
        (json.dumps([maria(1)])[:-20], ["not JSON"]),
        (gzip.compress(json.dumps(ROWS).encode())[:-12], ["cut off"]),
        (json.dumps({"count": 0, "something": []}, indent=1), ["data"]),
        ("[]", ["nothing"]),
    ],
)
def test_a_damaged_file_is_named_and_leaves_nothing(
    importing_room: Importing, store: Store, tmp_path: Path, content: str | bytes, words: list[str]
) -> None:
    good = written(tmp_path / "good.json", json.dumps([maria(9)]))
    bad = written(tmp_path / "bad.json", content)
    files = (bad,) if content == "[]" else (good, bad)
    with pytest.raises(BadRequestError) as caught:
        run(importing_room, "azure-resource-graph", *files)
    assert all(word in caught.value.message for word in words)
    assert names(store, Provider.AZURE, "MARIADB_SERVER") == []


def test_assets_of_google_are_read_with_their_policies(importing_room: Importing, store: Store, tmp_path: Path) -> None:
    policy = [{"role": "roles/storage.admin", "members": ["allUsers"]}]
    rows = [
        PROJECT,
        bucket("data-1"),
        bucket("data-2"),
        {**bucket("data-1", iam_policy={"bindings": policy}), "resource": None},
    ]
    file = written(tmp_path / "assets.json", "\n".join(map(json.dumps, rows)))
    (done,) = run(importing_room, "gcp-assets", file)
    assert done.account_id == "meridian-prod"
    with store.read() as reader:
        rows_found = resources.page(reader, Provider.GCP, "GCS_BUCKET", (), PageRequest(0, 9)).rows
        found = resources.documents(reader, [row.key for row in rows_found])
    assert [found[row.key].document["bindings"] for row in rows_found] == [policy, []]


def test_policies_that_were_not_exported_are_unread(importing_room: Importing, store: Store, tmp_path: Path) -> None:
    file = written(tmp_path / "assets.json", json.dumps({"assets": [PROJECT, bucket("data-1")]}))
    run(importing_room, "gcp-assets", file)
    with store.read() as reader:
        (row,) = resources.page(reader, Provider.GCP, "GCS_BUCKET", (), PageRequest(0, 9)).rows
        stored = resources.documents(reader, [row.key])[row.key]
    assert "bindings" not in stored.document
    assert "iam-policy" in stored.unread["bindings"]


def test_a_project_known_by_number_needs_its_id(importing_room: Importing, tmp_path: Path) -> None:
    file = written(tmp_path / "assets.json", json.dumps([bucket("data-1")]))
    with pytest.raises(BadRequestError, match="--account"):
        run(importing_room, "gcp-assets", file)
    (done,) = run(importing_room, "gcp-assets", file, account="meridian-prod")
    assert done.account_id == "meridian-prod"


def test_an_older_export_undoes_nothing(importing_room: Importing, tmp_path: Path) -> None:
    file = written(tmp_path / "graph.json", json.dumps(ROWS))
    run(importing_room, "azure-resource-graph", file)
    with pytest.raises(BadRequestError, match="newer than the export"):
        run(importing_room, "azure-resource-graph", file, moment=DAY - timedelta(days=1))
    with pytest.raises(BadRequestError, match="yet to come"):
        run(importing_room, "azure-resource-graph", file, moment=DAY + timedelta(days=300))


def test_a_connector_of_ones_own_is_used(
    importing_room: Importing, store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    own = Connectors(store, clock).create(Provider.AZURE, Draft(name="Mine", account_id=SUBSCRIPTION))
    file = written(tmp_path / "graph.json", json.dumps(ROWS))
    (done,) = run(importing_room, "azure-resource-graph", file)
    assert done.connector == own.uuid


def test_progress_is_told(importing_room: Importing, tmp_path: Path) -> None:
    file = written(tmp_path / "graph.json", json.dumps(ROWS))
    steps: list[importing.Step] = []
    importing_room.run(ImportDraft(format_named("azure-resource-graph"), (file,), DAY), on_step=steps.append)
    assert steps[-1].done == steps[-1].total
    assert max(step.done for step in steps if step.phase == "reading") == file.stat().st_size


def test_others_write_while_it_reads_and_judges(importing_room: Importing, store: Store, tmp_path: Path) -> None:
    file = written(tmp_path / "graph.json", json.dumps(ROWS))
    phases = []

    def write(step: importing.Step) -> None:
        if step.phase != "recording":
            with store.write():  # the same thread cannot have two
                phases.append(step.phase)

    importing_room.run(ImportDraft(format_named("azure-resource-graph"), (file,), DAY), on_step=write)
    assert set(phases) == {"reading", "sorting", "judging"}


def test_what_is_not_recorded_to_its_end_is_not_recorded(
    importing_room: Importing, store: Store, tmp_path: Path
) -> None:
    file = written(tmp_path / "graph.json", json.dumps(ROWS))

    def stop(step: importing.Step) -> None:
        if (step.phase, step.done) == ("recording", step.total):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importing_room.run(ImportDraft(format_named("azure-resource-graph"), (file,), DAY), on_step=stop)
    assert names(store, Provider.AZURE, "MARIADB_SERVER") == []
    (done,) = run(importing_room, "azure-resource-graph", file)
    assert done.resources


def test_the_names_are_those_of_the_table() -> None:
    assert tuple(FORMATS) == NAMES
    with pytest.raises(BadRequestError, match="azure-resource-graph"):
        format_named("excel")


def configured(kind: str, name: str, configuration: Any, region: str = "eu-west-1", **more: Any) -> dict[str, Any]:
    return {
        "awsAccountId": "111122223333",
        "awsRegion": region,
        "resourceType": kind,
        "resourceId": name,
        "resourceName": name,
        "configurationItemStatus": "OK",
        "tags": {"stage": "prod"},
        "configuration": configuration,
        **more,
    }


SNAPSHOT = [
    configured(
        "AWS::EC2::SecurityGroup",
        "sg-1",
        {
            "groupId": "sg-1",
            "groupName": "web",
            "description": "web",
            "vpcId": "vpc-1",
            "ownerId": "111122223333",
            "ipPermissions": [
                {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": [], "ipv4Ranges": [], "ipv6Ranges": []}
            ],
            "ipPermissionsEgress": [],
            "tags": [],
        },
    ),
    configured(
        "AWS::S3::Bucket",
        "meridian-data",
        {"name": "meridian-data", "creationDate": "2025-01-01T00:00:00.000Z", "owner": {"id": "x"}},
        supplementaryConfiguration={
            "BucketPolicy": '{"policyText":null}',
            "BucketVersioningConfiguration": '{"status":"Enabled","isMfaDeleteEnabled":null}',
            "PublicAccessBlockConfiguration": {
                "blockPublicAcls": True,
                "ignorePublicAcls": True,
                "blockPublicPolicy": True,
                "restrictPublicBuckets": False,
            },
        },
    ),
    configured("AWS::S3::Bucket", "gone", {"name": "gone"}, configurationItemStatus="ResourceDeleted"),
    configured("AWS::IAM::User", "root", None),
]


def test_a_snapshot_of_aws_config_is_read(importing_room: Importing, store: Store, tmp_path: Path) -> None:
    file = written(tmp_path / "snapshot.json", json.dumps({"fileVersion": "1.0", "configurationItems": SNAPSHOT}))
    (done,) = run(importing_room, "aws-config", file)
    assert done.account_id == "111122223333"
    assert names(store, Provider.AWS, "VPC_SECURITY_GROUP") == ["sg-1"]
    assert names(store, Provider.AWS, "BUCKET") == ["meridian-data"]
    with store.read() as reader:
        (row,) = resources.page(reader, Provider.AWS, "BUCKET", (), PageRequest(0, 9)).rows
        stored = resources.documents(reader, [row.key])[row.key]
    assert row.region == "eu-west-1"
    assert stored.document["bucketPolicy"] is None
    assert stored.unread
    outcomes = {(report.scope.resource_type, report.outcome) for report in done.reports}
    assert ("VPC_SECURITY_GROUP", Outcome.COMPLETE) in outcomes
    assert ("IAM_USER", Outcome.FAILED) in outcomes
