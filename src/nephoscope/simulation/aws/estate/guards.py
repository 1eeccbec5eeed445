"""What watches over the account: contacts, Config, Security Hub, GuardDuty, Access Analyzer; good at home only."""

import json

from nephoscope.simulation.aws.estate.world import CONFIG_BUCKET, World, role_arn

_STANDARD = "aws-foundational-security-best-practices/v/1.0.0"


def fill(world: World) -> None:
    if not world.is_home:
        world.client("macie2").disable_macie()
        return
    _contacts(world)
    _config(world)
    _organization(world)
    world.client("securityhub").enable_security_hub(EnableDefaultStandards=False)
    world.client("securityhub").batch_enable_standards(
        StandardsSubscriptionRequests=[{"StandardsArn": f"arn:aws:securityhub:{world.region}::standards/{_STANDARD}"}]
    )
    world.client("guardduty").create_detector(Enable=True, FindingPublishingFrequency="FIFTEEN_MINUTES")
    world.client("accessanalyzer").create_analyzer(analyzerName="external-access", type="ACCOUNT")


def _contacts(world: World) -> None:
    account = world.client("account")
    account.put_contact_information(
        ContactInformation={
            "FullName": "Meridian Tickets GmbH",
            "AddressLine1": "Gleisdreieck 1",
            "City": "Berlin",
            "PostalCode": "10963",
            "CountryCode": "DE",
            "PhoneNumber": "+49 30 5550100",
        }
    )
    account.put_alternate_contact(
        AlternateContactType="BILLING",
        Name="Accounts Payable",
        Title="Finance",
        EmailAddress="billing@meridian.example",
        PhoneNumber="+49 30 5550101",
    )


def _config(world: World) -> None:
    config = world.client("config")
    config.put_configuration_recorder(
        ConfigurationRecorder={
            "name": "default",
            "roleARN": role_arn("config"),
            "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True},
        }
    )
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": CONFIG_BUCKET})
    config.start_configuration_recorder(ConfigurationRecorderName="default")


def _organization(world: World) -> None:
    """Of which this account, workloads and all, is the management account."""
    organizations = world.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    for name in ("production", "sandbox"):
        organizations.create_organizational_unit(ParentId=root, Name=name)
    deny = {"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}
    guardrail = organizations.create_policy(
        Name="stay",
        Description="members stay",
        Type="SERVICE_CONTROL_POLICY",
        Content=json.dumps({"Version": "2012-10-17", "Statement": [deny]}),
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=guardrail, TargetId=root)
