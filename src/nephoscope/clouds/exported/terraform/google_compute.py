"""What Terraform tells of machines, disks and clusters of Google Cloud. Of metadata only known switches keep values."""

from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.exported.terraform.blocks import Block, Read, State, each, first, listed, said, switch
from nephoscope.clouds.exported.terraform.google_known import (
    bindings,
    by_name,
    by_place,
    inside,
    is_set,
    last,
    linked,
    links,
    place,
    project_of,
)
from nephoscope.clouds.exported.terraform.rows import Known, Row
from nephoscope.clouds.gcp.collectors.compute import switches
from nephoscope.clouds.gcp.shaping import iso, link
from nephoscope.model.scopes import GLOBAL_REGION

_SHIELD = {
    "enableSecureBoot": "enable_secure_boot",
    "enableVtpm": "enable_vtpm",
    "enableIntegrityMonitoring": "enable_integrity_monitoring",
}


def _moment(key: str) -> Read:
    return lambda block, _: iso(block[key] or None)


def _metadata(block: Block) -> Mapping[str, str]:
    return {str(key): str(value or "") for key, value in (block["metadata"] or {}).items()}


def _switches(block: Block, _: State) -> dict[str, Any]:
    return switches(_metadata(block))


def _metadata_keys(block: Block, _: State) -> list[str]:
    more = ["startup-script"] if block.get("metadata_startup_script") else []
    return sorted({*_metadata(block), *more})


def _is_confidential(block: Block, _: State) -> bool:
    found = first(block, "confidential_instance_config") or {}
    return bool(found.get("enable_confidential_compute") or found.get("confidential_instance_type"))


def _of_kubernetes(block: Block, _: State) -> bool:
    return "goog-gke-node" in (block["labels"] or {}) or "kube-env" in _metadata(block)


def _scheduled(block: Block) -> Block:
    found: Block = block["scheduling"][0]
    return found


def _restarts(block: Block, _: State) -> bool:
    return bool(_scheduled(block)["automatic_restart"])


def _may_be_stopped(block: Block, _: State) -> bool:
    found = _scheduled(block)
    return bool(found["preemptible"]) or found.get("provisioning_model") == "SPOT"


def _shielded(block: Block, _: State) -> dict[str, bool]:
    found = first(block, "shielded_instance_config") or {}
    return {name: bool(found.get(key)) for name, key in _SHIELD.items()}


def _accounts(block: Block, _: State) -> list[dict[str, Any]]:
    rows = each(block, "service_account")
    return [{"email": row["email"], "scopes": sorted(row["scopes"] or ())} for row in rows]


def _interfaces(block: Block, _: State) -> list[dict[str, Any]]:
    return [
        {
            "name": row.get("name"),
            "networkIP": row["network_ip"] or None,
            "network": link(row["network"]),
            "subnetwork": link(row["subnetwork"]),
            "natIP": _outside(row),
        }
        for row in each(block, "network_interface")
    ]


def _outside(row: Block) -> str | None:
    """LookupError when it has an address from outside that is not given yet."""
    found = [str(one["nat_ip"]) for one in row["access_config"] or ()]
    found += [str(one["external_ipv6"]) for one in row.get("ipv6_access_config") or ()]
    return found[0] if found else None


def _external(block: Block, state: State) -> str | None:
    return next((row["natIP"] for row in _interfaces(block, state) if row["natIP"]), None)


def _internal(block: Block, state: State) -> str | None:
    return next((row["networkIP"] for row in _interfaces(block, state) if row["networkIP"]), None)


def _disks(block: Block, _: State) -> list[dict[str, Any]]:
    rows = [*((row, True) for row in each(block, "boot_disk")), *((row, False) for row in each(block, "attached_disk"))]
    return [
        {
            "deviceName": row["device_name"],
            "boot": boots,
            "source": link(row["source"]),
            "kmsKeyName": row["kms_key_self_link"] or None,
            "sha256": row["disk_encryption_key_sha256"] or None,
        }
        for row, boots in rows
    ]


def _key(block_name: str) -> Read:
    """A key of KMS, or the digest of one that is given with each request; both null when Google keeps the key."""

    def read(block: Block, _: State) -> dict[str, Any]:
        found = first(block, block_name)
        if found is None:
            return {"kmsKeyName": None, "sha256": None}
        return {"kmsKeyName": found["kms_key_self_link"] or None, "sha256": found.get("sha256") or None}

    return read


def _settings(block: Block) -> Known:
    project = project_of(block) or str(block["id"]).rpartition("/")[2]
    return Known(project, GLOBAL_REGION, project, project)


_INSTANCE: Mapping[str, Read] = {
    "region": place("zone"),
    "name": said("name"),
    "instanceNumber": said("instance_id"),
    "status": said("current_status"),
    "zone": last("zone"),
    "machineType": last("machine_type"),
    "externalIpAddress": _external,
    "internalIpAddress": _internal,
    "cpuPlatform": said("cpu_platform"),
    "hostname": said("hostname"),
    "creationTimestamp": _moment("creation_timestamp"),
    "canIpForward": switch("can_ip_forward"),
    "deletionProtection": switch("deletion_protection"),
    "isConfidential": _is_confidential,
    "isOfKubernetes": _of_kubernetes,
    "automaticRestart": _restarts,
    "preemptible": _may_be_stopped,
    "switches": _switches,
    "metadataKeys": _metadata_keys,
    "networkTags": listed("tags"),
    "shieldedInstanceConfig": _shielded,
    "serviceAccounts": _accounts,
    "networkInterfaces": _interfaces,
    "disks": _disks,
}
_DISK: Mapping[str, Read] = {
    "region": place("zone", "region"),
    "name": said("name"),
    "diskType": last("type"),
    "sourceImage": lambda block, _: link(block["image"]),
    "sizeGb": said("size"),
    "users": links("users"),
    "resourcePolicies": links("resource_policies"),
    "diskEncryptionKey": _key("disk_encryption_key"),
    "creationTimestamp": _moment("creation_timestamp"),
    "lastAttachTimestamp": _moment("last_attach_timestamp"),
}
_IMAGE: Mapping[str, Read] = {
    "name": said("name"),
    "family": said("family"),
    "diskEncryptionKey": _key("image_encryption_key"),
    "creationTimestamp": _moment("creation_timestamp"),
    "bindings": bindings("google_compute_image", "image"),
}
_SNAPSHOT: Mapping[str, Read] = {
    "name": said("name"),
    "sourceDisk": linked("source_disk"),
    "snapshotEncryptionKey": _key("snapshot_encryption_key"),
    "creationTimestamp": _moment("creation_timestamp"),
    "bindings": bindings("google_compute_snapshot", "name"),
}

# ---- clusters


def _allowed(block: Block, _: State) -> list[dict[str, Any]]:
    rows = (row for one in each(block, "master_authorized_networks_config") for row in one["cidr_blocks"] or ())
    return [{"displayName": row["display_name"] or None, "cidrBlock": row["cidr_block"]} for row in rows]


def _is_written(block_name: str) -> Read:
    return lambda block, _: first(block, block_name) is not None


def _components(block_name: str) -> Read:
    def read(block: Block, _: State) -> list[str]:
        return [name for row in each(block, block_name) for name in row["enable_components"] or ()]

    return read


def _judged(block: Block, _: State) -> str | None:
    """How images are admitted; older providers only have a switch."""
    found = first(block, "binary_authorization") or {}
    mode = found.get("evaluation_mode") or None
    return mode or ("PROJECT_SINGLETON_POLICY_ENFORCE" if found.get("enabled") else None)


def _addon(name: str) -> Read:
    return is_set(f"addons_config.{name}.enabled")


_CLUSTER: Mapping[str, Read] = {
    "region": place("location"),
    "name": said("name"),
    "location": said("location"),
    "currentMasterVersion": said("master_version"),
    "releaseChannel": inside("release_channel.channel"),
    "network": last("network"),
    "subnetwork": last("subnetwork"),
    "datapathProvider": said("datapath_provider"),
    "workloadPool": inside("workload_identity_config.workload_pool"),
    "binaryAuthorizationMode": _judged,
    "databaseEncryptionState": inside("database_encryption.state"),
    "databaseEncryptionKey": inside("database_encryption.key_name"),
    "securityPostureMode": inside("security_posture_config.mode"),
    "vulnerabilityMode": inside("security_posture_config.vulnerability_mode"),
    "groupsDomain": inside("authenticator_groups_config.security_group"),
    "isAutopilot": lambda block, _: block["enable_autopilot"] is True,
    "usesIpAliases": lambda block, _: block["networking_mode"] == "VPC_NATIVE",
    "legacyAbac": switch("enable_legacy_abac"),
    "clientCertificate": is_set("master_auth.client_certificate_config.issue_client_certificate"),
    "privateNodes": is_set("private_cluster_config.enable_private_nodes"),
    "privateEndpoint": is_set("private_cluster_config.enable_private_endpoint"),
    "authorizedNetworksEnabled": _is_written("master_authorized_networks_config"),
    "authorizedNetworks": _allowed,
    "networkPolicyEnabled": is_set("network_policy.enabled"),
    "shieldedNodes": switch("enable_shielded_nodes"),
    "intraNodeVisibility": lambda block, _: block["enable_intranode_visibility"] is True,
    "alphaEnabled": switch("enable_kubernetes_alpha"),
    "costAllocation": is_set("cost_management_config.enabled"),
    "backupAgentEnabled": _addon("gke_backup_agent_config"),
    "dnsCacheEnabled": _addon("dns_cache_config"),
    "loggingComponents": _components("logging_config"),
    "monitoringComponents": _components("monitoring_config"),
    "maintenanceWindow": lambda block, _: {"isSet": first(block, "maintenance_policy") is not None},
}


def _old_endpoint_off(block: Block, _: State) -> bool:
    found = first(block, "node_config") or {}
    return str((found.get("metadata") or {}).get("disable-legacy-endpoints")).lower() == "true"


def _identity(block: Block, state: State) -> str:
    return inside("node_config.service_account")(block, state) or "default"


def _scopes(block: Block, _: State) -> list[str]:
    return sorted(scope for row in each(block, "node_config") for scope in row["oauth_scopes"] or ())


_POOL: Mapping[str, Read] = {
    "region": place("location"),
    "name": said("name"),
    "clusterName": last("cluster"),
    "version": said("version"),
    "machineType": inside("node_config.machine_type"),
    "imageType": inside("node_config.image_type"),
    "serviceAccount": _identity,
    "workloadMetadataMode": inside("node_config.workload_metadata_config.mode"),
    "bootDiskKmsKey": inside("node_config.boot_disk_kms_key"),
    "sandboxType": inside("node_config.sandbox_config.sandbox_type"),
    "autoRepair": is_set("management.auto_repair"),
    "autoUpgrade": is_set("management.auto_upgrade"),
    "secureBoot": is_set("node_config.shielded_instance_config.enable_secure_boot"),
    "integrityMonitoring": is_set("node_config.shielded_instance_config.enable_integrity_monitoring"),
    "privateNodes": is_set("network_config.enable_private_nodes"),
    "isLegacyEndpointOff": _old_endpoint_off,
    "isConfidential": is_set("node_config.confidential_nodes.enabled"),
    "oauthScopes": _scopes,
    "initialNodeCount": said("initial_node_count"),
}

ROWS: tuple[Row, ...] = (
    Row(("google_compute_instance",), "VM_INSTANCE", by_place(), _INSTANCE),
    Row(
        ("google_compute_project_metadata",),
        "COMPUTE_PROJECT",
        _settings,
        {"switches": _switches, "metadataKeys": _metadata_keys},
    ),
    Row(("google_compute_disk",), "COMPUTE_DISK", by_place(), _DISK),
    Row(("google_compute_image",), "COMPUTE_IMAGE", by_name(), _IMAGE),
    Row(("google_compute_snapshot",), "COMPUTE_SNAPSHOT", by_name(), _SNAPSHOT),
    Row(("google_container_cluster",), "K8S_CLUSTER", by_place(), _CLUSTER),
    Row(("google_container_node_pool",), "NODE_POOL", by_place(), _POOL),
)
