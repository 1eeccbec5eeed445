"""Instances with and without session tokens, public or not; their disks, snapshots and images; auto scaling groups."""

from typing import Any

import msgspec

from nephoscope.simulation.aws.estate.world import World, stage, team
from nephoscope.simulation.aws.facts import IMAGE


class _Machine(msgspec.Struct, frozen=True):
    """One kind of instance; each is started `scale` times."""

    name: str
    subnet: str
    group: str
    kind: str = "t3.medium"
    tokens: str = "required"
    encrypted: bool = True
    profiled: bool = True
    monitored: bool = False
    optimized: bool = False
    public: bool = False


_MACHINES = (
    _Machine("web-frontend", "core/a", "web-0", public=True, monitored=True),
    _Machine("web-frontend-old", "core/a", "web-0", public=True, tokens="optional", encrypted=False),
    _Machine("api-gateway", "core/b", "app-0", "m5.large", optimized=True, monitored=True),
    _Machine("payments-api", "payments/b", "app-0", "m5.large", optimized=True, monitored=True),
    _Machine("payments-worker", "payments/c", "app-0", "m5.large"),
    _Machine("payments-reconciler", "payments/c", "app-0", tokens="optional", profiled=False),
    _Machine("data-ingest", "core/b", "app-0", "r5.large", optimized=True),
    _Machine("data-notebook", "core/a", "debug-0", "r5.large", tokens="optional", public=True, profiled=False),
    _Machine("bastion", "core/a", "bastion-0", "t3.micro", public=True),
    _Machine("legacy-jump", "core/a", "legacy-ssh-0", "t3.micro", tokens="optional", encrypted=False, public=True),
    _Machine("windows-terminal", "core/a", "legacy-rdp-0", tokens="optional", encrypted=False, public=True),
    _Machine("file-server", "core/b", "files-0", encrypted=False, profiled=False),
    _Machine("build-agent", "core/c", "app-0", "c5.large", tokens="optional"),
    _Machine("mobile-push", "core/c", "app-0"),
)
_VOLUMES = 8
_SNAPSHOTS = 6


def fill(world: World) -> None:
    first = [_start(world, machine) for machine in _MACHINES]
    ec2 = world.client("ec2")
    ec2.stop_instances(InstanceIds=[first[8]])
    volumes = [_volume(world, index) for index in range(_VOLUMES * world.scale)]
    for index in range(_SNAPSHOTS * world.scale):
        _snapshot(world, index, volumes[index % len(volumes)])
    _images(world, first)
    _scaling(world)


def _start(world: World, machine: _Machine) -> str:
    interface: dict[str, Any] = {
        "DeviceIndex": 0,
        "SubnetId": world.ids[f"subnet/{machine.subnet}"],
        "Groups": [world.ids[f"sg/{machine.group}"]],
        "AssociatePublicIpAddress": machine.public,
    }
    disk = {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 20, "VolumeType": "gp3", "Encrypted": machine.encrypted}}
    profile = {"IamInstanceProfile": {"Name": "application"}} if machine.profiled else {}
    started = world.client("ec2").run_instances(
        ImageId=IMAGE,
        MinCount=world.scale,
        MaxCount=world.scale,
        InstanceType=machine.kind,
        NetworkInterfaces=[interface],
        BlockDeviceMappings=[disk],
        MetadataOptions={"HttpTokens": machine.tokens, "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 2},
        Monitoring={"Enabled": machine.monitored},
        EbsOptimized=machine.optimized,
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": machine.name}]}],
        **profile,
    )
    return str(started["Instances"][0]["InstanceId"])


def _volume(world: World, index: int) -> str:
    tags = [{"Key": "Name", "Value": f"{team(index)}-data-{index}"}, {"Key": "stage", "Value": stage(index)}]
    made = world.client("ec2").create_volume(
        AvailabilityZone=f"{world.region}{'abc'[index % 3]}",
        Size=50 + index % 7 * 50,
        VolumeType="gp3" if index % 4 else "io1",
        Encrypted=index % 3 != 1,
        TagSpecifications=[{"ResourceType": "volume", "Tags": tags}],
        **({} if index % 4 else {"Iops": 1000}),
    )
    return str(made["VolumeId"])


def _snapshot(world: World, index: int, volume: str) -> None:
    ec2 = world.client("ec2")
    made = ec2.create_snapshot(VolumeId=volume, Description=f"{team(index)} nightly {index}")
    if index % _SNAPSHOTS == 1:
        ec2.modify_snapshot_attribute(
            SnapshotId=made["SnapshotId"], Attribute="createVolumePermission", OperationType="add", GroupNames=["all"]
        )


def _images(world: World, instances: list[str]) -> None:
    ec2 = world.client("ec2")
    for number, instance in enumerate(instances[:2]):
        image = ec2.create_image(InstanceId=instance, Name=f"golden-{number}", Description="hardened base")["ImageId"]
        if number == 1 and not world.is_home:
            ec2.modify_image_attribute(
                ImageId=image,
                LaunchPermission={"Add": [{"Group": "all"}]},
                OperationType="add",
                Attribute="launchPermission",
            )


def _scaling(world: World) -> None:
    scaling = world.client("autoscaling")
    template = world.client("ec2").create_launch_template(
        LaunchTemplateName="web-frontend",
        LaunchTemplateData={
            "ImageId": IMAGE,
            "InstanceType": "t3.medium",
            "MetadataOptions": {"HttpTokens": "required"},
        },
    )["LaunchTemplate"]["LaunchTemplateId"]
    subnets = f"{world.ids['subnet/core/b']},{world.ids['subnet/core/c']}"
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="web-frontend",
        LaunchTemplate={"LaunchTemplateId": template, "Version": "$Latest"},
        MinSize=0,
        MaxSize=6,
        DesiredCapacity=0,
        HealthCheckType="ELB",
        HealthCheckGracePeriod=120,
        VPCZoneIdentifier=subnets,
    )
    scaling.create_launch_configuration(
        LaunchConfigurationName="batch-2019",
        ImageId=IMAGE,
        InstanceType="m5.large",
        AssociatePublicIpAddress=True,
        MetadataOptions={"HttpTokens": "optional"},
    )
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="batch-2019",
        LaunchConfigurationName="batch-2019",
        MinSize=0,
        MaxSize=2,
        DesiredCapacity=0,
        VPCZoneIdentifier=world.ids["subnet/core/a"],
    )
