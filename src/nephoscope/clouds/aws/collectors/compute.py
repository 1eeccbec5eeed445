"""How AWS resource types are read: regions, instances, volumes, snapshots, images, groups and their templates."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nephoscope.clouds.aws.collecting import Calls, Collector, Detail, Place, Raw, listing
from nephoscope.clouds.aws.collectors.ec2_words import listed, made
from nephoscope.clouds.aws.shaping import camel
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import GLOBAL_REGION
from nephoscope.resource_types.aws import compute as types

_REGION = listed(types.AWS_REGION, without=tuple(field.name for field in types.AWS_REGION.fields[2:]))
_INSTANCE = listed(types.EC2_INSTANCE, without=("events", "iamInstanceProfileRoleDetails", "iamRoleArn"))
_VOLUME = listed(types.EBS)
_SNAPSHOT = listed(types.EBS_SNAPSHOT, without=("isPublic",))
_IMAGE = listed(types.AMI)
_KEY_PAIR = listed(types.KEY_PAIR)
_GROUP = listed(types.AUTO_SCALING_GROUP)
_TEMPLATE = listed(types.LAUNCH_TEMPLATE)
_CONFIGURATION = listed(types.LAUNCH_CONFIGURATION)

# ---- regions


def _fetch_region(calls: Calls) -> Iterable[Raw]:
    """Asked in the region itself, so that a silent region ends its scope instead of looking unset."""
    answer: list[Raw] = calls.call("ec2", "describe_regions", RegionNames=[calls.place.region])["Regions"]
    return answer


def _shape_region(raw: Raw, place: Place) -> Observed:
    return made(_REGION, place, camel(raw), raw["RegionName"], raw={})


def _setting(field: str, operation: str, permission: str, key: str) -> Detail:
    """A setting that a region keeps and one call tells."""

    def read(calls: Calls, _region: Raw) -> Mapping[str, Any]:
        return {field: camel(calls.call("ec2", operation).get(key))}

    return Detail((field,), (f"ec2:{permission}",), read)


_REGION_SETTINGS = (
    _setting(
        "ebsEncryptionByDefault",
        "get_ebs_encryption_by_default",
        "GetEbsEncryptionByDefault",
        "EbsEncryptionByDefault",
    ),
    _setting("ebsDefaultKmsKeyId", "get_ebs_default_kms_key_id", "GetEbsDefaultKmsKeyId", "KmsKeyId"),
    _setting(
        "serialConsoleAccessEnabled",
        "get_serial_console_access_status",
        "GetSerialConsoleAccessStatus",
        "SerialConsoleAccessEnabled",
    ),
    _setting(
        "snapshotBlockPublicAccessState",
        "get_snapshot_block_public_access_state",
        "GetSnapshotBlockPublicAccessState",
        "State",
    ),
    _setting(
        "imageBlockPublicAccessState",
        "get_image_block_public_access_state",
        "GetImageBlockPublicAccessState",
        "ImageBlockPublicAccessState",
    ),
    _setting(
        "instanceMetadataDefaults",
        "get_instance_metadata_defaults",
        "GetInstanceMetadataDefaults",
        "AccountLevel",
    ),
    _setting(
        "vpcBlockPublicAccessOptions",
        "describe_vpc_block_public_access_options",
        "DescribeVpcBlockPublicAccessOptions",
        "VpcBlockPublicAccessOptions",
    ),
)

# ---- instances

_STOPPED = re.compile(r"\((\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) [A-Z]{3}\)")
_SNAPSHOT_SCAN_TAG = "QUALYS_SNAPSHOT_ENABLED"
_AMAZON = "amazon"
"""Owner of a public address that nobody allocated."""


def _shape_instance(raw: Raw, place: Place) -> Observed:
    interfaces = raw.get("NetworkInterfaces", [])
    groups = _groups(raw.get("SecurityGroups") or [group for row in interfaces[:1] for group in row.get("Groups", [])])
    addresses = [address for row in interfaces for address in _secondary(row)]
    stopped = _STOPPED.search(raw.get("StateTransitionReason") or "")
    known = camel(raw) | {
        "instanceState": raw["State"]["Name"],
        "networkInterfaceAddresses": [_interface(row) for row in interfaces],
        "secondaryPrivateIpAddress": ", ".join(addresses) or None,
        "elasticIpAddress": next((ip for row in interfaces if (ip := _elastic(row))), None),
        "securityGroups": groups,
        "securityGroupIds": sorted(
            {row["groupId"] for row in groups}
            | {group["GroupId"] for row in interfaces for group in row.get("Groups", [])}
        ),
        "availabilityZone": raw.get("Placement", {}).get("AvailabilityZone"),
        "iamInstanceProfile": _profile(raw.get("IamInstanceProfile")),
        "stoppedOn": f"{stopped[1]}T{stopped[2]}Z" if stopped and raw["State"]["Name"] == "stopped" else None,
        "isSnapshotScanEnabled": _scans(raw),
        "criticalityScore": 0,
        "sev3Sev4Sev5VulnCount": 0,
    }
    return made(_INSTANCE, place, _blank_to_null(known), raw["InstanceId"], raw=raw, kind="instance")


def _blank_to_null(known: dict[str, Any]) -> dict[str, Any]:
    """AWS writes "no address" as an empty string."""
    names = ("publicDnsName", "privateDnsName", "publicIpAddress", "stateTransitionReason")
    return known | {name: known.get(name) or None for name in names}


def _interface(raw: Raw) -> dict[str, Any]:
    """As the API shows it: exactly these keys."""
    return {
        "networkInterfaceId": raw.get("NetworkInterfaceId"),
        "subnetId": raw.get("SubnetId"),
        "ipv6Ip": [row["Ipv6Address"] for row in raw.get("Ipv6Addresses", [])],
        "secondaryPrivateIp": _secondary(raw),
        "description": raw.get("Description", ""),
        "groups": _groups(raw.get("Groups", [])),
        "privateDnsName": raw.get("PrivateDnsName"),
        "publicIp": raw.get("Association", {}).get("PublicIp"),
        "privateIpAddress": raw.get("PrivateIpAddress"),
    }


def _groups(raw: Iterable[Raw]) -> list[dict[str, Any]]:
    return [{"groupName": row.get("GroupName"), "groupId": row["GroupId"]} for row in raw]


def _secondary(interface: Raw) -> list[str]:
    return [row["PrivateIpAddress"] for row in interface.get("PrivateIpAddresses", []) if not row.get("Primary")]


def _elastic(interface: Raw) -> str | None:
    association = interface.get("Association", {})
    return association.get("PublicIp") if association.get("IpOwnerId", _AMAZON) != _AMAZON else None


def _profile(raw: Raw | None) -> dict[str, Any] | None:
    if not raw:
        return None
    return {"name": str(raw.get("Arn", "")).rpartition("/")[2], "id": raw.get("Id"), "arn": raw.get("Arn")}


def _scans(raw: Raw) -> bool:
    """Whether its owner asked for snapshot scans, by tag."""
    return any(
        tag.get("Key") == _SNAPSHOT_SCAN_TAG and str(tag.get("Value")).lower() == "true" for tag in raw.get("Tags", [])
    )


def _read_events(calls: Calls, instance: Raw) -> Mapping[str, Any]:
    """One call per region: only instances with an event are asked for."""
    codes = ["instance-reboot", "system-reboot", "system-maintenance", "instance-retirement", "instance-stop"]
    rows = calls.shared(
        "ec2",
        "describe_instance_status",
        "InstanceStatuses",
        IncludeAllInstances=True,
        Filters=[{"Name": "event.code", "Values": codes}],
    )
    mine = [row.get("Events", []) for row in rows if row["InstanceId"] == instance["InstanceId"]]
    return {"events": camel([event for events in mine for event in events])}


def _read_role(calls: Calls, instance: Raw) -> Mapping[str, Any]:
    """The role behind the instance profile; one listing of the account for all."""
    profile = instance.get("IamInstanceProfile", {}).get("Arn")
    if profile is None:
        return {"iamInstanceProfileRoleDetails": None, "iamRoleArn": None}
    rows = calls.shared("iam", "list_instance_profiles", "InstanceProfiles", region=GLOBAL_REGION)
    role: Raw = next((role for row in rows if row["Arn"] == profile for role in row.get("Roles", [])), {})
    details = {
        "profileName": profile.rpartition("/")[2],
        "profileArn": profile,
        "roleArn": role.get("Arn"),
        "roleName": role.get("RoleName"),
    }
    return {"iamInstanceProfileRoleDetails": details, "iamRoleArn": role.get("Arn")}


# ---- what instances are made of


def _shape_volume(raw: Raw, place: Place) -> Observed:
    known = camel(raw) | {"size": str(raw["Size"]) if "Size" in raw else None}
    return made(_VOLUME, place, known, raw["VolumeId"], raw=raw, kind="volume")


def _fetch_snapshots(calls: Calls) -> Iterable[Raw]:
    return calls.items("ec2", "describe_snapshots", "Snapshots", **_own(calls))


def _own(calls: Calls) -> dict[str, Any]:
    return {"OwnerIds": ["self"], "Filters": [{"Name": "owner-id", "Values": [calls.place.account_id]}]}


def _read_is_public(calls: Calls, snapshot: Raw) -> Mapping[str, Any]:
    """One call per region lists those that everyone may restore."""
    public = calls.shared("ec2", "describe_snapshots", "Snapshots", RestorableByUserIds=["all"], **_own(calls))
    return {"isPublic": any(row["SnapshotId"] == snapshot["SnapshotId"] for row in public)}


def _shape_snapshot(raw: Raw, place: Place) -> Observed:
    return made(_SNAPSHOT, place, camel(raw), raw["SnapshotId"], raw=raw, kind="snapshot")


def _shape_image(raw: Raw, place: Place) -> Observed:
    known = camel(raw) | {
        "imageName": raw.get("Name"),
        "creationDate": _to_seconds(raw.get("CreationDate")),
        "deprecationTime": _to_seconds(raw.get("DeprecationTime")),
    }
    return made(_IMAGE, place, known, raw["ImageId"], raw=raw, kind="image", name=raw.get("Name", ""))


def _to_seconds(stamp: str | None) -> str | None:
    """Images date themselves in text, with thousandths that our documents leave out."""
    return re.sub(r"\.\d+Z$", "Z", stamp) if stamp else None


def _shape_key_pair(raw: Raw, place: Place) -> Observed:
    return made(_KEY_PAIR, place, camel(raw), raw["KeyPairId"], raw=raw, kind="key-pair", name=raw.get("KeyName", ""))


# ---- groups of instances, and what they are launched from


def _shape_group(raw: Raw, place: Place) -> Observed:
    instances = raw.get("Instances", [])
    known = camel(raw) | {
        "instances": [row["InstanceId"] for row in instances],
        "instanceTypes": sorted({row["InstanceType"] for row in instances if row.get("InstanceType")}),
        "subnetIds": [part for part in (raw.get("VPCZoneIdentifier") or "").split(",") if part],
    }
    name = raw["AutoScalingGroupName"]
    return made(_GROUP, place, known, name, raw=raw, arn_of=raw.get("AutoScalingGroupARN", ""))


def _fetch_templates(calls: Calls) -> Iterator[Raw]:
    """The default version of every template, which also knows the number of the latest: one call for all."""
    found: dict[str, list[Raw]] = {}
    for row in calls.items(
        "ec2", "describe_launch_template_versions", "LaunchTemplateVersions", Versions=["$Latest", "$Default"]
    ):
        found.setdefault(row["LaunchTemplateId"], []).append(row)
    for rows in found.values():
        default = next((row for row in rows if row.get("DefaultVersion")), rows[0])
        yield default | {"Latest": max(row["VersionNumber"] for row in rows)}


def _shape_template(raw: Raw, place: Place) -> Observed:
    """User data stays out: it often holds secrets."""
    data = dict(raw.get("LaunchTemplateData", {}))
    user_data = data.pop("UserData", None)
    interfaces = data.get("NetworkInterfaces", [])
    known = camel(data) | {
        "launchTemplateId": raw["LaunchTemplateId"],
        "launchTemplateName": raw.get("LaunchTemplateName"),
        "createdBy": raw.get("CreatedBy"),
        "createTime": camel(raw.get("CreateTime")),
        "defaultVersionNumber": raw["VersionNumber"],
        "latestVersionNumber": raw["Latest"],
        "hasUserData": bool(user_data),
        "associatePublicIpAddress": _public(interfaces),
        "iamInstanceProfileArn": data.get("IamInstanceProfile", {}).get("Arn"),
        "securityGroupIds": sorted(
            {*data.get("SecurityGroupIds", []), *(one for row in interfaces for one in row.get("Groups", []))}
        ),
    }
    return made(
        _TEMPLATE,
        place,
        known,
        raw["LaunchTemplateId"],
        raw={},
        kind="launch-template",
        name=raw.get("LaunchTemplateName", ""),
    )


def _public(interfaces: Iterable[Raw]) -> bool | None:
    """True when any interface asks for a public address, null when it is left to the subnet."""
    said = [row["AssociatePublicIpAddress"] for row in interfaces if "AssociatePublicIpAddress" in row]
    return any(said) if said else None


def _shape_configuration(raw: Raw, place: Place) -> Observed:
    known = camel({key: value for key, value in raw.items() if key != "UserData"}) | {
        "hasUserData": bool(raw.get("UserData")),
        "securityGroupIds": raw.get("SecurityGroups", []),
    }
    name = raw["LaunchConfigurationName"]
    return made(_CONFIGURATION, place, known, name, raw={}, arn_of=raw.get("LaunchConfigurationARN", ""))


COLLECTORS: tuple[Collector, ...] = (
    Collector("AWS_REGION", _fetch_region, _shape_region, _REGION_SETTINGS),
    Collector(
        "EC2_INSTANCE",
        listing("ec2", "describe_instances", "Reservations[].Instances"),
        _shape_instance,
        (
            Detail(("events",), ("ec2:DescribeInstanceStatus",), _read_events),
            Detail(("iamInstanceProfileRoleDetails", "iamRoleArn"), ("iam:ListInstanceProfiles",), _read_role),
        ),
    ),
    Collector("EBS", listing("ec2", "describe_volumes", "Volumes"), _shape_volume),
    Collector(
        "EBS_SNAPSHOT",
        _fetch_snapshots,
        _shape_snapshot,
        (Detail(("isPublic",), ("ec2:DescribeSnapshots",), _read_is_public),),
    ),
    Collector("AMI", listing("ec2", "describe_images", "Images", Owners=["self"]), _shape_image),
    Collector("KEY_PAIR", listing("ec2", "describe_key_pairs", "KeyPairs"), _shape_key_pair),
    Collector(
        "AUTO_SCALING_GROUP",
        listing("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups"),
        _shape_group,
    ),
    Collector("LAUNCH_TEMPLATE", _fetch_templates, _shape_template),
    Collector(
        "LAUNCH_CONFIGURATION",
        listing("autoscaling", "describe_launch_configurations", "LaunchConfigurations"),
        _shape_configuration,
    ),
)
