"""Clusters of Kubernetes Engine with their node pools, functions, Cloud Run services and App Engine versions."""

from nephoscope.simulation.gcp.cloud import PROJECT, GcpCloud
from nephoscope.simulation.gcp.estate.words import (
    DEFAULT_ACCOUNT,
    FULL_SCOPE,
    KEY,
    REGION,
    WEB_ACCOUNT,
    Document,
    private,
    public,
)

_ROOT = f"projects/{PROJECT}"
HIDDEN = "hunter2-of-functions"
"""In an environment, which nobody may find in the inventory."""


def fill(cloud: GcpCloud) -> None:
    _clusters(cloud)
    _functions(cloud)
    _services(cloud)
    _application(cloud)


_GOOD_CLUSTER: Document = {
    "releaseChannel": {"channel": "REGULAR"},
    "legacyAbac": {},
    "masterAuth": {"clientCertificateConfig": {}},
    "privateClusterConfig": {"enablePrivateNodes": True, "enablePrivateEndpoint": True},
    "masterAuthorizedNetworksConfig": {
        "enabled": True,
        "cidrBlocks": [{"displayName": "office", "cidrBlock": "203.0.113.0/29"}],
    },
    "networkConfig": {"datapathProvider": "ADVANCED_DATAPATH", "enableIntraNodeVisibility": True},
    "ipAllocationPolicy": {"useIpAliases": True},
    "shieldedNodes": {"enabled": True},
    "workloadIdentityConfig": {"workloadPool": f"{PROJECT}.svc.id.goog"},
    "binaryAuthorization": {"evaluationMode": "PROJECT_SINGLETON_POLICY_ENFORCE"},
    "databaseEncryption": {"state": "ENCRYPTED", "keyName": KEY},
    "loggingConfig": {"componentConfig": {"enableComponents": ["SYSTEM_COMPONENTS", "WORKLOADS"]}},
    "monitoringConfig": {"componentConfig": {"enableComponents": ["SYSTEM_COMPONENTS"]}},
    "securityPostureConfig": {"mode": "BASIC"},
    "authenticatorGroupsConfig": {"enabled": True, "securityGroup": "gke-security-groups@meridian.example"},
    "maintenancePolicy": {"window": {"dailyMaintenanceWindow": {"startTime": "03:00"}}},
    "addonsConfig": {"gkeBackupAgentConfig": {"enabled": True}},
}
_BAD_CLUSTER: Document = {
    "legacyAbac": {"enabled": True},
    "masterAuth": {"username": "admin", "clientCertificateConfig": {"issueClientCertificate": True}},
    "masterAuthorizedNetworksConfig": {"enabled": True, "cidrBlocks": [{"cidrBlock": "0.0.0.0/0"}]},
    "addonsConfig": {"kubernetesDashboard": {"disabled": False}},
    "enableKubernetesAlpha": True,
}
_GOOD_POOL: Document = {
    "management": {"autoRepair": True, "autoUpgrade": True},
    "config": {
        "imageType": "COS_CONTAINERD",
        "serviceAccount": WEB_ACCOUNT,
        "oauthScopes": [FULL_SCOPE],
        "workloadMetadataConfig": {"mode": "GKE_METADATA"},
        "shieldedInstanceConfig": {"enableSecureBoot": True, "enableIntegrityMonitoring": True},
        "bootDiskKmsKey": KEY,
        "metadata": {"disable-legacy-endpoints": "true"},
    },
}
_BAD_POOL: Document = {"config": {"imageType": "UBUNTU_CONTAINERD", "oauthScopes": [FULL_SCOPE]}}


def _clusters(cloud: GcpCloud) -> None:
    for name, cluster, pool in (("prod", _GOOD_CLUSTER, _GOOD_POOL), ("lab", _BAD_CLUSTER, _BAD_POOL)):
        path = f"{_ROOT}/locations/{REGION}/clusters/{name}"
        common: Document = {"status": "RUNNING", "location": REGION, "createTime": "2025-06-01T00:00:00+00:00"}
        cloud.add("container.googleapis.com/Cluster", path, {"name": name, **common, **cluster}, location=REGION)
        cloud.add(
            "container.googleapis.com/NodePool", f"{path}/nodePools/main", {"name": "main", **pool}, location=REGION
        )


def _functions(cloud: GcpCloud) -> None:
    url = f"https://{REGION}-{PROJECT}.cloudfunctions.net"
    bad: Document = {
        "status": "ACTIVE",
        "runtime": "nodejs14",
        "ingressSettings": "ALLOW_ALL",
        "httpsTrigger": {"url": f"{url}/hook", "securityLevel": "SECURE_OPTIONAL"},
        "serviceAccountEmail": f"{PROJECT}@appspot.gserviceaccount.com",
        "environmentVariables": {"STAGE": "prod", "DB_PASSWORD": HIDDEN},
    }
    good: Document = {
        "state": "ACTIVE",
        "buildConfig": {"runtime": "python313"},
        "serviceConfig": {
            "uri": f"{url}/resize",
            "ingressSettings": "ALLOW_INTERNAL_ONLY",
            "serviceAccountEmail": WEB_ACCOUNT,
            "vpcConnector": f"{_ROOT}/locations/{REGION}/connectors/main",
            "environmentVariables": {"STAGE": "prod"},
            "secretEnvironmentVariables": [{"key": "DB_PASSWORD", "secret": "database", "version": "latest"}],
        },
        "updateTime": "2026-10-01T00:00:00.5Z",
    }
    base = f"{_ROOT}/locations/{REGION}/functions"
    kind = "cloudfunctions.googleapis.com"
    cloud.add(
        f"{kind}/CloudFunction", f"{base}/hook", bad, bindings=public("roles/cloudfunctions.invoker"), location=REGION
    )
    cloud.add(f"{kind}/Function", f"{base}/resize", good, bindings=private("roles/run.invoker"), location=REGION)


def _services(cloud: GcpCloud) -> None:
    for name, is_good in (("api", True), ("demo", False)):
        secret = {"name": "API_KEY", "valueFrom": {"secretKeyRef": {"name": "api", "key": "latest"}}}
        plain = {"name": "API_KEY", "value": HIDDEN}
        own = {"run.googleapis.com/ingress": "internal", "run.googleapis.com/binary-authorization": "default"}
        data: Document = {
            "metadata": {"name": name, "annotations": own if is_good else {}, "labels": {"team": name}},
            "spec": {
                "template": {
                    "spec": {
                        "serviceAccountName": WEB_ACCOUNT if is_good else DEFAULT_ACCOUNT,
                        "containers": [{"image": f"{name}:1", "env": [secret if is_good else plain]}],
                    }
                }
            },
            "status": {"url": f"https://{name}.run.app"},
        }
        path = f"{_ROOT}/locations/{REGION}/services/{name}"
        bindings = [] if is_good else public("roles/run.invoker")
        cloud.add("run.googleapis.com/Service", path, data, bindings=bindings, location=REGION)


def _application(cloud: GcpCloud) -> None:
    base = f"v1/apps/{PROJECT}/services"
    services = [
        {"id": "default", "split": {"allocations": {"v2": 1}}},
        {"id": "admin", "split": {"allocations": {"v1": 1}}},
    ]
    cloud.put_listing("appengine", base, "services", services, "appengine.services.list")
    for service, versions in {"default": {"v1": "SECURE_OPTIONAL", "v2": "SECURE_ALWAYS"}, "admin": {"v1": ""}}.items():
        rows = [
            {
                "name": f"apps/{PROJECT}/services/{service}/versions/{name}",
                "id": name,
                "runtime": "python312",
                "env": "standard",
                "servingStatus": "SERVING",
                "handlers": [{"urlRegex": ".*", **({"securityLevel": level} if level else {})}],
            }
            for name, level in versions.items()
        ]
        cloud.put_listing("appengine", f"{base}/{service}/versions", "versions", rows, "appengine.versions.list")
