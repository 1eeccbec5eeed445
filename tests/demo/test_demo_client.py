"""qualysdk, unmodified, against the running demo: its TotalCloud functions, and what they return."""

import re
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from demo.test_demo import READY, demo
from relayed import tls_before
from served import self_signed

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from qualysdk import totalcloud
    from qualysdk.auth import BasicAuth
    from qualysdk.totalcloud.data_classes.resource_mappings import VALID_RESOURCETYPES

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

ACCOUNT = "123456789012"
FILLED = (
    "BUCKET", "EC2_INSTANCE", "IAM_USER", "VPC", "VPC_SECURITY_GROUP", "LAMBDA", "RDS", "SUBNET", "EBS", "ROUTE_TABLE",
    "NETWORK_ACL", "INTERNET_GATEWAY", "LOAD_BALANCER", "AUTO_SCALING_GROUP", "EKS_CLUSTER", "EKS_NODEGROUP",
    "IAM_GROUP", "IAM_POLICY", "IAM_ROLE", "SAGEMAKER_NOTEBOOK", "CLOUDFRONT_DISTRIBUTION", "VPC_ENDPOINT",
    "EKS_FARGATE_PROFILE",
)  # fmt: skip


@pytest.fixture(scope="module")
def auth(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("demo-client")
    certificate = self_signed(folder)
    with pytest.MonkeyPatch.context() as patch, demo(folder, "--port", "0") as process:
        assert process.stdout is not None
        ready = READY.fullmatch(process.stdout.readline())
        assert ready is not None
        port = int(re.findall(r":(\d+)$", ready[1])[0])
        patch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        with tls_before(port, certificate) as address:
            platform = dict.fromkeys(("api_url", "gateway_url", "qualysguard_url"), address)
            yield BasicAuth("admin", ready[2], override_platform=platform)


def test_the_connector_and_its_state(auth: Any) -> None:
    (connector,) = totalcloud.get_connectors(auth, "aws")
    assert connector.awsAccountId == int(ACCOUNT)
    assert connector.state == "SUCCESS"
    assert connector.totalAssets > 250
    assert totalcloud.get_connector_details(auth, "aws", connector.connectorId).name == connector.name


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
