"""Users, groups, roles, policies and certificates, as the compatible API has them."""

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from nephoscope.errors import UnavailableError
from nephoscope.model.scopes import Outcome
from nephoscope.simulation.aws import CertificateAge, Disturbance, Fault, KeyAge, Simulation, UserAge, start
from read_types import collect, read

ACCOUNT = "123456789012"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
OWN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "ec2.amazonaws.com", "AWS": "arn:aws:iam::444455556666:root"},
        "Action": "sts:AssumeRole",
    },
}


@pytest.fixture(scope="module")
def cloud() -> Iterator[Simulation]:
    with start(in_process=True) as simulation:
        with closing(simulation.client("iam")) as iam:
            _fill(iam)
        simulation.tell(UserAge("alice", 400, 3, 40, keys=(KeyAge(200, 5), KeyAge(10))))
        simulation.tell(CertificateAge("shop", -5))
        yield simulation


@pytest.fixture(autouse=True)
def calm(cloud: Simulation) -> Iterator[None]:
    yield
    cloud.disturb()


def _fill(iam: Any) -> None:
    for name in ("alice", "bob"):
        iam.create_user(UserName=name, Path="/people/", Tags=[{"Key": "team", "Value": "blue"}])
    iam.create_login_profile(UserName="alice", Password="long enough 4 all")
    for _ in range(2):
        iam.create_access_key(UserName="alice")
    iam.create_group(GroupName="ops")
    iam.create_group(GroupName="empty")
    iam.add_user_to_group(GroupName="ops", UserName="alice")
    iam.put_user_policy(UserName="alice", PolicyName="own", PolicyDocument=json.dumps(OWN))
    iam.put_group_policy(GroupName="ops", PolicyName="own", PolicyDocument=json.dumps(OWN))
    iam.attach_user_policy(UserName="alice", PolicyArn=ADMIN)
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName="web", PolicyName="own", PolicyDocument=json.dumps(OWN))
    iam.create_instance_profile(InstanceProfileName="web")
    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")
    iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")
    iam.create_policy(PolicyName="reader", PolicyDocument=json.dumps(OWN), Description="reads")
    iam.upload_server_certificate(
        ServerCertificateName="shop", CertificateBody="-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----",
        PrivateKey="x",
    )  # fmt: skip


def test_a_user_has_the_shapes_of_the_api(cloud: Simulation) -> None:
    found = read(cloud, "IAM_USER")["alice"]
    document = found.document
    assert found.arn == f"arn:aws:iam::{ACCOUNT}:user/people/alice"
    assert [(tag.key, tag.value) for tag in found.tags] == [("team", "blue")]
    assert document["user"] == "alice"
    assert document["path"] == "/people/"
    assert document["userPolicies"] == ["own"]
    assert document["userAttachedPolicies"] == [{"policyArn": ADMIN, "policyName": "AdministratorAccess"}]
    inline = document["userInlinePolicies"]
    assert [row["policyName"] for row in inline] == ["own"]
    assert json.loads(inline[0]["policyDocument"]) == OWN
    assert [(row["groupName"], row["groupArn"]) for row in document["userGroups"]] == [
        ("ops", f"arn:aws:iam::{ACCOUNT}:group/ops")
    ]
    assert isinstance(document["userGroups"][0]["createdDate"], int)


def test_a_users_credentials_come_from_the_report(cloud: Simulation) -> None:
    document = read(cloud, "IAM_USER")["alice"].document
    assert (document["passwordEnabled"], document["mfaActive"]) == (True, False)
    assert (document["accessKey1Active"], document["accessKey2Active"]) == (True, True)
    assert document["accessKey1LastRotated"] < document["accessKey1LastUsed"]
    assert document["accessKey2LastUsed"] is None
    assert document["passwordLastChanged"] < document["passwordLastUsed"]
    assert document["accessKey1LastRotated"].endswith("Z")
    assert (document["cert1Active"], document["cert1LastRotated"]) == (False, None)


def test_the_dto_spells_times_in_milliseconds_and_keys_by_id(cloud: Simulation) -> None:
    document = read(cloud, "IAM_USER")["alice"].document
    dto = document["userDto"]
    assert dto["username"] == "alice"
    assert dto["passwordLastUsed"] % 1000 == 0
    assert dto["passwordLastUsed"] > 1_600_000_000_000
    assert dto["passwordNextRotation"] is None
    assert [key["status"] for key in dto["accessKeys"]] == ["Active", "Active"]
    assert all(key["accessKeyId"].startswith("AKIA") for key in dto["accessKeys"])
    assert dto["accessKeys"][0]["createDate"] == dto["accessKey1LastRotated"]
    assert [key["accessKeyId"] for key in document["accessKeys"]] == [key["accessKeyId"] for key in dto["accessKeys"]]
    assert dto["accessKey1LastUsedService"] == "s3"


def test_only_users_with_keys_are_asked_for_them(cloud: Simulation) -> None:
    cloud.forget_calls()
    document = read(cloud, "IAM_USER")["bob"].document
    assert document["userDto"]["accessKeys"] == []
    assert document["accessKeys"] == []
    assert document["passwordEnabled"] is False
    assert cloud.calls()["iam.ListAccessKeys"] == 1


def test_a_refused_report_leaves_only_its_own_fields_unread(cloud: Simulation) -> None:
    cloud.disturb(Fault(Disturbance.DENIED, "iam", "GenerateCredentialReport"))
    found = collect(cloud, "IAM_USER")
    user = found.resources[0]
    assert found.report.outcome is Outcome.COMPLETE
    assert found.report.permission == "iam:GenerateCredentialReport"
    assert user.unread["mfaActive"] == "denied: iam:GenerateCredentialReport"
    assert "mfaActive" not in user.document
    assert user.document["userPolicies"] == ["own"]


def test_a_user_newer_than_the_report_is_unread() -> None:
    from nephoscope.clouds.aws.collectors.iam import _report_of  # noqa: PLC0415 - no cloud can be told to lag behind

    with pytest.raises(UnavailableError, match="older than this user"):
        _report_of({"Trouble": None, "Report": None})


def test_groups_know_their_members_and_policies(cloud: Simulation) -> None:
    found = read(cloud, "IAM_GROUP")
    assert found["ops"].document["userNames"] == ["alice"]
    assert found["empty"].document["userNames"] == []
    policy = found["ops"].document["GroupPolicyList"][0]
    assert policy["PolicyName"] == "own"
    assert json.loads(policy["PolicyDocument"]) == OWN
    assert found["ops"].document["arn"] == f"arn:aws:iam::{ACCOUNT}:group/ops"


def test_roles_say_whom_they_trust(cloud: Simulation) -> None:
    role = read(cloud, "IAM_ROLE")["web"].document
    assert role["trustedEntities"] == {"AWS Account": ["arn:aws:iam::444455556666:root"], "AWS Service": ["ec2"]}
    assert json.loads(role["AssumeRolePolicyDocument"])["Statement"] == [TRUST["Statement"]]
    assert role["isServiceLinked"] is False
    assert role["RoleLastUsed"] is None
    profile = role["InstanceProfileList"][0]
    assert profile["InstanceProfileName"] == "web"
    assert isinstance(profile["CreateDate"], int)
    assert [inner["RoleName"] for inner in profile["Roles"]] == ["web"]


def test_service_linked_roles_are_marked(cloud: Simulation) -> None:
    roles = read(cloud, "IAM_ROLE")
    assert [name for name, role in roles.items() if role.document["isServiceLinked"]] == [
        "AWSServiceRoleForAutoScaling"
    ]


def test_policies_are_the_accounts_own_and_the_worn_ones_of_aws(cloud: Simulation) -> None:
    found = read(cloud, "IAM_POLICY")
    own = f"arn:aws:iam::{ACCOUNT}:policy/reader"
    assert set(found) == {own, ADMIN}
    assert (found[own].document["type"], found[ADMIN].document["type"]) == ("Customer Managed", "AWS Managed")
    assert (found[own].document["AttachmentCount"], found[ADMIN].document["AttachmentCount"]) == (0, 1)
    version = found[own].document["defaultPolicyVersion"]
    assert (version["VersionId"], version["IsDefaultVersion"]) == ("v1", True)
    assert json.loads(version["Document"]) == OWN
    assert json.loads(found[ADMIN].document["defaultPolicyVersion"]["Document"])["Statement"][0]["Action"] == "*"


def test_certificates_say_when_they_expire(cloud: Simulation) -> None:
    document = read(cloud, "IAM_SERVER_CERTIFICATE")["shop"].document
    assert document["serverCertificateName"] == "shop"
    assert document["expiration"].endswith("Z")


def test_iam_refused_is_not_an_empty_account(cloud: Simulation) -> None:
    cloud.disturb(Fault(Disturbance.DENIED, "iam", "GetAccountAuthorizationDetails"))
    for name in ("IAM_USER", "IAM_GROUP", "IAM_ROLE", "IAM_POLICY"):
        report = collect(cloud, name).report
        assert (report.outcome, report.permission) == (Outcome.DENIED, "iam:GetAccountAuthorizationDetails")
