"""A disk that is damaged or cut off never looks like one that was read to its end: names that are lost are told."""

import os
import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

import virtual_disks
from nephoscope.images.machines import Completeness, Coverage, open_files
from nephoscope.images.mounted import MountedView
from nephoscope.images.recipes import Found
from nephoscope.images.sandbox.folders import ext_names, xfs_names
from nephoscope.images.view import Kind
from reading_disks import Contents

Tree = Callable[[Contents], Path]
MIB = virtual_disks.MIB
PIECE = 4096


@pytest.fixture
def folder(tree: Tree) -> Path:
    files: Contents = {f"/d{number % 5}/file-{number}": bytes(number * 7 + 1) for number in range(400)}
    return tree({**files, "/etc/os-release": b"ID=x\n"})


def walked(path: Path) -> tuple[Coverage, dict[str, Kind]]:
    found: dict[str, Kind] = {}

    def look(_: Found, view: MountedView) -> None:
        found.update((entry.path, entry.kind) for entry in view.walk())

    with open_files([path]) as machine:
        machine.visit(look)
        return machine.coverage(), found


@pytest.mark.parametrize("make", [virtual_disks.ext, virtual_disks.xfs], ids=["ext4", "xfs"])
@pytest.mark.slow
def test_what_was_wiped_out_is_never_complete(make: Callable[..., Path], folder: Path, tmp_path: Path) -> None:
    image = make(tmp_path / "disk.img", folder)
    whole, sound = image.read_bytes(), walked(image)
    assert sound[0].state is Completeness.COMPLETE
    used = [at for at in range(0, len(whole), PIECE) if any(whole[at : at + PIECE])]
    chance = random.Random(7)  # noqa: S311 - a test
    told = 0
    for at in chance.sample(used, 10):
        virtual_disks.write(image, at, bytes(PIECE))
        coverage, found = walked(image)
        virtual_disks.write(image, at, whole[at : at + PIECE])
        told += coverage.state is not Completeness.COMPLETE
        assert coverage.state is not Completeness.COMPLETE or found == sound[1]
    assert told


def _inode(image: Path, number: int) -> int:
    with image.open("rb") as file:
        file.seek(1024)
        superblock = file.read(1024)
        block = 1024 << int(struct.unpack_from("<I", superblock, 24)[0])
        (size,) = struct.unpack_from("<H", superblock, 88)
        file.seek(block * (2 if block == 1024 else 1) + 8)
        (table,) = struct.unpack("<I", file.read(4))
    return int(table) * block + (number - 1) * int(size)


@pytest.mark.parametrize("is_in_use", [False, True])
def test_a_name_without_a_file(*, is_in_use: bool, folder: Path, tmp_path: Path) -> None:
    """In a copy of a disk that was in use it may have been about to be made, which its note says."""
    image = virtual_disks.ext(tmp_path / "disk.img", folder, 8 * MIB, "ext4", "-O", "^metadata_csum")
    with open_files([image]) as machine, _opened(machine.open(0)) as view:
        found = view.stat("/d1/file-1")
        assert found is not None
        number = found.inode
    virtual_disks.write(image, _inode(image, number), bytes(128))
    if is_in_use:
        features = struct.unpack("<I", image.read_bytes()[1024 + 96 : 1024 + 100])[0]
        virtual_disks.write(image, 1024 + 96, struct.pack("<I", features | 4))
    coverage, names = walked(image)
    assert "/d1/file-1" not in names
    assert "/d1/file-6" in names
    if is_in_use:
        assert coverage.state is Completeness.COMPLETE
        assert coverage.notes == ("disk: Its journal needs replay: what was written last may be missing.",)
    else:
        assert coverage.state is Completeness.PARTIAL
        assert coverage.reasons == ("disk: /d1/file-1 is damaged: there is a name and no file.",)


def test_a_folder_that_was_about_to_be_written(folder: Path, tmp_path: Path) -> None:
    """Its block is blank. On a disk that was at rest that is damage."""
    image = virtual_disks.ext(tmp_path / "disk.img", folder, 8 * MIB, "ext4", "-O", "^metadata_csum", "-b", "4096")
    at = image.read_bytes().index(b"os-release") // PIECE * PIECE
    virtual_disks.write(image, at, bytes(PIECE))
    assert walked(image)[0].reasons == ("disk: /etc is damaged: names in it are missing.",)
    features = struct.unpack("<I", image.read_bytes()[1024 + 96 : 1024 + 100])[0]
    virtual_disks.write(image, 1024 + 96, struct.pack("<I", features | 4))
    assert walked(image)[0].state is Completeness.COMPLETE
    virtual_disks.write(image, at, b"\xff" * PIECE)
    assert walked(image)[0].state is Completeness.PARTIAL


def test_a_folder_that_is_encrypted(folder: Path, tmp_path: Path) -> None:
    image = virtual_disks.ext(tmp_path / "disk.img", folder, 8 * MIB, "ext4", "-O", "encrypt,^metadata_csum")
    assert walked(image)[0].state is Completeness.COMPLETE
    with open_files([image]) as machine, _opened(machine.open(0)) as view:
        found = view.stat("/d1")
        assert found is not None
    virtual_disks.write(image, _inode(image, found.inode) + 32, struct.pack("<I", 0x80800))
    coverage, names = walked(image)
    assert coverage.reasons == ("disk: /d1 cannot be read: it is encrypted.",)
    assert "/d2/file-2" in names


def _opened(view: MountedView | None) -> MountedView:
    assert view is not None
    return view


def test_a_root_that_is_no_folder(folder: Path, tmp_path: Path) -> None:
    image = virtual_disks.ext(tmp_path / "disk.img", folder, 8 * MIB, "ext4", "-O", "^metadata_csum")
    virtual_disks.write(image, _inode(image, 2), bytes(128))
    coverage, _ = walked(image)
    assert coverage.state is Completeness.FAILED
    assert "root is no folder" in coverage.reasons[0]


@pytest.mark.parametrize("kind", ["ext4", "xfs", "ntfs", "fat"])
def test_a_file_system_that_is_longer_than_its_disk(kind: str, folder: Path, tmp_path: Path) -> None:
    image, files = tmp_path / "disk.img", {f"F{number}.TXT": b"x" * 100 for number in range(9)}
    makers: dict[str, Callable[[], Path]] = {
        "ext4": lambda: virtual_disks.ext(image, folder, 16 * MIB),
        "xfs": lambda: virtual_disks.xfs(image, folder),
        "ntfs": lambda: virtual_disks.ntfs(image, files),
        "fat": lambda: virtual_disks.fat16(image, files),
    }
    makers[kind]()
    assert walked(image)[0].state is Completeness.COMPLETE
    os.truncate(image, image.stat().st_size - MIB)
    coverage, _ = walked(image)
    assert coverage.state in (Completeness.PARTIAL, Completeness.FAILED)
    assert "It is cut off: the file system has" in coverage.reasons[0]


@pytest.mark.parametrize(("size", "said"), [(0, "it is empty."), (3, "Nothing that is known here")])
def test_files_that_are_no_disks(size: int, said: str, tmp_path: Path) -> None:
    path = tmp_path / "disk.img"
    path.write_bytes(b"x" * size)
    coverage, _ = walked(path)
    assert coverage.state is Completeness.FAILED
    assert said in coverage.reasons[0]


def _row(inode: int, length: int, name: bytes) -> bytes:
    return struct.pack("<IHBB", inode, length, len(name), 1) + name.ljust(length - 8, b"\0")


def test_rows_of_a_block_fill_it_exactly() -> None:
    block = _row(2, 12, b".") + _row(2, 12, b"..") + _row(11, 1000, b"name")
    assert ext_names(block, 1024) == ([(b".", 2), (b"..", 2), (b"name", 11)], True, False)
    assert ext_names(bytes(1024), 1024) == ([], False, True)
    assert not ext_names(block[:-4], 1024).is_whole
    assert not ext_names(block + b"\0" * 1024, 2048).is_whole
    assert ext_names(_row(0, 1024, b""), 1024) == ([], True, False)
    assert ext_names(b"", 1024) == ([], False, False)
    large = _row(12, 16, b"long-one") + struct.pack("<IHBB", 13, 65520, 1, 1) + b"z"
    assert ext_names(large.ljust(65536, b"\0"), 65536) == ([(b"long-one", 12), (b"z", 13)], True, False)
    assert ext_names(struct.pack("<IH", 0, 65535).ljust(65536, b"\0"), 65536).is_whole


def test_blocks_of_xfs_hold_names_or_an_index() -> None:
    assert xfs_names((b"\0" * 8 + b"\x3d\xf1").ljust(4096, b"\0"), 4096, has_kinds=True) == ([], True, False)
    assert xfs_names(b"XDF3".ljust(4096, b"\0"), 4096, has_kinds=True) == ([], True, False)
    for block in (bytes(4096), b"XDD3".ljust(4096, b"\0"), b"XDF3"):
        assert not xfs_names(block, 4096, has_kinds=True).is_whole
