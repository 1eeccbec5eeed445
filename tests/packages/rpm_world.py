"""Two small packages, built and registered by the real rpm, and writers of the databases that it no longer writes
or not everywhere."""

import os
import struct
import subprocess
from pathlib import Path

SPEC = """
Name: {name}
Version: {version}
Release: {release}
{epoch}
Summary: A package
License: none
BuildArch: noarch
%description
Nothing.
%install
mkdir -p %{{buildroot}}/etc %{{buildroot}}/usr/share/{name}
echo secret > %{{buildroot}}/etc/{name}.conf
{files}
%files
%config /etc/{name}.conf
/usr/share/{name}
"""
PAGE = 4096


def build_rpm(folder: Path, name: str, version: str, release: str, *, epoch: int = 0, files: int = 1) -> Path:
    made = "\n".join(f"echo {at} > %{{buildroot}}/usr/share/{name}/file{at}.txt" for at in range(files))
    spec = folder / f"{name}.spec"
    line = f"Epoch: {epoch}" if epoch else ""
    spec.write_text(SPEC.format(name=name, version=version, release=release, epoch=line, files=made))
    run("rpmbuild", "--define", f"_topdir {folder}/build", "-bb", "--quiet", str(spec))
    return next((folder / "build" / "RPMS").rglob(f"{name}-*.rpm"))


def register(packages: list[Path], database: Path, backend: str) -> None:
    database.mkdir(parents=True)
    define = ["--define", f"_db_backend {backend}", "--dbpath", str(database)]
    run("rpm", *define, "-i", "--justdb", "--nodeps", "--noscripts", *map(str, packages))


def run(*command: str) -> str:
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C"}
    ran = subprocess.run(  # noqa: S603 - the real tool
        command, capture_output=True, text=True, check=True, timeout=60, env=environment
    )
    return ran.stdout


def berkeley(blobs: list[bytes]) -> bytes:
    """A hash of one bucket: page 0 says so, page 1 holds pairs, the values lie on chains of overflow pages."""
    pages: list[bytes] = []
    pairs: list[tuple[bytes, bytes]] = []
    for number, blob in enumerate(blobs, 1):
        first = 2 + len(pages)
        parts = [blob[at : at + PAGE - 26] for at in range(0, len(blob), PAGE - 26)]
        for at, part in enumerate(parts):
            follow = first + at + 1 if at + 1 < len(parts) else 0
            pages.append(_overflow(first + at, follow, part))
        key = b"\1" + number.to_bytes(4, "little")
        pairs.append((key, struct.pack("<BxxxII", 3, first, len(blob))))
    meta = bytearray(PAGE)
    struct.pack_into("<8xIIIIBBBxIII", meta, 0, 0, 0x061561, 9, PAGE, 0, 8, 0, 0, 1 + len(pages), 0)
    struct.pack_into("<I", meta, 96, 1)  # the first bucket begins at page 1
    return bytes(meta) + _bucket(pairs) + b"".join(pages)


def _overflow(number: int, follow: int, content: bytes) -> bytes:
    head = struct.pack("<8xIIIHHBB", number, 0, follow, 1, len(content), 0, 7)
    return (head + content).ljust(PAGE, b"\0")


def _bucket(pairs: list[tuple[bytes, bytes]]) -> bytes:
    """Items fill the page from its end; their places follow the head."""
    end, places, items = PAGE, list[int](), b""
    for item in (part for pair in pairs for part in pair):
        end -= len(item)
        places.append(end)
        items = item + items
    head = struct.pack("<8xIIIHHBB", 1, 0, 0, len(places), end, 0, 13) + struct.pack(f"<{len(places)}H", *places)
    return head.ljust(end, b"\0") + items


def ndb(blobs: list[bytes]) -> bytes:
    """One page of slots (its first two are the head), then each package in blocks of 16 bytes between two marks."""
    slots, area = b"", b""
    for number, blob in enumerate(blobs, 1):
        size = 16 + len(blob) + 12
        blocks = -(-size // 16)
        slots += struct.pack("<4sIII", b"Slot", number, (PAGE + len(area)) // 16, blocks)
        body = struct.pack("<4sIII", b"BlbS", number, 1, len(blob)) + blob
        area += body.ljust(blocks * 16 - 12, b"\0") + struct.pack("<II4s", 0, len(blob), b"BlbE")
    empty = struct.pack("<4sIII", b"Slot", 0, 0, 0)
    head = struct.pack("<4sIIIIxxxxxxxxxxxx", b"RpmP", 0, 1, 1, len(blobs) + 1)
    return head + slots + empty * ((PAGE - 32 - len(slots)) // 16) + area
