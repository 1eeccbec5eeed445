"""Partition tables, logical volumes and image files, and what is said of that which is not read."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

import virtual_disks
from nephoscope.errors import DiskError
from nephoscope.images.budget import Meter
from nephoscope.images.files import FileSource
from nephoscope.images.machines import Completeness, Consistency, Machine, is_root, open_files, open_sources
from nephoscope.images.recipes import State
from reading_disks import Contents, contents, expected, only_volume

Tree = Callable[[Contents], Path]
MIB = virtual_disks.MIB


@pytest.fixture
def root(tree: Tree) -> Path:
    return tree({"/etc/os-release": b"ID=debian\n", "/srv/data": bytes(range(256)) * 30_000})


@pytest.fixture
def inner(root: Path, tmp_path: Path) -> Path:
    return virtual_disks.ext(tmp_path / "inner.img", root)


def read_all(machine: Machine) -> dict[str, bytes]:
    return {volume.name: view.read("/srv/data", 10_000_000) for volume, view in machine.views()}


DATA = bytes(range(256)) * 30_000


def test_gpt(inner: Path, tmp_path: Path) -> None:
    boot = virtual_disks.blank(tmp_path / "boot.img", MIB)
    virtual_disks.write(boot, 0, b"\xeb\x63\x90GRUB")
    disk = virtual_disks.gpt(tmp_path / "disk.img", [(boot, "ef02"), (inner, "8300"), (inner, "8300")])
    with open_files([disk]) as machine:
        assert machine.layout.tables == ("gpt",)
        assert read_all(machine) == {"disk partition 2": DATA, "disk partition 3": DATA}
        assert machine.volumes[0].state is State.NOTHING
        assert machine.coverage().state is Completeness.COMPLETE


@pytest.mark.parametrize("at", [1024 + 128, 512 + 40])
def test_a_partition_table_that_is_damaged_may_lack_partitions(inner: Path, tmp_path: Path, at: int) -> None:
    disk = virtual_disks.gpt(tmp_path / "disk.img", [(inner, "8300"), (inner, "8300")])
    virtual_disks.write(disk, at, bytes(128 if at > 1024 else 4))
    with open_files([disk]) as machine:
        assert "disk partition 1" in read_all(machine)
        coverage = machine.coverage()
    assert coverage.state is Completeness.PARTIAL
    said = "disk partition table: It is not what its checksums say: partitions may be missing."
    assert coverage.reasons == (said,)


def test_mbr_with_a_chain_of_logical_partitions(inner: Path, tmp_path: Path) -> None:
    disk = virtual_disks.mbr(tmp_path / "disk.img", [inner], [inner, inner])
    with open_files([disk]) as machine:
        assert machine.layout.tables == ("mbr",)
        assert read_all(machine) == {f"disk partition {number}": DATA for number in (1, 5, 6)}


def test_a_chain_that_bites_its_tail_ends(inner: Path, tmp_path: Path) -> None:
    disk = virtual_disks.mbr(tmp_path / "disk.img", [], [inner])
    (start,) = struct.unpack("<I", disk.read_bytes()[454:458])
    virtual_disks.write(disk, start * 512 + 446 + 16, struct.pack("<4xB3xII", 0x05, 0, 2048))
    with open_files([disk]) as machine:
        assert read_all(machine) == {"disk partition 5": DATA}
    virtual_disks.write(disk, start * 512 + 446 + 16, struct.pack("<4xB3xII", 0x05, 1, 2048))
    with open_files([disk]) as machine:
        assert [(one.name, one.state) for one in machine.volumes] == [
            ("disk partition 5", State.READ),
            ("disk partition 1", State.FAILED),
        ]
        assert "chain of its logical partitions is damaged" in machine.coverage().reasons[0]
    virtual_disks.write(disk, start * 512, bytes(512))
    with open_files([disk]) as machine:
        assert machine.volumes == ()  # an extended partition that nothing was ever put into


def test_a_group_over_two_disks(inner: Path, tmp_path: Path) -> None:
    disks = virtual_disks.lvm([tmp_path / "a.img", tmp_path / "b.img"], {"root": inner, "home": inner})
    with open_files(disks) as machine:
        assert read_all(machine) == {"vg/home": DATA, "vg/root": DATA}
        assert [is_root(view) for _, view in machine.views()] == [True, True]
    with open_files(list(reversed(disks))) as machine:
        assert read_all(machine) == {"vg/home": DATA, "vg/root": DATA}
    with open_files(disks[:1]) as machine:
        assert list(machine.views()) == []
        assert "is not among these disks" in machine.coverage().reasons[0]


def test_a_group_in_a_partition_beside_another(inner: Path, tmp_path: Path) -> None:
    (physical,) = virtual_disks.lvm([tmp_path / "pv.img"], {"root": inner})
    disk = virtual_disks.gpt(tmp_path / "disk.img", [(inner, "8300"), (physical, "8e00")])
    with open_files([disk]) as machine:
        assert read_all(machine) == {"disk partition 1": DATA, "vg/root": DATA}


def test_logical_volumes_of_other_kinds_are_not_read_as_nonsense(inner: Path, tmp_path: Path) -> None:
    disks = virtual_disks.lvm([tmp_path / "a.img"], {"root": inner}, kind="thin")
    with open_files(disks) as machine:
        (volume,) = machine.volumes
        assert volume.state is State.UNSUPPORTED
        assert "kind thin" in volume.reason


def test_stripes_are_put_together(inner: Path, tmp_path: Path) -> None:
    disks = virtual_disks.striped([tmp_path / "a.img", tmp_path / "b.img"], inner)
    with open_files(disks) as machine:
        assert read_all(machine) == {"vg/root": DATA}


@pytest.mark.parametrize(
    ("form", "options", "ending"),
    [
        ("qcow2", "", "qcow2"),
        ("qcow2", "compat=0.10", "qcow2"),
        ("vpc", "force_size=on", "vhd"),
        ("vpc", "subformat=fixed,force_size=on", "vhd"),
        ("vhdx", "", "vhdx"),
        ("vmdk", "", "vmdk"),
        ("vmdk", "subformat=streamOptimized", "vmdk"),
        ("vmdk", "subformat=twoGbMaxExtentSparse", "vmdk"),
        ("vmdk", "subformat=monolithicFlat", "vmdk"),
    ],
)
def test_image_files(inner: Path, root: Path, form: str, options: str, ending: str) -> None:
    virtual_disks.needs("qemu-img")
    image = inner.with_name(f"image.{ending}")
    more = ["-o", options] if options else []
    virtual_disks.run("qemu-img", "convert", "-O", form, *more, inner, image)
    with only_volume(image) as view:
        assert contents(view) == expected(root)


@pytest.mark.parametrize("options", ["cluster_size=65536", "compression_type=zstd", "cluster_size=4096,compat=0.10"])
def test_compressed_qcow(inner: Path, root: Path, options: str) -> None:
    virtual_disks.needs("qemu-img")
    image = inner.with_name("image.qcow2")
    virtual_disks.run("qemu-img", "convert", "-c", "-O", "qcow2", "-o", options, inner, image)
    with only_volume(image) as view:
        assert contents(view) == expected(root)


def test_an_image_cannot_make_us_open_another_file(inner: Path, tmp_path: Path) -> None:
    virtual_disks.needs("qemu-img")
    image = tmp_path / "image.qcow2"
    virtual_disks.run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", inner, image)
    with open_files([image]) as machine:
        assert "qemu-img convert" in machine.coverage().reasons[0]
    flat = tmp_path / "flat.vmdk"
    virtual_disks.run("qemu-img", "convert", "-O", "vmdk", "-o", "subformat=monolithicFlat", inner, flat)
    for name in ("/etc/passwd", "../inner.img", "link.vmdk", "missing.vmdk"):
        (tmp_path / "link.vmdk").unlink(missing_ok=True)
        (tmp_path / "link.vmdk").symlink_to(inner)
        hostile = tmp_path / "hostile.vmdk"
        hostile.write_text(flat.read_text().replace("flat-flat.vmdk", name))
        with open_files([hostile]) as machine:
            assert machine.coverage().state is Completeness.FAILED


def test_a_disk_of_a_cloud_is_never_taken_for_an_image(inner: Path, tmp_path: Path) -> None:
    virtual_disks.needs("qemu-img")
    image = tmp_path / "image.qcow2"
    virtual_disks.run("qemu-img", "convert", "-O", "qcow2", inner, image)
    with open_sources([FileSource(image)], Meter(), Consistency.CRASH) as machine:
        assert machine.layout.formats == ("raw",)
        assert list(machine.views()) == []


SIGNS = [
    ("luks", 0, b"LUKS\xba\xbe\0\x02", "encrypted (LUKS)"),
    ("bitlocker", 3, b"-FVE-FS-", "encrypted (BitLocker)"),
    ("btrfs", 0x10040, b"_BHRfS_M", "btrfs"),
    ("md", 4096, b"\xfc\x4e\x2b\xa9", "software array"),
    ("md", 4 * MIB - 65536, b"\xfc\x4e\x2b\xa9", "software array"),
    ("zfs", 0x20000 + 5 * 1024, struct.pack("<Q", 0x00BAB10C), "ZFS"),
    ("squashfs", 0, b"hsqs", "SquashFS"),
    ("", 300, b"who knows what this is", "Nothing that is known here"),
]


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: f"{sign[0]}@{sign[1]}")
def test_what_is_not_read_is_said(inner: Path, tmp_path: Path, sign: tuple[str, int, bytes, str]) -> None:
    kind, at, magic, said = sign
    other = virtual_disks.blank(tmp_path / "other.img", 4 * MIB)
    virtual_disks.write(other, at, magic)
    with open_files([inner, other]) as machine:
        assert read_all(machine) == {"disk 0": DATA}
        volume = machine.volumes[1]
        coverage = machine.coverage()
    assert (volume.kind, volume.state) == (kind, State.UNSUPPORTED)
    assert coverage.state is Completeness.PARTIAL
    assert said in coverage.reasons[0]


@pytest.mark.parametrize(("tool", "options", "kind"), [("mkfs.btrfs", ["-q"], "btrfs"), ("mkswap", ["-q"], "swap")])
def test_real_ones_are_recognised(tmp_path: Path, tool: str, options: list[str], kind: str) -> None:
    virtual_disks.needs(tool)
    image = virtual_disks.blank(tmp_path / "disk.img", 128 * MIB)
    virtual_disks.run(tool, *options, image)
    with open_files([image]) as machine:
        assert [volume.kind for volume in machine.volumes] == [kind]


def test_swap_and_empty_disks_hold_nothing(inner: Path, tmp_path: Path) -> None:
    swap = virtual_disks.blank(tmp_path / "swap.img", 4 * MIB)
    virtual_disks.write(swap, 4086, b"SWAPSPACE2")
    with open_files([inner, swap, virtual_disks.blank(tmp_path / "empty.img", 4 * MIB)]) as machine:
        assert read_all(machine) == {"disk 0": DATA}
        assert machine.coverage().state is Completeness.COMPLETE
    with open_files([swap]) as machine:
        assert machine.coverage().state is Completeness.FAILED


def test_no_packages_on_a_root_disk_is_not_clean(inner: Path) -> None:
    with open_files([inner]) as machine:
        has_root = [is_root(view) for _, view in machine.views()] == [True]
        coverage = machine.coverage()
    assert coverage.state is Completeness.COMPLETE
    assert coverage.with_packages(3, has_root=has_root) == coverage
    judged = coverage.with_packages(0, has_root=has_root)
    assert judged.state is Completeness.PARTIAL
    assert "No packages" in judged.reasons[-1]


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match="cannot be opened: No such file"):
        open_files([tmp_path / "nowhere"])
    with pytest.raises(DiskError, match="neither a file nor a block device"):
        open_files([tmp_path])
    with open_files([virtual_disks.blank(tmp_path / "nothing", 0)]) as machine:
        assert machine.coverage().state is Completeness.FAILED
