"""The whole table of collectors is asked the house questions."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from botocore import xform_name
from botocore.loaders import Loader

from nephoscope.clouds.aws import collectors
from nephoscope.clouds.aws.collecting import Collector
from nephoscope.clouds.aws.collectors import AWS_COLLECTORS
from nephoscope.clouds.aws.engine import AWS_TABLE
from nephoscope.clouds.aws.permission_names import ENTRY_PERMISSIONS, permission_of
from nephoscope.clouds.aws.permissions import policy_document
from nephoscope.model.providers import Provider
from nephoscope.resource_types.table import RESOURCE_TYPES, types_of

ROWS = types_of(Provider.AWS)
SERVICES = {
    "access-analyzer": ("accessanalyzer",),
    "apigateway": ("apigateway", "apigatewayv2"),
    "elasticfilesystem": ("efs",),
    "elasticloadbalancing": ("elb", "elbv2"),
    "es": ("opensearch",),
    "s3": ("s3", "s3control"),
    "sso": ("sso-admin",),
    "states": ("stepfunctions",),
    "tag": ("resourcegroupstaggingapi",),
}
"""The SDK's names of services whose permissions start otherwise."""


def each(collector: Collector) -> str:
    return collector.resource_type


@cache
def known_permissions(prefix: str) -> frozenset[str]:
    """What the calls of the service take, by its own description."""
    loader = Loader()
    return frozenset(
        permission_of(service, operation)
        for service in SERVICES.get(prefix, (prefix,))
        for operation in loader.load_service_model(service, "service-2")["operations"]
    )


def test_every_type_has_one_collector() -> None:
    collected = [collector.resource_type for collector in AWS_COLLECTORS]
    assert sorted(collected) == sorted(row.name for row in ROWS)


@pytest.mark.parametrize("collector", AWS_COLLECTORS, ids=each)
def test_details_fill_declared_fields_and_each_only_one(collector: Collector) -> None:
    filled = [name for detail in collector.details for name in detail.fields]
    assert set(filled) <= {field.name for field in RESOURCE_TYPES[collector.resource_type].fields}
    assert len(filled) == len(set(filled))
    assert all(detail.fields for detail in collector.details)


@pytest.mark.parametrize("collector", AWS_COLLECTORS, ids=each)
def test_every_permission_is_one_that_some_call_takes(collector: Collector) -> None:
    details = (name for detail in collector.details for name in detail.permissions)
    for name in (*RESOURCE_TYPES[collector.resource_type].permissions, *details):
        assert name in known_permissions(name.split(":")[0])


@pytest.mark.parametrize("collector", AWS_COLLECTORS, ids=each)
def test_every_detail_names_its_permissions(collector: Collector) -> None:
    for detail in collector.details:
        assert detail.permissions
        assert all(re.fullmatch(r"[a-z0-9-]+:[A-Z][A-Za-z0-9]+", name) for name in detail.permissions)


def named_calls() -> Iterator[tuple[str, str]]:
    """(service, method) as the collectors' sources write them: two literal words at the head of a call's arguments."""
    known = Loader().list_available_services("service-2")
    for path in sorted(Path(collectors.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and len(node.args) > 1:
                words = [str(word.value) for word in node.args[:2] if isinstance(word, ast.Constant)]
                if len(words) == 2 and words[0] in known:
                    yield words[0], words[1]


@pytest.mark.parametrize(("service", "method"), sorted(set(named_calls())))
def test_every_call_is_declared(service: str, method: str) -> None:
    operations = Loader().load_service_model(service, "service-2")["operations"]
    names = {xform_name(name): name for name in operations}
    assert permission_of(service, names[method]) in AWS_TABLE.permissions()


def test_the_policy_allows_all_that_is_declared_and_only_reading() -> None:
    document = json.loads(json.dumps(policy_document()))
    (statement,) = document["Statement"]
    assert (document["Version"], statement["Effect"], statement["Resource"]) == ("2012-10-17", "Allow", "*")
    actions = statement["Action"]
    assert actions == sorted(set(actions))
    assert set(ENTRY_PERMISSIONS) <= set(actions)
    assert {name for row in ROWS for name in row.permissions} <= set(actions)
    assert {name for one in AWS_COLLECTORS for detail in one.details for name in detail.permissions} <= set(actions)
    reading = re.compile(r"[a-z0-9-]+:(BatchGet|Describe|Get|List|GenerateCredentialReport|GET)")
    assert not [name for name in actions if not reading.match(name)]


def test_the_policy_shrinks_to_what_is_needed() -> None:
    needs = {"BUCKET": frozenset({"bucketName"})}
    assert policy_document(needs)["Statement"][0]["Action"] == sorted(
        {*ENTRY_PERMISSIONS, *RESOURCE_TYPES["BUCKET"].permissions}
    )
    assert policy_document({})["Statement"][0]["Action"] == sorted(ENTRY_PERMISSIONS)
