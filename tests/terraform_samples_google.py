"""One resource of Google Cloud for each kind that Terraform tells of: what it takes to decide something about it."""

from typing import Any

PROJECT = "meridian-prod"
_ROOT = f"projects/{PROJECT}"
_ZONE = "europe-west1-b"
_REGION = "europe-west1"
_NETWORK = f"{_ROOT}/global/networks/main"


def _here(place: str, **more: Any) -> dict[str, Any]:
    name = place.rpartition("/")[2]
    link = f"https://www.googleapis.com/compute/v1/{_ROOT}/{place}"
    return {"id": f"{_ROOT}/{place}", "self_link": link, "name": name, "project": PROJECT, **more}


def _policy(**names: str) -> dict[str, Any]:
    """Who may do what altogether."""
    bound = '{"bindings":[{"role":"roles/viewer","members":["user:a@example.org"]}]}'
    return {"policy_data": bound, "project": PROJECT, **names}


def _public(role: str, **names: str) -> dict[str, Any]:
    return {"role": role, "member": "allUsers", "project": PROJECT, **names}


_MACHINE: dict[str, Any] = {
    "zone": _ZONE,
    "machine_type": "e2-small",
    "can_ip_forward": False,
    "deletion_protection": False,
    "current_status": "RUNNING",
    "labels": {},
    "metadata": {"block-project-ssh-keys": "true", "startup": "Never-kept-4"},
    "scheduling": [{"automatic_restart": True, "preemptible": False, "provisioning_model": "STANDARD"}],
    "service_account": [],
    "shielded_instance_config": [
        {"enable_secure_boot": True, "enable_vtpm": True, "enable_integrity_monitoring": True}
    ],
    "network_interface": [
        {"network": _NETWORK, "subnetwork": "", "network_ip": "10.0.0.2", "access_config": [], "ipv6_access_config": []}
    ],
    "boot_disk": [],
    "attached_disk": [],
}
_SQL: dict[str, Any] = {
    "region": _REGION,
    "database_version": "POSTGRES_16",
    "instance_type": "CLOUD_SQL_INSTANCE",
    "encryption_key_name": "",
    "root_password": "Never-kept-5",
    "ip_address": [],
    "settings": [
        {
            "tier": "db-g1-small",
            "availability_type": "ZONAL",
            "deletion_protection_enabled": True,
            "disk_autoresize": True,
            "ip_configuration": [
                {
                    "ipv4_enabled": False,
                    "private_network": _NETWORK,
                    "ssl_mode": "ENCRYPTED_ONLY",
                    "authorized_networks": [],
                }
            ],
            "database_flags": [{"name": "log_connections", "value": "on"}],
            "backup_configuration": [],
            "insights_config": [],
            "maintenance_window": [],
        }
    ],
}
_BACKEND = {"protocol": "HTTPS", "load_balancing_scheme": "EXTERNAL_MANAGED", "iap": [], "log_config": []}
_CLUSTER: dict[str, Any] = {
    "location": _REGION,
    "enable_legacy_abac": False,
    "enable_shielded_nodes": True,
    "private_cluster_config": [{"enable_private_nodes": True, "enable_private_endpoint": False}],
    "release_channel": [{"channel": "REGULAR"}],
    "master_authorized_networks_config": [],
    "workload_identity_config": [],
}
_POOL: dict[str, Any] = {
    "location": _REGION,
    "cluster": "k",
    "management": [{"auto_repair": True, "auto_upgrade": True}],
    "node_config": [{"image_type": "COS_CONTAINERD", "service_account": "", "oauth_scopes": [], "metadata": {}}],
}
_FUNCTION = {"runtime": "python312", "kms_key_name": ""}
_RUN = {"containers": [{"image": "i", "env": [{"name": "MODE", "value": "x", "value_source": []}]}]}

SAMPLES: dict[str, dict[str, Any]] = {
    "google_project": {"id": _ROOT, "project_id": PROJECT, "name": "Meridian", "number": "481516"},
    "google_project_iam_policy": _policy(project=PROJECT),
    "google_service_account": _here(
        "serviceAccounts/app@meridian-prod.iam.gserviceaccount.com",
        email="app@meridian-prod.iam.gserviceaccount.com",
        disabled=False,
    ),
    "google_service_account_key": {
        "service_account_id": f"{_ROOT}/serviceAccounts/app@meridian-prod.iam.gserviceaccount.com",
        "name": f"{_ROOT}/serviceAccounts/app@meridian-prod.iam.gserviceaccount.com/keys/1",
        "private_key": "Never-kept-6",
        "valid_after": "2025-01-01T00:00:00Z",
        "valid_before": "2027-01-01T00:00:00Z",
    },
    "google_project_iam_custom_role": _here("roles/op", role_id="op", stage="GA", deleted=False, permissions=[]),
    "google_kms_crypto_key": _here(
        "locations/europe-west1/keyRings/r/cryptoKeys/k",
        purpose="ENCRYPT_DECRYPT",
        key_ring=f"{_ROOT}/locations/europe-west1/keyRings/r",
        rotation_period="",
        primary=[{"state": "ENABLED"}],
        destroy_scheduled_duration="2592000s",
    ),
    "google_secret_manager_secret": _here(
        "secrets/s", secret_id="s", rotation=[], replication=[{"auto": [], "user_managed": []}]
    ),
    "google_apikeys_key": _here("locations/global/keys/web", uid="u-1", restrictions=[]),
    "google_logging_project_sink": _here(
        "sinks/all", destination="storage.googleapis.com/meridian-logs", filter="", disabled=False, exclusions=[]
    ),
    "google_logging_project_bucket_config": _here(
        "locations/global/buckets/audit",
        location="global",
        lifecycle_state="ACTIVE",
        retention_days=400,
        cmek_settings=[],
    ),
    "google_logging_metric": _here("metrics/m", filter='resource.type="gce_network"', bucket_name="", disabled=False),
    "google_monitoring_alert_policy": {
        "id": f"{_ROOT}/alertPolicies/1",
        "name": f"{_ROOT}/alertPolicies/1",
        "project": PROJECT,
        "display_name": "a",
        "enabled": True,
        "notification_channels": [],
        "conditions": [{"display_name": "c", "condition_threshold": [{"filter": "x"}]}],
    },
    "google_monitoring_notification_channel": {
        "name": f"{_ROOT}/notificationChannels/1",
        "project": PROJECT,
        "display_name": "c",
        "type": "email",
        "enabled": True,
    },
    "google_compute_network": _here("global/networks/main", auto_create_subnetworks=False, routing_mode="REGIONAL"),
    "google_compute_subnetwork": _here(
        "regions/europe-west1/subnetworks/s",
        region=_REGION,
        network=_NETWORK,
        purpose="PRIVATE",
        private_ip_google_access=True,
        log_config=[],
    ),
    "google_compute_firewall": _here(
        "global/firewalls/ssh",
        network=_NETWORK,
        direction="INGRESS",
        disabled=False,
        source_ranges=["0.0.0.0/0"],
        source_tags=[],
        source_service_accounts=[],
        allow=[{"protocol": "tcp", "ports": ["22"]}],
        deny=[],
        log_config=[],
    ),
    "google_dns_managed_zone": _here("managedZones/z", dns_name="example.org.", visibility="public", dnssec_config=[]),
    "google_dns_policy": _here(
        "policies/p",
        enable_logging=True,
        networks=[{"network_url": f"https://www.googleapis.com/compute/v1/{_NETWORK}"}],
    ),
    "google_compute_router": _here("regions/europe-west1/routers/r", region=_REGION, network=_NETWORK),
    "google_compute_router_nat": {
        "router": "r",
        "region": _REGION,
        "project": PROJECT,
        "name": "n",
        "log_config": [{"enable": True, "filter": "ALL"}],
    },
    "google_compute_vpn_tunnel": _here("regions/europe-west1/vpnTunnels/t", region=_REGION, ike_version=2),
    "google_compute_global_forwarding_rule": _here("global/forwardingRules/f", ip_address="203.0.113.9", target=""),
    "google_compute_forwarding_rule": _here("regions/europe-west1/forwardingRules/g", region=_REGION, target=""),
    "google_compute_backend_service": _here("global/backendServices/b", **_BACKEND),
    "google_compute_region_backend_service": _here(
        "regions/europe-west1/backendServices/c", region=_REGION, **_BACKEND
    ),
    "google_compute_ssl_policy": _here(
        "global/sslPolicies/tls", profile="MODERN", min_tls_version="TLS_1_2", enabled_features=[], custom_features=[]
    ),
    "google_compute_url_map": _here(
        "global/urlMaps/u", default_service="", default_url_redirect=[{"https_redirect": True}], path_matcher=[]
    ),
    "google_compute_target_https_proxy": _here(
        "global/targetHttpsProxies/s", ssl_policy=f"{_ROOT}/global/sslPolicies/tls", url_map="", ssl_certificates=[]
    ),
    "google_compute_target_http_proxy": _here("global/targetHttpProxies/h", url_map=f"{_ROOT}/global/urlMaps/u"),
    "google_compute_target_ssl_proxy": _here(
        "global/targetSslProxies/l", ssl_policy="", backend_service="", ssl_certificates=[]
    ),
    "google_compute_instance": _here("zones/europe-west1-b/instances/web", **_MACHINE),
    "google_compute_project_metadata": {"id": PROJECT, "project": PROJECT, "metadata": {"enable-oslogin": "TRUE"}},
    "google_compute_disk": _here(
        "zones/europe-west1-b/disks/d", zone=_ZONE, type="pd-ssd", users=[], disk_encryption_key=[]
    ),
    "google_compute_image": _here("global/images/i", image_encryption_key=[]),
    "google_compute_image_iam_member": _public("roles/compute.imageUser", image="i"),
    "google_compute_snapshot": _here("global/snapshots/s", snapshot_encryption_key=[]),
    "google_compute_snapshot_iam_policy": _policy(name="s"),
    "google_container_cluster": _here("locations/europe-west1/clusters/k", **_CLUSTER),
    "google_container_node_pool": _here("locations/europe-west1/clusters/k/nodePools/p", **_POOL),
    "google_storage_bucket": {
        "id": "meridian-data",
        "name": "meridian-data",
        "project": PROJECT,
        "location": "EU",
        "uniform_bucket_level_access": True,
        "versioning": [],
        "encryption": [],
    },
    "google_storage_bucket_iam_member": {
        "bucket": "b/meridian-data",
        "role": "roles/storage.admin",
        "member": "allUsers",
    },
    "google_sql_database_instance": _here("instances/db", **_SQL),
    "google_bigquery_dataset": _here(
        "datasets/d",
        dataset_id="d",
        location="EU",
        default_encryption_configuration=[],
        default_table_expiration_ms=0,
        access=[{"role": "READER", "special_group": "allAuthenticatedUsers"}],
    ),
    "google_bigquery_table": _here(
        "datasets/d/tables/t", dataset_id="d", table_id="t", type="TABLE", encryption_configuration=[]
    ),
    "google_pubsub_topic": _here("topics/t", kms_key_name=""),
    "google_pubsub_subscription": _here(
        "subscriptions/s", topic=f"{_ROOT}/topics/t", push_config=[], dead_letter_policy=[]
    ),
    "google_artifact_registry_repository": _here(
        "locations/europe-west1/repositories/r", location=_REGION, format="DOCKER", kms_key_name="", docker_config=[]
    ),
    "google_dataproc_cluster": _here(
        "regions/europe-west1/clusters/c",
        region=_REGION,
        cluster_config=[
            {
                "encryption_config": [],
                "gce_cluster_config": [
                    {"internal_ip_only": True, "service_account": "", "shielded_instance_config": []}
                ],
            }
        ],
    ),
    "google_cloudfunctions_function": _here(
        "locations/europe-west1/functions/one",
        region=_REGION,
        https_trigger_url="https://example.org/one",
        https_trigger_security_level="SECURE_ALWAYS",
        ingress_settings="ALLOW_ALL",
        environment_variables={"API_KEY": "Never-kept-7"},
        build_environment_variables={},
        **_FUNCTION,
    ),
    "google_cloudfunctions2_function": _here(
        "locations/europe-west1/functions/two",
        location=_REGION,
        url="https://example.org/two",
        event_trigger=[],
        build_config=[{"runtime": "python312", "environment_variables": {}}],
        service_config=[{"ingress_settings": "ALLOW_INTERNAL_ONLY", "environment_variables": {"MODE": "x"}}],
    ),
    "google_cloud_run_v2_service": _here(
        "locations/europe-west1/services/api",
        location=_REGION,
        ingress="INGRESS_TRAFFIC_ALL",
        binary_authorization=[],
        template=[{**_RUN, "service_account": ""}],
    ),
    "google_cloud_run_service": {
        "id": f"locations/europe-west1/namespaces/{PROJECT}/services/old",
        "name": "old",
        "project": PROJECT,
        "location": _REGION,
        "metadata": [{"annotations": {"run.googleapis.com/ingress": "internal"}}],
        "template": [{"spec": [{**_RUN, "service_account_name": ""}]}],
    },
}
