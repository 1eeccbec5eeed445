"""What looking inside disks takes in Azure, beside what a scan takes: as narrow as a role can say it."""

from typing import Any

DISK_PERMISSIONS = (
    "Microsoft.Compute/disks/beginGetAccess/action",
    "Microsoft.Compute/disks/read",
    "Microsoft.Compute/locations/diskOperations/read",
    "Microsoft.Compute/snapshots/beginGetAccess/action",
    "Microsoft.Compute/snapshots/delete",
    "Microsoft.Compute/snapshots/endGetAccess/action",
    "Microsoft.Compute/snapshots/read",
    "Microsoft.Compute/snapshots/write",
    "Microsoft.Compute/virtualMachines/instanceView/read",
    "Microsoft.Compute/virtualMachines/read",
)
"""Azure asks for `disks/beginGetAccess` of whoever copies a disk, for `instanceView` of whoever asks whether a machine
runs. Roles know no condition on tags: whoever may delete our snapshots may delete others in the same scope."""


def disk_role_definition(subscription: str = "") -> dict[str, Any]:
    """As `az role definition create --role-definition` takes it. It makes, opens and deletes snapshots."""
    return {
        "Name": "Nephoscope Disk Reader",
        "IsCustom": True,
        "Description": "What nephoscope takes to copy the disks of machines, read the copies and delete them again.",
        "Actions": list(DISK_PERMISSIONS),
        "NotActions": [],
        "DataActions": [],
        "NotDataActions": [],
        "AssignableScopes": [f"/subscriptions/{subscription or '00000000-0000-0000-0000-000000000000'}"],
    }
