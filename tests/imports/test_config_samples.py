"""Each kind of AWS Config that is read: its sample becomes a resource, and controls decide what it tells."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from config_samples import DATA, EC2, IDENTITY, Sample
from config_samples_services import SERVICES
from fresh_stores import open_fresh
from nephoscope.clouds.exported.config.calls import ROWS
from nephoscope.connectors.connectors import Connectors
from nephoscope.controls.loading import load_catalogue
from nephoscope.imports.formats import format_named
from nephoscope.imports.importing import ImportDraft, Importing
from nephoscope.kit.clock import system_clock
from nephoscope.kit.pages import PageRequest
from nephoscope.model.evaluations import Status
from nephoscope.model.providers import Provider
from nephoscope.resource_types.table import types_of
from nephoscope.store import connectors, resources
from nephoscope.store.evaluating import evaluation_pages
from nephoscope.store.session import Reader

ACCOUNT = "111122223333"
SAMPLES = (*EC2, *IDENTITY, *DATA, *SERVICES)
JOINED = {"AWS::ElasticLoadBalancingV2::Listener", "AWS::S3::AccountPublicAccessBlock"}
"""Kinds that complete resources of others."""
CONTROLLED = {
    kind
    for row in ROWS
    for kind in row.kinds
    if any(control.resource_type == row.resource_type for control in load_catalogue().controls.values())
}


def recorded(sample: Sample) -> dict[str, object]:
    return {
        "awsAccountId": ACCOUNT,
        "awsRegion": "global" if ":iam::" in sample.arn else "eu-west-1",
        "resourceType": sample.kind,
        "resourceId": sample.name,
        "resourceName": sample.name,
        "ARN": sample.arn,
        "configurationItemStatus": "OK",
        "tags": {"stage": "prod"},
        "configuration": sample.configuration,
        "supplementaryConfiguration": sample.beside,
    }


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    file: Path = tmp_path_factory.mktemp("config") / "snapshot.json"
    file.write_text(json.dumps({"configurationItems": [recorded(sample) for sample in SAMPLES]}))
    with closing(open_fresh()) as store:
        room = Importing(store, system_clock, load_catalogue(), Connectors(store, system_clock))
        room.run(ImportDraft(format_named("aws-config"), (file,), None))
        with store.read() as reader:
            yield reader


@pytest.fixture(scope="module")
def verdicts(imported: Reader) -> dict[str, dict[int, Status]]:
    connector = connectors.find_by_account(imported, Provider.AWS, ACCOUNT)
    assert connector is not None
    found: dict[str, dict[int, Status]] = {}
    for row in evaluation_pages.page(imported, connector.key, None, (), PageRequest(0, 10_000)).rows:
        found.setdefault(row.resource.resource_id, {})[row.cid] = row.status
    return found


def test_every_kind_has_a_sample() -> None:
    assert {sample.kind for sample in SAMPLES} == {kind for row in ROWS for kind in row.kinds} | JOINED


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.kind)
def test_a_sample_is_decided_as_far_as_it_tells(sample: Sample, verdicts: dict[str, dict[int, Status]]) -> None:
    found = verdicts.get(sample.resource_id or sample.name, {})
    assert {cid: found.get(cid) for cid in sample.verdicts} == sample.verdicts
    if sample.kind in CONTROLLED:
        assert {*found.values()} & {Status.PASS, Status.FAIL}


def test_every_sample_is_a_resource_with_its_arn(imported: Reader) -> None:
    rows = [
        row
        for kind in types_of(Provider.AWS)
        for row in resources.page(imported, Provider.AWS, kind.name, (), PageRequest(0, 100)).rows
    ]
    names = {row.resource_id for row in rows}
    assert names >= {sample.resource_id or sample.name for sample in SAMPLES if sample.kind not in JOINED}
    assert [row.resource_id for row in rows if not row.arn.startswith("arn:aws:")] == []


def test_the_block_of_the_account_is_told(imported: Reader) -> None:
    (row,) = resources.page(imported, Provider.AWS, "AWS_ACCOUNT", (), PageRequest(0, 9)).rows
    stored = resources.documents(imported, [row.key])[row.key]
    assert stored.document["s3PublicAccessBlock"]["blockPublicAcls"] is True
    assert "passwordPolicy" in stored.unread
