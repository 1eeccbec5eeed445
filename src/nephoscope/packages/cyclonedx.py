"""An inventory as a CycloneDX 1.6 document (JSON). The same inventory, serial and moment give the same bytes."""

from datetime import datetime
from uuid import UUID

from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from nephoscope.model.packages import Inventory, Package

_PROPERTY = "nephoscope:"


def cyclonedx(inventory: Inventory, subject: str, serial: UUID, when: datetime) -> bytes:
    """`subject`: what the inventory is of, such as an instance's id."""
    root = Component(name=subject, type=ComponentType.DEVICE, bom_ref="subject")
    bom = Bom(serial_number=serial, version=1)
    bom.metadata.timestamp = when
    bom.metadata.component = root
    if inventory.os is not None:
        system = Component(
            name=inventory.os.id or inventory.os.title,
            version=inventory.os.version,
            description=inventory.os.title,
            type=ComponentType.OPERATING_SYSTEM,
            bom_ref="operating-system",
        )
        bom.components.add(system)
    for number, package in enumerate(inventory.packages):
        bom.components.add(_component(number, package))
    bom.register_dependency(root, bom.components)
    return JsonV1Dot6(bom).output_as_string(indent=1).encode()


def _component(number: int, package: Package) -> Component:
    told = {"path": package.path, "source": package.source_name, "source-version": package.source_version}
    return Component(
        name=package.name,
        version=package.full_version or None,
        type=ComponentType.LIBRARY,
        purl=PackageURL.from_string(package.purl),
        bom_ref=f"package-{number}",
        properties=[Property(name=f"{_PROPERTY}{name}", value=value) for name, value in told.items() if value],
    )
