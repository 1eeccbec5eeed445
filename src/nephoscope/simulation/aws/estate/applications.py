"""What runs the company: functions, queues, repositories, clusters, load balancers, a distribution, a notebook."""

import io
import zipfile
from typing import Any

from nephoscope.simulation.aws.estate.world import (
    PARTNER_ACCOUNT,
    World,
    label,
    log_bucket,
    policy,
    role_arn,
    stage,
    statement,
    team,
)

FUNCTIONS = 5
QUEUES = 3
REPOSITORIES = 4
BALANCERS = 3

_RUNTIMES = ("python3.12", "nodejs20.x", "python3.7", "java21", "nodejs12.x")


def fill(world: World) -> None:
    code = _code()
    for index in range(FUNCTIONS * world.scale):
        _function(world, index, code)
    for index in range(QUEUES * world.scale):
        _queue(world, index)
    for index in range(REPOSITORIES * world.scale):
        _repository(world, index)
    _kubernetes(world)
    if world.is_home:
        _distributions(world)
        _notebook(world)


def fill_balancers(world: World) -> None:
    """After the network is there, and alone with it."""
    for index in range(BALANCERS * world.scale):
        _balancer(world, index)
    _classic_balancer(world)


def _code() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("handler.py"), "def handle(event, context):\n    return event\n")
    return out.getvalue()


def _function(world: World, index: int, code: bytes) -> None:
    functions = world.client("lambda")
    name = f"{team(index)}-function-{index}"
    inside = {"SubnetIds": [world.ids["subnet/payments/b"]], "SecurityGroupIds": [world.ids["sg/app-0"]]}
    functions.create_function(
        FunctionName=name,
        Runtime=_RUNTIMES[index % len(_RUNTIMES)],
        Role=role_arn("web-service-001"),
        Handler="handler.handle",
        Code={"ZipFile": code},
        Environment={"Variables": {"STAGE": stage(index)}},
        TracingConfig={"Mode": "Active" if index % 2 else "PassThrough"},
        Tags={"team": team(index)},
        **({"VpcConfig": inside} if index % 3 == 0 else {}),
        **({"KMSKeyArn": world.ids["key/0"]} if index % 3 == 1 else {}),
    )
    if index % FUNCTIONS == 2:  # noqa: PLR2004 - one in five
        functions.add_permission(FunctionName=name, StatementId="open", Action="lambda:InvokeFunction", Principal="*")
        functions.create_function_url_config(FunctionName=name, AuthType="NONE")


def _queue(world: World, index: int) -> None:
    name = f"{team(index)}-jobs-{index}"
    attributes = {"SqsManagedSseEnabled": "false" if index % 3 == 1 else "true"}
    if index % 3 == 1:
        attributes["Policy"] = policy(statement("Allow", "*", "sqs:SendMessage", world.arn("sqs", name)))
    if index % 3 == 2:  # noqa: PLR2004 - one in three
        attributes = {"KmsMasterKeyId": world.ids["key/0"]}
    world.client("sqs").create_queue(QueueName=name, Attributes=attributes, tags={"team": team(index)})


def _repository(world: World, index: int) -> None:
    ecr = world.client("ecr")
    name = f"{team(index)}/service-{index}"
    ecr.create_repository(
        repositoryName=name,
        imageTagMutability="IMMUTABLE" if index % 2 == 0 else "MUTABLE",
        imageScanningConfiguration={"scanOnPush": index % 2 == 0},
        encryptionConfiguration={"encryptionType": "KMS" if index % 4 == 0 else "AES256"},
        tags=label(index),
    )
    if index % REPOSITORIES == 3:  # noqa: PLR2004 - the last of each four
        everybody = statement("Allow", "*", ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"])
        del everybody["Resource"]
        ecr.set_repository_policy(repositoryName=name, policyText=policy(everybody))
    elif index % REPOSITORIES == 1:
        partner = statement("Allow", {"AWS": f"arn:aws:iam::{PARTNER_ACCOUNT}:root"}, "ecr:BatchGetImage")
        del partner["Resource"]
        ecr.set_repository_policy(repositoryName=name, policyText=policy(partner))


def _kubernetes(world: World) -> None:
    eks = world.client("eks")
    subnets = [world.ids["subnet/core/b"], world.ids["subnet/core/c"]]
    logging = {"types": ["api", "audit", "authenticator", "controllerManager", "scheduler"], "enabled": world.is_home}
    encryption = {"resources": ["secrets"], "provider": {"keyArn": world.ids["key/0"]}}
    eks.create_cluster(
        name="tickets",
        version="1.31" if world.is_home else "1.24",
        roleArn=role_arn("platform-service-003"),
        resourcesVpcConfig={
            "subnetIds": subnets,
            "endpointPublicAccess": not world.is_home,
            "endpointPrivateAccess": world.is_home,
            "publicAccessCidrs": ["0.0.0.0/0"],
        },
        logging={"clusterLogging": [logging]},
        **({"encryptionConfig": [encryption]} if world.is_home else {}),
    )
    eks.create_nodegroup(
        clusterName="tickets",
        nodegroupName="general",
        subnets=subnets,
        nodeRole=role_arn("platform-service-003"),
        scalingConfig={"minSize": 1, "maxSize": 4, "desiredSize": 2},
        **({} if world.is_home else {"remoteAccess": {"ec2SshKey": "ops"}}),
    )
    eks.create_fargate_profile(
        clusterName="tickets",
        fargateProfileName="jobs",
        podExecutionRoleArn=role_arn("platform-service-003"),
        selectors=[{"namespace": "jobs"}],
    )


def _balancer(world: World, index: int) -> None:
    balancing = world.client("elbv2")
    is_network = index % BALANCERS == 2  # noqa: PLR2004 - the last of each three
    made = balancing.create_load_balancer(
        Name=f"{team(index)}-{'nlb' if is_network else 'alb'}-{index}",
        Subnets=[world.ids["subnet/core/a"], world.ids["subnet/core/b"]],
        Scheme="internal" if index % 2 else "internet-facing",
        Type="network" if is_network else "application",
        Tags=label(index),
        **({} if is_network else {"SecurityGroups": [world.ids["sg/web-0"]]}),
    )["LoadBalancers"][0]["LoadBalancerArn"]
    if is_network:
        return
    target = balancing.create_target_group(
        Name=f"{team(index)}-targets-{index}", Protocol="HTTP", Port=8080, VpcId=world.ids["vpc/core"]
    )["TargetGroups"][0]["TargetGroupArn"]
    forward: list[dict[str, Any]] = [{"Type": "forward", "TargetGroupArn": target}]
    to_https = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    actions = forward if index % 2 else [{"Type": "redirect", "RedirectConfig": to_https}]
    balancing.create_listener(LoadBalancerArn=made, Protocol="HTTP", Port=80, DefaultActions=actions)
    if index % 2 == 0:
        attributes = {
            "access_logs.s3.enabled": "true",
            "access_logs.s3.bucket": log_bucket(world.region),
            "deletion_protection.enabled": "true",
            "routing.http.drop_invalid_header_fields.enabled": "true",
        }
        rows = [{"Key": key, "Value": value} for key, value in attributes.items()]
        balancing.modify_load_balancer_attributes(LoadBalancerArn=made, Attributes=rows)


def _classic_balancer(world: World) -> None:
    world.client("elb").create_load_balancer(
        LoadBalancerName="legacy-shop",
        Listeners=[{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 8080}],
        Subnets=[world.ids["subnet/core/a"]],
        SecurityGroups=[world.ids["sg/web-0"]],
        Tags=label(1),
    )


def _distributions(world: World) -> None:
    cloudfront = world.client("cloudfront")
    for number, viewer in enumerate(("redirect-to-https", "allow-all")):
        origin = {
            "Id": "assets",
            "DomainName": f"meridian-web-assets-{number:03d}.s3.amazonaws.com",
            "S3OriginConfig": {"OriginAccessIdentity": ""},
        }
        behaviour = {"TargetOriginId": "assets", "ViewerProtocolPolicy": viewer, "MinTTL": 0}
        behaviour["ForwardedValues"] = {"QueryString": False, "Cookies": {"Forward": "none"}}
        cloudfront.create_distribution(
            DistributionConfig={
                "CallerReference": f"meridian-{number}",
                "Origins": {"Quantity": 1, "Items": [origin]},
                "DefaultCacheBehavior": behaviour,
                "Comment": f"shop {number}",
                "Enabled": True,
            }
        )


def _notebook(world: World) -> None:
    world.client("sagemaker").create_notebook_instance(
        NotebookInstanceName="fraud-research",
        InstanceType="ml.t3.medium",
        RoleArn=role_arn("data-service-002"),
        SubnetId=world.ids["subnet/core/a"],
        SecurityGroupIds=[world.ids["sg/app-0"]],
        DirectInternetAccess="Enabled",
        RootAccess="Enabled",
    )
