"""The account, IAM and buckets end to end: a simulated estate, the real engine, the real judgement."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from typing import Any
from uuid import uuid4

import pytest

from fresh_stores import open_fresh
from nephoscope.clouds.table import open_account
from nephoscope.controls.catalogue import Catalogue
from nephoscope.controls.loading import load_catalogue
from nephoscope.jobs import scan, sweep
from nephoscope.kit.clock import system_clock
from nephoscope.kit.pages import PageRequest
from nephoscope.model.connectors import AwsAccess, Connector
from nephoscope.model.evaluations import Status
from nephoscope.model.providers import Provider
from nephoscope.simulation.aws import (
    ACCOUNT_ID,
    CertificateAge,
    Disturbance,
    Fault,
    KeyAge,
    RootFacts,
    Simulation,
    UserAge,
    start,
)
from nephoscope.store import connectors, evaluations

CIDS = {1, 2, 3, 4, 5, 11, 12, 13, 18, 45, *range(30000, 30200)} - {30018}
"""This area's controls, without the one that would have every kind of workload read."""
HOME, AWAY = "us-east-1", "eu-west-1"
BLOCK = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
Verdicts = Mapping[tuple[str, int], tuple[Status, str]]


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def trust(principal: Any, **more: Any) -> str:
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more})


def judge(cloud: Simulation) -> Verdicts:
    """Sweep the account, with the controls of this area only; the reason stands beside each verdict."""
    whole = load_catalogue()
    catalogue = Catalogue([row for row in whole.controls.values() if row.cid in CIDS], whole.policies)
    made = Connector(
        uuid=uuid4(),
        provider=Provider.AWS,
        account_id=ACCOUNT_ID,
        name="shop",
        created_on=system_clock(),
        access=AwsAccess(endpoint_url=cloud.endpoint_url, regions=(HOME, AWAY)),
    )
    with closing(open_fresh()) as store:
        with store.write() as writer:
            connector = connectors.create(writer, made)
        prepared = sweep.prepare(store, catalogue, system_clock, connector, with_wire=False)
        with closing(open_account(Provider.AWS, connector.access, workers=8)) as account:
            scan.run(prepared, account)
        with store.read() as reader:
            rows = evaluations.page(reader, connector.key, None, (), PageRequest(0, 100_000)).rows
    return {(row.resource.resource_id, row.cid): (row.status, row.reason) for row in rows}


@pytest.fixture(scope="module")
def verdicts() -> Iterator[Verdicts]:
    with pytest.MonkeyPatch.context() as patch, start(in_process=True) as cloud, ExitStack() as stack:
        patch.setenv("AWS_ACCESS_KEY_ID", "OWNKEY")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")

        def client(service: str, region: str = HOME) -> Any:
            return stack.enter_context(closing(cloud.client(service, region)))

        _fill_account(client)
        _fill_users(client("iam"))
        _fill_roles(client("iam"))
        _fill_policies(client("iam"))
        _fill_buckets(client("s3"), client("s3", AWAY))
        cloud.tell(RootFacts(mfa="virtual", used_days_ago=3))
        cloud.tell(UserAge("careful", 400, 1, 40))
        cloud.tell(UserAge("program", 400, keys=(KeyAge(20, 1),)))
        cloud.tell(UserAge("careless", 900, 200, 800, keys=(KeyAge(700, 300), KeyAge(120))))
        cloud.tell(CertificateAge("old", -3))
        cloud.tell(CertificateAge("new", 300))
        yield judge(cloud)


def _fill_account(client: Any) -> None:
    client("account").put_alternate_contact(
        AlternateContactType="SECURITY", EmailAddress="s@example.org", Name="s", PhoneNumber="1", Title="t"
    )
    client("iam").update_account_password_policy(MinimumPasswordLength=14, PasswordReusePrevention=5, MaxPasswordAge=90)
    client("accessanalyzer", AWAY).create_analyzer(analyzerName="external", type="ACCOUNT")
    client("macie2", AWAY).update_automated_discovery_configuration(status="ENABLED")


def _fill_users(iam: Any) -> None:
    for name in ("careful", "careless", "program"):
        iam.create_user(UserName=name)
    for name in ("careful", "careless"):
        iam.create_login_profile(UserName=name, Password="long enough 4 all")
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="careful")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName="careful", SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321"
    )
    for name in ("careless", "careless", "program"):
        iam.create_access_key(UserName=name)
    iam.attach_user_policy(UserName="careless", PolicyArn=ADMIN)
    iam.create_group(GroupName="people")
    iam.add_user_to_group(GroupName="people", UserName="careful")
    iam.create_group(GroupName="nobody")
    iam.put_group_policy(GroupName="nobody", PolicyName="all", PolicyDocument=document(allow("*")))
    for name in ("old", "new"):
        iam.upload_server_certificate(
            ServerCertificateName=name,
            CertificateBody="-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----",
            PrivateKey="x",
        )


def _fill_roles(iam: Any) -> None:
    roles = {
        "web": trust({"Service": "ec2.amazonaws.com"}),
        "open": trust({"AWS": "*"}),
        "vendor": trust({"AWS": "arn:aws:iam::444455556666:root"}),
        "known-vendor": trust(
            {"AWS": "arn:aws:iam::444455556666:root"}, Condition={"StringEquals": {"sts:ExternalId": "7f3a"}}
        ),
    }
    for name, policy in roles.items():
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy)
    iam.attach_role_policy(RoleName="web", PolicyArn=ADMIN)
    iam.put_role_policy(RoleName="open", PolicyName="all", PolicyDocument=document(allow("*")))


def _fill_policies(iam: Any) -> None:
    for name, policy in {
        "reader": document(allow("s3:GetObject", "arn:aws:s3:::shop/*")),
        "climber": document(allow(["iam:PassRole", "lambda:*"])),
    }.items():
        arn = iam.create_policy(PolicyName=name, PolicyDocument=policy)["Policy"]["Arn"]
        iam.attach_group_policy(GroupName="people", PolicyArn=arn)


def _fill_buckets(home: Any, away: Any) -> None:
    away.create_bucket(
        Bucket="good-shop",
        CreateBucketConfiguration={"LocationConstraint": AWAY},
        ObjectOwnership="BucketOwnerEnforced",
    )
    away.put_public_access_block(Bucket="good-shop", PublicAccessBlockConfiguration=BLOCK)
    away.put_bucket_versioning(Bucket="good-shop", VersioningConfiguration={"Status": "Enabled"})
    whole = ["arn:aws:s3:::good-shop", "arn:aws:s3:::good-shop/*"]
    plain = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": whole}
    away.put_bucket_policy(
        Bucket="good-shop", Policy=document({**plain, "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
    )
    home.create_bucket(Bucket="bad-shop", ObjectOwnership="ObjectWriter")
    group = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
    grants = [{"Grantee": group, "Permission": permission} for permission in ("READ", "WRITE")]
    owner = home.get_bucket_acl(Bucket="bad-shop")["Owner"]
    home.put_bucket_acl(Bucket="bad-shop", AccessControlPolicy={"Owner": owner, "Grants": grants})
    everybody = allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::bad-shop/*", Principal="*")
    home.put_bucket_policy(Bucket="bad-shop", Policy=document(everybody))


PASS, FAIL = Status.PASS, Status.FAIL
POLICY = f"arn:aws:iam::{ACCOUNT_ID}:policy"
EXPECTED: dict[str, dict[int, Status | None]] = {
    ACCOUNT_ID: {
        11: PASS,
        12: FAIL,
        13: PASS,
        18: FAIL,
        30000: FAIL,
        30001: PASS,
        30002: PASS,
        30003: PASS,
        30004: FAIL,
        30005: FAIL,
        30009: FAIL,
        30010: PASS,
        30011: None,
        30013: FAIL,
        30015: FAIL,
        30016: None,
        30025: FAIL,
    },
    HOME: {30012: FAIL},
    AWAY: {30012: PASS},
    "careful": {1: PASS, 2: PASS, 3: None, 4: None, 5: None, 30040: PASS, 30043: PASS, 30046: PASS, 30050: PASS},
    "program": {1: None, 3: PASS, 4: PASS, 5: None, 30040: PASS, 30041: PASS, 30047: PASS, 30049: FAIL},
    "careless": {
        1: FAIL,
        2: FAIL,
        3: FAIL,
        4: FAIL,
        5: FAIL,
        30040: FAIL,
        30041: FAIL,
        30043: FAIL,
        30047: FAIL,
        30050: FAIL,
    },
    "people": {30060: PASS, 30061: PASS, 30062: None},
    "nobody": {30060: FAIL, 30061: FAIL, 30062: FAIL},
    "old": {30090: FAIL, 30091: FAIL},
    "new": {30090: PASS, 30091: PASS},
    "web": {30070: PASS, 30071: PASS, 30072: None, 30073: None, 30075: PASS, 30076: FAIL, 30077: None},
    "open": {30070: FAIL, 30071: FAIL, 30073: FAIL, 30074: FAIL, 30078: FAIL},
    "vendor": {30070: PASS, 30071: FAIL, 30077: PASS},
    "known-vendor": {30071: PASS, 30077: PASS},
    ADMIN: {30080: FAIL, 30081: None},
    f"{POLICY}/reader": {30080: PASS, 30081: PASS, 30083: PASS, 30085: PASS, 30087: PASS},
    f"{POLICY}/climber": {30080: PASS, 30081: FAIL, 30083: FAIL, 30085: FAIL},
    "good-shop": {
        45: PASS,
        30100: PASS,
        30101: FAIL,
        30102: PASS,
        30103: PASS,
        30105: PASS,
        30106: PASS,
        30107: PASS,
        30108: PASS,
        30109: FAIL,
        30110: PASS,
        30115: PASS,
        30116: PASS,
        30117: PASS,
        30118: None,
        30119: PASS,
    },
    "bad-shop": {
        45: FAIL,
        30100: FAIL,
        30102: FAIL,
        30103: FAIL,
        30105: FAIL,
        30106: FAIL,
        30107: FAIL,
        30108: FAIL,
        30110: FAIL,
        30112: None,
        30115: FAIL,
        30116: PASS,
        30117: FAIL,
        30119: FAIL,
    },
}


@pytest.mark.parametrize(
    ("resource", "cid", "expected"),
    [(resource, cid, status) for resource, row in EXPECTED.items() for cid, status in row.items()],
)
def test_verdict(verdicts: Verdicts, resource: str, cid: int, expected: Status | None) -> None:
    """None: the control leaves no row for this resource."""
    assert verdicts.get((resource, cid), (None, ""))[0] is expected, verdicts.get((resource, cid))


def test_nothing_is_unknown_that_could_be_read(verdicts: Verdicts) -> None:
    assert not {key: found for key, found in verdicts.items() if found[0] is Status.UNKNOWN}


@pytest.mark.usefixtures("credentials")
def test_a_refused_call_makes_unknown_what_it_would_have_told() -> None:
    with start(in_process=True) as cloud, closing(cloud.client("s3")) as s3:
        s3.create_bucket(Bucket="shop")
        cloud.disturb(
            Fault(Disturbance.DENIED, "s3", "GetBucketPolicy"),
            Fault(Disturbance.DENIED, "s3control", "GetPublicAccessBlock"),
            Fault(Disturbance.DENIED, "iam", "GetCredentialReport"),
        )
        found = judge(cloud)
    for key in ((ACCOUNT_ID, 18), (ACCOUNT_ID, 30015), ("shop", 30100), ("shop", 30103), ("shop", 30106)):
        assert found[key][0] is Status.UNKNOWN, key
        assert found[key][1].startswith("denied: "), found[key]
    assert found["shop", 30108][0] is Status.FAIL


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "OWNKEY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
