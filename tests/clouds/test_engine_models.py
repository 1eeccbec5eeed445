"""Lean service models say the same as whole ones, about every call that reads."""

import json
from collections.abc import Iterator
from functools import cache

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape

from nephoscope.clouds.aws.models import ModelFiles
from nephoscope.clouds.aws.permission_names import permission_of
from nephoscope.clouds.aws.session import open_clients
from nephoscope.clouds.pacing import Limits
from nephoscope.model.connectors import AwsAccess

WHOLE = Loader()


@cache
def lean(service: str) -> ServiceModel:
    """With every permission that there is for the service."""
    operations = WHOLE.load_service_model(service, "service-2")["operations"]
    files = ModelFiles({permission_of(service, name) for name in operations})
    return model(Loader(file_loader=files), service)  # type: ignore[arg-type]  # the two methods are all it asks for


def model(loader: Loader, service: str) -> ServiceModel:
    return ServiceModel(loader.load_service_model(service, "service-2"), service)


def described(shape: Shape | None, depth: int = 0) -> Iterator[tuple[int, str, str]]:
    """The shape and what is inside it, some levels deep."""
    if shape is None or depth > 5:
        return
    yield depth, shape.name, f"{shape.type_name} {json.dumps(shape.serialization, sort_keys=True)}"
    for name, member in getattr(shape, "members", {}).items():
        yield depth, name, "member"
        yield from described(member, depth + 1)
    for part in ("member", "key", "value"):
        yield from described(getattr(shape, part, None), depth + 1)


@pytest.mark.parametrize("service", ["kms", "s3", "sqs", "iam", "elbv2", "lambda", "cloudwatch", "s3control"])
def test_what_reads_is_described_alike(service: str) -> None:
    ours, whole = lean(service), model(WHOLE, service)
    assert ours.metadata == whole.metadata
    reading = [name for name in whole.operation_names if name.startswith(("Describe", "Get", "List", "Head"))]
    assert set(reading) <= set(ours.operation_names)
    for name in reading[:25]:
        one, other = ours.operation_model(name), whole.operation_model(name)
        assert one.http == other.http
        assert list(described(one.input_shape)) == list(described(other.input_shape))
        assert list(described(one.output_shape)) == list(described(other.output_shape))


@pytest.mark.parametrize("service", ["kms", "dynamodb", "iam", "ec2", "guardduty"])
def test_the_errors_of_what_reads_are_known(service: str) -> None:
    ours, whole = lean(service), model(WHOLE, service)
    declared = {shape.name for name in ours.operation_names for shape in whole.operation_model(name).error_shapes}
    assert {shape.name for shape in ours.error_shapes} == declared


def test_only_what_is_permitted_can_be_called() -> None:
    permissions = ("s3:GetBucketPolicy", "s3:ListAllMyBuckets", "s3:DeleteBucket", "apigateway:GET")
    clients, home = open_clients(AwsAccess(endpoint_url="http://127.0.0.1:1"), Limits(), permissions)
    buckets = clients.client("s3", home).meta.method_to_api_mapping
    assert set(buckets) == {"get_bucket_policy", "list_buckets", "head_bucket", "list_objects", "list_objects_v2"}
    gateways = clients.client("apigateway", home).meta.method_to_api_mapping
    assert gateways
    assert all(name.startswith("get_") for name in gateways)
    assert not clients.client("kms", home).meta.method_to_api_mapping
    clients.close()


def test_credentials_can_still_be_got_at() -> None:
    bare = Loader(file_loader=ModelFiles(()))  # type: ignore[arg-type]  # likewise
    for service in ("sts", "sso", "sso-oidc", "signin"):
        assert model(bare, service).operation_names == model(WHOLE, service).operation_names


def test_a_file_that_is_not_there_is_none() -> None:
    assert ModelFiles(()).load_file("/nowhere/service-2") is None
    assert not ModelFiles(()).exists("/nowhere/service-2")
