"""Azure resource types: virtual machines and scale sets of them."""

from nephoscope.model.providers import Provider
from nephoscope.resource_types.azure.network import PLACE
from nephoscope.resource_types.fields import DISK, DISK_FACTS, booleans, integers, lists, maps, parts, rows, strings
from nephoscope.resource_types.types import ResourceType

_EXTENSION = ("name", "publisher", "type", "version", "provisioningState", "autoUpgrade")
_SYSTEM = (
    *strings("osType os.type", "licenseType", "priority", "identityType"),
    *strings("securityType", "patchMode", "assessmentMode"),
    *booleans("passwordLogin", "secureBootEnabled", "vTpmEnabled", "encryptionAtHost", "bootDiagnosticsEnabled"),
    *booleans("metadataProtected"),
    *lists("zones", "unmanagedDisks", "remoteManagementProtocols"),
    *rows("imageData", "id", "offer", "publisher", "version", "sku"),
    *rows("extensions", *_EXTENSION),
)
"""`passwordLogin`: Linux lets people in with a password; null for Windows, and where the image alone decides.
`remoteManagementProtocols`: what Windows answers WinRM on."""

VIRTUAL_MACHINE = ResourceType(
    name="VIRTUAL_MACHINE",
    provider=Provider.AZURE,
    service_type="Virtual Machine",
    title="Azure Virtual Machine",
    permissions=("Microsoft.Compute/virtualMachines/read",),
    aliases=("AZURE_VM",),
    is_regional=False,
    fields=(
        *PLACE,
        *strings("vmId", "size vm.size", "computerName", "provisioningState", "powerState vm.state"),
        *strings("availabilitySetId", "scaleSetId", "networkSecurityGroupId", "updatesAssessment"),
        *strings("primaryPrivateIPAddress", "primaryPublicIPAddress vm.public.ip", "primaryPublicIPAddressId"),
        *_SYSTEM,
        *booleans("diskEncryptionEnabled"),
        *integers("arsScore", "criticalityScore"),
        *lists("networkInterfaceIds", "publicIpAddressIds", "subnetIds", "diskIds", "justInTimePorts"),
        *rows("statuses", "code", "level", "displayStatus", "message", "time"),
        *maps("vulnerabilityStats"),
        *parts(DISK, *DISK_FACTS),
    ),
    wire=(
        *("arsScore", "vulnerabilityStats", "computerName", "primaryPrivateIPAddress", "primaryPublicIPAddress"),
        *("primaryPublicIPAddressId", "statuses", "criticalityScore", "availabilitySetId", "provisioningState"),
        *("licenseType", "size", "osType", "networkSecurityGroupId", "imageData"),
    ),
)

VIRTUAL_MACHINE_SCALE_SET = ResourceType(
    name="VIRTUAL_MACHINE_SCALE_SET",
    provider=Provider.AZURE,
    service_type="Virtual Machine Scale Set",
    title="Azure Virtual Machine Scale Set",
    permissions=("Microsoft.Compute/virtualMachineScaleSets/read",),
    aliases=("SCALE_SET", "VMSS"),
    is_regional=False,
    fields=(
        *PLACE,
        *strings("skuName", "orchestrationMode", "upgradeMode", "provisioningState", "managedBy"),
        *_SYSTEM,
        *booleans("automaticOsUpgrades", "automaticRepairs", "hasPublicAddresses"),
        *integers("capacity"),
        *lists("networkSecurityGroupIds", "unfilteredInterfaces", "subnetIds"),
    ),
)
"""`managedBy`: the cluster or service that made it and answers for it."""

TYPES = (VIRTUAL_MACHINE, VIRTUAL_MACHINE_SCALE_SET)
