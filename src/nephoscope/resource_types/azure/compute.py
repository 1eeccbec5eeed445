"""Azure resource types: managed disks."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.fields import integers, strings
from nephoscope.resource_types.types import ResourceType

DISK = ResourceType(
    name="AZURE_DISK",
    provider=Provider.AZURE,
    service_type="Disk",
    title="Azure Managed Disk",
    permissions=("Microsoft.Compute/disks/read",),
    aliases=("DISK",),
    is_regional=False,
    fields=(
        *strings("region", "resourceGroupName", "diskState", "osType", "encryptionType", "diskEncryptionSetId"),
        *strings("networkAccessPolicy", "publicNetworkAccess", "dataAccessAuthMode", "managedBy"),
        *integers("diskSizeGB"),
    ),
)

TYPES = (DISK,)
