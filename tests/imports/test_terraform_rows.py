"""Every kind of Terraform resource that has a row is read, and something is decided about it; what is secret in a state
stays there."""

import json
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fresh_stores import open_fresh
from nephoscope.clouds.exported.terraform.aws_rows import ROWS as AWS_ROWS
from nephoscope.clouds.exported.terraform.azure_rows import ROWS as AZURE_ROWS
from nephoscope.clouds.exported.terraform.google_rows import ROWS as GOOGLE_ROWS
from nephoscope.clouds.exported.terraform.rows import UNTOLD, Row
from nephoscope.connectors.connectors import Connectors
from nephoscope.controls.loading import load_catalogue
from nephoscope.imports.formats import format_named
from nephoscope.imports.importing import ImportDraft, Importing
from nephoscope.kit.pages import PageRequest
from nephoscope.model.evaluations import Status
from nephoscope.model.resources import Resource, StoredDocument
from nephoscope.resource_types.table import RESOURCE_TYPES
from nephoscope.store import evaluations, resources
from nephoscope.store.session import Store
from terraform_samples_aws import ACCOUNT
from terraform_samples_aws import SAMPLES as AWS_SAMPLES
from terraform_samples_azure import SAMPLES as AZURE_SAMPLES
from terraform_samples_google import SAMPLES as GOOGLE_SAMPLES
from worlds import FakeClock

DAY = datetime(2026, 1, 1, tzinfo=UTC)
ROWS: tuple[Row, ...] = (*AWS_ROWS, *AZURE_ROWS, *GOOGLE_ROWS)
SAMPLES = {**AWS_SAMPLES, **AZURE_SAMPLES, **GOOGLE_SAMPLES}
KINDS = {kind: row for row in ROWS for kind in row.kinds}
JUDGED = {control.resource_type for control in load_catalogue().controls.values()}


class Known:
    """What the store has of everything, by kind of resource."""

    def __init__(self, store: Store) -> None:
        self.resources: dict[tuple[str, str], Resource] = {}
        self.documents: dict[int, StoredDocument] = {}
        self.decided: dict[int, set[Status]] = {}
        with store.read() as reader:
            for row in ROWS:
                one = RESOURCE_TYPES[row.resource_type]
                for found in resources.page(reader, one.provider, one.name, (), PageRequest(0, 99)).rows:
                    self.resources[one.name, found.resource_id] = found
            keys = [one.key for one in self.resources.values()]
            self.documents = resources.documents(reader, keys)
            for key, _, status in evaluations.verdicts(reader, min(keys), max(keys)):
                self.decided.setdefault(key, set()).add(status)

    def of(self, kind: str) -> Resource:
        row, values = KINDS[kind], SAMPLES[kind]
        known = row.known(values)
        one = RESOURCE_TYPES[row.resource_type]
        name = known.resource_id or ("eu-west-1" if one.is_regional else ACCOUNT)
        return self.resources[row.resource_type, name]


def imported(file: Path, samples: Mapping[str, Any]) -> Store:
    clock = FakeClock(DAY + timedelta(days=30))
    rows = [{"mode": "managed", "type": kind, "values": values} for kind, values in samples.items()]
    file.write_text(json.dumps({"format_version": "1.0", "values": {"root_module": {"resources": rows}}}))
    store = open_fresh(clock)
    room = Importing(store, clock, load_catalogue(), Connectors(store, clock))
    room.run(ImportDraft(format_named("terraform-state"), (file,), DAY))
    return store


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    with closing(imported(tmp_path_factory.mktemp("states") / "state.json", SAMPLES)) as store:
        return Known(store)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_read_and_something_is_decided(known: Known, kind: str) -> None:
    found = known.of(kind)
    row = KINDS[kind]
    if row.resource_type in JUDGED:
        assert known.decided.get(found.key, set()) & {Status.PASS, Status.FAIL}, "nothing is decided about it"
    else:
        assert known.documents[found.key].document, "nothing is told of it"


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_told_is_unread_with_the_reason(known: Known, kind: str) -> None:
    stored = known.documents[known.of(kind).key]
    fields = {field.name for field in RESOURCE_TYPES[KINDS[kind].resource_type].fields}
    assert not stored.document.keys() & stored.unread.keys()
    assert set(stored.unread.values()) <= {UNTOLD}
    assert fields <= stored.document.keys() | stored.unread.keys()


class Heard(dict[str, Any]):
    """Remembers what it was asked for."""

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)


def identity(kind: str) -> dict[str, Any]:
    """Only what says which resource it is."""
    heard = Heard(SAMPLES[kind])
    KINDS[kind].known(heard)
    return {key: value for key, value in SAMPLES[kind].items() if key in heard.asked}


PASSED_BY_WHAT_IT_IS = {
    "VPC_SECURITY_GROUP",  # not called as the console's wizard calls its own
    "NETWORK",  # not called default
    "VIRTUAL_MACHINE",  # its provider only makes managed disks
    "VIRTUAL_MACHINE_SCALE_SET",
    "AWS_REGION",  # the state has a Security Hub there
}


def test_what_only_says_which_it_is_passes_nothing(tmp_path: Path) -> None:
    with closing(imported(tmp_path / "state.json", {kind: identity(kind) for kind in KINDS})) as store:
        bare = Known(store)
    passed = {
        row.resource_type for kind, row in KINDS.items() if Status.PASS in bare.decided.get(bare.of(kind).key, ())
    }
    assert passed == PASSED_BY_WHAT_IT_IS


def test_secrets_stay_in_the_state(known: Known) -> None:
    assert "Never-kept" in json.dumps(SAMPLES)
    assert "Never-kept" not in str([stored.document for stored in known.documents.values()])


def test_every_sample_is_of_a_kind_or_belongs_to_one() -> None:
    assert KINDS.keys() <= SAMPLES.keys()
