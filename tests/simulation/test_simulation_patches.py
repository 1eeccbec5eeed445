"""What moto lacks, asked as a cloud client asks it."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from nephoscope.simulation.aws import ACCOUNT_ID, CertificateAge, KeyAge, RootFacts, Simulation, UserAge

Clients = Callable[..., Any]


def _report(iam: Any) -> dict[str, dict[str, str]]:
    iam.generate_credential_report()
    text = iam.get_credential_report()["Content"].decode()
    return {row["user"]: row for row in csv.DictReader(io.StringIO(text))}


def _days_ago(stamp: str) -> int:
    return (datetime.now(UTC) - datetime.fromisoformat(stamp)).days


def test_the_credential_report_begins_with_the_root_user(simulation: Simulation, client: Clients) -> None:
    simulation.tell(RootFacts(mfa="virtual", has_access_key=True, used_days_ago=3))
    rows = _report(client("iam"))
    root = rows["<root_account>"]
    assert next(iter(rows)) == "<root_account>"
    assert root["arn"] == f"arn:aws:iam::{ACCOUNT_ID}:root"
    assert (root["mfa_active"], root["access_key_1_active"], root["access_key_2_active"]) == ("true", "true", "false")
    assert root["password_enabled"] == "not_supported"
    assert _days_ago(root["password_last_used"]) == 3


@pytest.mark.parametrize(("mfa", "enabled", "devices"), [("", 0, 0), ("virtual", 1, 1), ("hardware", 1, 0)])
def test_the_account_summary_tells_of_the_root_users_mfa(
    simulation: Simulation, client: Clients, mfa: str, enabled: int, devices: int
) -> None:
    simulation.tell(RootFacts(mfa=mfa))
    iam = client("iam")
    summary = iam.get_account_summary()["SummaryMap"]
    virtual = [
        row for row in iam.list_virtual_mfa_devices()["VirtualMFADevices"] if "root-account" in row["SerialNumber"]
    ]
    assert (summary["AccountMFAEnabled"], summary["AccountAccessKeysPresent"], len(virtual)) == (enabled, 0, devices)


def test_users_are_as_old_as_they_are_said_to_be(simulation: Simulation, client: Clients) -> None:
    iam = client("iam")
    iam.create_user(UserName="old")
    iam.create_login_profile(UserName="old", Password="Simulated-2026!")
    key = iam.create_access_key(UserName="old")["AccessKey"]["AccessKeyId"]
    age = UserAge("old", 500, password_used_days_ago=90, password_changed_days_ago=200, keys=(KeyAge(320, 45),))
    simulation.tell(age)
    row = _report(iam)["old"]
    dates = ("user_creation_time", "password_last_used", "password_last_changed", "access_key_1_last_rotated")
    assert [_days_ago(row[name]) for name in dates] == [500, 90, 200, 320]
    assert (row["access_key_1_last_used_service"], row["password_next_rotation"]) == ("s3", "N/A")
    used = iam.get_access_key_last_used(AccessKeyId=key)["AccessKeyLastUsed"]["LastUsedDate"]
    assert (datetime.now(UTC) - used).days == 45


def test_a_user_without_a_password_has_no_password_dates(client: Clients) -> None:
    iam = client("iam")
    iam.create_user(UserName="program")
    row = _report(iam)["program"]
    assert {row[f"password_{name}"] for name in ("last_used", "last_changed", "next_rotation")} == {"N/A"}


def test_server_certificates_expire(simulation: Simulation, client: Clients) -> None:
    iam = client("iam")
    iam.upload_server_certificate(ServerCertificateName="gone", CertificateBody="simulated", PrivateKey="simulated")
    simulation.tell(CertificateAge("gone", -30))
    (row,) = iam.list_server_certificates()["ServerCertificateMetadataList"]
    assert timedelta(days=29) < datetime.now(UTC) - row["Expiration"] < timedelta(days=31)


def test_analyzers_are_made_listed_and_removed_per_region(client: Clients) -> None:
    home, away = client("accessanalyzer"), client("accessanalyzer", "eu-west-1")
    arn = home.create_analyzer(analyzerName="external", type="ACCOUNT", tags={"team": "identity"})["arn"]
    assert arn == f"arn:aws:access-analyzer:us-east-1:{ACCOUNT_ID}:analyzer/external"
    (row,) = home.list_analyzers()["analyzers"]
    assert (row["arn"], row["status"], row["type"], row["tags"]) == (arn, "ACTIVE", "ACCOUNT", {"team": "identity"})
    assert home.list_analyzers(type="ORGANIZATION")["analyzers"] == []
    assert away.list_analyzers()["analyzers"] == []
    assert home.get_analyzer(analyzerName="external")["analyzer"]["arn"] == arn
    assert home.list_findings(analyzerArn=arn)["findings"] == []
    with pytest.raises(ClientError, match="ConflictException"):
        home.create_analyzer(analyzerName="external", type="ACCOUNT")
    home.delete_analyzer(analyzerName="external")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        home.get_analyzer(analyzerName="external")


def test_contacts(client: Clients) -> None:
    account = client("account")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        account.get_contact_information()
    contact = {
        "FullName": "Meridian",
        "AddressLine1": "Gleisdreieck 1",
        "City": "Berlin",
        "PostalCode": "10963",
        "CountryCode": "DE",
        "PhoneNumber": "+49 30 5550100",
    }
    account.put_contact_information(ContactInformation=contact)
    assert account.get_contact_information()["ContactInformation"] == contact
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        account.get_alternate_contact(AlternateContactType="SECURITY")
    account.put_alternate_contact(
        AlternateContactType="SECURITY", Name="On call", Title="Security", EmailAddress="s@x.example", PhoneNumber="1"
    )
    assert account.get_alternate_contact(AlternateContactType="SECURITY")["AlternateContact"]["Name"] == "On call"


def test_region_settings_of_ec2_start_as_in_a_new_account_and_can_be_set(client: Clients) -> None:
    ec2, other = client("ec2"), client("ec2", "eu-west-1")
    ec2.enable_snapshot_block_public_access(State="block-all-sharing")
    ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
    ec2.enable_serial_console_access()
    ec2.modify_instance_metadata_defaults(HttpTokens="required", HttpPutResponseHopLimit=1)
    ec2.modify_ebs_default_kms_key_id(KmsKeyId="alias/disks")
    found = [_settings(client) for client in (ec2, other)]
    assert found == [
        (
            "block-all-sharing",
            "block-new-sharing",
            True,
            {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
            "alias/disks",
        ),
        ("unblocked", "unblocked", False, {}, "alias/aws/ebs"),
    ]
    ec2.disable_snapshot_block_public_access()
    ec2.disable_image_block_public_access()
    ec2.disable_serial_console_access()
    assert _settings(ec2)[:3] == ("unblocked", "unblocked", False)
    options = ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]
    assert (options["AwsRegion"], options["InternetGatewayBlockMode"]) == ("us-east-1", "off")


def _settings(ec2: Any) -> tuple[str, str, bool, dict[str, object], str]:
    return (
        ec2.get_snapshot_block_public_access_state()["State"],
        ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"],
        ec2.get_serial_console_access_status()["SerialConsoleAccessEnabled"],
        ec2.get_instance_metadata_defaults().get("AccountLevel") or {},
        ec2.get_ebs_default_kms_key_id()["KmsKeyId"],
    )


def test_standards_of_security_hub(client: Clients) -> None:
    hub = client("securityhub")
    hub.enable_security_hub()
    assert hub.get_enabled_standards()["StandardsSubscriptions"] == []
    arn = "arn:aws:securityhub:us-east-1::standards/example/v/1.0.0"
    hub.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": arn}])
    (row,) = hub.get_enabled_standards()["StandardsSubscriptions"]
    assert (row["StandardsArn"], row["StandardsStatus"]) == (arn, "READY")


def test_the_block_of_the_account_is_reachable_on_loopback(client: Clients) -> None:
    control = client("s3control")
    block = {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": False,
        "RestrictPublicBuckets": True,
    }
    control.put_public_access_block(AccountId=ACCOUNT_ID, PublicAccessBlockConfiguration=block)
    assert control.get_public_access_block(AccountId=ACCOUNT_ID)["PublicAccessBlockConfiguration"] == block


def test_central_care_for_root_users(client: Clients) -> None:
    iam = client("iam")
    assert iam.list_organizations_features()["EnabledFeatures"] == []
    iam.enable_organizations_root_sessions()
    assert iam.list_organizations_features()["EnabledFeatures"] == ["RootSessions"]


def test_the_delegation_policy_of_an_organization(client: Clients) -> None:
    organizations = client("organizations")
    with pytest.raises(ClientError, match="ResourcePolicyNotFoundException"):
        organizations.describe_resource_policy()
    organizations.put_resource_policy(Content="{}")
    assert organizations.describe_resource_policy()["ResourcePolicy"]["Content"] == "{}"


def test_urls_of_functions_are_listed(client: Clients) -> None:
    role = client("iam").create_role(RoleName="runs", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    functions = client("lambda")
    code = {"ZipFile": b"simulated"}
    functions.create_function(FunctionName="f", Runtime="python3.12", Role=role, Handler="h.h", Code=code)
    assert functions.list_function_url_configs(FunctionName="f")["FunctionUrlConfigs"] == []
    functions.create_function_url_config(FunctionName="f", AuthType="NONE")
    (row,) = functions.list_function_url_configs(FunctionName="f")["FunctionUrlConfigs"]
    assert row["AuthType"] == "NONE"


@pytest.mark.parametrize(
    ("region", "count", "one"), [("us-east-1", 17, "eu-west-1"), ("cn-north-1", 2, "cn-northwest-1")]
)
def test_an_account_has_the_regions_of_its_partition(client: Clients, region: str, count: int, one: str) -> None:
    ec2 = client("ec2", region)
    rows = ec2.describe_regions()["Regions"]
    assert len(rows) == count
    assert {row["OptInStatus"] for row in rows} == {"opt-in-not-required"}
    (row,) = ec2.describe_regions(RegionNames=[one])["Regions"]
    assert row["RegionName"] == one
