"""(i) A disk of 8 GiB with 24,000 files and 600 packages, read as a snapshot is: in blocks of 512 KiB.

How many blocks the packages of the operating system take, how many everything takes, what that costs at the public
tariff, and how fast bytes come through the parser process; the baseline of that is the same parser without a process.
"""

import hashlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from itertools import islice
from pathlib import Path

import psutil
import pyfsext

from bench.measure import Row, seconds
from nephoscope.clouds.aws.ebs import BLOCK_SIZE, TARIFF
from nephoscope.images.budget import Meter, Spent
from nephoscope.images.files import FileSource
from nephoscope.images.machines import Consistency, Machine, open_sources
from nephoscope.images.view import Kind

SIZE = 8 * 1024**3
PACKAGES = 600
FILES_EACH = 40
LIMIT = 64 * 1024 * 1024
AT_ONCE = 512
COMMAND = "make bench ONLY=disks"
_MAKER = "/usr/sbin/mkfs.ext4"
_FOUND = (
    "/etc/os-release",
    "/usr/lib/os-release",
    "/var/lib/dpkg/status",
    "/var/lib/dpkg/status.d/*",
    "/var/lib/rpm/*",
    "/lib/apk/db/installed",
    "/boot/vmlinuz-*",
)


def run() -> list[Row]:
    if not Path(_MAKER).exists():
        print("disks: mkfs.ext4 is not installed")
        return []
    with tempfile.TemporaryDirectory() as folder:
        return list(_measure(_image(Path(folder))))


def _image(folder: Path) -> Path:
    """Like a machine that has been used: files of packages, their lists, logs, a large file."""
    root = folder / "root"
    content = os.urandom(4 * 1024 * 1024)
    (root / "var/lib/dpkg/info").mkdir(parents=True)
    (root / "etc").mkdir()
    (root / "etc/os-release").write_text("ID=debian\n")
    status = []
    for package in range(PACKAGES):
        base = root / f"usr/share/package-{package}"
        base.mkdir(parents=True)
        for number in range(FILES_EACH):
            start = int.from_bytes(hashlib.sha256(f"{package}/{number}".encode()).digest()[:2], "big")
            (base / f"file-{number}").write_bytes(content[start : start + 1000 + start])
        status.append(
            f"Package: package-{package}\nStatus: install ok installed\nVersion: 1.{package}\n{'x' * 900}\n\n"
        )
        (root / f"var/lib/dpkg/info/package-{package}.list").write_text("/usr\n" * FILES_EACH)
    (root / "var/lib/dpkg/status").write_text("".join(status))
    image = folder / "disk.img"
    with image.open("wb") as file:
        file.truncate(SIZE)
    subprocess.run([_MAKER, "-q", "-F", "-d", root, image], check=True)
    shutil.rmtree(root)
    return image


def _opened(image: Path) -> Machine:
    meter = Meter()
    source = FileSource(image, block_size=BLOCK_SIZE, tariff=TARIFF)
    return open_sources([source], meter, Consistency.CRASH)


def _packages(image: Path) -> Spent:
    with _opened(image) as machine:
        for _, view in machine.views():
            paths = [entry.path for entry in view.find(*_FOUND)]
            assert sum(len(content) for _, content in view.read_many(paths, LIMIT)) > 100_000
        return machine.spent()


def _everything(image: Path) -> tuple[Spent, int, float]:
    """What it cost, the bytes of files, and the most memory of the parser (MB)."""
    total = 0
    most = 0.0
    with _opened(image) as machine:
        for _, view in machine.views():
            files = (entry.path for entry in view.walk() if entry.kind is Kind.FILE)
            while some := list(islice(files, AT_ONCE)):  # read while it is walked: folders lie beside their files
                total += sum(len(content) for _, content in view.read_many(some, LIMIT))
            most = max(child.memory_info().rss for child in psutil.Process().children()) / 1e6
        return machine.spent(), total, most


def _in_process(image: Path) -> int:
    volume = pyfsext.volume()
    volume.open(str(image))
    total = 0
    waiting = [volume.get_root_directory()]
    while waiting:
        for inner in waiting.pop().sub_file_entries:
            if inner.file_mode & 0o170000 == 0o040000:
                waiting.append(inner)
            elif inner.size:
                total += len(inner.read_buffer_at_offset(inner.size, 0))
    volume.close()
    return total


_ALONE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from nephoscope.clouds.aws.ebs import BLOCK_SIZE
from nephoscope.images.budget import Meter
from nephoscope.images.files import FileSource
from nephoscope.images.machines import Consistency, open_sources
from nephoscope.snapshots.reading import Wanted, read_machine
source = FileSource(Path(sys.argv[1]), block_size=BLOCK_SIZE)
with open_sources([source], Meter(), Consistency.CRASH) as machine:
    read_machine(machine, Wanted(b"a key of the benchmark", now=lambda: datetime.now(UTC)))
print(next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")))
"""


def _with_secrets(image: Path) -> float:
    """The most that a process of its own held, everything but the parser included."""
    done = subprocess.run([sys.executable, "-c", _ALONE, image], capture_output=True, text=True, check=True)
    return float(done.stdout) * 1024 / 1e6


def _measure(image: Path) -> list[Row]:
    blocks = SIZE // BLOCK_SIZE
    held = sum(FileSource(image, block_size=BLOCK_SIZE).holds(number) for number in range(blocks))
    spent = _packages(image)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    whole: list[tuple[Spent, int, float]] = []
    took = seconds(lambda: whole.append(_everything(image)))
    everything, total, parser = whole[-1]
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    alone = seconds(lambda: _in_process(image))
    from bench.disks_again import twice  # noqa: PLC0415 - what it needs would count as memory of reading

    first, second = twice(image, SIZE // 1024**3)
    again = first.cost.blocks or 1
    return [
        Row("disks: blocks read for OS packages", spent.blocks, "blocks", blocks, "blocks of the disk", COMMAND),
        Row("disks: blocks read for everything", everything.blocks, "blocks", held, "blocks with data", COMMAND),
        Row("disks: bytes read for OS packages", spent.bytes / 1e6, "MB", SIZE / 1e6, "MB of the disk", COMMAND),
        Row("disks: bytes read for everything", everything.bytes / 1e6, "MB", total / 1e6, "MB in files", COMMAND),
        Row(
            "disks: blocks, packages of every kind", first.cost.blocks, "blocks", blocks, "blocks of the disk", COMMAND
        ),
        Row(
            "disks: blocks, second scan, unchanged", second.cost.blocks, "blocks", blocks, "blocks of the disk", COMMAND
        ),
        Row(
            "disks: requests, second scan, unchanged",
            second.cost.listings,
            "lists",
            again,
            "blocks, first scan",
            COMMAND,
        ),
        Row("disks: price of OS packages", spent.money * 1000, "USD/1000 disks", None, "", COMMAND),
        Row("disks: price of everything", everything.money * 1000, "USD/1000 disks", None, "", COMMAND),
        Row(
            "disks: files through the parser process",
            total / took / 1e6,
            "MB/s",
            total / alone / 1e6,
            "in process",
            COMMAND,
        ),
        Row("disks: memory of the parser process", parser, "MB", None, "", COMMAND),
        Row("disks: memory of reading with secrets", _with_secrets(image), "MB", None, "", COMMAND),
        Row("disks: memory of the reading process", own, "MB", before, "before everything", COMMAND),
    ]
