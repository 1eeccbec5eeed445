"""Bills of materials, judged by the validators of their own formats."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

from nephoscope.model.packages import Inventory, OsRelease, Package, PackageKind
from nephoscope.packages.cyclonedx import cyclonedx
from nephoscope.packages.spdx import spdx

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SERIAL = UUID(int=7)
FULL = Inventory(
    os=OsRelease("amzn", "2023", "Amazon Linux 2023.6.20241010", ecosystem="Amazon Linux:2023"),
    packages=(
        Package(
            name="python3-urllib3",
            version="1.25.10",
            release="3.amzn2023.0.1",
            epoch=1,
            arch="noarch",
            kind=PackageKind.RPM,
            ecosystem="Amazon Linux:2023",
            source_name="python-urllib3",
            path="/var/lib/rpm/rpmdb.sqlite",
        ),
        Package(name="@a/b", version="1.0.0", kind=PackageKind.NPM, ecosystem="npm", path="/a/package.json"),
        Package(name="example.com/x", version="", kind=PackageKind.GOLANG, ecosystem="Go"),
    ),
)


def test_cyclonedx_is_valid_and_says_all() -> None:
    written = cyclonedx(FULL, "i-1", SERIAL, NOW)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written.decode()) is None
    document = msgspec.json.decode(written)
    assert document["metadata"]["component"]["name"] == "i-1"
    assert [row["name"] for row in document["components"] if row["type"] == "operating-system"] == ["amzn"]
    urls = {row.get("purl") for row in document["components"]}
    assert urls >= {package.purl for package in FULL.packages}
    assert written == cyclonedx(FULL, "i-1", SERIAL, NOW)


def test_spdx_is_valid_and_says_all(tmp_path: Path) -> None:
    written = spdx(FULL, "i-1", SERIAL, NOW)
    target = tmp_path / "bill.spdx.json"
    target.write_bytes(written)
    assert validate_full_spdx_document(parse_file(str(target))) == []
    document = msgspec.json.decode(written)
    urls = {ref["referenceLocator"] for row in document["packages"] for ref in row.get("externalRefs", ())}
    assert urls == {package.purl for package in FULL.packages}
    assert document["packages"][1]["versionInfo"] == "1:1.25.10-3.amzn2023.0.1"


def test_an_inventory_can_be_kept() -> None:
    assert msgspec.json.decode(msgspec.json.encode(FULL), type=Inventory) == FULL
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(FULL), type=Inventory) == FULL


def test_nothing_is_a_bill_too(tmp_path: Path) -> None:
    empty = Inventory()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(cyclonedx(empty, "i-1", SERIAL, NOW).decode()) is None
    target = tmp_path / "empty.spdx.json"
    target.write_bytes(spdx(empty, "i-1", SERIAL, NOW))
    assert validate_full_spdx_document(parse_file(str(target))) == []
