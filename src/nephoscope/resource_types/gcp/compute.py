"""Google Cloud resource types: virtual machines, their disks, and what a project says for all of them.

Metadata may hold scripts with passwords, so of it only what is known to be a switch keeps its value."""

from nephoscope.resource_types.fields import DISK, DISK_FACTS, booleans, integers, lists, parts, rows, strings, times
from nephoscope.resource_types.gcp.declaring import BINDINGS, declared

_SWITCHES = ("blockProjectSshKeys", "serialPortEnable", "enableOslogin", "enableOsconfig", "enableOslogin2fa")
"""`true`, `false`, or null where nobody said."""
_ENCRYPTION = parts("diskEncryptionKey", "kmsKeyName", "sha256")

VM_INSTANCE = declared(
    "VM_INSTANCE",
    "Compute Engine",
    "VM Instance",
    *strings("name", "instanceNumber", "status", "zone", "machineType", "externalIpAddress", "internalIpAddress"),
    *strings("cpuPlatform", "hostname"),
    *times("creationTimestamp", "lastStartTimestamp"),
    *booleans("canIpForward", "deletionProtection", "isConfidential", "isOfKubernetes", "automaticRestart"),
    *booleans("preemptible"),
    *parts("switches", *_SWITCHES),
    *lists("metadataKeys", "networkTags"),
    *parts("shieldedInstanceConfig", "enableSecureBoot", "enableVtpm", "enableIntegrityMonitoring"),
    *rows("serviceAccounts", "email", "scopes"),
    *rows("networkInterfaces", "name", "network", "subnetwork", "networkIP", "natIP"),
    *rows("disks", "deviceName", "boot", "source", "kmsKeyName", "sha256"),
    *parts("vulnerabilityReport", "updateTime", "vulnerabilityCount"),
    *parts(DISK, *DISK_FACTS),
)
COMPUTE_PROJECT = declared(
    "COMPUTE_PROJECT",
    "Compute Engine",
    "Compute Engine Settings",
    *strings("defaultServiceAccount", "defaultNetworkTier", "sharedNetworkStatus"),
    *parts("switches", *_SWITCHES),
    *lists("metadataKeys"),
)
COMPUTE_DISK = declared(
    "COMPUTE_DISK",
    "Compute Engine",
    "Persistent Disk",
    *strings("name", "status", "diskType", "sourceImage"),
    *integers("sizeGb"),
    *lists("users", "resourcePolicies"),
    *_ENCRYPTION,
    *times("creationTimestamp", "lastAttachTimestamp"),
    aliases=("DISK",),
)
COMPUTE_IMAGE = declared(
    "COMPUTE_IMAGE",
    "Compute Engine",
    "Image",
    *strings("name", "status", "family"),
    *_ENCRYPTION,
    *times("creationTimestamp"),
    *BINDINGS,
)
COMPUTE_SNAPSHOT = declared(
    "COMPUTE_SNAPSHOT",
    "Compute Engine",
    "Snapshot",
    *strings("name", "status", "sourceDisk"),
    *parts("snapshotEncryptionKey", "kmsKeyName", "sha256"),
    *times("creationTimestamp"),
    *BINDINGS,
)

TYPES = (VM_INSTANCE, COMPUTE_PROJECT, COMPUTE_DISK, COMPUTE_IMAGE, COMPUTE_SNAPSHOT)
