"""How Dataproc, Pub/Sub and Artifact Registry are read, from the inventory."""

from collections.abc import Mapping
from typing import Any

from nephoscope.clouds.gcp.collecting import BINDINGS, Collector, Place, Raw, assets
from nephoscope.clouds.gcp.shaping import data_of, last, link, picked, placed, resource
from nephoscope.model.resources import Observed
from nephoscope.resource_types.gcp import data as types

_CLUSTER = "dataproc.googleapis.com/Cluster"
_TOPIC, _SUBSCRIPTION = "pubsub.googleapis.com/Topic", "pubsub.googleapis.com/Subscription"
_REPOSITORY = "artifactregistry.googleapis.com/Repository"


def _shape_cluster(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    config: Mapping[str, Any] = data.get("config") or {}
    machines: Mapping[str, Any] = config.get("gceClusterConfig") or {}
    shield = machines.get("shieldedInstanceConfig") or {}
    kerberos = (config.get("securityConfig") or {}).get("kerberosConfig") or {}
    known = {
        "clusterName": data.get("clusterName"),
        "state": (data.get("status") or {}).get("state"),
        "gcePdKmsKeyName": (config.get("encryptionConfig") or {}).get("gcePdKmsKeyName"),
        "imageVersion": (config.get("softwareConfig") or {}).get("imageVersion"),
        "serviceAccount": machines.get("serviceAccount"),
        "network": link(machines.get("networkUri")),
        "subnetwork": link(machines.get("subnetworkUri")),
        "internalIpOnly": bool(machines.get("internalIpOnly")),
        "secureBoot": bool(shield.get("enableSecureBoot")),
        "kerberosEnabled": bool(kerberos.get("enableKerberos")),
    }
    return resource(types.DATAPROC_CLUSTER, raw, known, resource_id=placed(raw["name"]), name=last(raw["name"]))


def _shape_topic(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    known = {
        **picked(data, ("messageRetentionDuration",)),
        "kmsKeyName": data.get("kmsKeyName") or None,
        "allowedRegions": list((data.get("messageStoragePolicy") or {}).get("allowedPersistenceRegions") or ()),
    }
    return resource(types.PUBSUB_TOPIC, raw, known, name=last(raw["name"]))


def _shape_subscription(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    push: Mapping[str, Any] = data.get("pushConfig") or {}
    known = {
        "topic": link(data.get("topic")),
        "state": data.get("state"),
        "pushEndpoint": push.get("pushEndpoint") or None,
        "pushIdentity": (push.get("oidcToken") or {}).get("serviceAccountEmail"),
        "deadLetterTopic": (data.get("deadLetterPolicy") or {}).get("deadLetterTopic"),
    }
    return resource(types.PUBSUB_SUBSCRIPTION, raw, known, name=last(raw["name"]))


def _shape_repository(raw: Raw, _: Place) -> Observed:
    data = data_of(raw)
    policies = data.get("cleanupPolicies") or {}
    docker = data.get("dockerConfig") or {}
    known = {
        **picked(data, ("format", "mode")),
        "kmsKeyName": data.get("kmsKeyName") or None,
        "vulnerabilityScanning": (data.get("vulnerabilityScanningConfig") or {}).get("enablementState"),
        "dockerConfig": {"immutableTags": bool(docker.get("immutableTags"))},
        "cleanupPolicies": [{"id": name, "action": row.get("action")} for name, row in sorted(policies.items())],
    }
    return resource(types.ARTIFACT_REPOSITORY, raw, known, resource_id=placed(raw["name"]), name=last(raw["name"]))


COLLECTORS = (
    Collector("DATAPROC_CLUSTER", assets(_CLUSTER), _shape_cluster),
    Collector("PUBSUB_TOPIC", assets(_TOPIC), _shape_topic, (BINDINGS,)),
    Collector("PUBSUB_SUBSCRIPTION", assets(_SUBSCRIPTION), _shape_subscription, (BINDINGS,)),
    Collector("ARTIFACT_REPOSITORY", assets(_REPOSITORY), _shape_repository, (BINDINGS,)),
)
ASSET_KINDS = (_CLUSTER, _TOPIC, _SUBSCRIPTION, _REPOSITORY)
