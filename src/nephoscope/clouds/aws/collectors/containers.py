"""How Kubernetes clusters, container clusters and image repositories are read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nephoscope.clouds.aws.collecting import Calls, Collector, Detail, Place, Raw
from nephoscope.clouds.aws.collectors.tagging import tagged
from nephoscope.clouds.aws.shaping import camel, parsed, resource, tags_of
from nephoscope.errors import GoneError
from nephoscope.model.resources import Observed
from nephoscope.resource_types.aws import containers as types


def _cluster_names(calls: Calls) -> Sequence[str]:
    names: Sequence[str] = calls.shared("eks", "list_clusters", "clusters")
    return names


def _describe_cluster(calls: Calls, name: str) -> Raw:
    cluster: Raw = calls.shared("eks", "describe_cluster", name=name)["cluster"]
    return cluster


def _fetch_clusters(calls: Calls) -> Iterator[Raw]:
    return (_describe_cluster(calls, name) for name in _cluster_names(calls))


def _shape_cluster(raw: Raw, place: Place) -> Observed:
    del place
    network = raw.get("resourcesVpcConfig") or {}
    places: Raw = {"clusterSecurityGroupId": None, "securityGroupIds": [], "vpcId": None, "subnetIds": []}
    known = camel(raw) | {
        "displayName": raw["name"],
        "associations": {"resourcesVpcConfig": {key: network.get(key) or none for key, none in places.items()}},
        "roleName": _last(raw.get("roleArn")),
        "encryptionConfig": raw.get("encryptionConfig", []),
    }
    return resource(types.EKS_CLUSTER, raw["name"], raw["arn"], known, tags=tags_of(raw.get("tags")))


def _last(arn: str | None) -> str | None:
    return arn.rpartition("/")[2] if arn else None


def _fetch_nodegroups(calls: Calls) -> Iterator[Raw]:
    for cluster in _cluster_names(calls):
        for name in calls.items("eks", "list_nodegroups", "nodegroups", clusterName=cluster):
            yield calls.call("eks", "describe_nodegroup", clusterName=cluster, nodegroupName=name)["nodegroup"]


def _shape_nodegroup(raw: Raw, place: Place) -> Observed:
    known = camel(raw) | {
        "displayName": raw["nodegroupName"],
        "associations": _associations(raw, place) | {"resources": raw.get("resources")},
        "nodeRoleName": _last(raw.get("nodeRole")),
        "labels": raw.get("labels"),
    }
    tags = tags_of(raw.get("tags"))
    identity = f"{raw['clusterName']}/{raw['nodegroupName']}"
    return resource(types.EKS_NODEGROUP, identity, raw["nodegroupArn"], known, name=raw["nodegroupName"], tags=tags)


def _associations(raw: Raw, place: Place) -> Raw:
    cluster = raw["clusterName"]
    return {
        "clusterArn": f"arn:{place.partition}:eks:{place.region}:{place.account_id}:cluster/{cluster}",
        "clusterName": cluster,
        "subnets": raw.get("subnets", []),
    }


def _fetch_fargate_profiles(calls: Calls) -> Iterator[Raw]:
    for cluster in _cluster_names(calls):
        for name in calls.items("eks", "list_fargate_profiles", "fargateProfileNames", clusterName=cluster):
            answer = calls.call("eks", "describe_fargate_profile", clusterName=cluster, fargateProfileName=name)
            yield answer["fargateProfile"]


def _shape_fargate_profile(raw: Raw, place: Place) -> Observed:
    name = raw["fargateProfileName"]
    known = camel(raw) | {
        "displayName": name,
        "associations": _associations(raw, place),
        "podExecutionRoleName": _last(raw.get("podExecutionRoleArn")),
        "selectors": raw.get("selectors", []),
    }
    tags = tags_of(raw.get("tags"))
    identity = f"{raw['clusterName']}/{name}"
    return resource(types.EKS_FARGATE_PROFILE, identity, raw["fargateProfileArn"], known, name=name, tags=tags)


def _shape_repository(raw: Raw, place: Place) -> Observed:
    del place
    return resource(types.ECR_REPOSITORY, raw["repositoryName"], raw["repositoryArn"], camel(raw))


def _read_repository_policy(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    try:
        answer = calls.call("ecr", "get_repository_policy", repositoryName=raw["repositoryName"])
    except GoneError:
        return {"policy": None}
    return {"policy": parsed(answer.get("policyText"))}


def _read_lifecycle_policy(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    try:
        answer = calls.call("ecr", "get_lifecycle_policy", repositoryName=raw["repositoryName"])
    except GoneError:
        return {"lifecyclePolicy": None}
    return {"lifecyclePolicy": parsed(answer.get("lifecyclePolicyText"))}


_SCANS_AT_A_TIME = 25
"""As many repositories as the service answers about in one call."""


def _read_scan_frequency(calls: Calls, raw: Raw) -> Mapping[str, Any]:
    """What the registry's rules make of the repository: `SCAN_ON_PUSH`, `CONTINUOUS_SCAN` or `MANUAL`."""
    names = [row["repositoryName"] for row in calls.shared("ecr", "describe_repositories", "repositories")]
    start = names.index(raw["repositoryName"]) // _SCANS_AT_A_TIME * _SCANS_AT_A_TIME
    answer = calls.shared(
        "ecr",
        "batch_get_repository_scanning_configuration",
        repositoryNames=names[start : start + _SCANS_AT_A_TIME],
    )
    for row in answer["scanningConfigurations"]:
        if row["repositoryName"] == raw["repositoryName"]:
            return {"scanFrequency": row.get("scanFrequency")}
    raise GoneError(f"The repository {raw['repositoryName']} has gone.")


def _fetch_repositories(calls: Calls) -> list[Raw]:
    found: list[Raw] = calls.shared("ecr", "describe_repositories", "repositories")
    return found


REPOSITORIES = Collector(
    "ECR_REPOSITORY",
    _fetch_repositories,
    _shape_repository,
    (
        Detail(("policy",), ("ecr:GetRepositoryPolicy",), _read_repository_policy),
        Detail(("lifecyclePolicy",), ("ecr:GetLifecyclePolicy",), _read_lifecycle_policy),
        Detail(("scanFrequency",), ("ecr:BatchGetRepositoryScanningConfiguration",), _read_scan_frequency),
    ),
)


def _cluster_arns(calls: Calls) -> Sequence[str]:
    arns: Sequence[str] = calls.shared("ecs", "list_clusters", "clusterArns")
    return arns


_CLUSTERS_AT_A_TIME = 100
_SERVICES_AT_A_TIME = 10
"""As many as the service describes in one call."""


def _fetch_container_clusters(calls: Calls) -> Iterator[Raw]:
    arns = _cluster_arns(calls)
    for start in range(0, len(arns), _CLUSTERS_AT_A_TIME):
        answer = calls.call(
            "ecs",
            "describe_clusters",
            clusters=list(arns[start : start + _CLUSTERS_AT_A_TIME]),
            include=["SETTINGS", "CONFIGURATIONS", "TAGS"],
        )
        yield from (row for row in answer["clusters"] if row.get("status") != "INACTIVE")


def _shape_container_cluster(raw: Raw, place: Place) -> Observed:
    del place
    command = (raw.get("configuration") or {}).get("executeCommandConfiguration")
    known = camel(raw) | {"settings": raw.get("settings", []), "executeCommandConfiguration": command}
    return resource(types.ECS_CLUSTER, raw["clusterName"], raw["clusterArn"], known, tags=tags_of(raw.get("tags")))


def _fetch_services(calls: Calls) -> Iterator[Raw]:
    for cluster in _cluster_arns(calls):
        arns: Sequence[Any] = list(calls.items("ecs", "list_services", "serviceArns", cluster=cluster))
        for start in range(0, len(arns), _SERVICES_AT_A_TIME):
            some = list(arns[start : start + _SERVICES_AT_A_TIME])
            yield from calls.call("ecs", "describe_services", cluster=cluster, services=some)["services"]


def _shape_service(raw: Raw, place: Place) -> Observed:
    del place
    identity = f"{raw['clusterArn'].rpartition('/')[2]}/{raw['serviceName']}"
    tags = tags_of(raw.get("tags"))
    return resource(types.ECS_SERVICE, identity, raw["serviceArn"], camel(raw), name=raw["serviceName"], tags=tags)


COLLECTORS: tuple[Collector, ...] = (
    Collector("EKS_CLUSTER", _fetch_clusters, _shape_cluster),
    Collector("EKS_NODEGROUP", _fetch_nodegroups, _shape_nodegroup),
    Collector("EKS_FARGATE_PROFILE", _fetch_fargate_profiles, _shape_fargate_profile),
    tagged(REPOSITORIES),
    Collector("ECS_CLUSTER", _fetch_container_clusters, _shape_container_cluster),
    Collector("ECS_SERVICE", _fetch_services, _shape_service),
)
