"""Buckets, in two regions, and Macie."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from nephoscope.model.scopes import Outcome
from nephoscope.simulation.aws import Disturbance, Fault, Simulation, start
from read_types import collect, read

ALL = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
OPEN = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bare-shop/*"}
    ],
}


@pytest.fixture(scope="module")
def cloud() -> Iterator[Simulation]:
    with start(in_process=True) as simulation, ExitStack() as stack:
        home, away = (
            stack.enter_context(closing(simulation.client("s3", region))) for region in ("us-east-1", "eu-west-1")
        )
        home.create_bucket(Bucket="bare-shop", ObjectOwnership="ObjectWriter")
        home.put_bucket_policy(Bucket="bare-shop", Policy=json.dumps(OPEN))
        home.put_bucket_acl(Bucket="bare-shop", ACL="public-read")
        home.create_bucket(Bucket="new-shop")
        away.create_bucket(
            Bucket="full-shop",
            CreateBucketConfiguration={"LocationConstraint": "eu-west-1"},
            ObjectLockEnabledForBucket=True,
        )
        _furnish(away, "full-shop")
        macie = stack.enter_context(closing(simulation.client("macie2", "eu-west-1")))
        macie.update_automated_discovery_configuration(status="ENABLED")
        stack.enter_context(closing(simulation.client("macie2"))).disable_macie()
        yield simulation


def _furnish(s3: Any, name: str) -> None:
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "team", "Value": "blue"}]})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=ALL)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/x"}}
    s3.put_bucket_encryption(
        Bucket=name, ServerSideEncryptionConfiguration={"Rules": [{**rule, "BucketKeyEnabled": True}]}
    )
    s3.put_bucket_ownership_controls(
        Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    s3.put_object_lock_configuration(
        Bucket=name,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}},
        },
    )
    s3.put_bucket_lifecycle_configuration(
        Bucket=name,
        LifecycleConfiguration={
            "Rules": [
                {
                    "ID": "uploads",
                    "Status": "Enabled",
                    "Filter": {"Prefix": ""},
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                },
                {"ID": "old", "Status": "Disabled", "Filter": {"Prefix": "a/"}, "Expiration": {"Days": 1}},
            ]
        },
    )


@pytest.fixture(autouse=True)
def calm(cloud: Simulation) -> Iterator[None]:
    yield
    cloud.disturb()


def test_a_furnished_bucket(cloud: Simulation) -> None:
    found = read(cloud, "BUCKET")["full-shop"]
    document = found.document
    assert (found.name, found.arn) == ("full-shop", "arn:aws:s3:::full-shop")
    assert document["region"] == "eu-west-1"
    assert [(tag.key, tag.value) for tag in found.tags] == [("team", "blue")]
    assert document["versioning"] == {"status": "Enabled", "mfaDelete": None}
    assert set(document["publicAccessBlock"].values()) == {True}
    assert document["encryptionRules"] == [
        {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "alias/x", "bucketKeyEnabled": True}
    ]
    assert document["objectOwnership"] == "BucketOwnerEnforced"
    assert document["objectLock"] == {"objectLockEnabled": "Enabled", "mode": "GOVERNANCE", "days": 30, "years": None}
    assert [(row["id"], row["status"]) for row in document["lifecycleRules"]] == [
        ("uploads", "Enabled"),
        ("old", "Disabled"),
    ]
    assert document["lifecycleRules"][0]["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}
    assert document["lifecycleRules"][1]["abortIncompleteMultipartUpload"] is None


def test_an_open_bucket_in_the_shapes_of_the_api(cloud: Simulation) -> None:
    document = read(cloud, "BUCKET")["bare-shop"].document
    assert document["bucketName"] == "bare-shop"
    assert document["bucketCreationDateStr"].endswith("Z")
    assert json.loads(document["bucketPolicy"]) == OPEN
    assert document["isPolicyPublic"] is True
    grants = document["s3GrantList"]
    assert all(set(row) == {"emailAddress", "groupUri", "displayName", "permission", "id"} for row in grants)
    assert ("http://acs.amazonaws.com/groups/global/AllUsers", "READ") in {
        (row["groupUri"], row["permission"]) for row in grants
    }
    assert document["bucketOwnerId"]
    assert document["ownerName"] == "webfile"


def test_what_a_bucket_does_not_have_is_null(cloud: Simulation) -> None:
    document = read(cloud, "BUCKET")["new-shop"].document
    assert document["region"] == "us-east-1"
    names = ("bucketPolicy", "publicAccessBlock", "logging", "objectLock")
    assert [document[name] for name in names] == [None] * len(names)
    assert document["isPolicyPublic"] is False
    assert document["lifecycleRules"] == []
    assert document["versioning"] == {"status": None, "mfaDelete": None}


def test_logging_names_its_target(cloud: Simulation) -> None:
    with closing(cloud.client("s3")) as s3:
        s3.create_bucket(Bucket="log-shop", ObjectOwnership="ObjectWriter")
        s3.put_bucket_acl(Bucket="log-shop", ACL="log-delivery-write")
        target = {"TargetBucket": "log-shop", "TargetPrefix": "new/"}
        s3.put_bucket_logging(Bucket="new-shop", BucketLoggingStatus={"LoggingEnabled": target})
        document = read(cloud, "BUCKET")["new-shop"].document
        s3.put_bucket_logging(Bucket="new-shop", BucketLoggingStatus={})
    assert document["logging"] == {"targetBucket": "log-shop", "targetPrefix": "new/"}


def test_tags_take_one_call_for_each_region(cloud: Simulation) -> None:
    cloud.forget_calls()
    read(cloud, "BUCKET")
    calls = cloud.calls()
    assert calls["s3.ListBuckets"] == 1
    assert "s3.GetBucketLocation" not in calls
    assert "s3.GetBucketTagging" not in calls


def test_denied_is_never_nothing(cloud: Simulation) -> None:
    cloud.disturb(Fault(Disturbance.DENIED, "s3", "GetBucketPolicy"), Fault(Disturbance.DENIED, "s3", "GetBucketAcl"))
    found = collect(cloud, "BUCKET")
    bucket = next(one for one in found.resources if one.resource_id == "new-shop")
    assert found.report.outcome is Outcome.COMPLETE
    assert bucket.unread["bucketPolicy"] == bucket.unread["isPolicyPublic"] == "denied: s3:GetBucketPolicy"
    assert bucket.unread["s3GrantList"] == "denied: s3:GetBucketAcl"
    assert "bucketPolicy" not in bucket.document
    assert bucket.document["versioning"] == {"status": None, "mfaDelete": None}


def test_a_refused_list_is_a_refused_scope(cloud: Simulation) -> None:
    cloud.disturb(Fault(Disturbance.DENIED, "s3", "ListBuckets"))
    found = collect(cloud, "BUCKET")
    assert (found.report.outcome, found.resources) == (Outcome.DENIED, ())


def test_macie_says_where_it_looks(cloud: Simulation) -> None:
    document = next(iter(read(cloud, "MACIE_SESSION", "eu-west-1").values())).document
    assert document["status"] == "ENABLED"
    assert document["automatedDiscoveryStatus"] == "ENABLED"
    assert document["jobBuckets"] == []


def test_macie_switched_off_is_complete_and_empty(cloud: Simulation) -> None:
    found = collect(cloud, "MACIE_SESSION")
    assert (found.report.outcome, found.resources) == (Outcome.COMPLETE, ())
