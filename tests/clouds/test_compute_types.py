"""Regions, instances, what they are made of and launched from, in a simulated account; and what moto cannot say."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from typing import Any

import pytest

from nephoscope.clouds.aws.collecting import Place
from nephoscope.clouds.aws.collectors import compute
from nephoscope.model.resources import Tag
from nephoscope.model.scopes import Outcome
from nephoscope.resource_types.aws.compute import EC2_INSTANCE
from nephoscope.simulation.aws import Disturbance, Fault, Simulation, start
from read_types import collect, read

ACCOUNT = "123456789012"
PLACE = Place("aws", ACCOUNT, "us-east-1")
LAUNCHED = datetime(2025, 3, 19, 9, 52, 17, tzinfo=UTC)


class World:
    """A small estate: `ids` says what was made."""

    def __init__(self, simulation: Simulation, stack: ExitStack) -> None:
        self.simulation = simulation
        self._stack = stack
        self.ec2 = self.client("ec2")
        self.ids: dict[str, str] = {}
        self._launch()
        self._copy()
        self._group()

    def client(self, service: str, region: str = "us-east-1") -> Any:
        return self._stack.enter_context(closing(self.simulation.client(service, region)))

    def _launch(self) -> None:
        iam = self.client("iam")
        iam.create_role(RoleName="app", AssumeRolePolicyDocument="{}")
        iam.create_instance_profile(InstanceProfileName="app-profile")
        iam.add_role_to_instance_profile(InstanceProfileName="app-profile", RoleName="app")
        self.ids["image"] = "ami-03cf127a"  # one that the simulation knows
        self.ids["subnet"], self.ids["other_subnet"] = (
            row["SubnetId"] for row in self.ec2.describe_subnets()["Subnets"][:2]
        )
        tags = [{"Key": "QUALYS_SNAPSHOT_ENABLED", "Value": "True"}, {"Key": "Name", "Value": "shop"}]
        self.ids["shop"] = self._instance(
            IamInstanceProfile={"Name": "app-profile"},
            MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 2},
            TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
            Monitoring={"Enabled": True},
            EbsOptimized=True,
        )
        self.ids["idle"] = self._instance()
        self.ec2.stop_instances(InstanceIds=[self.ids["idle"]])

    def _instance(self, **more: Any) -> str:
        answer = self.ec2.run_instances(
            ImageId=self.ids["image"],
            InstanceType="t3.micro",
            MinCount=1,
            MaxCount=1,
            SubnetId=self.ids["subnet"],
            **more,
        )
        return str(answer["Instances"][0]["InstanceId"])

    def _copy(self) -> None:
        volume = self.ec2.create_volume(
            Size=10, AvailabilityZone="us-east-1a", Encrypted=True, VolumeType="gp3", Iops=3000
        )
        self.ids["volume"] = volume["VolumeId"]
        for name in ("private", "public"):
            self.ids[name] = self.ec2.create_snapshot(VolumeId=self.ids["volume"])["SnapshotId"]
        self.ec2.modify_snapshot_attribute(
            SnapshotId=self.ids["public"],
            Attribute="createVolumePermission",
            OperationType="add",
            GroupNames=["all"],
        )
        self.ids["gold"] = self.ec2.create_image(InstanceId=self.ids["shop"], Name="gold")["ImageId"]
        self.ec2.modify_image_attribute(ImageId=self.ids["gold"], LaunchPermission={"Add": [{"Group": "all"}]})
        self.ids["key"] = self.ec2.create_key_pair(KeyName="ops", KeyType="ed25519")["KeyPairId"]

    def _group(self) -> None:
        self.ids["web"] = self.ec2.create_security_group(GroupName="web", Description="web")["GroupId"]
        data = {"ImageId": self.ids["image"], "InstanceType": "t3.micro", "UserData": "c2VjcmV0"}
        named = self.ec2.create_launch_template(
            LaunchTemplateName="web",
            LaunchTemplateData={
                **data,
                "MetadataOptions": {"HttpTokens": "required"},
                "NetworkInterfaces": [
                    {"DeviceIndex": 0, "AssociatePublicIpAddress": True, "Groups": [self.ids["web"]]}
                ],
                "SecurityGroupIds": [self.ids["web"]],
            },
        )["LaunchTemplate"]
        self.ids["template"] = named["LaunchTemplateId"]
        self.ec2.create_launch_template_version(LaunchTemplateId=self.ids["template"], LaunchTemplateData=data)
        scaling = self.client("autoscaling")
        scaling.create_launch_configuration(
            LaunchConfigurationName="old-web", ImageId=self.ids["image"], InstanceType="t3.micro", UserData="secret"
        )
        scaling.create_auto_scaling_group(
            AutoScalingGroupName="web",
            LaunchTemplate={"LaunchTemplateId": self.ids["template"]},
            MinSize=1,
            MaxSize=2,
            VPCZoneIdentifier=f"{self.ids['subnet']},{self.ids['other_subnet']}",
            Tags=[{"Key": "team", "Value": "blue", "PropagateAtLaunch": True}],
        )


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with start(in_process=True) as simulation, ExitStack() as stack:
        yield World(simulation, stack)


def test_a_region_says_how_it_is_set(world: World) -> None:
    ec2 = world.client("ec2", "eu-west-1")
    ec2.enable_ebs_encryption_by_default()
    ec2.enable_snapshot_block_public_access(State="block-all-sharing")
    ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
    ec2.enable_serial_console_access()
    ec2.modify_instance_metadata_defaults(HttpTokens="required", HttpPutResponseHopLimit=1)
    ec2.modify_ebs_default_kms_key_id(KmsKeyId="arn:aws:kms:eu-west-1:123456789012:key/own")
    assert read(world.simulation, "AWS_REGION", "eu-west-1")["eu-west-1"].document == {
        "regionName": "eu-west-1",
        "optInStatus": "opt-in-not-required",
        "ebsEncryptionByDefault": True,
        "ebsDefaultKmsKeyId": "arn:aws:kms:eu-west-1:123456789012:key/own",
        "serialConsoleAccessEnabled": True,
        "snapshotBlockPublicAccessState": "block-all-sharing",
        "imageBlockPublicAccessState": "block-new-sharing",
        "instanceMetadataDefaults": {"httpTokens": "required", "httpPutResponseHopLimit": 1},
        "vpcBlockPublicAccessOptions": {
            "awsAccountId": ACCOUNT,
            "awsRegion": "eu-west-1",
            "state": "default-state",
            "internetGatewayBlockMode": "off",
        },
    }


def test_a_new_region_is_open(world: World) -> None:
    document = read(world.simulation, "AWS_REGION")["us-east-1"].document
    assert document["ebsEncryptionByDefault"] is False
    assert document["snapshotBlockPublicAccessState"] == "unblocked"
    assert document["instanceMetadataDefaults"] == {}


def test_a_denied_setting_of_a_region_is_unread_and_the_others_are_not(world: World) -> None:
    world.simulation.disturb(Fault(Disturbance.DENIED, "ec2", "GetEbsEncryptionByDefault"))
    try:
        region = read(world.simulation, "AWS_REGION")["us-east-1"]
    finally:
        world.simulation.disturb()
    assert region.unread == {"ebsEncryptionByDefault": "denied: ec2:GetEbsEncryptionByDefault"}
    assert region.document["serialConsoleAccessEnabled"] is False


def test_a_region_that_cannot_be_asked_is_no_resource(world: World) -> None:
    world.simulation.disturb(Fault(Disturbance.DENIED, "ec2", "DescribeRegions"))
    try:
        found = collect(world.simulation, "AWS_REGION")
    finally:
        world.simulation.disturb()
    assert (found.report.outcome, found.report.permission) == (Outcome.DENIED, "ec2:DescribeRegions")
    assert not found.resources


def test_an_instance_is_what_the_api_shows(world: World) -> None:
    shop = read(world.simulation, "EC2_INSTANCE")[world.ids["shop"]]
    document = shop.document
    assert (shop.name, shop.arn) == ("shop", f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/{world.ids['shop']}")
    assert shop.tags == (Tag("Name", "shop"), Tag("QUALYS_SNAPSHOT_ENABLED", "True"))
    assert set(EC2_INSTANCE.wire) <= set(document)
    assert document["instanceState"] == "running"
    assert document["isSnapshotScanEnabled"] is True
    assert document["subnetId"] == world.ids["subnet"]
    assert document["launchTime"].endswith("Z")
    assert document["metadataOptions"]["httpTokens"] == "required"
    assert document["monitoring"] == {"state": "enabled"}
    assert document["ebsOptimized"] is True
    assert document["iamInstanceProfile"]["name"] == "app-profile"
    assert document["iamInstanceProfileRoleDetails"] == {
        "profileName": "app-profile",
        "profileArn": f"arn:aws:iam::{ACCOUNT}:instance-profile/app-profile",
        "roleArn": f"arn:aws:iam::{ACCOUNT}:role/app",
        "roleName": "app",
    }
    assert document["iamRoleArn"] == f"arn:aws:iam::{ACCOUNT}:role/app"
    assert document["securityGroupIds"] == [row["groupId"] for row in document["securityGroups"]]
    assert [mapping["deviceName"] for mapping in document["blockDeviceMappings"]] == [document["rootDeviceName"]]
    assert document["events"] == []
    assert document["vulnerabilities"] is None
    assert document["sev3Sev4Sev5VulnCount"] == 0


def test_an_interface_of_an_instance_has_exactly_the_keys_of_the_api(world: World) -> None:
    (interface,) = read(world.simulation, "EC2_INSTANCE")[world.ids["shop"]].document["networkInterfaceAddresses"]
    assert list(interface) == [
        *("networkInterfaceId", "subnetId", "ipv6Ip", "secondaryPrivateIp", "description", "groups"),
        *("privateDnsName", "publicIp", "privateIpAddress"),
    ]
    assert [set(group) for group in interface["groups"]] == [{"groupName", "groupId"}]


def test_a_stopped_instance_knows_since_when(world: World) -> None:
    idle = read(world.simulation, "EC2_INSTANCE")[world.ids["idle"]]
    assert idle.document["instanceState"] == "stopped"
    assert datetime.fromisoformat(idle.document["stoppedOn"]) <= datetime.now(UTC)
    assert idle.document["iamInstanceProfile"] is None
    assert idle.document["iamInstanceProfileRoleDetails"] is None
    assert idle.name == world.ids["idle"]


def test_instances_cost_three_calls_however_many_there_are(world: World) -> None:
    assert collect(world.simulation, "EC2_INSTANCE").report.calls == 3


def _sample(**more: Any) -> dict[str, Any]:
    return {
        "InstanceId": "i-1",
        "State": {"Name": "running"},
        "LaunchTime": LAUNCHED,
        "Placement": {"AvailabilityZone": "us-east-1b", "Tenancy": "default"},
        **more,
    }


def _shaped(**more: Any) -> dict[str, Any]:
    return compute.COLLECTORS[1].shape(_sample(**more), PLACE).document


def test_elastic_addresses_are_told_from_lent_ones() -> None:
    def with_owner(owner: str) -> dict[str, Any]:
        association = {"PublicIp": "198.51.100.7", "IpOwnerId": owner}
        return _shaped(PublicIpAddress="198.51.100.7", NetworkInterfaces=[{"Association": association}])

    assert with_owner("amazon")["elasticIpAddress"] is None
    assert with_owner(ACCOUNT)["elasticIpAddress"] == "198.51.100.7"
    assert with_owner("amazon")["publicIpAddress"] == "198.51.100.7"


def test_second_interfaces_count() -> None:
    document = _shaped(
        SecurityGroups=[{"GroupId": "sg-1", "GroupName": "web"}],
        NetworkInterfaces=[
            {"Groups": [{"GroupId": "sg-1", "GroupName": "web"}]},
            {
                "Groups": [{"GroupId": "sg-2", "GroupName": "db"}],
                "PrivateIpAddresses": [
                    {"PrivateIpAddress": "10.0.0.4", "Primary": True},
                    {"PrivateIpAddress": "10.0.0.5", "Primary": False},
                ],
                "Ipv6Addresses": [{"Ipv6Address": "2600:1::7"}],
            },
        ],
    )
    assert document["securityGroups"] == [{"groupName": "web", "groupId": "sg-1"}]
    assert document["securityGroupIds"] == ["sg-1", "sg-2"]
    assert document["secondaryPrivateIpAddress"] == "10.0.0.5"
    assert document["networkInterfaceAddresses"][1]["secondaryPrivateIp"] == ["10.0.0.5"]
    assert document["networkInterfaceAddresses"][1]["ipv6Ip"] == ["2600:1::7"]


@pytest.mark.parametrize(
    ("state", "reason", "since"),
    [
        ("stopped", "User initiated (2025-05-01 10:00:00 GMT)", "2025-05-01T10:00:00Z"),
        ("stopped", "Client.InstanceInitiatedShutdown: Instance initiated shutdown", None),
        ("stopped", "", None),
        ("running", "User initiated (2025-05-01 10:00:00 GMT)", None),
    ],
)
def test_since_when_an_instance_is_stopped(state: str, reason: str, since: str | None) -> None:
    assert _shaped(State={"Name": state}, StateTransitionReason=reason)["stoppedOn"] == since


@pytest.mark.parametrize(("value", "scans"), [("true", True), ("TRUE", True), ("false", False), ("", False)])
def test_snapshot_scans_are_asked_for_by_tag(*, value: str, scans: bool) -> None:
    tags = [{"Key": "QUALYS_SNAPSHOT_ENABLED", "Value": value}]
    assert _shaped(Tags=tags)["isSnapshotScanEnabled"] is scans
    assert _shaped()["isSnapshotScanEnabled"] is False


def test_a_volume(world: World) -> None:
    volumes = read(world.simulation, "EBS")
    volume = volumes[world.ids["volume"]]
    assert volume.arn == f"arn:aws:ec2:us-east-1:{ACCOUNT}:volume/{world.ids['volume']}"
    assert (volume.document["size"], volume.document["iops"], volume.document["encrypted"]) == ("10", 3000, True)
    assert volume.document["attachments"] == []
    attached = [row for one in volumes.values() for row in one.document["attachments"]]
    assert {world.ids["shop"], world.ids["idle"]} <= {row["instanceId"] for row in attached}


def test_public_snapshots_are_found_with_one_more_call(world: World) -> None:
    found = collect(world.simulation, "EBS_SNAPSHOT")
    public = {one.resource_id: one.document["isPublic"] for one in found.resources}
    assert public[world.ids["public"]] is True
    assert public[world.ids["private"]] is False
    assert found.report.calls == 2
    assert {one.document["ownerId"] for one in found.resources} == {ACCOUNT}


def test_an_image(world: World) -> None:
    (gold,) = read(world.simulation, "AMI").values()
    assert (gold.resource_id, gold.name) == (world.ids["gold"], "gold")
    assert gold.document["public"] is True
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", gold.document["creationDate"])
    assert gold.document["blockDeviceMappings"][0]["ebs"]["snapshotId"].startswith("snap-")


def test_a_key_pair(world: World) -> None:
    pair = read(world.simulation, "KEY_PAIR")[world.ids["key"]]
    assert (pair.name, pair.document["keyName"]) == ("ops", "ops")


def test_an_auto_scaling_group(world: World) -> None:
    group = read(world.simulation, "AUTO_SCALING_GROUP")["web"]
    document = group.document
    assert group.arn == document["autoScalingGroupARN"]
    assert group.tags == (Tag("team", "blue"),)
    assert document["subnetIds"] == [world.ids["subnet"], world.ids["other_subnet"]]
    assert [one[:2] for one in document["instances"]] == ["i-"]
    assert document["instanceTypes"] == ["t3.micro"]
    assert document["launchConfigurationName"] is None
    assert document["launchTemplate"]["launchTemplateId"] == world.ids["template"]
    assert (document["loadBalancerNames"], document["targetGroupARNs"]) == ([], [])


def test_a_launch_template_is_its_default_version_without_user_data(world: World) -> None:
    (template,) = read(world.simulation, "LAUNCH_TEMPLATE").values()
    document = template.document
    assert (template.resource_id, template.name) == (world.ids["template"], "web")
    assert (document["defaultVersionNumber"], document["latestVersionNumber"]) == (1, 2)
    assert document["metadataOptions"] == {"httpTokens": "required"}
    assert document["associatePublicIpAddress"] is True
    assert document["securityGroupIds"] == [world.ids["web"]]
    assert document["hasUserData"] is True
    assert "c2VjcmV0" not in str(document)


def test_a_launch_configuration_without_user_data(world: World) -> None:
    document = read(world.simulation, "LAUNCH_CONFIGURATION")["old-web"].document
    assert document["hasUserData"] is True
    assert "secret" not in str(document)
    assert document["metadataOptions"] is None
