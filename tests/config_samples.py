"""One configuration item of each kind that is read, in the spelling that AWS Config has for it: what its configuration
and its supplementary configuration say, and what controls make of it. Whom a sample says nothing to is unknown."""

import json
from typing import Any
from urllib.parse import quote

import msgspec

from nephoscope.model.evaluations import Status

PASS, FAIL, UNKNOWN = Status.PASS, Status.FAIL, Status.UNKNOWN
Raw = dict[str, Any]
OPEN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}
ADMIN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


class Sample(msgspec.Struct, frozen=True):
    kind: str
    name: str
    arn: str
    configuration: Raw
    verdicts: dict[int, Status]
    beside: Raw = {}
    resource_id: str = ""
    """Where ours is called otherwise than `name`."""


def _ec2(kind: str, name: str, configuration: Raw, verdicts: dict[int, Status]) -> Sample:
    return Sample(f"AWS::EC2::{kind}", name, f"arn:aws:ec2:eu-west-1:111122223333:x/{name}", configuration, verdicts)


_METADATA = {"httpTokens": "required", "httpEndpoint": "enabled", "httpPutResponseHopLimit": 1}

EC2 = (
    _ec2(
        "Instance",
        "i-1",
        {
            "instanceId": "i-1",
            "instanceType": "t3.micro",
            "state": {"code": 16, "name": "running"},
            "launchTime": "2020-03-19T09:52:17.000Z",
            "metadataOptions": _METADATA,
            "monitoring": {"state": "disabled"},
            "ebsOptimized": True,
            "publicIpAddress": None,
            "networkInterfaces": [{"networkInterfaceId": "eni-1", "groups": [{"groupId": "sg-1", "groupName": "web"}]}],
            "securityGroups": [{"groupId": "sg-1", "groupName": "web"}],
        },
        {322: PASS, 328: PASS, 350: FAIL, 357: PASS, 30210: FAIL, 30213: UNKNOWN, 30214: FAIL, 30217: UNKNOWN},
    ),
    _ec2(
        "Volume",
        "vol-1",
        {"volumeId": "vol-1", "encrypted": False, "size": 8, "attachments": [], "state": {"value": "available"}},
        {286: FAIL, 30240: FAIL},
    ),
    _ec2(
        "VPC",
        "vpc-1",
        {"vpcId": "vpc-1", "isDefault": False, "ownerId": "111122223333", "state": {"value": "available"}},
        {30300: PASS},
    ),
    _ec2(
        "Subnet",
        "subnet-1",
        {"subnetId": "subnet-1", "vpcId": "vpc-1", "mapPublicIpOnLaunch": True},
        {30355: FAIL, 30356: UNKNOWN},
    ),
    _ec2("InternetGateway", "igw-1", {"internetGatewayId": "igw-1", "attachments": []}, {}),
    _ec2(
        "NetworkAcl",
        "acl-1",
        {
            "networkAclId": "acl-1",
            "vpcId": "vpc-1",
            "isDefault": False,
            "associations": [],
            "entries": [
                {
                    "cidrBlock": "0.0.0.0/0",
                    "egress": False,
                    "protocol": "6",
                    "portRange": {"from": 22, "to": 22},
                    "ruleAction": "allow",
                    "ruleNumber": 100,
                }
            ],
        },
        {},
    ),
    _ec2("RouteTable", "rtb-1", {"routeTableId": "rtb-1", "vpcId": "vpc-1", "associations": [], "routes": []}, {}),
    _ec2(
        "NetworkInterface",
        "eni-1",
        {"networkInterfaceId": "eni-1", "status": "available", "sourceDestCheck": True, "groups": []},
        {},
    ),
    _ec2(
        "FlowLog",
        "fl-1",
        {"flowLogId": "fl-1", "resourceId": "vpc-1", "flowLogStatus": "ACTIVE", "deliverLogsStatus": "SUCCESS"},
        {},
    ),
    _ec2("EIP", "eipalloc-1", {"publicIp": "198.51.100.7", "allocationId": "eipalloc-1"}, {}),
    _ec2("NatGateway", "nat-1", {"natGatewayId": "nat-1", "state": "available", "vpcId": "vpc-1"}, {}),
    _ec2("VPCPeeringConnection", "pcx-1", {"vpcPeeringConnectionId": "pcx-1"}, {}),
    _ec2(
        "VPCEndpoint",
        "vpce-1",
        {"vpcEndpointId": "vpce-1", "vpcEndpointType": "Gateway", "policyDocument": json.dumps(OPEN), "groups": []},
        {},
    ),
    _ec2("VPCEndpointService", "vpce-svc-1", {"serviceId": "vpce-svc-1", "acceptanceRequired": False}, {}),
    _ec2(
        "VPNConnection",
        "vpn-1",
        {"vpnConnectionId": "vpn-1", "state": {"value": "available"}, "vgwTelemetry": [{"status": "DOWN"}]},
        {},
    ),
    _ec2("TransitGateway", "tgw-1", {"Id": "tgw-1", "AutoAcceptSharedAttachments": "enable"}, {30377: FAIL}),
    _ec2(
        "LaunchTemplate",
        "lt-1",
        {
            "Id": "lt-1",
            "LaunchTemplateName": "web",
            "DefaultVersionNumber": "1",
            "LatestVersionNumber": "1",
            "LaunchTemplateData": {"MetadataOptions": {"HttpTokens": "required"}},
        },
        {30270: PASS},
    ),
    Sample(
        "AWS::EC2::SecurityGroup",
        "sg-1",
        "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1",
        {
            "groupId": "sg-1",
            "groupName": "web",
            "vpcId": "vpc-1",
            "ipPermissions": [
                {
                    "ipProtocol": "tcp",
                    "fromPort": 22,
                    "toPort": 22,
                    "ipRanges": ["0.0.0.0/0"],
                    "ipv4Ranges": [{"cidrIp": "0.0.0.0/0"}],
                    "ipv6Ranges": [],
                }
            ],
            "ipPermissionsEgress": [],
        },
        {},
    ),
    Sample(
        "AWS::AutoScaling::AutoScalingGroup",
        "asg",
        "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:1:autoScalingGroupName/asg",
        {
            "autoScalingGroupName": "asg",
            "healthCheckType": "EC2",
            "loadBalancerNames": ["lb"],
            "targetGroupARNs": [],
            "availabilityZones": ["eu-west-1a"],
            "launchConfigurationName": "lc",
            "vpczoneIdentifier": "subnet-1",
        },
        {30265: FAIL, 30266: FAIL, 30267: FAIL},
    ),
    Sample(
        "AWS::AutoScaling::LaunchConfiguration",
        "lc",
        "arn:aws:autoscaling:eu-west-1:111122223333:launchConfiguration:1:launchConfigurationName/lc",
        {"launchConfigurationName": "lc", "metadataOptions": {"httpTokens": "optional"}, "userData": ""},
        {},
    ),
)

IDENTITY = (
    Sample(
        "AWS::IAM::User",
        "ana",
        "arn:aws:iam::111122223333:user/ana",
        {
            "userName": "ana",
            "userId": "AIDA1",
            "arn": "arn:aws:iam::111122223333:user/ana",
            "path": "/",
            "createDate": "2024-01-01T08:00:00.000Z",
            "groupList": ["staff"],
            "userPolicyList": [{"policyName": "all", "policyDocument": quote(json.dumps(ADMIN))}],
            "attachedManagedPolicies": [],
        },
        {1: UNKNOWN, 30043: FAIL, 30048: FAIL},
    ),
    Sample(
        "AWS::IAM::Group",
        "staff",
        "arn:aws:iam::111122223333:group/staff",
        {
            "groupName": "staff",
            "arn": "arn:aws:iam::111122223333:group/staff",
            "path": "/",
            "groupPolicyList": [],
            "attachedManagedPolicies": [],
        },
        {30060: PASS, 30061: PASS},
    ),
    Sample(
        "AWS::IAM::Role",
        "app",
        "arn:aws:iam::111122223333:role/app",
        {
            "roleName": "app",
            "arn": "arn:aws:iam::111122223333:role/app",
            "path": "/",
            "createDate": "2020-01-01T08:00:00.000Z",
            "assumeRolePolicyDocument": quote(json.dumps(TRUST)),
            "rolePolicyList": [{"policyName": "all", "policyDocument": quote(json.dumps(ADMIN))}],
            "attachedManagedPolicies": [],
            "instanceProfileList": [],
        },
        {30070: PASS, 30073: FAIL, 30074: FAIL, 30075: UNKNOWN, 30076: PASS, 30078: FAIL},
    ),
    Sample(
        "AWS::IAM::Policy",
        "everything",
        "arn:aws:iam::111122223333:policy/everything",
        {
            "policyName": "everything",
            "arn": "arn:aws:iam::111122223333:policy/everything",
            "attachmentCount": 1,
            "defaultVersionId": "v1",
            "policyVersionList": [
                {"document": quote(json.dumps(ADMIN)), "versionId": "v1", "isDefaultVersion": True, "createDate": 0}
            ],
        },
        {30080: FAIL, 30081: FAIL},
        resource_id="arn:aws:iam::111122223333:policy/everything",
    ),
    Sample(
        "AWS::KMS::Key",
        "k-1",
        "arn:aws:kms:eu-west-1:111122223333:key/k-1",
        {
            "keyId": "k-1",
            "keyState": "Enabled",
            "keyManager": "CUSTOMER",
            "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "origin": "AWS_KMS",
            "enabled": True,
        },
        {30420: PASS, 30421: FAIL, 30422: PASS},
        {"KeyRotationStatus": "true", "Policy": json.dumps(json.dumps(OPEN))},
    ),
    Sample(
        "AWS::CloudTrail::Trail",
        "trail",
        "arn:aws:cloudtrail:eu-west-1:111122223333:trail/trail",
        {
            "name": "trail",
            "homeRegion": "eu-west-1",
            "trailARN": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/trail",
            "logFileValidationEnabled": True,
        },
        {30401: PASS, 30405: FAIL, 30408: UNKNOWN},
    ),
    Sample(
        "AWS::GuardDuty::Detector",
        "d-1",
        "arn:aws:guardduty:eu-west-1:111122223333:detector/d-1",
        {"Id": "d-1", "Enable": True, "FindingPublishingFrequency": "SIX_HOURS"},
        {30461: PASS, 30462: UNKNOWN},
    ),
)

_BUCKET = {
    "AccessControlList": json.dumps(
        json.dumps(
            {"grantSet": None, "grantList": [{"grantee": "AllUsers", "permission": "Read"}], "owner": {"id": "o"}}
        )
    ),
    "BucketPolicy": '{"policyText":null}',
    "BucketVersioningConfiguration": '{"status":"Enabled","isMfaDeleteEnabled":null}',
    "BucketLoggingConfiguration": '{"destinationBucketName":null,"logFilePrefix":null}',
    "ServerSideEncryptionConfiguration": {
        "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyID": "k-1"}}]
    },
}
_RDS = "arn:aws:rds:eu-west-1:111122223333:"

DATA = (
    Sample(
        "AWS::S3::Bucket",
        "meridian-data",
        "arn:aws:s3:::meridian-data",
        {"name": "meridian-data", "creationDate": "2025-01-01T00:00:00.000Z", "owner": {"id": "o"}},
        {45: FAIL, 30100: FAIL, 30105: PASS, 30108: PASS, 30109: FAIL, 30110: UNKNOWN, 30111: PASS, 30113: FAIL},
        _BUCKET,
    ),
    Sample(
        "AWS::RDS::DBInstance",
        "db",
        f"{_RDS}db:db",
        {
            "dBInstanceIdentifier": "db",
            "dBInstanceArn": f"{_RDS}db:db",
            "engine": "postgres",
            "storageEncrypted": True,
            "publiclyAccessible": True,
            "multiAZ": False,
            "backupRetentionPeriod": 7,
            "iAMDatabaseAuthenticationEnabled": False,
            "latestRestorableTime": "2025-01-01T08:30:00.000Z",
        },
        {30480: PASS, 30482: FAIL, 30483: FAIL, 30484: UNKNOWN, 30486: FAIL, 30489: UNKNOWN, 30493: UNKNOWN},
    ),
    Sample(
        "AWS::RDS::DBCluster",
        "cluster",
        f"{_RDS}cluster:cluster",
        {
            "dbclusterIdentifier": "cluster",
            "dbclusterArn": f"{_RDS}cluster:cluster",
            "engine": "aurora-mysql",
            "storageEncrypted": False,
            "deletionProtection": True,
            "iamdatabaseAuthenticationEnabled": True,
        },
        {30500: FAIL, 30501: PASS, 30504: PASS, 30503: UNKNOWN},
    ),
    Sample(
        "AWS::RDS::DBSnapshot",
        "snap",
        f"{_RDS}snapshot:snap",
        {
            "dBSnapshotIdentifier": "snap",
            "dBSnapshotArn": f"{_RDS}snapshot:snap",
            "snapshotType": "manual",
            "encrypted": True,
        },
        {30510: FAIL, 30511: PASS},
        {"DBSnapshotAttributes": [{"attributeName": "restore", "attributeValues": ["all"]}]},
    ),
    Sample(
        "AWS::RDS::DBClusterSnapshot",
        "csnap",
        f"{_RDS}cluster-snapshot:csnap",
        {
            "dbclusterSnapshotIdentifier": "csnap",
            "dbclusterSnapshotArn": f"{_RDS}cluster-snapshot:csnap",
            "snapshotType": "manual",
            "storageEncrypted": False,
        },
        {30512: PASS, 30513: FAIL},
        {"DBClusterSnapshotAttributes": [{"attributeName": "restore", "attributeValues": []}]},
    ),
    Sample(
        "AWS::DynamoDB::Table",
        "orders",
        "arn:aws:dynamodb:eu-west-1:111122223333:table/orders",
        {"tableName": "orders", "ssedescription": {"status": "ENABLED", "ssetype": "KMS"}},
        {30530: PASS, 30531: PASS, 30532: UNKNOWN, 30533: UNKNOWN},
        {
            "ContinuousBackupsDescription": {
                "continuousBackupsStatus": "ENABLED",
                "pointInTimeRecoveryDescription": {"pointInTimeRecoveryStatus": "ENABLED"},
            }
        },
    ),
    Sample(
        "AWS::EFS::FileSystem",
        "fs-1",
        "arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system/fs-1",
        {"FileSystemId": "fs-1", "Encrypted": True, "BackupPolicy": {"Status": "DISABLED"}, "FileSystemPolicy": OPEN},
        {30520: PASS, 30521: FAIL, 30522: FAIL, 30523: FAIL},
    ),
    Sample(
        "AWS::Redshift::Cluster",
        "dwh",
        "arn:aws:redshift:eu-west-1:111122223333:cluster:dwh",
        {"clusterIdentifier": "dwh", "encrypted": True, "publiclyAccessible": True, "enhancedVpcRouting": False},
        {30540: FAIL, 30541: PASS, 30542: PASS, 30543: UNKNOWN, 30544: FAIL, 30545: UNKNOWN},
        {"LoggingStatus": {"loggingEnabled": True}},
    ),
    Sample(
        "AWS::OpenSearch::Domain",
        "search",
        "arn:aws:es:eu-west-1:111122223333:domain/search",
        {
            "DomainName": "search",
            "Arn": "arn:aws:es:eu-west-1:111122223333:domain/search",
            "EncryptionAtRestOptions": {"Enabled": True},
            "AccessPolicies": OPEN,
            "DomainEndpointOptions": {"EnforceHTTPS": True, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-2019-07"},
        },
        {30560: FAIL, 30561: PASS, 30562: UNKNOWN, 30563: PASS, 30565: FAIL},
    ),
    Sample(
        "AWS::Elasticsearch::Domain",
        "old",
        "arn:aws:es:eu-west-1:111122223333:domain/old",
        {
            "domainName": "old",
            "arn": "arn:aws:es:eu-west-1:111122223333:domain/old",
            "elasticsearchVersion": "7.10",
            "nodeToNodeEncryptionOptions": {"enabled": False},
            "vpcoptions": {"vpcid": "vpc-1", "subnetIds": ["subnet-1"]},
        },
        {30560: PASS, 30561: UNKNOWN, 30562: FAIL},
    ),
)
