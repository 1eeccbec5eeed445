"""Virtual disks made at test time, with the tools that make real ones, and by hand where those want devices."""

import os
import shutil
import struct
import subprocess
import zlib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import pytest

MIB = 1024 * 1024
_LVM_SEED = 0xF597A6CF


def needs(*tools: str) -> None:
    """Skips the test, naming the tool that is missing."""
    missing = [tool for tool in tools if _found(tool) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not installed")


def run(tool: str, *arguments: str | Path) -> None:
    program = _found(tool)
    assert program is not None
    subprocess.run([program, *map(str, arguments)], check=True, capture_output=True, timeout=60)  # noqa: S603 - a tool of the system


def _found(tool: str) -> str | None:
    return shutil.which(tool, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def blank(path: Path, size: int) -> Path:
    with path.open("wb") as file:
        file.truncate(size)
    return path


def ext(path: Path, folder: Path, size: int = 24 * MIB, kind: str = "ext4", *options: str) -> Path:
    """A file system that holds what the folder holds."""
    needs("mkfs.ext4")
    run("mkfs.ext4", "-q", "-F", "-t", kind, *options, "-d", folder, blank(path, size))
    return path


def xfs(path: Path, folder: Path, size: int = 320 * MIB, *options: str) -> Path:
    """Likewise; names with blanks are left out, which its way of describing them cannot spell."""
    needs("mkfs.xfs")
    described = path.with_suffix(".proto")
    described.write_bytes(os.fsencode("\n".join(["/dev/null", "0 0", "d--755 0 0", *_prototype(folder), "$", ""])))
    run("mkfs.xfs", "-q", "-f", *options, "-p", described, blank(path, size))
    return path


def _prototype(folder: Path) -> Sequence[str]:
    lines: list[str] = []
    for path in sorted(folder.iterdir()):
        if path.is_symlink():
            lines.append(f"{path.name} l--777 0 0 {path.readlink()}")
        elif path.is_dir():
            lines += [f"{path.name} d--755 0 0", *_prototype(path), "$"]
        elif path.is_file():
            lines.append(f"{path.name} ---644 0 0 {path.absolute()}")
    return lines


def fat16(path: Path, files: Mapping[str, bytes], size: int = 16 * MIB) -> Path:
    """Files with short names in the root folder, written by hand into what mkfs.vfat made."""
    needs("mkfs.vfat")
    run("mkfs.vfat", "-F", "16", "-s", "4", blank(path, size))
    head = path.read_bytes()[:64]
    sector, per_cluster, reserved, tables = struct.unpack_from("<HBHB", head, 11)
    (entries,) = struct.unpack_from("<H", head, 17)
    (table_sectors,) = struct.unpack_from("<H", head, 22)
    root = (reserved + tables * table_sectors) * sector
    data = root + entries * 32
    cluster_size = sector * per_cluster
    table = bytearray(path.read_bytes()[reserved * sector : (reserved + table_sectors) * sector])
    cluster, rows = 2, b""
    for name, content in files.items():
        stem, _, ending = name.partition(".")
        count = -(-len(content) // cluster_size)
        rows += struct.pack(
            "<8s3sB14xHI", stem.ljust(8).encode(), ending.ljust(3).encode(), 0x20, cluster if count else 0, len(content)
        )
        for number in range(count):
            following = cluster + 1 if number + 1 < count else 0xFFFF
            struct.pack_into("<H", table, cluster * 2, following)
            write(
                path, data + (cluster - 2) * cluster_size, content[number * cluster_size : (number + 1) * cluster_size]
            )
            cluster += 1
    for number in range(tables):
        write(path, (reserved + number * table_sectors) * sector, bytes(table))
    write(path, root, rows)
    return path


def dirty_xfs_log(path: Path) -> None:
    """Takes the word "unmounted" out of the last record of the log."""
    with path.open("rb") as file:
        head = file.read(512)
        block, group_blocks = struct.unpack_from(">I", head, 4)[0], struct.unpack_from(">I", head, 84)[0]
        start, blocks = struct.unpack_from(">Q", head, 48)[0], struct.unpack_from(">I", head, 96)[0]
        first = ((start >> head[124]) * group_blocks + (start & ((1 << head[124]) - 1))) * block
        file.seek(first)
        log = file.read(blocks * block)
    at = log.index(b"\xfe\xed\xba\xbe")
    assert log[at + 512 + 9] & 0x20
    write(path, first + at + 512 + 9, b"\0")


def ntfs(path: Path, files: Mapping[str, bytes], size: int = 16 * MIB) -> Path:
    """Files in the root folder alone: that is what its tools can write without mounting."""
    needs("mkntfs", "ntfscp")
    run("mkntfs", "-q", "-F", "-s", "512", "-p", "0", "-H", "16", "-S", "63", blank(path, size))
    for name, content in files.items():
        source = path.with_suffix(".part")
        source.write_bytes(content)
        run("ntfscp", "-q", path, source, name)
    return path


def gpt(path: Path, parts: Sequence[tuple[Path, str]], size: int = 0) -> Path:
    """A disk with these images as its partitions, of these types (sgdisk's codes, such as 8300)."""
    needs("sgdisk")
    start = 2048
    total = sum(-(-image.stat().st_size // MIB) * MIB for image, _ in parts) + 4 * MIB
    blank(path, max(size, total))
    told: list[str] = []
    for number, (image, code) in enumerate(parts, 1):
        sectors = image.stat().st_size // 512
        told += ["-n", f"{number}:{start}:{start + sectors - 1}", "-t", f"{number}:{code}"]
        put(path, start * 512, image)
        start += -(-sectors // 2048) * 2048
    run("sgdisk", *told, path)
    return path


def mbr(path: Path, parts: Sequence[Path], logical: Sequence[Path] = ()) -> Path:
    """A disk with an old partition table: up to three primary partitions, and logical ones in a chain."""
    blank(path, sum(-(-part.stat().st_size // MIB) * MIB + MIB for part in (*parts, *logical)) + 2 * MIB)
    rows = []
    start = 2048
    for part in parts:
        rows.append((0x83, start, part.stat().st_size // 512))
        put(path, start * 512, part)
        start += -(-part.stat().st_size // MIB) * 2048
    if logical:
        rows.append((0x05, start, path.stat().st_size // 512 - start))
        _chain(path, start, logical)
    _table(path, 0, rows)
    return path


def _chain(path: Path, base: int, logical: Sequence[Path]) -> None:
    at = base
    for number, part in enumerate(logical):
        following = at + 2048 + -(-part.stat().st_size // MIB) * 2048
        rows = [(0x83, 2048, part.stat().st_size // 512)]
        if number + 1 < len(logical):
            rows.append((0x05, following - base, 2048))
        _table(path, at, rows)
        put(path, (at + 2048) * 512, part)
        at = following


def _table(path: Path, sector: int, rows: Sequence[tuple[int, int, int]]) -> None:
    packed = b"".join(struct.pack("<4xB3xII", *row) for row in rows)
    write(path, sector * 512 + 446, packed.ljust(64, b"\0") + b"\x55\xaa")


def lvm(paths: Sequence[Path], volumes: Mapping[str, Path], kind: str = "striped", name: str = "vg") -> Sequence[Path]:
    """Physical volumes of one group. Each logical volume is cut in two: a half on each of them, in turns."""
    extent = 8192 * 512
    identifiers = [f"PVPVPV-{number:04d}-4444-4444-4444-4444-PVPVPV".replace("-", "") for number in range(len(paths))]
    placed: dict[int, list[tuple[int, bytes]]] = {number: [] for number in range(len(paths))}
    used = [0] * len(paths)
    described = []
    for title, image in volumes.items():
        content = image.read_bytes()
        count = -(-len(content) // extent)
        cuts = [(0, count)] if len(paths) == 1 else [(0, count // 2), (count // 2, count)]
        segments = []
        for number, (first, last) in enumerate(cuts):
            if first == last:
                continue
            segments.append(_segment(number, (first, last - first), used[number], kind))
            placed[number].append((used[number], content[first * extent : last * extent]))
            used[number] += last - first
        described.append(_logical(title, segments))
    text = _group(name, identifiers, used, described)
    for number, path in enumerate(paths):
        blank(path, 2 * MIB + used[number] * extent + MIB)
        _physical(path, identifiers[number], text)
        for start, content in placed[number]:
            write(path, MIB + start * extent, content)
    return paths


def striped(paths: Sequence[Path], image: Path, turn: int = 128) -> Sequence[Path]:
    """One logical volume in stripes of `turn` sectors over all the physical ones."""
    extent = 8192 * 512
    content = image.read_bytes()
    per_path = -(-len(content) // (extent * len(paths)))
    content = content.ljust(per_path * extent * len(paths), b"\0")
    identifiers = [f"STRIPE{number:026d}" for number in range(len(paths))]
    places = ",\n".join(f'"pv{number}", 0' for number in range(len(paths)))
    segment = f"""segment1 {{
start_extent = 0
extent_count = {per_path * len(paths)}
type = "striped"
stripe_count = {len(paths)}
stripe_size = {turn}
stripes = [
{places}
]
}}
"""
    text = _group("vg", identifiers, [per_path] * len(paths), [_logical("root", [segment])])
    size = turn * 512
    for number, path in enumerate(paths):
        blank(path, 2 * MIB + per_path * extent)
        _physical(path, identifiers[number], text)
        turns = range(number * size, len(content), size * len(paths))
        write(path, MIB, b"".join(content[at : at + size] for at in turns))
    return paths


def converted(path: Path, image: Path, form: str) -> Path:
    """The same disk as another kind of image file."""
    needs("qemu-img")
    run("qemu-img", "convert", "-O", form, image, path)
    return path


def _dashed(identifier: str) -> str:
    cuts = (0, 6, 10, 14, 18, 22, 26, 32)
    return "-".join(identifier[start:end] for start, end in pairwise(cuts))


def _segment(number: int, extents: tuple[int, int], start: int, kind: str) -> str:
    return f"""segment{number + 1} {{
start_extent = {extents[0]}
extent_count = {extents[1]}
type = "{kind}"
stripe_count = 1
stripes = [
"pv{number}", {start}
]
}}
"""


def _logical(title: str, segments: Sequence[str]) -> str:
    identifier = _dashed((title * 32)[:32].upper().replace("_", "Z"))
    return f"""{title} {{
id = "{identifier}"
status = ["READ", "WRITE", "VISIBLE"]
flags = []
segment_count = {len(segments)}
{"".join(segments)}}}
"""


def _group(name: str, identifiers: Sequence[str], used: Sequence[int], volumes: Sequence[str]) -> bytes:
    physical = "".join(
        f"""pv{number} {{
id = "{_dashed(identifier)}"
device = "/dev/xvd{"fghij"[number]}"
status = ["ALLOCATABLE"]
flags = []
dev_size = {4096 + used[number] * 8192}
pe_start = 2048
pe_count = {used[number]}
}}
"""
        for number, identifier in enumerate(identifiers)
    )
    text = f"""{name} {{
id = "VGVGVG-4444-4444-4444-4444-4444-VGVGVG"
seqno = 3
format = "lvm2"
status = ["RESIZEABLE", "READ", "WRITE"]
flags = []
extent_size = 8192
max_lv = 0
max_pv = 0
metadata_copies = 0
physical_volumes {{
{physical}}}
logical_volumes {{
{"".join(volumes)}}}
}}
# Generated by hand
contents = "Text Format Volume Group"
version = 1
description = ""
creation_host = "test"
creation_time = 1700000000
"""
    return text.encode() + b"\0"


def _crc(content: bytes) -> int:
    """LVM's own start, and no turning over at the ends."""
    return zlib.crc32(content, _LVM_SEED ^ 0xFFFFFFFF) ^ 0xFFFFFFFF


def _physical(path: Path, identifier: str, text: bytes) -> None:
    areas = struct.pack("<QQQQQQQQ", MIB, 0, 0, 0, 4096, MIB - 4096, 0, 0)
    header = identifier.encode() + struct.pack("<Q", path.stat().st_size) + areas
    body = struct.pack("<I8s", 32, b"LVM2 001") + header
    label = body.ljust(512 - 20, b"\0")
    write(path, 512, struct.pack("<8sQI", b"LABELONE", 1, _crc(label)) + label)
    places = struct.pack("<QQII", 512, len(text), _crc(text), 0) + bytes(24)
    area = (b" LVM2 x[5A%r0N*>" + struct.pack("<IQQ", 1, 4096, MIB - 4096) + places).ljust(508, b"\0")
    write(path, 4096, struct.pack("<I", _crc(area)) + area)
    write(path, 4096 + 512, text)


def put(path: Path, offset: int, image: Path) -> None:
    with path.open("r+b") as disk, image.open("rb") as part:
        disk.seek(offset)
        shutil.copyfileobj(part, disk)


def write(path: Path, offset: int, content: bytes) -> None:
    with path.open("r+b") as disk:
        disk.seek(offset)
        disk.write(content)
