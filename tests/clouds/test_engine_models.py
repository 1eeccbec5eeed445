"""Lean service models say the same as whole ones, about every call that reads."""

import json
from collections.abc import Iterator

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape

from nephoscope.clouds.aws.models import ModelFiles
from nephoscope.clouds.aws.pacing import Limits
from nephoscope.clouds.aws.session import open_clients
from nephoscope.model.connectors import Access

LEAN = Loader(file_loader=ModelFiles())  # type: ignore[arg-type]  # the two methods are all it asks for
WHOLE = Loader()


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
    lean, whole = model(LEAN, service), model(WHOLE, service)
    assert lean.metadata == whole.metadata
    reading = [name for name in whole.operation_names if name.startswith(("Describe", "Get", "List", "Head"))]
    assert set(reading) <= set(lean.operation_names)
    for name in reading[:25]:
        ours, theirs = lean.operation_model(name), whole.operation_model(name)
        assert ours.http == theirs.http
        assert list(described(ours.input_shape)) == list(described(theirs.input_shape))
        assert list(described(ours.output_shape)) == list(described(theirs.output_shape))


@pytest.mark.parametrize("service", ["kms", "dynamodb", "iam", "ec2", "guardduty"])
def test_the_errors_of_what_reads_are_known(service: str) -> None:
    lean, whole = model(LEAN, service), model(WHOLE, service)
    declared = {shape.name for name in lean.operation_names for shape in whole.operation_model(name).error_shapes}
    assert {shape.name for shape in lean.error_shapes} == declared


def test_nothing_that_changes_can_be_called() -> None:
    clients, home = open_clients(Access(endpoint_url="http://127.0.0.1:1"), Limits())
    for service in ("s3", "iam", "ec2", "kms", "lambda"):
        methods = clients.client(service, home).meta.method_to_api_mapping
        assert methods
        assert not [name for name in methods if name.startswith(("create", "delete", "put", "update", "run"))]
    clients.close()


def test_credentials_can_still_be_got_at() -> None:
    assert {"AssumeRole", "AssumeRoleWithWebIdentity"} <= set(model(LEAN, "sts").operation_names)
    assert model(LEAN, "sso-oidc").operation_names == model(WHOLE, "sso-oidc").operation_names


def test_a_file_that_is_not_there_is_none() -> None:
    assert ModelFiles().load_file("/nowhere/service-2") is None
    assert not ModelFiles().exists("/nowhere/service-2")
