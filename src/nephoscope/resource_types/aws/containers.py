"""AWS resource types: Kubernetes clusters and what runs them, container clusters and services, image repositories."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.fields import booleans, integers, lists, maps, parts, rows, strings, times
from nephoscope.resource_types.types import ResourceType

_PORTAL = ("connectorId", "customerId", "scanId", "displayName")
"""Keys that the API puts before the cloud's own on these types."""

EKS_CLUSTER = ResourceType(
    name="EKS_CLUSTER",
    provider=Provider.AWS,
    service_type="EKS",
    title="EKS Cluster",
    permissions=("eks:ListClusters", "eks:DescribeCluster"),
    fields=(
        *strings(*_PORTAL, "version", "endpoint", "roleArn", "platformVersion", "roleName", "arn", "status", "name"),
        *parts(
            "associations",
            *(
                f"resourcesVpcConfig.{key}"
                for key in ("clusterSecurityGroupId", "securityGroupIds", "vpcId", "subnetIds")
            ),
        ),
        *parts("resourcesVpcConfig", "endpointPrivateAccess", "endpointPublicAccess", "publicAccessCidrs"),
        *parts("identity", "oidc.issuer"),
        *parts("logging", "clusterLogging", "clusterLogging.types", "clusterLogging.enabled"),
        *rows("encryptionConfig", "resources", "provider.keyArn"),
        *parts("accessConfig", "authenticationMode", "bootstrapClusterCreatorAdminPermissions"),
        *booleans("deletionProtection"),
        *times("createdAt"),
    ),
    wire=(
        *(*_PORTAL, "associations", "version", "endpoint", "resourcesVpcConfig", "roleArn", "identity"),
        *("platformVersion", "roleName", "logging", "arn", "status"),
    ),
)

EKS_NODEGROUP = ResourceType(
    name="EKS_NODEGROUP",
    provider=Provider.AWS,
    service_type="EKS",
    title="EKS Node Group",
    permissions=("eks:ListClusters", "eks:ListNodegroups", "eks:DescribeNodegroup"),
    fields=(
        *strings(
            *_PORTAL, "nodeRoleName", "capacityType", "releaseVersion", "version", "nodeRole", "amiType", "status"
        ),
        *strings("clusterName", "nodegroupName"),
        *parts("associations", "clusterArn", "clusterName", "subnets", "resources.autoScalingGroups"),
        *parts("scalingConfig", "maxSize", "desiredSize", "minSize"),
        *lists("instanceTypes"),
        *maps("labels"),
        *integers("diskSize"),
        *parts("launchTemplate", "name", "id", "version"),
        *parts("health", "issues"),
        *parts("remoteAccess", "ec2SshKey", "sourceSecurityGroups"),
        *times("createdAt"),
    ),
    wire=(
        *(*_PORTAL, "associations", "nodeRoleName", "scalingConfig", "capacityType", "instanceTypes"),
        *("releaseVersion", "version", "labels", "diskSize", "nodeRole", "launchTemplate", "amiType", "status"),
        "health",
    ),
)

EKS_FARGATE_PROFILE = ResourceType(
    name="EKS_FARGATE_PROFILE",
    provider=Provider.AWS,
    service_type="EKS",
    title="EKS Fargate Profile",
    permissions=("eks:ListClusters", "eks:ListFargateProfiles", "eks:DescribeFargateProfile"),
    fields=(
        *strings(*_PORTAL, "podExecutionRoleArn", "podExecutionRoleName", "status"),
        *strings("clusterName", "fargateProfileName"),
        *parts("associations", "clusterArn", "clusterName", "subnets"),
        *rows("selectors", "namespace", "labels"),
        *times("createdAt"),
    ),
    wire=(*_PORTAL, "associations", "podExecutionRoleArn", "selectors", "podExecutionRoleName", "status"),
)

ECR_REPOSITORY = ResourceType(
    name="ECR_REPOSITORY",
    provider=Provider.AWS,
    service_type="ECR",
    title="ECR Repository",
    permissions=("ecr:DescribeRepositories", "tag:GetResources"),
    aliases=("ECR",),
    fields=(
        *strings("repositoryName", "repositoryUri", "registryId", "imageTagMutability", "scanFrequency"),
        *parts("imageScanningConfiguration", "scanOnPush"),
        *parts("encryptionConfiguration", "encryptionType", "kmsKey"),
        *times("createdAt"),
        *maps("policy", "lifecyclePolicy"),
    ),
)

ECS_CLUSTER = ResourceType(
    name="ECS_CLUSTER",
    provider=Provider.AWS,
    service_type="ECS",
    title="ECS Cluster",
    permissions=("ecs:ListClusters", "ecs:DescribeClusters"),
    fields=(
        *strings("clusterName", "status"),
        *rows("settings", "name", "value"),
        *parts("executeCommandConfiguration", "logging", "kmsKeyId", "logConfiguration.cloudWatchEncryptionEnabled"),
        *lists("capacityProviders"),
    ),
)

ECS_SERVICE = ResourceType(
    name="ECS_SERVICE",
    provider=Provider.AWS,
    service_type="ECS",
    title="ECS Service",
    permissions=("ecs:ListClusters", "ecs:ListServices", "ecs:DescribeServices"),
    fields=(
        *strings("serviceName", "clusterArn", "status", "launchType", "platformVersion", "taskDefinition", "roleArn"),
        *booleans("enableExecuteCommand"),
        *integers("desiredCount"),
        *parts(
            "networkConfiguration",
            *("awsvpcConfiguration", "awsvpcConfiguration.assignPublicIp", "awsvpcConfiguration.subnets"),
        ),
        *times("createdAt"),
    ),
)

TYPES: tuple[ResourceType, ...] = (
    EKS_CLUSTER,
    EKS_NODEGROUP,
    EKS_FARGATE_PROFILE,
    ECR_REPOSITORY,
    ECS_CLUSTER,
    ECS_SERVICE,
)
