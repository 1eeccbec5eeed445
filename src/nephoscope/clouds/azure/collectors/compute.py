"""How managed disks are read."""

from nephoscope.clouds.azure.collecting import Collector, Place, Raw, resources
from nephoscope.clouds.azure.shaping import properties, resource
from nephoscope.model.resources import Observed
from nephoscope.resource_types.azure import compute as types


def _shape_disk(raw: Raw, _: Place) -> Observed:
    known = properties(raw)
    encryption = known.get("encryption") or {}
    more = {
        "encryptionType": encryption.get("type"),
        "diskEncryptionSetId": encryption.get("diskEncryptionSetId"),
        "publicNetworkAccess": known.get("publicNetworkAccess") or "Enabled",
        "networkAccessPolicy": known.get("networkAccessPolicy") or "AllowAll",
        "managedBy": raw.get("managedBy"),
    }
    return resource(types.DISK, raw, {**known, **more})


COLLECTORS = (Collector("AZURE_DISK", resources("microsoft.compute/disks"), _shape_disk),)
