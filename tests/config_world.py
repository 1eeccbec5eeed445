"""A simulated account as AWS Config would record it: what the API answers, in the spellings that Config has."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from botocore import xform_name
from botocore.exceptions import ClientError

from fake_aws import FakePace
from fresh_stores import open_fresh
from nephoscope.clouds.aws.engine import open_account
from nephoscope.clouds.exported.config.calls import ROWS
from nephoscope.clouds.exported.config.rows import Row
from nephoscope.connectors.connectors import Connectors
from nephoscope.controls.catalogue import Catalogue
from nephoscope.controls.loading import load_catalogue
from nephoscope.imports.formats import format_named
from nephoscope.imports.importing import ImportDraft, Imported, Importing
from nephoscope.jobs import scan, sweep
from nephoscope.kit.clock import system_clock
from nephoscope.kit.pages import PageRequest
from nephoscope.model.connectors import AwsAccess, Connector
from nephoscope.model.evaluations import Status
from nephoscope.model.providers import Provider
from nephoscope.simulation.aws import ACCOUNT_ID, REGIONS, Simulation
from nephoscope.store import connectors
from nephoscope.store.evaluating import evaluation_pages
from nephoscope.store.session import Reader

Raw = dict[str, Any]
Verdicts = Mapping[tuple[str, int], Status]
_GLOBAL = frozenset({"iam", "s3", "cloudfront"})


def swept(simulation: Simulation) -> Verdicts:
    """What a scan of the account decides, by region and id, and cid."""
    access = AwsAccess(endpoint_url=simulation.endpoint_url, regions=REGIONS)
    made = Connector(
        uuid=uuid4(),
        provider=Provider.AWS,
        account_id=ACCOUNT_ID,
        name="production",
        created_on=system_clock(),
        access=access,
    )
    shipped = load_catalogue()
    wanted = Catalogue([row for row in shipped.controls.values() if row.provider is Provider.AWS], shipped.policies)
    with closing(open_fresh()) as store:
        with store.write() as writer:
            connector = connectors.create(writer, made)
        prepared = sweep.prepare(store, wanted, system_clock, connector, with_wire=False)
        with closing(open_account(access, pace=FakePace().pace)) as account:
            scan.run(prepared, account)
        with store.read() as reader:
            return verdicts(reader, connector.key)


def verdicts(reader: Reader, connector_key: int) -> Verdicts:
    rows = evaluation_pages.page(reader, connector_key, None, (), PageRequest(0, 100_000)).rows
    return {(f"{row.resource.region} {row.resource.resource_id}", row.cid): row.status for row in rows}


def imported(items: list[Raw], file: Path) -> tuple[Imported, Verdicts]:
    """A snapshot, imported and judged."""
    file.write_text(json.dumps({"fileVersion": "1.0", "configurationItems": items}))
    with closing(open_fresh()) as store:
        room = Importing(store, system_clock, load_catalogue(), Connectors(store, system_clock))
        (done,) = room.run(ImportDraft(format_named("aws-config"), (file,), None))
        with store.read() as reader:
            connector = connectors.find_by_account(reader, Provider.AWS, ACCOUNT_ID)
            assert connector is not None
            return done, verdicts(reader, connector.key)


def recorded(simulation: Simulation) -> list[Raw]:
    """A snapshot of everything in the account that Config records."""
    return [
        *(item for row in ROWS for item in _listed(simulation, row)),
        *_buckets(simulation),
        *_tables(simulation),
        *_messages(simulation),
        *_listeners(simulation),
    ]


# ---- spellings


def first_small(name: str) -> str:
    """`DBInstanceArn` → `dBInstanceArn`."""
    return name[:1].lower() + name[1:]


def head_small(name: str) -> str:
    """`DBClusterArn` → `dbclusterArn`."""
    capitals = len(name) - len(name.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    return name[:capitals].lower() + name[capitals:]


def respelled(value: Any, spell: Callable[[str], str]) -> Any:
    """All the way down, with times as texts."""
    if isinstance(value, dict):
        return {spell(key): respelled(inner, spell) for key, inner in value.items()}
    if isinstance(value, list):
        return [respelled(inner, spell) for inner in value]
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def item(kind: str, name: str, arn: str, configuration: Raw, region: str, **more: Any) -> Raw:
    return {
        "awsAccountId": ACCOUNT_ID,
        "awsRegion": region,
        "resourceType": kind,
        "resourceId": name,
        "resourceName": name,
        "ARN": arn,
        "configurationItemStatus": "OK",
        "tags": {},
        "configuration": configuration,
        **more,
    }


# ---- listings that a configuration repeats

_REPEATED = {
    *("EC2_INSTANCE", "EBS", "VPC", "VPC_SECURITY_GROUP", "NETWORK_ACL", "SUBNET", "ROUTE_TABLE", "INTERNET_GATEWAY"),
    *("NETWORK_INTERFACE", "FLOW_LOG", "ELASTIC_IP", "NAT_GATEWAY", "VPC_ENDPOINT", "VPC_PEERING", "VPN_CONNECTION"),
    *("AUTO_SCALING_GROUP", "LAUNCH_CONFIGURATION", "IAM_USER", "IAM_GROUP", "IAM_ROLE", "IAM_POLICY", "CLOUDTRAIL"),
    *("KMS_KEY", "RDS", "RDS_CLUSTER", "RDS_SNAPSHOT", "REDSHIFT_CLUSTER", "LAMBDA", "API_GATEWAY", "LOAD_BALANCER"),
    *("CLOUDWATCH_ALARM", "SECRETS_MANAGER_SECRET", "ACM_CERTIFICATE", "VPC_ENDPOINT_SERVICE"),
}


def _listed(simulation: Simulation, row: Row) -> Iterator[Raw]:
    if row.resource_type not in _REPEATED:
        return
    service, operation, path = row.answered
    for region in REGIONS[:1] if service in _GLOBAL else REGIONS:
        with closing(simulation.client(service, region)) as client:
            for raw in _found(client, xform_name(operation), path, row):
                found = _completed(client, row, raw)
                arn = next((str(value) for key, value in raw.items() if key.lower().endswith("arn")), "")
                spell = (
                    head_small if row.resource_type in {"RDS_CLUSTER", "LAMBDA", "CLOUDWATCH_ALARM"} else first_small
                )
                configuration = respelled(found, spell)
                where = "global" if service in _GLOBAL else region
                name = str(next(iter(raw.values())))
                yield item(row.kinds[0], name, arn, configuration, where, **_beside(client, row, raw))


def _found(client: Any, method: str, path: str, row: Row) -> Iterator[Raw]:
    arguments: Raw = {"SnapshotType": "manual"} if row.resource_type == "RDS_SNAPSHOT" else {}
    if method == "get_account_authorization_details" and path == "Policies":
        arguments = {"Filter": ["LocalManagedPolicy"]}
    pages = (
        client.get_paginator(method).paginate(**arguments)
        if client.can_paginate(method)
        else [getattr(client, method)(**arguments)]
    )
    for page in pages:
        yield from _at(page, path.split("."))


def _at(value: Any, names: list[str]) -> Iterable[Raw]:
    if isinstance(value, list):
        return [one for inner in value for one in _at(inner, names)]
    return _at(value.get(names[0], []), names[1:]) if names else [value]


def _completed(client: Any, row: Row, raw: Raw) -> Raw:
    """What Config knows beyond the listing, or writes otherwise."""
    match row.resource_type:
        case "VPC_SECURITY_GROUP":
            for permission in (*raw["IpPermissions"], *raw["IpPermissionsEgress"]):
                permission["Ipv4Ranges"] = permission.pop("IpRanges", [])
                permission["IpRanges"] = [one["CidrIp"] for one in permission["Ipv4Ranges"]]
        case "IAM_USER" | "IAM_ROLE" | "IAM_GROUP" | "IAM_POLICY":
            return dict(_encoded(raw))
        case "KMS_KEY":
            return _key(client, raw["KeyId"])
        case "LAMBDA":
            raw["VpcConfig"] = raw.get("VpcConfig") or None
        case "SECRETS_MANAGER_SECRET":
            names = ("ARN", "Name", "Description", "RotationRules", "RotationLambdaARN")
            return {
                **{name: raw[name] for name in names if name in raw},
                "KMSKeyId": raw.get("KmsKeyId"),
                "Deleted": "DeletedDate" in raw,
                "RotationEnabled": raw.get("RotationEnabled", False),
            }
        case "ACM_CERTIFICATE":
            return dict(client.describe_certificate(CertificateArn=raw["CertificateArn"])["Certificate"])
    return raw


def _key(client: Any, key: str) -> Raw:
    names = [row["AliasName"] for row in client.list_aliases(KeyId=key)["Aliases"]]
    manager = {"KeyManager": "AWS"} if any(name.startswith("alias/aws/") for name in names) else {}
    return {**client.describe_key(KeyId=key)["KeyMetadata"], **manager}


def _encoded(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: quote(json.dumps(inner)) if key.endswith("Document") or key == "Document" else _encoded(inner)
            for key, inner in value.items()
        }
    return [_encoded(inner) for inner in value] if isinstance(value, list) else value


def _beside(client: Any, row: Row, raw: Raw) -> Raw:
    parts: Raw
    match row.resource_type:
        case "KMS_KEY":
            key = client.describe_key(KeyId=raw["KeyId"])["KeyMetadata"]
            parts = {"Policy": json.dumps(client.get_key_policy(KeyId=raw["KeyId"], PolicyName="default")["Policy"])}
            if key.get("KeySpec", "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT" and key["KeyState"] == "Enabled":
                status = client.get_key_rotation_status(KeyId=raw["KeyId"])["KeyRotationEnabled"]
                parts["KeyRotationStatus"] = "true" if status else "false"
        case "RDS_SNAPSHOT":
            name = raw["DBSnapshotIdentifier"]
            answer = client.describe_db_snapshot_attributes(DBSnapshotIdentifier=name)["DBSnapshotAttributesResult"]
            parts = {"DBSnapshotAttributes": respelled(answer["DBSnapshotAttributes"], first_small)}
        case "REDSHIFT_CLUSTER":
            answer = client.describe_logging_status(ClusterIdentifier=raw["ClusterIdentifier"])
            parts = {"LoggingStatus": {"loggingEnabled": answer.get("LoggingEnabled", False)}}
        case _:
            return {}
    return {"supplementaryConfiguration": parts}


# ---- what is made of several answers

_ABBREVIATED = {
    "FULL_CONTROL": "FullControl",
    "READ": "Read",
    "WRITE": "Write",
    "READ_ACP": "ReadAcp",
    "WRITE_ACP": "WriteAcp",
}


def _buckets(simulation: Simulation) -> Iterator[Raw]:
    with closing(simulation.client("s3")) as client:
        for row in client.list_buckets()["Buckets"]:
            place = client.get_bucket_location(Bucket=row["Name"]).get("LocationConstraint") or "us-east-1"
            with closing(simulation.client("s3", place)) as near:
                beside = dict(_parts(near, row["Name"]))
            arn, configuration = f"arn:aws:s3:::{row['Name']}", respelled(row, first_small)
            yield item("AWS::S3::Bucket", row["Name"], arn, configuration, place, supplementaryConfiguration=beside)


def _parts(client: Any, name: str) -> Iterator[tuple[str, Any]]:
    versioning = client.get_bucket_versioning(Bucket=name)
    status, mfa = versioning.get("Status", "Off"), versioning.get("MFADelete")
    told = {"status": status, "isMfaDeleteEnabled": None if mfa is None else mfa == "Enabled"}
    yield "BucketVersioningConfiguration", json.dumps(told)
    target = client.get_bucket_logging(Bucket=name).get("LoggingEnabled") or {}
    told = {"destinationBucketName": target.get("TargetBucket"), "logFilePrefix": target.get("TargetPrefix")}
    yield "BucketLoggingConfiguration", told
    acl = client.get_bucket_acl(Bucket=name)
    grants = [
        {"grantee": _grantee(row["Grantee"]), "permission": _ABBREVIATED[row["Permission"]]} for row in acl["Grants"]
    ]
    owner = {"id": acl["Owner"]["ID"], "displayName": acl["Owner"].get("DisplayName")}
    yield "AccessControlList", json.dumps(json.dumps({"grantSet": None, "grantList": grants, "owner": owner}))
    yield "BucketPolicy", {"policyText": (_or_none(client.get_bucket_policy, name) or {}).get("Policy")}
    for part, method in (
        ("PublicAccessBlockConfiguration", client.get_public_access_block),
        ("ServerSideEncryptionConfiguration", client.get_bucket_encryption),
        ("ObjectLockConfiguration", client.get_object_lock_configuration),
    ):
        found = _or_none(method, name)
        if found:
            yield part, respelled(found[part], first_small)
    rules = _or_none(client.get_bucket_lifecycle_configuration, name)
    if rules:
        yield "BucketLifecycleConfiguration", {"rules": respelled(rules["Rules"], first_small)}


def _grantee(row: Raw) -> Any:
    return row["URI"].rpartition("/")[2] if "URI" in row else {"id": row["ID"]}


def _or_none(method: Callable[..., Raw], name: str) -> Raw | None:
    try:
        return method(Bucket=name)
    except ClientError:
        return None


def _tables(simulation: Simulation) -> Iterator[Raw]:
    for region in REGIONS:
        with closing(simulation.client("dynamodb", region)) as client:
            for name in client.list_tables()["TableNames"]:
                table = client.describe_table(TableName=name)["Table"]
                backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
                beside = {"ContinuousBackupsDescription": respelled(backups, first_small)}
                yield item(
                    "AWS::DynamoDB::Table",
                    name,
                    table["TableArn"],
                    respelled(table, head_small),
                    region,
                    supplementaryConfiguration=beside,
                )


def _messages(simulation: Simulation) -> Iterator[Raw]:
    for region in REGIONS:
        with closing(simulation.client("sns", region)) as client:
            for topic in client.list_topics()["Topics"]:
                arn = topic["TopicArn"]
                yield item("AWS::SNS::Topic", arn, arn, client.get_topic_attributes(TopicArn=arn)["Attributes"], region)
        with closing(simulation.client("sqs", region)) as client:
            for url in client.list_queues().get("QueueUrls", ()):
                found = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
                yield item("AWS::SQS::Queue", url, found["QueueArn"], {**found, "QueueUrl": url}, region)


def _listeners(simulation: Simulation) -> Iterator[Raw]:
    for region in REGIONS:
        with closing(simulation.client("elbv2", region)) as client:
            for balancer in client.describe_load_balancers()["LoadBalancers"]:
                for row in client.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]:
                    arn = row["ListenerArn"]
                    yield item("AWS::ElasticLoadBalancingV2::Listener", arn, arn, row, region)
