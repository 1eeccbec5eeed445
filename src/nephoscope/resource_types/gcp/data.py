"""Google Cloud resource types: Dataproc, Pub/Sub and Artifact Registry."""

from nephoscope.resource_types.fields import booleans, lists, parts, rows, strings
from nephoscope.resource_types.gcp.declaring import BINDINGS, declared

DATAPROC_CLUSTER = declared(
    "DATAPROC_CLUSTER",
    "Dataproc",
    "Dataproc Cluster",
    *strings("clusterName", "state", "gcePdKmsKeyName", "imageVersion", "serviceAccount", "network", "subnetwork"),
    *booleans("internalIpOnly", "kerberosEnabled", "secureBoot"),
)
PUBSUB_TOPIC = declared(
    "PUBSUB_TOPIC",
    "Pub/Sub",
    "Pub/Sub Topic",
    *strings("kmsKeyName", "messageRetentionDuration"),
    *lists("allowedRegions"),
    *BINDINGS,
)
PUBSUB_SUBSCRIPTION = declared(
    "PUBSUB_SUBSCRIPTION",
    "Pub/Sub",
    "Pub/Sub Subscription",
    *strings("topic", "pushEndpoint", "pushIdentity", "deadLetterTopic", "state"),
    *BINDINGS,
)
ARTIFACT_REPOSITORY = declared(
    "ARTIFACT_REPOSITORY",
    "Artifact Registry",
    "Artifact Registry Repository",
    *strings("format", "mode", "kmsKeyName", "vulnerabilityScanning"),
    *parts("dockerConfig", "immutableTags"),
    *rows("cleanupPolicies", "id", "action"),
    *BINDINGS,
)

TYPES = (DATAPROC_CLUSTER, PUBSUB_TOPIC, PUBSUB_SUBSCRIPTION, ARTIFACT_REPOSITORY)
