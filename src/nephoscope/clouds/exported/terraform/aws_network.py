"""What Terraform tells of networks, machines and their disks in AWS."""

from collections.abc import Callable, Mapping
from typing import Any

from nephoscope.clouds.aws.collectors.permission_rows import ports_open_to_all, security_group_rows
from nephoscope.clouds.exported.terraform.aws_known import known
from nephoscope.clouds.exported.terraform.blocks import (
    Block,
    Read,
    State,
    fixed,
    listed,
    said,
    within,
)
from nephoscope.clouds.exported.terraform.rows import Row


def _rules(direction: str) -> Callable[[Block, State], list[dict[str, Any]]]:
    """Of the group itself, and of rules that are resources of their own. A group without an id is yet to be made: whose
    the other rules of the plan are is not known."""
    rule = f"aws_vpc_security_group_{direction}_rule"

    def read(block: Block, state: State) -> list[dict[str, Any]]:
        group = str(block.get("id") or "")
        if not group and state.kinds & {"aws_security_group_rule", rule}:
            raise LookupError(group)
        beside = state.of("aws_security_group_rule", "security_group_id", group)
        written = [*block[direction], *(row for row in beside if row["type"] == direction)]
        single = state.of(rule, "security_group_id", group)
        rows = security_group_rows([*(_permission(row, group) for row in written), *(_single(row) for row in single)])
        told = {tuple(sorted((key, str(value)) for key, value in row.items())): row for row in rows}
        return list(told.values())

    return read


def _permission(row: Block, group: str) -> dict[str, Any]:
    described = {"Description": row.get("description") or None}
    groups = [*(row.get("security_groups") or ()), *([group] if row.get("self") else ())]
    groups += [row["source_security_group_id"]] if row.get("source_security_group_id") else []
    return {
        "IpProtocol": str(row["protocol"]),
        "FromPort": row["from_port"],
        "ToPort": row["to_port"],
        "IpRanges": [{"CidrIp": cidr, **described} for cidr in row.get("cidr_blocks") or ()],
        "Ipv6Ranges": [{"CidrIpv6": cidr, **described} for cidr in row.get("ipv6_cidr_blocks") or ()],
        "PrefixListIds": [{"PrefixListId": one, **described} for one in row.get("prefix_list_ids") or ()],
        "UserIdGroupPairs": [{"GroupId": one, **described} for one in groups],
    }


def _single(row: Block) -> dict[str, Any]:
    """A rule with one source."""
    return _permission(
        {
            "protocol": row["ip_protocol"],
            "from_port": row.get("from_port"),
            "to_port": row.get("to_port"),
            "description": row.get("description"),
            "cidr_blocks": [row["cidr_ipv4"]] if row.get("cidr_ipv4") else [],
            "ipv6_cidr_blocks": [row["cidr_ipv6"]] if row.get("cidr_ipv6") else [],
            "prefix_list_ids": [row["prefix_list_id"]] if row.get("prefix_list_id") else [],
            "source_security_group_id": row.get("referenced_security_group_id"),
        },
        "",
    )


_inbound = _rules("ingress")


def _open_ports(block: Block, state: State) -> list[dict[str, Any]]:
    return ports_open_to_all(_inbound(block, state))


_GROUP: Mapping[str, Read] = {
    "groupId": said("id"),
    "groupName": said("name"),
    "description": said("description"),
    "vpcId": said("vpc_id"),
    "ownerId": said("owner_id"),
    "ipPermissionList": _inbound,
    "ipPermissionEgressList": _rules("egress"),
    "portsOpenToAll": _open_ports,
}


def _metadata(found: Block) -> dict[str, Any]:
    return {
        "httpTokens": found["http_tokens"],
        "httpEndpoint": found["http_endpoint"],
        "httpPutResponseHopLimit": found["http_put_response_hop_limit"],
        "instanceMetadataTags": found.get("instance_metadata_tags"),
    }


def _profile(block: Block, _: State) -> dict[str, Any] | None:
    name = block["iam_instance_profile"]
    return {"name": name, "id": None, "arn": None} if name else None


def _monitoring(block: Block, _: State) -> dict[str, str]:
    return {"state": "enabled" if block["monitoring"] else "disabled"}


def _size(block: Block, _: State) -> str:
    return str(block["size"])


ROWS: tuple[Row, ...] = (
    Row(("aws_security_group", "aws_default_security_group"), "VPC_SECURITY_GROUP", known("id", "name"), _GROUP),
    Row(
        ("aws_instance",),
        "EC2_INSTANCE",
        known("id"),
        {
            "instanceId": said("id"),
            "instanceState": said("instance_state"),
            "instanceType": said("instance_type"),
            "imageId": said("ami"),
            "subnetId": said("subnet_id"),
            "availabilityZone": said("availability_zone"),
            "publicIpAddress": said("public_ip"),
            "privateIpAddress": said("private_ip"),
            "publicDnsName": said("public_dns"),
            "privateDnsName": said("private_dns"),
            "keyName": said("key_name"),
            "ebsOptimized": said("ebs_optimized"),
            "sourceDestCheck": said("source_dest_check"),
            "securityGroupIds": listed("vpc_security_group_ids"),
            "monitoring": _monitoring,
            "metadataOptions": within("metadata_options", _metadata),
            "iamInstanceProfile": _profile,
        },
    ),
    Row(
        ("aws_ebs_volume",),
        "EBS",
        known("id"),
        {
            "volumeId": said("id"),
            "volumeType": said("type"),
            "availabilityZone": said("availability_zone"),
            "snapshotId": said("snapshot_id"),
            "size": _size,
            "kmsKeyId": said("kms_key_id"),
            "iops": said("iops"),
            "throughput": said("throughput"),
            "encrypted": said("encrypted"),
            "multiAttachEnabled": said("multi_attach_enabled"),
        },
    ),
    Row(
        ("aws_vpc",),
        "VPC",
        known("id"),
        {
            "vpcId": said("id"),
            "cidrBlock": said("cidr_block"),
            "instanceTenancy": said("instance_tenancy"),
            "ownerId": said("owner_id"),
            "dhcpOptionsId": said("dhcp_options_id"),
            "isDefault": fixed(value=False),
        },
    ),
    Row(
        ("aws_default_vpc",),
        "VPC",
        known("id"),
        {"vpcId": said("id"), "ownerId": said("owner_id"), "isDefault": fixed(value=True)},
    ),
    Row(
        ("aws_subnet", "aws_default_subnet"),
        "SUBNET",
        known("id"),
        {
            "subnetId": said("id"),
            "vpcId": said("vpc_id"),
            "ownerId": said("owner_id"),
            "cidrBlock": said("cidr_block"),
            "availabilityZone": said("availability_zone"),
            "mapPublicIpOnLaunch": said("map_public_ip_on_launch"),
            "assignIpv6AddressOnCreation": said("assign_ipv6_address_on_creation"),
        },
    ),
)
