"""The account and what it tells of root, contacts and its organization."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from nephoscope.model.resources import Observed
from nephoscope.model.scopes import Outcome
from nephoscope.simulation.aws import Disturbance, Fault, RootFacts, Simulation, start
from read_types import collect, read

ACCOUNT = "123456789012"
BLOCK = {"BlockPublicAcls": True, "IgnorePublicAcls": False, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
CONTACT = {
    "FullName": "Cloud Operations",
    "CompanyName": "Example",
    "PhoneNumber": "+49301234",
    "AddressLine1": "Street 1",
    "City": "Berlin",
    "CountryCode": "DE",
    "PostalCode": "10115",
}


@pytest.fixture
def cloud() -> Iterator[Simulation]:
    with start(in_process=True) as simulation:
        yield simulation


def account(cloud: Simulation) -> Observed:
    return read(cloud, "AWS_ACCOUNT")[ACCOUNT]


def test_a_bare_account(cloud: Simulation) -> None:
    found = account(cloud)
    document = found.document
    assert found.arn == f"arn:aws:iam::{ACCOUNT}:root"
    assert not found.unread
    absent = ("passwordPolicy", "securityContact", "contactInformation", "s3PublicAccessBlock", "organization")
    assert [document[name] for name in absent] == [None] * len(absent)
    assert document["isManagementAccount"] is False
    assert document["organizationalUnits"] is None
    assert (document["rootMfaActive"], document["rootMfaVirtual"]) == (False, False)
    assert document["rootLastUsed"] is None
    assert document["supportAccess"] == {"roles": [], "users": [], "groups": []}
    assert (document["samlProviders"], document["oidcProviders"]) == ([], [])


def test_root(cloud: Simulation) -> None:
    cloud.tell(RootFacts(mfa="virtual", has_access_key=True, used_days_ago=3))
    document = account(cloud).document
    assert (document["rootMfaActive"], document["rootMfaVirtual"]) == (True, True)
    assert document["rootAccessKeysPresent"] is True
    assert document["rootLastUsed"] == document["rootPasswordLastUsed"] is not None
    assert document["rootAccessKeysLastUsed"] is None


def test_hardware_mfa_is_not_virtual(cloud: Simulation) -> None:
    cloud.tell(RootFacts(mfa="hardware"))
    document = account(cloud).document
    assert (document["rootMfaActive"], document["rootMfaVirtual"]) == (True, False)


def test_contacts_policies_and_blocks(cloud: Simulation) -> None:
    with ExitStack() as stack:
        _furnish(*(stack.enter_context(closing(cloud.client(name))) for name in ("account", "iam", "s3control")))
    document = account(cloud).document
    assert document["contactInformation"] == {
        "fullName": "Cloud Operations",
        "companyName": "Example",
        "phoneNumber": "+49301234",
        "countryCode": "DE",
    }
    assert document["securityContact"]["emailAddress"] == "security@example.org"
    assert document["billingContact"] is None
    assert document["passwordPolicy"]["minimumPasswordLength"] == 14
    assert document["passwordPolicy"]["passwordReusePrevention"] == 24
    assert document["passwordPolicy"]["maxPasswordAge"] is None
    assert document["s3PublicAccessBlock"]["ignorePublicAcls"] is False
    assert document["accountAlias"] == "shop"
    assert document["supportAccess"]["roles"] == ["support"]
    assert document["consoleUserCount"] == 1
    assert document["accessKeyUserCount"] == 0
    assert [row["arn"].rpartition("/")[2] for row in document["samlProviders"]] == ["okta"]


def _furnish(contacts: Any, iam: Any, s3control: Any) -> None:
    contacts.put_contact_information(ContactInformation=CONTACT)
    contacts.put_alternate_contact(
        AlternateContactType="SECURITY",
        EmailAddress="security@example.org",
        Name="Security",
        PhoneNumber="+49301234",
        Title="CSIRT",
    )
    iam.update_account_password_policy(MinimumPasswordLength=14, PasswordReusePrevention=24)
    iam.create_account_alias(AccountAlias="shop")
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}]}
    iam.create_role(RoleName="support", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", **trust}))
    iam.attach_role_policy(RoleName="support", PolicyArn="arn:aws:iam::aws:policy/AWSSupportAccess")
    iam.create_user(UserName="alice")
    iam.create_login_profile(UserName="alice", Password="long enough 4 all")
    iam.create_saml_provider(Name="okta", SAMLMetadataDocument="x" * 1001)
    s3control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=BLOCK)


def test_a_management_account_tells_of_its_organization(cloud: Simulation) -> None:
    with closing(cloud.client("organizations")) as organizations, closing(cloud.client("iam")) as iam:
        _organize(organizations)
        organizations.put_resource_policy(Content='{"Statement":[]}')
        iam.enable_organizations_root_sessions()
    document = account(cloud).document
    assert document["centralizedRootFeatures"] == ["RootSessions"]
    assert document["organizationResourcePolicy"] == '{"Statement":[]}'
    assert document["isManagementAccount"] is True
    assert document["organization"]["masterAccountId"] == ACCOUNT
    assert [row["name"] for row in document["organizationalUnits"]] == ["Production"]
    assert {row["id"] for row in document["accountsAtRoot"]} >= {ACCOUNT}
    guard = next(row for row in document["serviceControlPolicies"] if row["name"] == "guard")
    assert guard["awsManaged"] is False
    assert [target["type"] for target in guard["targets"]] == ["ROOT"]
    assert document["trustedServices"] == ["config.amazonaws.com", "guardduty.amazonaws.com"]
    assert document["delegatedServices"] == ["guardduty.amazonaws.com"]
    kinds = [row["type"] for root in document["organizationRoots"] for row in root["policyTypes"]]
    assert "SERVICE_CONTROL_POLICY" in kinds


def test_what_a_cloud_does_not_implement_is_unread_not_absent(cloud: Simulation) -> None:
    with closing(cloud.client("organizations")) as organizations:
        _organize(organizations)
    cloud.disturb(
        Fault(Disturbance.UNIMPLEMENTED, "iam", "ListOrganizationsFeatures"),
        Fault(Disturbance.UNIMPLEMENTED, "organizations", "DescribeResourcePolicy"),
    )
    found = account(cloud)
    for name in ("centralizedRootFeatures", "organizationResourcePolicy"):
        assert name not in found.document
        assert found.unread[name].startswith("failed:")


def _organize(organizations: Any) -> None:
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    organizations.create_organizational_unit(ParentId=root, Name="Production")
    policy = organizations.create_policy(
        Content='{"Version":"2012-10-17","Statement":[]}', Description="x", Name="guard", Type="SERVICE_CONTROL_POLICY"
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=policy, TargetId=root)
    member = organizations.create_account(Email="a@example.org", AccountName="security")["CreateAccountStatus"]
    for name in ("guardduty", "config"):
        organizations.enable_aws_service_access(ServicePrincipal=f"{name}.amazonaws.com")
    organizations.register_delegated_administrator(
        AccountId=member["AccountId"], ServicePrincipal="guardduty.amazonaws.com"
    )


def test_each_missing_permission_costs_its_own_facts_only(cloud: Simulation) -> None:
    cloud.disturb(
        Fault(Disturbance.DENIED, "iam", "GetAccountSummary"),
        Fault(Disturbance.DENIED, "organizations"),
        Fault(Disturbance.DENIED, "s3control"),
    )
    found = collect(cloud, "AWS_ACCOUNT")
    only = found.resources[0]
    assert found.report.outcome is Outcome.COMPLETE
    assert only.unread["rootMfaActive"] == "denied: iam:GetAccountSummary"
    assert only.unread["isManagementAccount"] == "denied: organizations:DescribeOrganization"
    assert only.unread["s3PublicAccessBlock"].startswith("denied: ")
    assert only.document["passwordPolicy"] is None


def test_analyzers_and_identity_centers(cloud: Simulation) -> None:
    with closing(cloud.client("accessanalyzer", "eu-west-1")) as analyzers:
        analyzers.create_analyzer(analyzerName="external", type="ACCOUNT", tags={"team": "blue"})
    found = read(cloud, "ACCESS_ANALYZER", "eu-west-1")["external"]
    assert (found.document["type"], found.document["status"]) == ("ACCOUNT", "ACTIVE")
    assert found.arn.startswith("arn:aws:access-analyzer:eu-west-1:")
    assert [(tag.key, tag.value) for tag in found.tags] == [("team", "blue")]
    assert not read(cloud, "ACCESS_ANALYZER", "us-east-1")
    assert all(row.document["status"] == "ACTIVE" for row in read(cloud, "IDENTITY_CENTER_INSTANCE").values())
