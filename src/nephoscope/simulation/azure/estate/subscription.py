"""Resource groups and their locks."""

from nephoscope.simulation.azure.cloud import AzureCloud, Document


def fill(cloud: AzureCloud) -> None:
    groups = {"rg-core": "westeurope", "rg-shop": "northeurope", "rg-data": "westeurope", "rg-lab": "eastus"}
    root = cloud.root()
    cloud.put_listing(
        f"{root}/resourcegroups",
        [
            {
                "id": f"{root}/resourceGroups/{name}",
                "name": name,
                "type": "Microsoft.Resources/resourceGroups",
                "location": location,
                "tags": {"stage": "lab" if name == "rg-lab" else "production"},
                "properties": {"provisioningState": "Succeeded"},
            }
            for name, location in groups.items()
        ],
    )
    cloud.put_listing(
        f"{root}/providers/Microsoft.Authorization/locks",
        [_lock(f"{root}/resourceGroups/rg-core", "keep", "CanNotDelete")],
    )


def _lock(scope: str, name: str, level: str) -> Document:
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/locks/{name}",
        "name": name,
        "type": "Microsoft.Authorization/locks",
        "properties": {"level": level, "notes": "Ask the owners first."},
    }
