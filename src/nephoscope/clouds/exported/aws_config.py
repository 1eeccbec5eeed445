"""What AWS Config delivers: a configuration snapshot. Its items are the answers of AWS's own calls in other spelling,
so the collectors read them; calls that no item answers leave their fields unread."""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from nephoscope.clouds.aws.collecting import Place, Raw
from nephoscope.clouds.aws.collectors import AWS_COLLECTORS
from nephoscope.clouds.doors import Needs
from nephoscope.clouds.exported import files
from nephoscope.clouds.exported.account import ExportFormat, Told, untold
from nephoscope.clouds.exported.spool import Spool
from nephoscope.errors import GoneError
from nephoscope.model.providers import Provider
from nephoscope.model.scopes import GLOBAL_REGION, Scope
from nephoscope.resource_types.table import RESOURCE_TYPES

_LISTINGS: Mapping[tuple[str, str], str] = {
    ("ec2", "describe_instances"): "AWS::EC2::Instance",
    ("ec2", "describe_volumes"): "AWS::EC2::Volume",
    ("ec2", "describe_vpcs"): "AWS::EC2::VPC",
    ("ec2", "describe_security_groups"): "AWS::EC2::SecurityGroup",
    ("ec2", "describe_network_acls"): "AWS::EC2::NetworkAcl",
    ("ec2", "describe_subnets"): "AWS::EC2::Subnet",
    ("ec2", "describe_route_tables"): "AWS::EC2::RouteTable",
    ("ec2", "describe_internet_gateways"): "AWS::EC2::InternetGateway",
    ("ec2", "describe_network_interfaces"): "AWS::EC2::NetworkInterface",
    ("ec2", "describe_flow_logs"): "AWS::EC2::FlowLog",
    ("ec2", "describe_addresses"): "AWS::EC2::EIP",
    ("ec2", "describe_nat_gateways"): "AWS::EC2::NatGateway",
    ("ec2", "describe_vpc_endpoints"): "AWS::EC2::VPCEndpoint",
    ("ec2", "describe_vpc_peering_connections"): "AWS::EC2::VPCPeeringConnection",
    ("rds", "describe_db_instances"): "AWS::RDS::DBInstance",
    ("rds", "describe_db_clusters"): "AWS::RDS::DBCluster",
    ("lambda", "list_functions"): "AWS::Lambda::Function",
    ("s3", "list_buckets"): "AWS::S3::Bucket",
}
"""Listings that items of a snapshot answer, by the kind of the items."""

_SPELLED = {
    "sseAlgorithm": "SSEAlgorithm",
    "kmsMasterKeyID": "KMSMasterKeyID",
    "dBInstanceIdentifier": "DBInstanceIdentifier",
    "cidrBlock": "CidrBlock",
}


class AwsTold:
    """`clouds.aws.collecting.Calls` over items of a snapshot; nothing else was asked."""

    def __init__(self, told: Told, place: Place) -> None:
        self._told = told
        self.place = Place("aws", place.account_id, place.region, place.regions)

    def call(self, service: str, operation: str, /, *, region: str = "", **arguments: Any) -> Raw:
        del region
        answer = _OF_BUCKET.get(operation) if service == "s3" else None
        if answer is None:
            raise untold(f"{service} {operation}")
        bucket = self._buckets.get(str(arguments.get("Bucket")))
        if bucket is None:
            raise GoneError(f"s3 {operation} answered NoSuchBucket")
        return answer(bucket)

    def items(self, service: str, operation: str, path: str, /, *, region: str = "", **arguments: Any) -> Iterable[Raw]:
        kind = _LISTINGS.get((service, operation))
        if kind is None or arguments.keys() - {"MaxBuckets"}:
            raise untold(f"{service} {operation}")
        where = GLOBAL_REGION if kind == "AWS::S3::Bucket" else region or self.place.region
        del path
        return [_raw(item) for item in self._told.next_piece(_kept(kind, where))]

    def shared(self, service: str, operation: str, path: str = "", /, *, region: str = "", **arguments: Any) -> Any:
        del path, region, arguments
        raise untold(f"{service} {operation}")

    @cached_property
    def _buckets(self) -> dict[str, Raw]:
        """Name → what the snapshot says beside the configuration, read as data."""
        return {
            item["resourceName"]: {name: _data(value) for name, value in (item["beside"] or {}).items()}
            for item in self._told.every(_kept("AWS::S3::Bucket", GLOBAL_REGION))
        }


def _policy(bucket: Raw) -> Raw:
    text = (bucket.get("BucketPolicy") or {}).get("policyText")
    if not text:
        raise GoneError("s3 GetBucketPolicy answered NoSuchBucketPolicy")
    return {"Policy": text}


def _block(bucket: Raw) -> Raw:
    found = bucket.get("PublicAccessBlockConfiguration")
    if not found:
        raise GoneError("s3 GetPublicAccessBlock answered NoSuchPublicAccessBlockConfiguration")
    return {"PublicAccessBlockConfiguration": _pascal(found)}


def _encryption(bucket: Raw) -> Raw:
    found = bucket.get("ServerSideEncryptionConfiguration")
    if not found:
        raise GoneError("s3 GetBucketEncryption answered ServerSideEncryptionConfigurationNotFoundError")
    return {"ServerSideEncryptionConfiguration": _pascal(found)}


def _versioning(bucket: Raw) -> Raw:
    found = bucket.get("BucketVersioningConfiguration") or {}
    status = {} if found.get("status") in {None, "Off"} else {"Status": found["status"]}
    return status | (
        {"MFADelete": "Enabled" if found["isMfaDeleteEnabled"] else "Disabled"}
        if found.get("isMfaDeleteEnabled") is not None
        else {}
    )


def _logging(bucket: Raw) -> Raw:
    found = bucket.get("BucketLoggingConfiguration") or {}
    target = found.get("destinationBucketName")
    return (
        {"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": found.get("logFilePrefix") or ""}} if target else {}
    )


_OF_BUCKET: Mapping[str, Callable[[Raw], Raw]] = {
    "get_bucket_policy": _policy,
    "get_public_access_block": _block,
    "get_bucket_encryption": _encryption,
    "get_bucket_versioning": _versioning,
    "get_bucket_logging": _logging,
}


def _read(path: Path, spool: Spool, on_bytes: files.OnBytes) -> None:
    """Items of deleted resources are passed over. BadRequestError at the first that is none."""
    for at, item in files.items(path, ("configurationItems",), on_bytes):
        account = item.get("awsAccountId", item.get("accountId")) if isinstance(item, dict) else None
        if not isinstance(account, str) or not isinstance(item.get("resourceType"), str):
            raise at.wrong("a configuration item has an awsAccountId and a resourceType")
        if str(item.get("configurationItemStatus", "OK")).startswith("ResourceDeleted"):
            continue
        configuration = _data(item.get("configuration"))
        if not isinstance(configuration, dict):
            continue  # recorded without its configuration: a resource that Config does not read
        kind, region = item["resourceType"], item.get("awsRegion") or GLOBAL_REGION
        where = GLOBAL_REGION if kind == "AWS::S3::Bucket" or region == "global" else region
        kept = {
            "resourceName": item.get("resourceName") or item.get("resourceId"),
            "region": region,
            "tags": item.get("tags") or {},
            "configuration": configuration,
            "beside": item.get("supplementaryConfiguration"),
        }
        spool.put(account, _kept(kind, where), kept)


def _plan(needs: Needs, spool: Spool, account: str) -> tuple[Scope, ...]:
    """Regional types in every region that the snapshot names."""
    kinds = [place.kind for place in spool.counts if place.account == account]
    regions = sorted({kind.rpartition(" ")[2] for kind in kinds} - {GLOBAL_REGION})
    return tuple(
        Scope(one.resource_type, region)
        for one in AWS_COLLECTORS
        if one.resource_type in needs
        for region in (regions if RESOURCE_TYPES[one.resource_type].is_regional else (GLOBAL_REGION,))
    )


def _kept(kind: str, region: str) -> str:
    return f"{kind} in {region}"


def _raw(item: Raw) -> Raw:
    """As the call would have answered it. Tags stand beside the configuration."""
    raw: Raw = _pascal(item["configuration"])
    tags = item["tags"]
    if isinstance(tags, dict) and tags and not raw.get("Tags"):
        raw["Tags"] = [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
    if "CreationDate" in raw and "Name" in raw:  # a bucket
        raw["BucketRegion"], raw["Name"] = item["region"], item["resourceName"]
        raw.pop("CreationDate")
    return raw


def _data(value: Any) -> Any:
    """Some deliveries hold JSON as text."""
    if isinstance(value, str) and value[:1] in {"{", "["}:
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _pascal(value: Any) -> Any:
    if isinstance(value, dict):
        return {_SPELLED.get(key, key[:1].upper() + key[1:]): _pascal(inner) for key, inner in value.items()}
    return [_pascal(inner) for inner in value] if isinstance(value, list) else value


AWS_CONFIG = ExportFormat(
    name="aws-config",
    provider=Provider.AWS,
    collectors={one.resource_type: one for one in AWS_COLLECTORS},
    calls=AwsTold,
    plan=_plan,
    read=_read,
)
