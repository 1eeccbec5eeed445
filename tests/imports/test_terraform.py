"""States and plans of Terraform are judged by what they tell; the rest is unknown, not passed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fresh_stores import open_fresh
from nephoscope.clouds.exported.terraform.aws_rows import ROWS as AWS_ROWS
from nephoscope.clouds.exported.terraform.azure_rows import ROWS as AZURE_ROWS
from nephoscope.clouds.exported.terraform.google_rows import ROWS as GCP_ROWS
from nephoscope.connectors.connectors import Connectors, Draft
from nephoscope.controls.loading import load_catalogue
from nephoscope.errors import BadRequestError
from nephoscope.imports.formats import format_named
from nephoscope.imports.importing import ImportDraft, Imported, Importing
from nephoscope.kit.pages import PageRequest
from nephoscope.model.providers import Provider
from nephoscope.model.resources import StoredDocument
from nephoscope.resource_types.table import RESOURCE_TYPES
from nephoscope.store import resources
from nephoscope.store.session import Store
from worlds import FakeClock

DAY = datetime(2026, 1, 1, tzinfo=UTC)
ACCOUNT = "481516234200"
SUBSCRIPTION = "5b0c9e7d-3f21-4c68-8d9a-e4a7b2c61f03"
GROUP = {
    "id": "sg-1",
    "arn": f"arn:aws:ec2:eu-west-1:{ACCOUNT}:security-group/sg-1",
    "name": "web",
    "description": "web",
    "vpc_id": "vpc-1",
    "owner_id": ACCOUNT,
    "tags": {"stage": "prod"},
    "egress": [],
    "ingress": [
        {
            "cidr_blocks": ["0.0.0.0/0"],
            "ipv6_cidr_blocks": [],
            "prefix_list_ids": [],
            "security_groups": [],
            "self": False,
            "from_port": 22,
            "to_port": 22,
            "protocol": "tcp",
            "description": "",
        }
    ],
}
BUCKET = {
    "bucket": "meridian-logs",
    "id": "meridian-logs",
    "arn": "arn:aws:s3:::meridian-logs",
    "region": "eu-west-1",
    "policy": "",
    "versioning": [{"enabled": False, "mfa_delete": False}],
    "logging": [],
    "server_side_encryption_configuration": [],
}
MARIA = {
    "id": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.DBforMariaDB/servers/maria-1",
    "name": "maria-1",
    "location": "West Europe",
    "resource_group_name": "rg",
    "administrator_login": "boss",
    "administrator_login_password": "Never-kept-1",
    "ssl_enforcement_enabled": True,
    "ssl_minimal_tls_version_enforced": "TLS1_2",
    "public_network_access_enabled": False,
    "version": "10.3",
}
GCS = {
    "name": "meridian-data",
    "project": "meridian-prod",
    "location": "EU",
    "uniform_bucket_level_access": True,
    "versioning": [],
}


def row(kind: str, values: Any, name: str = "this", **more: Any) -> dict[str, Any]:
    return {"address": f"{kind}.{name}", "mode": "managed", "type": kind, "name": name, "values": values, **more}


def state(*rows: dict[str, Any], children: tuple[Any, ...] = ()) -> dict[str, Any]:
    root = {"resources": list(rows), "child_modules": list(children)}
    return {"format_version": "1.0", "terraform_version": "1.9.5", "values": {"root_module": root}}


def plan(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"format_version": "1.2", "planned_values": state(*rows)["values"], "resource_changes": []}


@pytest.fixture
def store(clock: FakeClock) -> Iterator[Store]:
    opened = open_fresh(clock)
    yield opened
    opened.close()


@pytest.fixture
def room(store: Store, clock: FakeClock) -> Importing:
    clock.now = DAY + timedelta(days=30)
    return Importing(store, clock, load_catalogue(), Connectors(store, clock))


def run(room: Importing, tmp_path: Path, content: Any, **more: Any) -> tuple[Imported, ...]:
    file = tmp_path / "state.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return room.run(ImportDraft(format_named("terraform-state"), (file,), **{"moment": DAY, **more}))


def documents(store: Store, provider: Provider, kind: str) -> dict[str, StoredDocument]:
    with store.read() as reader:
        found = resources.page(reader, provider, kind, (), PageRequest(0, 99)).rows
        stored = resources.documents(reader, [one.key for one in found])
    return {one.resource_id: stored[one.key] for one in found}


def test_one_state_tells_of_three_clouds(room: Importing, store: Store, tmp_path: Path) -> None:
    module = {"address": "module.x", "resources": [row("google_storage_bucket", GCS)], "child_modules": []}
    content = state(
        row("aws_security_group", GROUP),
        row("azurerm_mariadb_server", MARIA),
        row("aws_iam_policy_document", {"json": "{}"}, mode="data"),
        row("random_id", {"hex": "00"}),
        children=({"child_modules": [module]},),
    )
    done = run(room, tmp_path, content)
    assert [(one.account_id, one.resources) for one in done] == [
        (ACCOUNT, 1),
        (SUBSCRIPTION, 1),
        ("meridian-prod", 1),
    ]
    group = documents(store, Provider.AWS, "VPC_SECURITY_GROUP")["sg-1"]
    assert group.document["portsOpenToAll"] == [{"family": "ipv4", "protocol": "tcp", "fromPort": 22, "toPort": 22}]
    assert [(tag.key, tag.value) for tag in group.tags] == [("stage", "prod")]
    maria = documents(store, Provider.AZURE, "MARIADB_SERVER")["maria-1"]
    assert (maria.document["sslEnforcement"], maria.document["region"]) == ("Enabled", "westeurope")
    assert "Never-kept-1" not in json.dumps(maria.document)
    bucket = documents(store, Provider.GCP, "GCS_BUCKET")["meridian-data"]
    assert bucket.document["uniformBucketLevelAccess"] is True
    assert "bindings" in bucket.unread


def test_what_is_not_told_is_unread_with_the_reason(room: Importing, store: Store, tmp_path: Path) -> None:
    run(room, tmp_path, state(row("aws_s3_bucket", BUCKET), row("aws_security_group", GROUP)))
    bucket = documents(store, Provider.AWS, "BUCKET")["meridian-logs"]
    assert bucket.document["encryptionRules"] == []
    assert bucket.document["isPolicyPublic"] is False
    assert {"publicAccessBlock", "s3GrantList", "objectOwnership"} <= bucket.unread.keys()
    assert not bucket.unread.keys() & bucket.document.keys()
    assert all("Terraform" in why for why in bucket.unread.values())


def test_settings_that_are_resources_of_their_own_are_joined(room: Importing, store: Store, tmp_path: Path) -> None:
    name = BUCKET["bucket"]
    block = dict.fromkeys(
        ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets"), True
    )
    versioning = {"bucket": name, "versioning_configuration": [{"status": "Enabled", "mfa_delete": ""}]}
    rule = {
        "security_group_id": "sg-1",
        "cidr_ipv4": "0.0.0.0/0",
        "ip_protocol": "tcp",
        "from_port": 3389,
        "to_port": 3389,
    }
    run(
        room,
        tmp_path,
        state(
            row("aws_s3_bucket", BUCKET),
            row("aws_s3_bucket_public_access_block", {"bucket": name, **block}),
            row("aws_s3_bucket_versioning", versioning),
            row("aws_security_group", GROUP),
            row("aws_vpc_security_group_ingress_rule", rule),
        ),
    )
    bucket = documents(store, Provider.AWS, "BUCKET")["meridian-logs"].document
    assert bucket["publicAccessBlock"]["blockPublicPolicy"] is True
    assert bucket["versioning"] == {"status": "Enabled", "mfaDelete": "Disabled"}
    group = documents(store, Provider.AWS, "VPC_SECURITY_GROUP")["sg-1"].document
    assert {port["fromPort"] for port in group["portsOpenToAll"]} == {22, 3389}


def test_a_plan_tells_what_will_be(room: Importing, store: Store, tmp_path: Path) -> None:
    coming = {key: value for key, value in GROUP.items() if key not in {"id", "arn", "owner_id"}}
    (done,) = run(room, tmp_path, plan(row("aws_security_group", coming)), account=ACCOUNT)
    assert done.account_id == ACCOUNT
    found = documents(store, Provider.AWS, "VPC_SECURITY_GROUP")["aws_security_group.this"]
    assert found.document["portsOpenToAll"][0]["fromPort"] == 22
    assert "groupId" in found.unread


def test_whose_rules_a_plan_adds_is_not_guessed(room: Importing, store: Store, tmp_path: Path) -> None:
    coming = {key: value for key, value in GROUP.items() if key not in {"id", "arn", "owner_id"}}
    rule = {"ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv4": "0.0.0.0/0"}
    run(
        room,
        tmp_path,
        plan(row("aws_security_group", coming), row("aws_vpc_security_group_ingress_rule", rule)),
        account=ACCOUNT,
    )
    found = documents(store, Provider.AWS, "VPC_SECURITY_GROUP")["aws_security_group.this"]
    assert "portsOpenToAll" in found.unread


def test_the_file_of_a_state_is_read_too(room: Importing, store: Store, tmp_path: Path) -> None:
    raw = {
        "version": 4,
        "terraform_version": "1.9.5",
        "resources": [
            {"mode": "managed", "type": "aws_security_group", "name": "web", "instances": [{"attributes": GROUP}]}
        ],
    }
    run(room, tmp_path, raw)
    assert set(documents(store, Provider.AWS, "VPC_SECURITY_GROUP")) == {"sg-1"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[]", "terraform show -json"),
        ("{}", "planned_values"),
        ('{"format_version": "1.0", "values": 7}', "planned_values"),
        (json.dumps(state())[:-9], "not JSON"),
        (json.dumps(state({"mode": "managed"})), "without a type"),
        (json.dumps(state(row("aws_vpc", "x"))), "no readable values"),
        (json.dumps(state(children=("x",))), "module"),
        (json.dumps(state()), "holds nothing"),
        (json.dumps(state(row("aws_s3_bucket", BUCKET))), "--account"),
        (json.dumps({"version": 4, "terraform_version": "1", "resources": [7]}), "without a type"),
    ],
)
def test_what_cannot_be_read_is_named(room: Importing, store: Store, tmp_path: Path, content: str, words: str) -> None:
    with pytest.raises(BadRequestError, match=words):
        run(room, tmp_path, content)
    assert documents(store, Provider.AWS, "BUCKET") == {}


def test_an_account_that_is_read_from_the_cloud_keeps_what_it_has(
    room: Importing, store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    Connectors(store, clock).create(Provider.AWS, Draft(name="Mine", account_id=ACCOUNT))
    with pytest.raises(BadRequestError, match="only what Terraform manages"):
        run(room, tmp_path, state(row("aws_security_group", GROUP)))
    (done,) = run(room, tmp_path, state(row("aws_security_group", GROUP)), is_whole=True)
    assert done.resources == 1


@pytest.mark.parametrize("one", [*AWS_ROWS, *AZURE_ROWS, *GCP_ROWS], ids=lambda one: one.kinds[0])
def test_a_row_fills_fields_that_its_type_has(one: Any) -> None:
    assert one.fields.keys() <= {field.name for field in RESOURCE_TYPES[one.resource_type].fields}
