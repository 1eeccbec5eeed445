"""How the simulation runs: disturbances, counting, keeping connections, stopping, and not outliving its parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError

from nephoscope.simulation.aws import Disturbance, Fault, Simulation, start

Clients = Callable[..., Any]


@pytest.fixture(autouse=True)
def _calm(simulation: Simulation) -> Iterator[None]:
    yield
    simulation.disturb()


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "kind", "code", "status"),
    [
        ("s3", "list_buckets", {}, Disturbance.DENIED, "AccessDenied", 403),
        ("iam", "list_users", {}, Disturbance.DENIED, "AccessDenied", 403),
        ("ec2", "describe_vpcs", {}, Disturbance.DENIED, "UnauthorizedOperation", 403),
        ("ecr", "describe_repositories", {}, Disturbance.DENIED, "AccessDeniedException", 403),
        ("lambda", "list_functions", {}, Disturbance.DENIED, "AccessDeniedException", 403),
        (
            "s3control",
            "get_public_access_block",
            {"AccountId": "123456789012"},
            Disturbance.DENIED,
            "AccessDenied",
            403,
        ),
        ("ec2", "describe_vpcs", {}, Disturbance.THROTTLED, "RequestLimitExceeded", 429),
        ("s3", "list_buckets", {}, Disturbance.THROTTLED, "SlowDown", 429),
        ("dynamodb", "list_tables", {}, Disturbance.THROTTLED, "ThrottlingException", 429),
        ("efs", "describe_file_systems", {}, Disturbance.FAILED, "InternalError", 500),
        ("rds", "describe_db_instances", {}, Disturbance.UNIMPLEMENTED, "NotImplemented", 501),
    ],
)
def test_a_disturbed_call_fails_as_the_cloud_would_say_it(
    *,
    simulation: Simulation,
    client: Clients,
    service: str,
    operation: str,
    arguments: dict[str, str],
    kind: Disturbance,
    code: str,
    status: int,
) -> None:
    asked = client(service)
    name = asked.meta.method_to_api_mapping[operation]
    simulation.disturb(Fault(kind, service, name))
    with pytest.raises(ClientError) as refused:
        getattr(asked, operation)(**arguments)
    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    if kind is Disturbance.DENIED:
        assert f"{service}:{name}" in str(refused.value)


def test_a_fault_touches_only_its_own_region_and_operation(simulation: Simulation, client: Clients) -> None:
    simulation.disturb(Fault(Disturbance.DENIED, "ec2", "DescribeVpcs", region="eu-west-1"))
    assert client("ec2").describe_vpcs()["Vpcs"]
    assert client("ec2", "eu-west-1").describe_subnets()["Subnets"]
    with pytest.raises(ClientError):
        client("ec2", "eu-west-1").describe_vpcs()


def test_a_silent_region_closes_the_connection_without_an_answer(simulation: Simulation, client: Clients) -> None:
    simulation.disturb(Fault(Disturbance.SILENT, region="ap-south-1"), silence=0.01)
    with pytest.raises(ConnectionClosedError):
        client("sqs", "ap-south-1").list_queues()


def test_what_moto_does_not_know_is_not_implemented_and_says_so(client: Clients) -> None:
    with pytest.raises(ClientError) as refused:
        client("ssm").describe_instance_information()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_calls_are_counted_by_operation(simulation: Simulation, client: Clients) -> None:
    simulation.forget_calls()
    client("s3").list_buckets()
    client("sqs").list_queues()
    client("sqs").list_queues()
    assert simulation.calls() == {"s3.ListBuckets": 1, "sqs.ListQueues": 2}


@pytest.mark.slow
def test_the_same_calls_make_the_same_ids_whatever_happens_beside_them() -> None:
    made = []
    for distracted in (False, True):
        with start() as fresh, closing(fresh.client("kms", "eu-west-1")) as kms:
            if distracted:
                with closing(fresh.client("sqs")) as sqs:
                    sqs.create_queue(QueueName="beside")
            made.append([kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2)])
    assert made[0] == made[1]
    assert made[0][0] != made[0][1]


def test_a_stopped_simulation_answers_no_more_and_stops_twice() -> None:
    simulation = start(in_process=True)
    simulation.stop()
    simulation.stop()
    with closing(simulation.client("sqs")) as sqs, pytest.raises(EndpointConnectionError):
        sqs.list_queues()


@pytest.mark.slow
def test_a_child_process_answers_and_is_gone_after_stop() -> None:
    before = set(psutil.Process().children(recursive=True))
    with start() as simulation, closing(simulation.client("s3")) as s3:
        children = set(psutil.Process().children(recursive=True)) - before
        assert len(children) == 1
        assert s3.list_buckets()["Buckets"] == []
    assert not any(child.is_running() for child in children)


_PARENT = """
from nephoscope.simulation.aws import start
import psutil, time
simulation = start()
print(psutil.Process().children()[0].pid, flush=True)
time.sleep(100)
"""


@pytest.mark.slow
def test_the_child_ends_when_its_parent_is_killed() -> None:
    command = [sys.executable, "-c", _PARENT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:  # noqa: S603 - ours
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        os.kill(parent.pid, signal.SIGKILL)
    child.wait(timeout=20)
    assert not child.is_running()


def test_latency_is_added_to_every_request(simulation: Simulation, client: Clients) -> None:
    asked = client("sqs")
    asked.list_queues()
    simulation.disturb(latency=0.2)
    began = time.monotonic()
    asked.list_queues()
    assert time.monotonic() - began >= 0.2
