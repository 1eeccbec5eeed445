"""The estate has what the demo promises: some 300 things in two regions, good and bad beside each other."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from nephoscope.simulation.aws import REGIONS, Simulation, fill_estate, start
from nephoscope.simulation.aws.estate import identity
from nephoscope.simulation.aws.estate.world import HOME, World

Clients = Callable[..., Any]


@pytest.fixture(scope="module")
def simulation() -> Iterator[Simulation]:
    """Filled once, with everything in it."""
    with start(in_process=True) as running:
        fill_estate(running)
        yield running


def _count(client: Clients, service: str, operation: str, key: str, **arguments: Any) -> int:
    return sum(len(getattr(client(service, region), operation)(**arguments)[key]) for region in REGIONS)


@pytest.mark.parametrize(
    ("service", "operation", "key", "arguments", "least"),
    [
        ("ec2", "describe_volumes", "Volumes", {}, 40),
        ("ec2", "describe_snapshots", "Snapshots", {"OwnerIds": ["self"]}, 12),
        ("ec2", "describe_security_groups", "SecurityGroups", {}, 20),
        ("ec2", "describe_subnets", "Subnets", {}, 12),
        ("kms", "list_keys", "Keys", {}, 10),
        ("logs", "describe_log_groups", "logGroups", {}, 12),
        ("sns", "list_topics", "Topics", {}, 6),
        ("sqs", "list_queues", "QueueUrls", {}, 6),
        ("rds", "describe_db_instances", "DBInstances", {}, 8),
        ("efs", "describe_file_systems", "FileSystems", {}, 4),
        ("lambda", "list_functions", "Functions", {}, 10),
        ("elbv2", "describe_load_balancers", "LoadBalancers", {}, 6),
        ("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", {}, 4),
        ("eks", "list_clusters", "clusters", {}, 2),
        ("ecr", "describe_repositories", "repositories", {}, 8),
        ("secretsmanager", "list_secrets", "SecretList", {}, 8),
        ("dynamodb", "list_tables", "TableNames", {}, 8),
        ("cloudtrail", "describe_trails", "trailList", {}, 3),
    ],
)
def test_there_is_enough_of_each_kind(
    *, client: Clients, service: str, operation: str, key: str, arguments: dict[str, Any], least: int
) -> None:
    assert _count(client, service, operation, key, **arguments) >= least


def test_instances_with_and_without_session_tokens(client: Clients) -> None:
    for region in REGIONS:
        reservations = client("ec2", region).describe_instances()["Reservations"]
        tokens = [row["MetadataOptions"]["HttpTokens"] for group in reservations for row in group["Instances"]]
        assert (len(tokens), set(tokens)) == (14, {"required", "optional"})


def test_users_with_and_without_mfa(client: Clients) -> None:
    iam = client("iam")
    iam.generate_credential_report()
    rows = iam.get_credential_report()["Content"].decode().splitlines()
    assert len(rows) == 1 + 1 + 24
    assert {row.split(",")[7] for row in rows[2:]} == {"true", "false"}


def test_buckets_public_and_private(client: Clients) -> None:
    s3 = client("s3")
    public = []
    for bucket in s3.list_buckets()["Buckets"]:
        grants = s3.get_bucket_acl(Bucket=bucket["Name"])["Grants"]
        public.append(any("AllUsers" in grant["Grantee"].get("URI", "") for grant in grants))
    assert (len(public), set(public)) == (22, {True, False})


def test_home_is_guarded_and_the_second_region_is_not(client: Clients) -> None:
    found = []
    for region in REGIONS:
        analyzers = client("accessanalyzer", region).list_analyzers()["analyzers"]
        encrypted = client("ec2", region).get_ebs_encryption_by_default()["EbsEncryptionByDefault"]
        found.append((len(analyzers), encrypted))
    assert found == [(1, True), (0, False)]


@pytest.mark.slow
def test_scale_multiplies_what_can_be_counted() -> None:
    with start() as simulation, closing(World(simulation, HOME, 2)) as world:
        identity.fill(world)
        assert len(world.client("iam").list_users(MaxItems=1000)["Users"]) == 2 * identity.USERS
