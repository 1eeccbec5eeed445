"""The same of functions, interfaces, load balancers, containers, messages and what is delivered."""

import json
from typing import Any

from config_samples import FAIL, OPEN, PASS, UNKNOWN, Sample

_ELB = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:"
_APIS = "arn:aws:apigateway:eu-west-1::/"


def _origin(**more: Any) -> dict[str, Any]:
    return {"id": "s3", "domainName": "data.s3.amazonaws.com", "s3OriginConfig": {"originAccessIdentity": ""}, **more}


SERVICES = (
    Sample(
        "AWS::Lambda::Function",
        "worker",
        "arn:aws:lambda:eu-west-1:111122223333:function:worker",
        {
            "functionName": "worker",
            "functionArn": "arn:aws:lambda:eu-west-1:111122223333:function:worker",
            "role": "arn:aws:iam::111122223333:role/app",
            "tracingConfig": {"mode": "PassThrough"},
            "vpcConfig": {"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]},
            "environment": None,
        },
        {30580: FAIL, 30581: UNKNOWN, 30585: UNKNOWN, 30586: FAIL, 30587: FAIL, 30589: PASS},
        {"Policy": json.dumps(json.dumps(OPEN))},
    ),
    Sample(
        "AWS::ApiGateway::RestApi",
        "api1",
        f"{_APIS}restapis/api1",
        {"id": "api1", "name": "orders", "endpointConfiguration": {"types": ["PRIVATE"]}, "policy": json.dumps(OPEN)},
        {30605: FAIL},
    ),
    Sample(
        "AWS::ApiGateway::Stage",
        "prod",
        f"{_APIS}restapis/api1/stages/prod",
        {"stageName": "prod", "tracingEnabled": True, "cacheClusterEnabled": False},
        {30600: FAIL, 30601: UNKNOWN, 30602: FAIL, 30603: PASS},
        resource_id="api1/prod",
    ),
    Sample(
        "AWS::ApiGatewayV2::Stage",
        "live",
        f"{_APIS}apis/api2/stages/live",
        {"stageName": "live", "accessLogSettings": {"destinationArn": "arn:aws:logs:x"}},
        {30600: PASS, 30602: UNKNOWN},
        resource_id="api2/live",
    ),
    Sample(
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "front",
        f"{_ELB}loadbalancer/app/front/1",
        {
            "loadBalancerArn": f"{_ELB}loadbalancer/app/front/1",
            "loadBalancerName": "front",
            "dNSName": "front.example",
            "type": "application",
            "scheme": "internet-facing",
            "availabilityZones": [{"zoneName": "eu-west-1a", "subnetId": "subnet-1"}],
        },
        {30381: FAIL, 30383: PASS, 30386: FAIL, 30390: UNKNOWN},
        {"LoadBalancerAttributes": [{"key": "deletion_protection.enabled", "value": "true"}]},
        resource_id=f"{_ELB}loadbalancer/app/front/1",
    ),
    Sample(
        "AWS::ElasticLoadBalancingV2::Listener",
        "listener",
        f"{_ELB}listener/app/front/1/1",
        {
            "ListenerArn": f"{_ELB}listener/app/front/1/1",
            "LoadBalancerArn": f"{_ELB}loadbalancer/app/front/1",
            "Port": 80,
            "Protocol": "HTTP",
            "DefaultActions": [{"Type": "forward"}],
        },
        {},
    ),
    Sample(
        "AWS::ElasticLoadBalancing::LoadBalancer",
        "classic",
        f"{_ELB}loadbalancer/classic",
        {
            "loadBalancerName": "classic",
            "vpcid": "vpc-1",
            "availabilityZones": ["eu-west-1a", "eu-west-1b"],
            "listenerDescriptions": [{"listener": {"protocol": "HTTP", "loadBalancerPort": 80, "instancePort": 80}}],
        },
        {30386: PASS, 30387: UNKNOWN, 30389: FAIL},
    ),
    Sample(
        "AWS::EKS::Cluster",
        "k8s",
        "arn:aws:eks:eu-west-1:111122223333:cluster/k8s",
        {
            "Name": "k8s",
            "Arn": "arn:aws:eks:eu-west-1:111122223333:cluster/k8s",
            "ResourcesVpcConfig": {
                "EndpointPublicAccess": True,
                "EndpointPrivateAccess": True,
                "PublicAccessCidrs": ["0.0.0.0/0"],
            },
            "Logging": {"ClusterLogging": {"EnabledTypes": [{"Type": "api"}]}},
            "EncryptionConfig": [{"Resources": ["secrets"], "Provider": {"KeyArn": "arn:aws:kms:x"}}],
        },
        {30620: FAIL, 30621: PASS, 30622: FAIL, 30623: PASS, 30625: UNKNOWN},
    ),
    Sample(
        "AWS::EKS::FargateProfile",
        "k8s/batch",
        "arn:aws:eks:eu-west-1:111122223333:fargateprofile/k8s/batch/1",
        {"ClusterName": "k8s", "FargateProfileName": "batch", "Selectors": [{"Namespace": "*"}]},
        {30635: FAIL},
    ),
    Sample(
        "AWS::ECR::Repository",
        "images",
        "arn:aws:ecr:eu-west-1:111122223333:repository/images",
        {
            "RepositoryName": "images",
            "Arn": "arn:aws:ecr:eu-west-1:111122223333:repository/images",
            "ImageScanningConfiguration": {"ScanOnPush": True},
            "ImageTagMutability": "MUTABLE",
            "RepositoryPolicyText": OPEN,
        },
        {30640: PASS, 30641: FAIL, 30642: FAIL, 30643: UNKNOWN, 30644: UNKNOWN},
    ),
    Sample(
        "AWS::ECS::Cluster",
        "apps",
        "arn:aws:ecs:eu-west-1:111122223333:cluster/apps",
        {
            "ClusterName": "apps",
            "Arn": "arn:aws:ecs:eu-west-1:111122223333:cluster/apps",
            "ClusterSettings": [{"Name": "containerInsights", "Value": "enabled"}],
        },
        {30650: PASS},
    ),
    Sample(
        "AWS::ECS::Service",
        "shop",
        "arn:aws:ecs:eu-west-1:111122223333:service/apps/shop",
        {
            "ServiceName": "shop",
            "ServiceArn": "arn:aws:ecs:eu-west-1:111122223333:service/apps/shop",
            "Cluster": "arn:aws:ecs:eu-west-1:111122223333:cluster/apps",
            "LaunchType": "FARGATE",
            "NetworkConfiguration": {"AwsvpcConfiguration": {"AssignPublicIp": "ENABLED", "Subnets": ["subnet-1"]}},
        },
        {30651: FAIL, 30652: UNKNOWN},
        resource_id="apps/shop",
    ),
    Sample(
        "AWS::SNS::Topic",
        "news",
        "arn:aws:sns:eu-west-1:111122223333:news",
        {"TopicArn": "arn:aws:sns:eu-west-1:111122223333:news", "Owner": "111122223333", "Policy": json.dumps(OPEN)},
        {30470: FAIL, 30471: FAIL, 30472: UNKNOWN, 30473: FAIL},
    ),
    Sample(
        "AWS::SQS::Queue",
        "jobs",
        "arn:aws:sqs:eu-west-1:111122223333:jobs",
        {
            "QueueUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs",
            "SqsManagedSseEnabled": "true",
            "VisibilityTimeout": 30,
        },
        {30475: UNKNOWN, 30476: PASS},
    ),
    Sample(
        "AWS::Events::EventBus",
        "bus",
        "arn:aws:events:eu-west-1:111122223333:event-bus/bus",
        {"Name": "bus", "Arn": "arn:aws:events:eu-west-1:111122223333:event-bus/bus", "Policy": OPEN},
        {30479: FAIL},
    ),
    Sample(
        "AWS::CloudWatch::Alarm",
        "alarm",
        "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:alarm",
        {
            "alarmName": "alarm",
            "alarmArn": "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:alarm",
            "actionsEnabled": True,
            "alarmActions": [],
            "okactions": [],
        },
        {30466: FAIL},
    ),
    Sample(
        "AWS::AccessAnalyzer::Analyzer",
        "watch",
        "arn:aws:access-analyzer:eu-west-1:111122223333:analyzer/watch",
        {
            "AnalyzerName": "watch",
            "Arn": "arn:aws:access-analyzer:eu-west-1:111122223333:analyzer/watch",
            "Type": "ACCOUNT",
        },
        {},
    ),
    Sample(
        "AWS::SecretsManager::Secret",
        "db/password",
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db/password-1",
        {
            "ARN": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db/password-1",
            "Name": "db/password",
            "Deleted": False,
            "RotationEnabled": False,
            "KMSKeyId": "arn:aws:kms:eu-west-1:111122223333:key/k-1",
        },
        {30660: FAIL, 30662: UNKNOWN, 30663: UNKNOWN, 30664: PASS},
    ),
    Sample(
        "AWS::ACM::Certificate",
        "cert-1",
        "arn:aws:acm:eu-west-1:111122223333:certificate/cert-1",
        {
            "certificateArn": "arn:aws:acm:eu-west-1:111122223333:certificate/cert-1",
            "domainName": "meridian.example",
            "notAfter": "2021-01-01T00:00:00.000Z",
            "keyAlgorithm": "RSA-2048",
            "inUseBy": [],
            "keyUsages": [{"name": "DIGITAL_SIGNATURE"}],
        },
        {30670: FAIL, 30671: PASS},
    ),
    Sample(
        "AWS::CloudFront::Distribution",
        "E1",
        "arn:aws:cloudfront::111122223333:distribution/E1",
        {
            "id": "E1",
            "domainName": "e1.cloudfront.example",
            "distributionConfig": {
                "enabled": True,
                "defaultCacheBehavior": {"targetOriginId": "s3", "viewerProtocolPolicy": "allow-all"},
                "cacheBehaviors": {"quantity": 0},
                "origins": {"quantity": 1, "items": [_origin()]},
                "viewerCertificate": {"minimumProtocolVersion": "TLSv1.2_2021"},
                "logging": {"enabled": True, "bucket": "logs.s3.amazonaws.com"},
                "webACLId": "",
            },
        },
        {30680: PASS, 30681: FAIL, 30682: PASS, 30683: FAIL, 30684: UNKNOWN},
    ),
    Sample(
        "AWS::SageMaker::NotebookInstance",
        "lab",
        "arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/lab",
        {"NotebookInstanceName": "lab", "DirectInternetAccess": "Enabled", "RootAccess": "Disabled"},
        {30690: FAIL, 30691: FAIL, 30692: PASS, 30693: FAIL, 30694: UNKNOWN},
    ),
    Sample(
        "AWS::S3::AccountPublicAccessBlock",
        "111122223333",
        "",
        {
            "blockPublicAcls": True,
            "ignorePublicAcls": True,
            "blockPublicPolicy": True,
            "restrictPublicBuckets": True,
        },
        {},
    ),
)
