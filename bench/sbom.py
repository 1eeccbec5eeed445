"""What is installed below a folder as a CycloneDX document, by our own readers: `python -m bench.sbom DIR FILE`."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from nephoscope.model.packages import Inventory
from nephoscope.packages.collecting import Collecting
from nephoscope.packages.cyclonedx import cyclonedx
from nephoscope.packages.directory import Directory


def inventory_of(root: Path) -> Inventory:
    files = Directory(root)
    collecting = Collecting(files)
    for entry in files.walk():
        collecting.offer(entry)
    return collecting.finish()


def main(root: str, file: str) -> None:
    inventory = inventory_of(Path(root))
    Path(file).write_bytes(cyclonedx(inventory, "nephoscope", uuid4(), datetime.now(UTC)))
    print(f"{len(inventory.packages)} packages in {file}")


if __name__ == "__main__":
    main(*sys.argv[1:])
