"""qualysdk, unmodified, against a real server: what it asks and what it makes of the answers."""

import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from apiworld import ACCOUNT, LAB, PASSWORD, USER, World, document
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed, Tag
from nephoscope.resource_types.table import RESOURCE_TYPES
from nephoscope.store import connectors as stored_connectors
from served import self_signed, serve
from worlds import FakeClock

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from qualysdk import totalcloud
    from qualysdk.auth import BasicAuth
    from qualysdk.exceptions import AuthenticationError, QualysAPIError
    from qualysdk.totalcloud.data_classes.resource_mappings import VALID_RESOURCETYPES, resource_map

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

TYPES = [name for name in VALID_RESOURCETYPES["aws"] if name in RESOURCE_TYPES]


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The usual estate, one blank resource of every type that the client knows, and a connector that has synced."""
    world = World(tmp_path_factory.mktemp("sdk"), FakeClock(datetime(2026, 1, 1, tzinfo=UTC)))
    for name in TYPES:
        world.record(name, "us-east-1", [blank(name)])
    world.populate()
    with world.store.write() as writer:
        found = stored_connectors.find_by_account(writer, Provider.AWS, ACCOUNT)
        assert found is not None
        kept = {field: getattr(found, field) for field in found.__struct_fields__}
        synced = type(found)(**{**kept, "last_synced_on": datetime(2023, 5, 16, 6, 37, 27, tzinfo=UTC)})
        stored_connectors.update(writer, synced)
    yield world
    world.store.close()


def blank(name: str) -> Observed:
    """Every field null: what a client has to bear of a type."""
    return Observed(f"one-{name}", "one", f"arn:aws:any:::{name}", document(name, {}), {}, (Tag("team", "blue"),))


@pytest.fixture(scope="module")
def auth(estate: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    certificate = self_signed(tmp_path_factory.mktemp("tls"))
    with pytest.MonkeyPatch.context() as patch, serve(estate.application(), certificate) as address:
        patch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        yield BasicAuth(USER, PASSWORD, override_platform=platform(address))


def platform(address: str) -> dict[str, str]:
    return dict.fromkeys(("api_url", "gateway_url", "qualysguard_url"), address)


def test_it_logs_in_and_reads_the_limits(auth: Any) -> None:
    assert auth.get_ratelimit() == {"X-RateLimit-Limit": 1_000_000, "X-Concurrency-Limit-Limit": 1000}


def test_it_is_refused_with_a_wrong_password(auth: Any) -> None:
    with pytest.raises(AuthenticationError, match="wrong"):
        BasicAuth(USER, "wrong password", override_platform=auth.override_platform)


def test_it_reads_connectors(auth: Any, estate: World) -> None:
    found = totalcloud.get_connectors(auth, "aws")
    assert [row.name for row in found] == ["Production", "Lab"]
    assert found[0].awsAccountId == int(ACCOUNT)
    assert found[0].lastSyncedOn == datetime(2023, 5, 16, 6, 37, 27)  # noqa: DTZ001 - the client drops the zone
    assert found[0].pollingFrequency == "4h, 0m"
    assert found[1].baseAccountId == int(LAB)
    assert totalcloud.get_connector_details(auth, "aws", str(estate.production.uuid)).name == "Production"


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"filter": "name:lab"}, ["Lab"]),
        ({"filter": "state:pending"}, ["Production", "Lab"]),
        ({"sort": "lastSyncedOn:desc"}, ["Production", "Lab"]),
        ({"pageSize": 1}, ["Production", "Lab"]),
        ({"pageSize": 1, "page_count": 1}, ["Production"]),
    ],
)
def test_it_filters_sorts_and_pages(auth: Any, arguments: dict[str, Any], found: list[str]) -> None:
    assert [row.name for row in totalcloud.get_connectors(auth, "aws", **arguments)] == found


def test_it_finds_no_azure_connectors(auth: Any) -> None:
    assert list(totalcloud.get_connectors(auth, "azure")) == []


def test_it_misses_an_unknown_connector(auth: Any) -> None:
    with pytest.raises(QualysAPIError, match="404"):
        totalcloud.get_connector_details(auth, "aws", "5e1a7c9e-0000-0000-0000-000000000000")


def test_it_reads_the_base_account(auth: Any) -> None:
    assert totalcloud.get_aws_base_account(auth)["globalAccountId"] == LAB


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({}, [1, 2, 45, 46, 322]),
        ({"pageSize": 2}, [1, 2, 45, 46, 322]),
        ({"filter": "provider:aws"}, [1, 2, 45, 46, 322]),
        ({"filter": "control.type:system defined", "pageSize": 3}, [1, 2, 45, 46, 322]),
        ({"filter": "resource.type:iam_user"}, [1, 2]),
        ({"filter": "provider:azure"}, []),
    ],
)
def test_it_reads_controls(auth: Any, arguments: dict[str, Any], found: list[int]) -> None:
    assert [row.cid for row in totalcloud.get_control_metadata(auth, **arguments)] == found


def test_it_reads_the_texts_of_a_control(auth: Any) -> None:
    control = totalcloud.get_control_metadata(auth, filter="cid:2")[0]
    assert control.rationale == "Because."
    assert control.evaluation_passMessage == "It is so."
    assert control.created == datetime(2026, 11, 25, tzinfo=UTC)
    assert control.isCustomizable is True


def test_it_reads_the_evaluations_of_an_account(auth: Any) -> None:
    rows = totalcloud.get_account_evaluation(auth, "aws", ACCOUNT)
    assert {row.controlId: row.result for row in rows}[322] == "FAIL"
    failed = totalcloud.get_account_evaluation(auth, "aws", int(ACCOUNT), filter="control.result:FAIL")
    assert {row.result for row in failed} == {"FAIL"}


def test_it_reads_the_resources_of_a_control(auth: Any) -> None:
    rows = totalcloud.get_resources_evaluated_by_control(auth, "aws", ACCOUNT, 322)
    assert {row.resourceId: row.result for row in rows} == {"i-0aaa": "PASS", "i-0bbb": "FAIL"}
    assert rows[0].evaluationDates.firstEvaluated == datetime(2026, 1, 1, tzinfo=UTC)
    assert rows[0].evidences == [{"settingName": "metadataOptions.httpTokens", "actualValue": "required"}]


def test_it_reads_the_dates_of_an_evaluation(auth: Any, estate: World) -> None:
    connector = str(estate.production.uuid)
    dates = totalcloud.get_evaluation(auth, "aws", 322, connector, "i-0aaa")
    assert dates.lastEvaluated == datetime(2026, 1, 1, tzinfo=UTC)
    assert dates.dateFixed is None
    with pytest.raises(QualysAPIError, match="No data"):
        totalcloud.get_evaluation(auth, "aws", 322, connector, "i-nowhere")


def test_it_reads_an_inventory_to_the_end(auth: Any) -> None:
    rows = totalcloud.get_inventory(auth, "aws", "EC2", thread_count=1)
    assert {row.resourceId for row in rows} == {"i-0aaa", "i-0bbb"}
    assert rows[0].launchTime == datetime(2025, 3, 19, 9, 52, 17, tzinfo=UTC)
    assert rows[0].cloudAccountId == int(ACCOUNT)
    assert rows[0].tags == ["Name:web"]


@pytest.mark.parametrize("name", TYPES)
def test_it_can_parse_every_type_that_it_knows(auth: Any, name: str) -> None:
    rows = totalcloud.get_inventory(auth, "aws", name, page_count=1, thread_count=1)
    assert rows
    assert {row.resourceType for row in rows} == {name}
    detail = totalcloud.get_resource_details(auth, "aws", name, rows[0].uuid)
    assert detail.resourceId == rows[0].resourceId


@pytest.mark.parametrize("name", TYPES)
def test_a_type_keeps_its_keys_within_what_the_client_accepts(name: str) -> None:
    accepted = set(resource_map[name].__dataclass_fields__)
    keys = {"_type" if key == "type" else key for key in RESOURCE_TYPES[name].wire}
    assert keys <= accepted


def test_it_takes_an_unknown_resource_for_an_error(auth: Any) -> None:
    with pytest.raises(QualysAPIError, match="NOT_FOUND"):
        totalcloud.get_resource_details(auth, "aws", "EC2", "5e1a7c9e-0000-0000-0000-000000000000")
