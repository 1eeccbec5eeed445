"""AWS resource types: regions, and what computes in them (instances, their volumes, snapshots, images, groups)."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.fields import (
    DISK,
    DISK_FACTS,
    booleans,
    integers,
    lists,
    maps,
    parts,
    rows,
    strings,
    times,
)
from nephoscope.resource_types.types import ResourceType

_BLOCK_DEVICES = ("deviceName", "ebs", "ebs.encrypted", "ebs.snapshotId", "ebs.volumeId", "ebs.deleteOnTermination")
_INTERFACE = ("networkInterfaceId", "subnetId", "publicIp", "ipv6Ip", "groups", "groups.groupId", "groups.groupName")
_METADATA_OPTIONS = (
    "state",
    "httpTokens",
    "httpEndpoint",
    "httpPutResponseHopLimit",
    "httpProtocolIpv6",
    "instanceMetadataTags",
)

AWS_REGION = ResourceType(
    name="AWS_REGION",
    provider=Provider.AWS,
    service_type="EC2",
    title="AWS Region",
    permissions=("ec2:DescribeRegions",),
    fields=(
        *strings("regionName region.name", "optInStatus", "ebsDefaultKmsKeyId"),
        *booleans("ebsEncryptionByDefault", "serialConsoleAccessEnabled"),
        *strings("snapshotBlockPublicAccessState", "imageBlockPublicAccessState"),
        *parts(
            "instanceMetadataDefaults", "httpTokens", "httpEndpoint", "httpPutResponseHopLimit", "instanceMetadataTags"
        ),
        *parts("vpcBlockPublicAccessOptions", "state", "internetGatewayBlockMode"),
    ),
)

EC2_INSTANCE = ResourceType(
    name="EC2_INSTANCE",
    provider=Provider.AWS,
    service_type="EC2",
    title="EC2 Instance",
    permissions=("ec2:DescribeInstances",),
    aliases=("INSTANCE",),
    fields=(
        *strings("subnetId subnet.id", "availabilityZone availability.zone", "instanceId instance.id"),
        *strings("instanceState instance.state", "instanceStatus", "vpcId vpc.id", "imageId image.id"),
        *strings("instanceType instance.type", "publicIpAddress instance.public.ip", "ipAddress", "publicDnsName"),
        *strings("privateIpAddress instance.private.ip", "privateDnsName", "secondaryPrivateIpAddress"),
        *strings("elasticIpAddress", "spotInstanceRequestId", "keyName", "platform", "platformDetails"),
        *strings("architecture", "virtualizationType", "hypervisor", "bootMode", "rootDeviceName", "rootDeviceType"),
        *strings("instanceLifecycle", "stateTransitionReason", "iamRoleArn"),
        *times("launchTime instance.launch.time", "stoppedOn"),
        *integers("arsScore", "criticalityScore", "sev3Sev4Sev5VulnCount"),
        *booleans("ebsOptimized", "sourceDestCheck", "enaSupport", "isSnapshotScanEnabled"),
        *rows("networkInterfaceAddresses", *_INTERFACE),
        *rows("securityGroups", "groupId", "groupName"),
        *lists("securityGroupIds", "classifications", "vulnerabilities"),
        *rows("events", "code", "description", "notBefore", "notAfter"),
        *rows("blockDeviceMappings", *_BLOCK_DEVICES),
        *parts("iamInstanceProfile", "name", "id", "arn"),
        *parts("iamInstanceProfileRoleDetails", "profileName", "profileArn", "roleArn", "roleName"),
        *parts("metadataOptions", *_METADATA_OPTIONS),
        *parts("monitoring", "state"),
        *parts("placement", "tenancy"),
        *parts("enclaveOptions", "enabled"),
        *parts("maintenanceOptions", "autoRecovery"),
        *maps("vulnerabilityStats"),
        *parts(DISK, *DISK_FACTS),
    ),
    wire=(
        *("subnetId", "arsScore", "availabilityZone", "instanceId", "instanceState", "networkInterfaceAddresses"),
        *("vulnerabilityStats", "vpcId", "events", "iamInstanceProfileRoleDetails", "imageId", "publicIpAddress"),
        *("instanceType", "ipAddress", "publicDnsName", "instanceStatus", "iamInstanceProfile", "privateIpAddress"),
        *("launchTime", "classifications", "spotInstanceRequestId", "elasticIpAddress", "secondaryPrivateIpAddress"),
        *("securityGroups", "privateDnsName", "criticalityScore", "vulnerabilities", "sev3Sev4Sev5VulnCount"),
    ),
)

EBS = ResourceType(
    name="EBS",
    provider=Provider.AWS,
    service_type="EC2",
    title="EBS Volume",
    permissions=("ec2:DescribeVolumes",),
    aliases=("EBS_VOLUME", "VOLUME"),
    fields=(
        *strings("volumeType volume.type", "availabilityZone", "volumeId volume.id", "state volume.state"),
        *strings("snapshotId", "size", "kmsKeyId"),
        *integers("iops", "throughput"),
        *booleans("encrypted volume.encrypted", "multiAttachEnabled"),
        *times("createTime"),
        *rows("attachments", "instanceId", "device", "state", "deleteOnTermination"),
    ),
    wire=(
        *("volumeType", "attachments", "availabilityZone", "volumeId", "iops", "state", "snapshotId", "encrypted"),
        *("size", "createTime", "kmsKeyId"),
    ),
)

EBS_SNAPSHOT = ResourceType(
    name="EBS_SNAPSHOT",
    provider=Provider.AWS,
    service_type="EC2",
    title="EBS Snapshot",
    permissions=("ec2:DescribeSnapshots",),
    aliases=("SNAPSHOT",),
    fields=(
        *strings("snapshotId snapshot.id", "volumeId volume.id", "state", "description", "ownerId", "kmsKeyId"),
        *strings("storageTier", "progress"),
        *integers("volumeSize"),
        *booleans("encrypted", "isPublic"),
        *times("startTime"),
    ),
)

AMI = ResourceType(
    name="AMI",
    provider=Provider.AWS,
    service_type="EC2",
    title="Amazon Machine Image",
    permissions=("ec2:DescribeImages",),
    aliases=("EC2_IMAGE", "IMAGE"),
    fields=(
        *strings("imageId image.id", "imageName", "description", "state", "imageType", "ownerId", "architecture"),
        *strings(
            "platformDetails", "rootDeviceType", "rootDeviceName", "virtualizationType", "bootMode", "imdsSupport"
        ),
        *strings("tpmSupport", "sourceInstanceId"),
        *booleans("public", "enaSupport"),
        *times("creationDate", "deprecationTime"),
        *rows("blockDeviceMappings", *_BLOCK_DEVICES),
    ),
)

KEY_PAIR = ResourceType(
    name="KEY_PAIR",
    provider=Provider.AWS,
    service_type="EC2",
    title="EC2 Key Pair",
    permissions=("ec2:DescribeKeyPairs",),
    fields=(*strings("keyPairId", "keyName", "keyType", "keyFingerprint"), *times("createTime")),
)

AUTO_SCALING_GROUP = ResourceType(
    name="AUTO_SCALING_GROUP",
    provider=Provider.AWS,
    service_type="Auto Scaling",
    title="Auto Scaling Group",
    permissions=("autoscaling:DescribeAutoScalingGroups",),
    aliases=("ASG",),
    fields=(
        *strings("healthCheckType", "autoScalingGroupARN", "launchConfigurationName", "autoScalingGroupName", "status"),
        *lists("instances", "availabilityZones", "loadBalancerNames", "targetGroupARNs", "subnetIds", "instanceTypes"),
        *times("createdTime"),
        *integers("minSize", "maxSize", "desiredCapacity", "healthCheckGracePeriod"),
        *booleans("newInstancesProtectedFromScaleIn", "capacityRebalance"),
        *parts("launchTemplate", "launchTemplateId", "launchTemplateName", "version"),
        *maps("mixedInstancesPolicy"),
    ),
    wire=(
        *("healthCheckType", "instances", "autoScalingGroupARN", "availabilityZones", "launchConfigurationName"),
        *("autoScalingGroupName", "createdTime", "loadBalancerNames"),
    ),
)

_LAUNCH = (
    *strings("imageId", "instanceType", "keyName"),
    *booleans("associatePublicIpAddress", "ebsOptimized", "hasUserData"),
    *rows("blockDeviceMappings", *_BLOCK_DEVICES),
    *parts("metadataOptions", *_METADATA_OPTIONS),
    *lists("securityGroupIds"),
)

LAUNCH_TEMPLATE = ResourceType(
    name="LAUNCH_TEMPLATE",
    provider=Provider.AWS,
    service_type="EC2",
    title="Launch Template",
    permissions=("ec2:DescribeLaunchTemplateVersions",),
    fields=(
        *strings("launchTemplateId", "launchTemplateName", "createdBy", "iamInstanceProfileArn"),
        *integers("defaultVersionNumber", "latestVersionNumber"),
        *times("createTime"),
        *parts("monitoring", "enabled"),
        *_LAUNCH,
    ),
)

LAUNCH_CONFIGURATION = ResourceType(
    name="LAUNCH_CONFIGURATION",
    provider=Provider.AWS,
    service_type="Auto Scaling",
    title="Launch Configuration",
    permissions=("autoscaling:DescribeLaunchConfigurations",),
    fields=(
        *strings("launchConfigurationName", "iamInstanceProfile"),
        *times("createdTime"),
        *parts("instanceMonitoring", "enabled"),
        *_LAUNCH,
    ),
)

TYPES: tuple[ResourceType, ...] = (
    AWS_REGION,
    EC2_INSTANCE,
    EBS,
    EBS_SNAPSHOT,
    AMI,
    KEY_PAIR,
    AUTO_SCALING_GROUP,
    LAUNCH_TEMPLATE,
    LAUNCH_CONFIGURATION,
)
