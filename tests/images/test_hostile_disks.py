"""Images that are cut off, broken at random or made to hurt: an answer or a refusal, in bounded time; never a crash
that reaches further than its volume."""

import gc
import os
import random
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

import virtual_disks
from nephoscope.errors import BudgetError, DiskError, TooLargeError
from nephoscope.images.files import BLOCK_SIZE, FileSource
from nephoscope.images.machines import Completeness, Machine, open_files
from nephoscope.images.mounted import MountedView
from nephoscope.images.parser import Parser, Patience, Served
from nephoscope.images.recipes import Found, State
from nephoscope.images.sandbox.messages import Line
from reading_disks import Contents

Tree = Callable[[Contents], Path]
MIB = virtual_disks.MIB
SHORT = Patience(silence=20.0, order=30.0)


@pytest.fixture
def folder(tree: Tree) -> Path:
    files: Contents = {f"/d{number % 7}/file-{number}": bytes(number * 37) for number in range(120)}
    return tree({**files, "/etc/os-release": b"ID=x\n", "/link": "etc", "/big": os.urandom(600_000)})


@pytest.fixture(params=["ext2", "ext4", "xfs", "ntfs", "fat", "gpt", "mbr", "lvm", "qcow2", "vmdk", "vhdx"])
def image(request: pytest.FixtureRequest, folder: Path, tmp_path: Path) -> Path:
    path = tmp_path / "disk.img"
    files = {"A.TXT": b"hello" * 5000, "B.BIN": os.urandom(100_000)}

    def inner() -> Path:
        return virtual_disks.ext(tmp_path / "inner.img", folder, 8 * MIB)

    makers: dict[str, Callable[[], Path]] = {
        "ext2": lambda: virtual_disks.ext(path, folder, 8 * MIB, "ext2"),
        "ext4": lambda: virtual_disks.ext(path, folder, 8 * MIB),
        "xfs": lambda: virtual_disks.xfs(path, folder),
        "ntfs": lambda: virtual_disks.ntfs(path, files),
        "fat": lambda: virtual_disks.fat16(path, files),
        "gpt": lambda: virtual_disks.gpt(path, [(inner(), "8300")]),
        "mbr": lambda: virtual_disks.mbr(path, [inner()], [inner()]),
        "lvm": lambda: virtual_disks.lvm([path], {"root": inner()})[0],
        "qcow2": lambda: virtual_disks.converted(path, inner(), "qcow2"),
        "vmdk": lambda: virtual_disks.converted(path, inner(), "vmdk"),
        "vhdx": lambda: virtual_disks.converted(path, inner(), "vhdx"),
    }
    return makers[request.param]()


def look_at_everything(path: Path) -> Completeness:
    """Everything that a scan does. Refusals are answers."""
    try:
        with open_files([path], patience=SHORT) as machine:
            return _look(machine)
    except DiskError:
        return Completeness.FAILED


def _look(machine: Machine) -> Completeness:
    for number, volume in enumerate(machine.volumes):
        view = machine.open(number) if volume.state is State.READ else None
        if view is None:
            continue
        with view:
            try:
                files = [entry.path for entry, _ in zip(view.walk(), range(5000), strict=False) if entry.size < 2 * MIB]
                for _ in view.read_many(files[:400], 2 * MIB):
                    continue
            except DiskError as error:
                machine.fail(number, error)
    return machine.coverage().state


@pytest.mark.slow
def test_cut_off_anywhere(image: Path) -> None:
    size = image.stat().st_size
    for share in (0.9, 0.5, 0.13, 0.01, 0.0001):
        os.truncate(image, int(size * share))
        assert look_at_everything(image) in Completeness


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_broken_at_random(image: Path, seed: int) -> None:
    """Mostly at the beginning, where it hurts."""
    chance = random.Random(seed)  # noqa: S311 - a test
    source = FileSource(image)
    blocks = [number for number in range(-(-image.stat().st_size // BLOCK_SIZE)) if source.holds(number)]
    source.close()
    for _ in range(chance.choice((1, 8, 60, 400))):
        block = chance.choice(blocks[: chance.choice((1, 4, len(blocks)))])
        at = block * BLOCK_SIZE + chance.choice((chance.randrange(2048), chance.randrange(BLOCK_SIZE)))
        virtual_disks.write(image, at, bytes([chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))]))
    assert look_at_everything(image) in Completeness


def _inode(image: Path, number: int) -> int:
    """Where an inode of the first group of an ext file system with 4096-byte or 1024-byte blocks lies."""
    with image.open("rb") as file:
        file.seek(1024)
        superblock = file.read(1024)
        block = 1024 << int(struct.unpack_from("<I", superblock, 24)[0])
        (size,) = struct.unpack_from("<H", superblock, 88)
        file.seek(block * (2 if block == 1024 else 1) + 8)
        (table,) = struct.unpack("<I", file.read(4))
    return int(table) * block + (number - 1) * int(size)


@pytest.fixture
def plain(folder: Path, tmp_path: Path) -> Path:
    """Without checksums that would give changes away."""
    return virtual_disks.ext(tmp_path / "plain.img", folder, 8 * MIB, "ext4", "-O", "^metadata_csum,^64bit")


@pytest.fixture
def view(plain: Path) -> Iterator[Callable[[], MountedView]]:
    machines = []

    def opened() -> MountedView:
        machine = open_files([plain], patience=SHORT)
        machines.append(machine)
        found = machine.open(0)
        assert found is not None
        return found

    yield opened
    for machine in machines:
        machine.close()


def _number_of(view: MountedView, path: str) -> int:
    found = view.stat(path)
    assert found is not None
    return found.inode


def test_folders_that_contain_themselves_are_walked_once(plain: Path, view: Callable[[], MountedView]) -> None:
    with view() as before:
        target = _number_of(before, "/d1")
    content = bytearray(plain.read_bytes())
    for name in (b"d2", b"d3", b"d4"):
        at = content.index(struct.pack("<BB", 2, 2) + name) - 6
        struct.pack_into("<I", content, at, 2 if name == b"d2" else target)
    plain.write_bytes(content)
    with view() as after:
        paths = [entry.path for entry in after.walk()]
        assert len(paths) < 400
        assert any("met before" in problem for problem in after.problems())


@pytest.mark.parametrize("size", [2**33, 2**40, 2**48])
def test_a_file_that_claims_to_be_huge(size: int, plain: Path, view: Callable[[], MountedView]) -> None:
    with view() as before:
        inode = _number_of(before, "/etc/os-release")
    at = _inode(plain, inode)
    virtual_disks.write(plain, at + 108, struct.pack("<I", size >> 32))
    with view() as after:
        if size > 2**44:
            with pytest.raises(DiskError):
                after.stat("/etc/os-release")
            assert any("os-release" in problem for entry in [*after.walk()] for problem in after.problems())
            return
        found = after.stat("/etc/os-release")
        assert found is not None
        assert found.size == size + 5
        assert dict(after.read_many(["/etc/os-release"], 1000)) == {}
        with pytest.raises(TooLargeError):
            after.read("/etc/os-release", 10**9)
        with after.open("/etc/os-release") as reader:
            assert reader.read(0, 5) == b"ID=x\n"


def test_a_volume_that_fails_leaves_the_others_alone(plain: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.img"
    broken.write_bytes(plain.read_bytes())
    virtual_disks.write(broken, 1024 + 32, b"\0" * 8)
    virtual_disks.write(broken, 4096, b"\xff" * 4096)
    with open_files([broken, plain], patience=SHORT) as machine:
        read = [volume.name for volume, view in machine.views() if view.stat("/etc/os-release")]
        coverage = machine.coverage()
    assert "disk 1" in read
    assert coverage.state is Completeness.PARTIAL


def test_visiting_records_what_failed_and_goes_on(plain: Path) -> None:
    with open_files([plain, plain, plain]) as machine:
        seen = []

        def look(volume: Found, view: MountedView) -> None:
            seen.append(volume.name)
            if volume.name == "disk 0":
                raise DiskError("cannot be read any more", is_fatal=True)
            assert view.stat("/etc")
            if volume.name == "disk 1":
                raise BudgetError("used up")

        machine.visit(look)
        assert seen == ["disk 0", "disk 1"]
        assert [volume.state for volume in machine.volumes] == [State.FAILED] * 3
        assert [volume.reason for volume in machine.volumes] == ["cannot be read any more", "used up", "used up"]


class _Stuck(Parser):
    """A parser process that can be reached, to hurt it."""

    @property
    def number(self) -> int:
        return self._process.pid


def _stuck(plain: Path) -> tuple[_Stuck, Machine]:
    machine = open_files([plain])
    return _Stuck([Served(disk.device, disk.folder) for disk in machine._disks]), machine


@pytest.mark.parametrize(
    ("how", "said", "patience"),
    [
        (signal.SIGSEGV, "crashed: SIGSEGV", Patience()),
        (signal.SIGXCPU, "used up its time", Patience()),
        (signal.SIGSTOP, "said nothing", Patience(silence=0.3)),
    ],
)
def test_a_parser_that_dies_or_hangs_ends_its_volume(
    plain: Path, how: signal.Signals, said: str, patience: Patience
) -> None:
    parser, machine = _stuck(plain)
    with machine, MountedView(parser, machine.volumes[0]) as view:
        assert view.stat("/etc")
        os.kill(parser.number, how)
        parser._patience = patience
        with pytest.raises(DiskError, match=said) as told:
            list(view.walk())
        assert told.value.is_fatal
        with pytest.raises(DiskError, match=said):
            view.stat("/etc")


def test_a_parser_that_never_gets_ready_is_put_away(plain: Path) -> None:
    with open_files([plain]) as machine, pytest.raises(DiskError, match="said nothing"):
        Parser([Served(disk.device, disk.folder) for disk in machine._disks], patience=Patience(silence=0.001))
    gc.collect()  # a process or a socket that was left would be a warning, and so an error


def test_an_order_that_takes_for_ever_is_ended(plain: Path) -> None:
    parser, machine = _stuck(plain)
    with machine, MountedView(parser, machine.volumes[0]) as view:
        parser._patience = Patience(order=0.0)
        with pytest.raises(DiskError, match="did not come to an end"):
            view.stat("/etc")


PROBE = """
import os, socket
import nephoscope.images.sandbox.serving
from nephoscope.images.sandbox.limits import enter
missing = enter()
def tried(what):
    try:
        what()
    except (OSError, MemoryError) as error:
        return type(error).__name__
    return "done"
print(missing)
print(tried(lambda: open("/etc/passwd")), tried(lambda: open("/tmp/made", "w")), tried(lambda: os.listdir("/")))
others = socket.socket, os.fork, lambda: os.execv("/bin/true", ["true"]), lambda: os.kill(1, 0)
print(*map(tried, others))
print(tried(lambda: bytearray(2 * 1024**3)))
"""


def test_the_parser_process_can_do_nothing_but_talk() -> None:
    ran = subprocess.run([sys.executable, "-I", "-c", PROBE], check=True, capture_output=True, text=True, timeout=60)  # noqa: S603 - ourselves
    gaps, files, others, bounds = ran.stdout.strip().splitlines()
    assert bounds == "MemoryError"
    assert "done" not in files
    if gaps == "()":
        assert "done" not in others


def test_the_parser_process_is_bounded(plain: Path) -> None:
    parser, machine = _stuck(plain)
    with machine, parser:
        process = psutil.Process(parser.number)
        for what in (psutil.RLIMIT_CORE, psutil.RLIMIT_FSIZE, psutil.RLIMIT_NOFILE, psutil.RLIMIT_NPROC):
            assert process.rlimit(what) == (0, 0)
        assert 0 < process.rlimit(psutil.RLIMIT_CPU)[1] <= 600
        assert process.environ() == {}


@pytest.mark.parametrize("nonsense", [b"\xff\xff\xff\xff", struct.pack("<I", 3) + b"abc"])
def test_what_a_parser_answers_is_not_believed(nonsense: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(nonsense)
        with pytest.raises(DiskError):
            Line(ours).receive()
