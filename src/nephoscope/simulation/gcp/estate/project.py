"""The project itself: who may do what in it, what is above it, and its API keys."""

from datetime import timedelta

from nephoscope.kit.clock import system_clock
from nephoscope.simulation.gcp.cloud import NUMBER, PROJECT, GcpCloud
from nephoscope.simulation.gcp.estate.words import DEFAULT_ACCOUNT, WEB_ACCOUNT, Document

_RETIRED = f"serviceAccount:retired@{PROJECT}.iam.gserviceaccount.com"
BINDINGS: list[Document] = [
    {"role": "roles/owner", "members": ["user:ann@meridian.example"]},
    {"role": "roles/editor", "members": [f"serviceAccount:{DEFAULT_ACCOUNT}", "group:devs@meridian.example"]},
    {"role": "roles/viewer", "members": ["user:somebody@gmail.com", f"serviceAccount:{WEB_ACCOUNT}", _RETIRED]},
    {"role": "roles/iam.serviceAccountUser", "members": ["user:bob@meridian.example"]},
    {"role": "roles/iam.serviceAccountAdmin", "members": ["user:ann@meridian.example"]},
    {"role": "roles/cloudkms.admin", "members": ["user:eve@meridian.example"]},
    {"role": "roles/cloudkms.cryptoKeyDecrypter", "members": ["user:eve@meridian.example"]},
]
SERVICES = (
    "apikeys",
    "appengine",
    "artifactregistry",
    "cloudasset",
    "compute",
    "container",
    "logging",
    "monitoring",
    "sqladmin",
    "storage",
)
ENFORCED = ("compute.skipDefaultNetworkCreation", "storage.publicAccessPrevention")
LISTED = ("iam.allowedPolicyMemberDomains",)
_ALL_READS = [{"logType": "ADMIN_READ"}, {"logType": "DATA_READ"}, {"logType": "DATA_WRITE"}]


def fill(cloud: GcpCloud) -> None:
    cloud.add(
        "cloudresourcemanager.googleapis.com/Project",
        f"projects/{NUMBER}",
        {
            "projectId": PROJECT,
            "projectNumber": NUMBER,
            "name": "Meridian Production",
            "lifecycleState": "ACTIVE",
            "createTime": "2023-02-01T10:00:00.123Z",
            "labels": {"stage": "production"},
        },
        bindings=BINDINGS,
    )
    _audit(cloud)
    _guards(cloud)
    _services(cloud)
    _keys(cloud)


def _audit(cloud: GcpCloud) -> None:
    """The project logs some reads; the organisation asks for all of them."""
    own: Document = {
        "bindings": BINDINGS,
        "auditConfigs": [{"service": "storage.googleapis.com", "auditLogConfigs": [{"logType": "DATA_READ"}]}],
    }
    above: Document = {"auditConfigs": [{"service": "allServices", "auditLogConfigs": _ALL_READS}]}
    service = "cloudresourcemanager"
    cloud.put(service, f"v1/projects/{PROJECT}:getIamPolicy", own, "resourcemanager.projects.getIamPolicy")
    cloud.put(service, "v3/folders/9001:getIamPolicy", {"etag": "x"}, "resourcemanager.folders.getIamPolicy")
    cloud.put(service, "v3/organizations/7001:getIamPolicy", above, "resourcemanager.organizations.getIamPolicy")


def _guards(cloud: GcpCloud) -> None:
    for name in ENFORCED:
        _policy(cloud, name, {"enforce": True})
    for name in LISTED:
        _policy(cloud, name, {"values": {"allowedValues": ["is:C01234567"]}})
    for name in ("compute.requireOsLogin", "iam.disableServiceAccountKeyCreation"):
        _policy(cloud, name, {"enforce": False})
    _policy(cloud, "compute.vmExternalIpAccess", {"allowAll": True})
    cloud.put_listing(
        "accesscontextmanager",
        "v1/accessPolicies",
        "accessPolicies",
        [{"name": "accessPolicies/33", "parent": "organizations/7001"}],
        "accesscontextmanager.policies.list",
    )
    cloud.put_listing(
        "accesscontextmanager",
        "v1/accessPolicies/33/servicePerimeters",
        "servicePerimeters",
        [
            {
                "name": "accessPolicies/33/servicePerimeters/data",
                "title": "data",
                "status": {
                    "resources": [f"projects/{NUMBER}"],
                    "restrictedServices": ["storage.googleapis.com", "bigquery.googleapis.com"],
                },
            },
            {"name": "accessPolicies/33/servicePerimeters/other", "status": {"resources": ["projects/1"]}},
        ],
        "accesscontextmanager.servicePerimeters.list",
    )


def _policy(cloud: GcpCloud, constraint: str, rule: Document) -> None:
    path = f"v2/projects/{PROJECT}/policies/{constraint}:getEffectivePolicy"
    cloud.put("orgpolicy", path, {"spec": {"rules": [rule]}}, "orgpolicy.policy.get")


def _services(cloud: GcpCloud) -> None:
    cloud.put_listing(
        "serviceusage",
        f"v1/projects/{PROJECT}/services",
        "services",
        [{"name": f"projects/{NUMBER}/services/{name}.googleapis.com", "state": "ENABLED"} for name in SERVICES],
        "serviceusage.services.list",
    )
    cloud.put_listing(
        "essentialcontacts",
        f"v1/projects/{PROJECT}/contacts:compute",
        "contacts",
        [
            {
                "name": "organizations/7001/contacts/1",
                "email": "security@meridian.example",
                "notificationCategorySubscriptions": ["SECURITY", "TECHNICAL"],
                "validationState": "VALID",
            }
        ],
        "essentialcontacts.contacts.list",
    )
    cloud.put(
        "accessapproval",
        f"v1/projects/{PROJECT}/accessApprovalSettings",
        {
            "name": f"projects/{PROJECT}/accessApprovalSettings",
            "notificationEmails": ["security@meridian.example"],
            "enrolledServices": [{"cloudProduct": "all", "enrollmentLevel": "BLOCK_ALL"}],
        },
        "accessapproval.settings.get",
    )


def _keys(cloud: GcpCloud) -> None:
    base = f"projects/{NUMBER}/locations/global/keys"
    cloud.put_listing(
        "apikeys",
        f"v2/projects/{PROJECT}/locations/global/keys",
        "keys",
        [
            {
                "name": f"{base}/k-web",
                "displayName": "web",
                "createTime": (system_clock() - timedelta(days=10)).isoformat(),
                "restrictions": {
                    "browserKeyRestrictions": {"allowedReferrers": ["https://www.meridian.example/*"]},
                    "apiTargets": [{"service": "storage.googleapis.com"}],
                },
            },
            {"name": f"{base}/k-old", "displayName": "old", "createTime": "2022-01-01T00:00:00Z"},
            {
                "name": f"{base}/k-gone",
                "displayName": "gone",
                "createTime": "2022-01-01T00:00:00Z",
                "restrictions": {"apiTargets": [{"service": "translate.googleapis.com"}]},
            },
        ],
        "apikeys.keys.list",
    )
