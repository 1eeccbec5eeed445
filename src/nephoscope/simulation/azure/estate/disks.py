"""Managed disks: in use and left behind, with keys of one's own and without."""

from nephoscope.simulation.azure.cloud import AzureCloud, Document
from nephoscope.simulation.azure.estate.network import machine_id
from nephoscope.simulation.azure.estate.words import MADE, ROOT

_SET = f"{ROOT}/resourceGroups/rg-core/providers/Microsoft.Compute/diskEncryptionSets/des-core"
_OWN = {"type": "EncryptionAtRestWithCustomerKey", "diskEncryptionSetId": _SET}
_PLATFORM = {"type": "EncryptionAtRestWithPlatformKey"}
_CLOSED = {
    "networkAccessPolicy": "DenyAll",
    "publicNetworkAccess": "Disabled",
    "dataAccessAuthMode": "AzureActiveDirectory",
}
_OPEN = {"networkAccessPolicy": "AllowAll", "publicNetworkAccess": "Enabled"}


def fill(cloud: AzureCloud) -> None:
    shop, lab = machine_id("vm-shop", "rg-shop"), machine_id("vm-lab", "rg-lab")
    _put(cloud, "disk-shop-os", {"osType": "Linux", "encryption": _OWN, **_CLOSED}, shop)
    _put(cloud, "disk-lab-os", {"osType": "Windows", "encryption": _PLATFORM, **_OPEN}, lab)
    _put(cloud, "disk-kept", {"encryption": _OWN, **_CLOSED}, "")
    _put(cloud, "disk-orphan", {"encryption": _PLATFORM}, "")


def _put(cloud: AzureCloud, name: str, settings: Document, owner: str) -> None:
    known = {
        "creationData": {"createOption": "Empty"},
        "diskSizeGB": 128,
        "diskSizeBytes": 128 * 1024**3,
        "diskState": "Attached" if owner else "Unattached",
        "provisioningState": "Succeeded",
        "timeCreated": MADE,
        "uniqueId": f"6f1c-{name}",
    }
    sku = {"name": "Premium_LRS", "tier": "Premium"}
    group = owner.split("/")[4] if owner else "rg-core"
    cloud.add("Microsoft.Compute/disks", name, known | settings, group=group, sku=sku, managedBy=owner or None)
