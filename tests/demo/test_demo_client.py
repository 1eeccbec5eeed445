"""qualysdk, unmodified, against the running demo: its TotalCloud functions, and what they return; and the golden report
of the demo's estate."""

import base64
import csv
import io
import json
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from demo.test_demo import READY, demo
from jobs.job_world import wait_until
from nephoscope.kit.ids import stable_uuid
from nephoscope.simulation.azure.cloud import SUBSCRIPTION
from relayed import tls_before
from served import self_signed

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from qualysdk import totalcloud
    from qualysdk.auth import BasicAuth
    from qualysdk.totalcloud.data_classes.resource_mappings import VALID_RESOURCETYPES

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

ACCOUNT = "123456789012"
CIS = "CIS Amazon Web Services Foundations Benchmark v5.0.0"
FILLED = (
    "BUCKET", "EC2_INSTANCE", "IAM_USER", "VPC", "VPC_SECURITY_GROUP", "LAMBDA", "RDS", "SUBNET", "EBS", "ROUTE_TABLE",
    "NETWORK_ACL", "INTERNET_GATEWAY", "LOAD_BALANCER", "AUTO_SCALING_GROUP", "EKS_CLUSTER", "EKS_NODEGROUP",
    "IAM_GROUP", "IAM_POLICY", "IAM_ROLE", "SAGEMAKER_NOTEBOOK", "CLOUDFRONT_DISTRIBUTION", "VPC_ENDPOINT",
    "EKS_FARGATE_PROFILE",
)  # fmt: skip
FIRST_PAGE = 300
"""The client asks for no more."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The demo's address and the administrator's password. The client fails on the keys that say what secrets lie on
    an instance, so they are left out."""
    folder = tmp_path_factory.mktemp("demo-client")
    with demo(folder, "--port", "0", NEPHOSCOPE_RESOURCE_SECRETS="hidden") as process:
        assert process.stdout is not None
        ready = READY.fullmatch(process.stdout.readline())
        assert ready is not None
        yield ready[1], ready[2]


@pytest.fixture(scope="module")
def auth(served: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    address, password = served
    certificate = self_signed(tmp_path_factory.mktemp("demo-certificate"))
    with pytest.MonkeyPatch.context() as patch:
        port = int(re.findall(r":(\d+)$", address)[0])
        patch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        with tls_before(port, certificate) as gateway:
            platform = dict.fromkeys(("api_url", "gateway_url", "qualysguard_url"), gateway)
            yield BasicAuth("admin", password, override_platform=platform)


def test_the_connector_and_its_state(auth: Any) -> None:
    (connector,) = totalcloud.get_connectors(auth, "aws")
    assert connector.awsAccountId == int(ACCOUNT)
    assert connector.state == "SUCCESS"
    assert connector.totalAssets > 250
    assert totalcloud.get_connector_details(auth, "aws", connector.connectorId).name == connector.name


def test_the_subscription_of_azure(auth: Any) -> None:
    (connector,) = totalcloud.get_connectors(auth, "azure")
    assert (connector.subscriptionId, connector.state) == (SUBSCRIPTION, "SUCCESS")
    assert connector.totalAssets > 60
    rows = {int(row.controlId): row for row in totalcloud.get_account_evaluation(auth, "azure", SUBSCRIPTION)}
    assert len(rows) == FIRST_PAGE
    assert (rows[50109].service, rows[50109].result) == ("MARIADB_SERVER", "FAIL")


@pytest.mark.parametrize("name", ["STORAGE_ACCOUNT", "VIRTUAL_MACHINE", "WEB_APP"])
def test_the_resources_of_azure(auth: Any, name: str) -> None:
    rows = list(totalcloud.get_inventory(auth, "azure", name, page_count=1, thread_count=1))
    assert rows
    assert totalcloud.get_resource_details(auth, "azure", name, rows[0].uuid).resourceId == rows[0].resourceId


def test_the_controls(auth: Any) -> None:
    controls = {row.cid: row for row in totalcloud.get_control_metadata(auth, filter="provider:AWS")}
    assert len(controls) > 250
    assert controls[1].controlName.startswith("Ensure multi-factor authentication (MFA)")


def test_the_evaluations_of_the_account_and_of_a_control(auth: Any) -> None:
    rows = {int(row.controlId): row for row in totalcloud.get_account_evaluation(auth, "aws", ACCOUNT)}
    assert len(rows) > 250
    assert (rows[322].result, rows[322].failedResources) == ("FAIL", 12)
    found = list(totalcloud.get_resources_evaluated_by_control(auth, "aws", ACCOUNT, 322))
    assert [row.result for row in found].count("FAIL") == 12
    connector = next(iter(totalcloud.get_connectors(auth, "aws"))).connectorId
    assert totalcloud.get_evaluation(auth, "aws", 322, connector, found[0].resourceId)


@pytest.mark.parametrize("name", FILLED)
def test_the_resources_of_every_type_that_it_knows(auth: Any, name: str) -> None:
    assert name in VALID_RESOURCETYPES["aws"]
    rows = list(totalcloud.get_inventory(auth, "aws", name, page_count=1, thread_count=1))
    assert rows
    assert totalcloud.get_resource_details(auth, "aws", name, rows[0].uuid).resourceId == rows[0].resourceId


class Asking:
    """The demo's API, in a line for each question."""

    def __init__(self, address: str, password: str) -> None:
        self._base = f"{address}/cloudview-api/rest/v1/report/assessment"
        self._login = base64.b64encode(f"admin:{password}".encode()).decode()

    def __call__(self, path: str, body: dict[str, Any] | None = None) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Basic {self._login}", "Content-Type": "application/json"}
        with urlopen(Request(self._base + path, data, headers), timeout=20) as answer:  # noqa: S310 - loopback
            found: bytes = answer.read()
        return found

    def made(self, **fields: Any) -> str:
        """The id of a report that has been made."""
        body = {"reportName": "Estate", "cloudType": "AWS", **fields}
        uuid: str = json.loads(self("/create", body))["reportId"]
        wait_until(lambda: json.loads(self(f"/{uuid}"))["status"] in {"Completed", "Failed"})
        return uuid


def test_the_report_of_the_estate_is_the_golden_one(served: tuple[str, str]) -> None:
    """By control, because half of the estate's ids are drawn anew each time."""
    ask = Asking(*served)
    policy = str(stable_uuid("policy", CIS))
    uuid = ask.made(format="csv", policyIds=[policy])
    rows = list(csv.DictReader(io.StringIO(ask(f"/{uuid}/download").decode(), newline="")))
    counted = Counter((int(row["controlId"]), row["result"]) for row in rows)
    lines = [f"{cid}\t{result}\t{count}\n" for (cid, result), count in sorted(counted.items())]
    golden = Path(__file__).with_name("golden_report.tsv").read_text().splitlines(keepends=True)
    assert lines == golden[1:], "the estate or its controls changed: look at the difference, then write it there"
    assert golden[0] == f"# {CIS}\n"
    assert {row["accountId"] for row in rows} == {ACCOUNT}
    assert all(json.loads(row["evidences"]) is not None and row["evaluatedOn"] for row in rows)


def test_the_formats_of_one_estate_agree(served: tuple[str, str]) -> None:
    ask = Asking(*served)
    fields: dict[str, Any] = {"resourceResults": ["FAIL"], "resourceSummaryInclude": True, "includeResourceARN": True}
    table = ask(f"/{ask.made(format='csv', **fields)}/download").decode()
    document = json.loads(ask(f"/{ask.made(format='json', **fields)}/download"))
    screen = json.loads(ask(f"/{ask.made(format='ON_SCREEN', **fields)}"))["document"]
    pairs = [(str(row["controlId"]), row["resourceId"]) for row in document["evaluations"]]
    rows = csv.DictReader(io.StringIO(table.partition("\r\n\r\n")[0], newline=""))
    assert [(row["controlId"], row["resourceId"].removeprefix("'")) for row in rows] == pairs
    assert screen["evaluations"] == document["evaluations"]
    assert document["summary"]["total"]["failedResources"] == len(pairs) > 500
    assert sum(row["failedResources"] for row in document["summary"]["controls"]) == len(pairs)
