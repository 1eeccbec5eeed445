"""An inventory as an SPDX 2.3 document (JSON), written directly: the model of the format is a few dozen keys."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from nephoscope.model.packages import Inventory, Package

_NAMESPACE = "urn:uuid:"
_ROOT = "SPDXRef-subject"
_UNSAID = "NOASSERTION"


def spdx(inventory: Inventory, subject: str, serial: UUID, when: datetime) -> bytes:
    """`subject`: what the inventory is of, such as an instance's id."""
    listed = [_package(number, package) for number, package in enumerate(inventory.packages)]
    document = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": subject,
        "documentNamespace": f"{_NAMESPACE}{serial}",
        "creationInfo": {
            "created": when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": ["Tool: nephoscope"],
        },
        "packages": [_subject(inventory, subject), *listed],
        "relationships": [
            _relation("SPDXRef-DOCUMENT", "DESCRIBES", _ROOT),
            *(_relation(_ROOT, "CONTAINS", row["SPDXID"]) for row in listed),
        ],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1)


def _subject(inventory: Inventory, subject: str) -> dict[str, Any]:
    system = inventory.os
    return {
        "name": subject,
        "SPDXID": _ROOT,
        "downloadLocation": _UNSAID,
        "filesAnalyzed": False,
        "primaryPackagePurpose": "OPERATING-SYSTEM" if system else "DEVICE",
        **({"versionInfo": system.title} if system else {}),
    }


def _package(number: int, package: Package) -> dict[str, Any]:
    purl = {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": package.purl}
    return {
        "name": package.name,
        "SPDXID": f"SPDXRef-package-{number}",
        "downloadLocation": _UNSAID,
        "filesAnalyzed": False,
        "externalRefs": [purl],
        **({"versionInfo": package.full_version} if package.full_version else {}),
        **({"sourceInfo": f"built from {' '.join(package.source)}"} if package.source_name else {}),
        **({"comment": f"found in {package.path}"} if package.path else {}),
    }


def _relation(one: str, kind: str, other: str) -> dict[str, str]:
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}
