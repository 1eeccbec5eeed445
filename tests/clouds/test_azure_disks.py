"""From a machine in Azure to its files and back to nothing, against an Azure on loopback that has just that."""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import virtual_disks
from fake_aws import FakePace
from nephoscope.clouds.azure.disks import DISK_PERMISSIONS, TAG, AzureDisks, open_disks
from nephoscope.errors import DeniedError, DiskError, GoneError
from nephoscope.images.budget import Meter
from nephoscope.images.machines import Completeness, Consistency, open_sources
from nephoscope.model.connectors import AzureAccess

GROUP = "/subscriptions/s1/resourceGroups/g/providers/Microsoft.Compute"
MACHINE = f"{GROUP}/virtualMachines/web"
DISK = f"{GROUP}/disks/web-os"


class Tokens:
    def token(self, audience: str) -> str:
        assert audience == "https://management.azure.com/.default"
        return "token"

    def forget(self, audience: str, token: str) -> None:
        """Nothing is kept."""


class FakeAzure:
    """One machine with one disk. `images` is what snapshots made from now on hold; `refused` maps the end of a path to
    a status; `sas` is the secret that opens them at the moment."""

    def __init__(self, image: Path) -> None:
        self.image = image
        self.snapshots: dict[str, dict[str, Any]] = {}
        self.held: dict[str, bytes] = {}
        self.refused: dict[str, int] = {}
        self.sas = 1
        self.power = "running"
        self.url = ""
        self.asked: list[str] = []
        self.corrupt = False
        self._polls = 0

    def answer(self, method: str, target: str, headers: Any, body: bytes) -> tuple[int, dict[str, str], bytes]:
        path, _, query = target.partition("?")
        self.asked.append(f"{method} {path.rpartition('/')[2]}")
        refused = next((status for end, status in self.refused.items() if f"{method} {path}".endswith(end)), 0)
        if refused:
            return refused, {}, b"{}"
        if path.startswith("/blob/"):
            return self._blob(path.rpartition("/")[2], query, headers)
        assert headers["Authorization"] == "Bearer token"
        status, told, found = self._manager(method, path, json.loads(body or b"null"))
        return status, told, json.dumps(found).encode()

    def _manager(self, method: str, path: str, body: Any) -> tuple[int, dict[str, str], Any]:
        name = path.rpartition("/")[2]
        if path == MACHINE:
            view = {"statuses": [{"code": f"PowerState/{self.power}"}]}
            storage = {"osDisk": {"managedDisk": {"id": DISK}}, "dataDisks": []}
            return 200, {}, {"location": "westeurope", "properties": {"instanceView": view, "storageProfile": storage}}
        if path == DISK:
            return 200, {}, {"properties": {"diskSizeBytes": self.image.stat().st_size}}
        if path.endswith("/snapshots"):
            return 200, {}, {"value": list(self.snapshots.values())}
        if name == "beginGetAccess":
            self._polls = 2
            return 202, {"Location": f"{self.url}/poll/{path.split('/')[-2]}"}, None
        if path.startswith("/poll/"):
            self._polls -= 1
            done = {"accessSAS": f"{self.url}/blob/{name}?sig={self.sas}"}
            return (202, {"Location": f"{self.url}{path}"}, None) if self._polls else (200, {}, done)
        return self._snapshot(method, path, name, body)

    def _snapshot(self, method: str, path: str, name: str, body: Any) -> tuple[int, dict[str, str], Any]:
        if method == "PUT":
            made = datetime.now(UTC).isoformat()
            properties = {**body["properties"], "provisioningState": "Succeeded", "timeCreated": made}
            self.snapshots[name] = {**body, "id": path, "properties": properties}
            self.held[name] = self.image.read_bytes()
        elif name == "endGetAccess":
            return 200, {}, None
        elif name not in self.snapshots:
            return 404, {}, {"error": {"code": "ResourceNotFound", "message": "gone"}}
        elif method == "DELETE":
            del self.snapshots[name]
        return 200, {}, self.snapshots.get(name)

    def _blob(self, name: str, query: str, headers: Any) -> tuple[int, dict[str, str], bytes]:
        if f"sig={self.sas}" not in query:
            return 403, {}, b"<Error><Code>AuthenticationFailed</Code></Error>"
        content = self.held[name]
        if "comp=pagelist" in query:
            before = headers.get("x-ms-previous-snapshot-url", "")
            return 200, {}, self._pages(content, before, query)
        first, last = map(int, re.findall(r"\d+", headers["Range"]))
        piece = content[first : last + 1]
        told = {"Content-MD5": base64.b64encode(hashlib.md5(piece, usedforsecurity=False).digest()).decode()}
        return 206, told, piece[:-1] + b"!" if self.corrupt else piece

    def _pages(self, content: bytes, before: str, query: str) -> bytes:
        """Two ranges a page."""
        old = self.held[before.partition("?")[0].rpartition("/")[2]] if before else bytes(len(content))
        cuts = [at for at in range(0, len(content), 65536) if content[at : at + 65536] != old[at : at + 65536]]
        start = int(next(iter(re.findall(r"marker=(\d+)", query)), 0))
        rows = "".join(
            f"<PageRange><Start>{at}</Start><End>{at + 65535}</End></PageRange>" for at in cuts[start : start + 2]
        )
        more = f"<NextMarker>{start + 2}</NextMarker>" if start + 2 < len(cuts) else "<NextMarker/>"
        return f"<?xml version='1.0'?><PageList>{rows}{more}</PageList>".encode()


@pytest.fixture
def image(tmp_path: Path) -> Path:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "os-release").write_text("ID=azurelinux\n")
    return virtual_disks.ext(tmp_path / "disk.img", tmp_path / "tree", 4 * virtual_disks.MIB)


@pytest.fixture
def azure(image: Path) -> Iterator[FakeAzure]:
    fake = FakeAzure(image)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            status, headers, body = fake.answer(self.command, self.path, self.headers, self.rfile.read(length))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815 - likewise

        def log_message(self, *_: object) -> None:
            """No log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        fake.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield fake
        server.shutdown()


@pytest.fixture
def door(azure: FakeAzure) -> Iterator[AzureDisks]:
    with open_disks(AzureAccess(endpoint_url=azure.url), "s1", Tokens(), pace=FakePace().pace) as opened:
        yield opened


def read(door: AzureDisks, *, existing: bool = False) -> bytes:
    meter = Meter()
    with (
        door.copy("", MACHINE, existing=existing) as copies,
        open_sources(copies.sources(meter), meter, copies.consistency) as machine,
    ):
        return next(view.read("/os-release", 100) for _, view in machine.views())


def test_the_whole_way(azure: FakeAzure, door: AzureDisks) -> None:
    (attached,) = door.disks_of("", MACHINE)
    assert attached.is_root
    assert door.quote([attached]).blocks == 8
    assert read(door) == b"ID=azurelinux\n"
    assert azure.snapshots == {}
    assert {"PUT", "DELETE"} <= {line.split()[0] for line in azure.asked}
    assert door.desk.permissions_used() <= set(DISK_PERMISSIONS)


def test_an_address_that_does_not_open_any_more_is_renewed(azure: FakeAzure, door: AzureDisks) -> None:
    meter = Meter()
    with door.copy("", MACHINE) as copies:
        (source,) = copies.sources(meter)
        whole = source.fetch(0)
        azure.sas = 2
        assert source.fetch(0) == whole


def test_what_was_made_goes_and_orphans_are_swept(azure: FakeAzure, door: AzureDisks) -> None:
    azure.refused["/beginGetAccess"] = 403
    with door.copy("", MACHINE) as copies, pytest.raises(DeniedError, match="beginGetAccess/action is missing"):
        copies.sources(Meter())[0].holds(0)
    assert azure.snapshots == {}
    azure.refused = {"endGetAccess": 404}
    with door.copy("", MACHINE) as copies:
        name = copies.disks[0].snapshot_id.rpartition("/")[2]
        azure.refused[name] = 409
    assert name in copies.left_behind[0]
    azure.refused.clear()
    assert TAG in azure.snapshots[name]["tags"]
    now = datetime.now(UTC)
    assert door.sweep("", now - timedelta(hours=1)) == ()
    assert door.sweep("", now + timedelta(hours=1), keep=[copies.disks[0].snapshot_id]) == ()
    assert door.sweep("", now + timedelta(hours=1)) == (copies.disks[0].snapshot_id,)
    assert azure.snapshots == {}


def test_what_changed_between_two_copies(door: AzureDisks, image: Path) -> None:
    with door.copy("", MACHINE) as first, door.copy("", MACHINE) as same:
        unchanged = door.changed("", first.disks[0].snapshot_id, same.disks[0].snapshot_id)
        assert unchanged is not None
        assert len(unchanged) == 0
        virtual_disks.write(image, 3 * 512 * 1024 + 99, b"changed")
        with door.copy("", MACHINE) as second:
            changed = door.changed("", first.disks[0].snapshot_id, second.disks[0].snapshot_id)
    assert changed is not None
    assert list(changed) == [3]


def test_an_existing_snapshot_is_used_and_left(azure: FakeAzure, door: AzureDisks) -> None:
    with pytest.raises(GoneError, match="no snapshot"):
        door.copy("", MACHINE, existing=True)
    with door.copy("", MACHINE) as kept:
        kept.keep()
    assert read(door, existing=True) == b"ID=azurelinux\n"
    assert len(azure.snapshots) == 1


def test_how_consistent_it_is(azure: FakeAzure, door: AzureDisks) -> None:
    with door.copy("", MACHINE) as running:
        assert running.consistency is Consistency.CRASH_PER_DISK
    azure.power = "deallocated"
    with door.copy("", MACHINE) as stopped:
        assert stopped.consistency is Consistency.STOPPED


def test_broken_blocks_are_noticed(azure: FakeAzure, door: AzureDisks) -> None:
    azure.corrupt = True
    meter = Meter()
    with (
        door.copy("", MACHINE) as copies,
        open_sources(copies.sources(meter), meter, copies.consistency) as machine,
    ):
        coverage = machine.coverage()
        with pytest.raises(DiskError, match="checksum"):
            copies.sources(meter)[0].fetch(0)
    assert coverage.state is Completeness.FAILED
