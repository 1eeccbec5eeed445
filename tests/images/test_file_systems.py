"""Every file is read back byte for byte, from file systems that the real tools made."""

import os
import random
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import virtual_disks
from nephoscope.errors import DiskError, NotFoundError, TooLargeError
from nephoscope.images.machines import Completeness, open_files
from nephoscope.images.view import Kind
from reading_disks import Contents, contents, expected, only_volume

Tree = Callable[[Contents], Path]
RANDOM = random.Random(5)  # noqa: S311 - bytes that do not compress

USUAL: Contents = {
    "/etc/os-release": "../usr/lib/os-release",
    "/usr/lib/os-release": b"ID=debian\nVERSION_ID=12\n",
    "/lib": "usr/lib",
    "/empty": b"",
    "/var/empty": None,
    "/loop": "loop",
    "/up": "../../../../../usr/lib/os-release",
    "/far": "/" + "/".join(["usr"] * 30),
    "/one": b"1",
    "/small": bytes(range(100)),
    "/block": bytes(4096),
    "/long/" + "n" * 255: b"the longest name",
    "/deep/" + "/".join("d" * 20 for _ in range(40)) + "/end": b"deep down",
    "/large": RANDOM.randbytes(5_000_001),
    **{f"/many/file-{number}": str(number).encode() for number in range(1200)},
}


@pytest.fixture(params=["ext2", "ext3", "ext4", "ext4-1k", "ext4-plain", "xfs", "xfs-v4", "xfs-large-folders"])
def make(request: pytest.FixtureRequest) -> Callable[[Path, Path], Path]:
    """A maker of images from folders."""
    makers: dict[str, Callable[[Path, Path], Path]] = {
        "ext2": lambda path, folder: virtual_disks.ext(path, folder, kind="ext2"),
        "ext3": lambda path, folder: virtual_disks.ext(path, folder, kind="ext3"),
        "ext4": virtual_disks.ext,
        "ext4-1k": lambda path, folder: virtual_disks.ext(path, folder, 24 * 1024**2, "ext4", "-b", "1024"),
        "ext4-plain": lambda path, folder: virtual_disks.ext(
            path, folder, 24 * 1024**2, "ext4", "-O", "^64bit,^metadata_csum,^extent,^dir_index,inline_data"
        ),
        "xfs": virtual_disks.xfs,
        "xfs-v4": lambda path, folder: virtual_disks.xfs(path, folder, 320 * 1024**2, "-m", "crc=0,finobt=0"),
        "xfs-large-folders": lambda path, folder: virtual_disks.xfs(path, folder, 320 * 1024**2, "-n", "size=16384"),
    }
    return makers[request.param]


def test_every_file_byte_for_byte(make: Callable[[Path, Path], Path], tree: Tree, tmp_path: Path) -> None:
    folder = tree(USUAL)
    image = make(tmp_path / "disk.img", folder)
    with only_volume(image) as view:
        assert contents(view) == expected(folder)
        assert view.problems() == ()
        assert view.notes == ()


@pytest.mark.parametrize("size", ["256", "512", "1024"])
def test_what_lies_in_inodes_of_any_size(size: str, tree: Tree, tmp_path: Path) -> None:
    """Up to what fits, which is more in larger ones; folders with few names lie there too."""
    sizes = (0, 1, 59, 60, 61, 62, 100, 150, 160, 200, 300, 400, 900)
    files: Contents = {f"/d{number}/f": RANDOM.randbytes(number) for number in sizes}
    folder = tree({**files, "/link": "x" * 59, "/longer": "x" * 140, "/many/" + "n" * 60: b"1", "/many/m": b"2"})
    image = virtual_disks.ext(
        tmp_path / "disk.img", folder, 16 * 1024**2, "ext4", "-O", "inline_data,^metadata_csum", "-I", size
    )
    with only_volume(image) as view:
        assert contents(view) == expected(folder)
        assert view.problems() == ()


def test_many_large_files_are_not_kept_at_once(tree: Tree, tmp_path: Path) -> None:
    megabyte = 1024**2
    files = {f"/file-{number:02}": bytes([number]) * megabyte for number in range(64)}
    image = virtual_disks.ext(tmp_path / "disk.img", tree({**files}), 96 * megabyte)
    with only_volume(image) as view:
        tracemalloc.start()
        found = {path: (len(content), content[0]) for path, content in view.read_many(sorted(files), 2 * megabyte)}
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert found == {path: (megabyte, content[0]) for path, content in files.items()}
    assert most < 80 * megabyte  # 48 of them are the cache of blocks


def test_links_and_patterns_on_a_real_volume(make: Callable[[Path, Path], Path], tree: Tree, tmp_path: Path) -> None:
    with only_volume(make(tmp_path / "disk.img", tree(USUAL))) as view:
        assert view.read("/etc/os-release", 100) == USUAL["/usr/lib/os-release"]
        assert view.read("/lib/os-release", 100) == USUAL["/usr/lib/os-release"]
        assert view.read("/up", 100) == USUAL["/usr/lib/os-release"]
        found = view.stat("/lib", follow=False)
        assert found is not None
        assert (found.kind, found.target) == (Kind.LINK, "usr/lib")
        wanted = {"/many/file-119", *(f"/many/file-119{digit}" for digit in range(10)), "/usr/lib/os-release"}
        assert {entry.path for entry in view.find("/many/file-119*", "/lib/*", "/nowhere/*", "/loop/*")} == wanted
        with pytest.raises(DiskError, match="symbolic links"):
            view.read("/loop", 100)
        with pytest.raises(NotFoundError):
            view.open("/nowhere")
        with pytest.raises(TooLargeError):
            view.read("/large", 5_000_000)
        with pytest.raises(DiskError, match="no file"):
            view.open("/many")
        with view.open("/large") as reader:
            whole = USUAL["/large"]
            assert isinstance(whole, bytes)
            assert reader.size == len(whole)
            assert reader.read(4_999_990, 100) == whole[-11:]
            assert reader.read(1_234_567, 89) == whole[1_234_567:1_234_656]
            assert reader.read(6_000_000, 5) == b""


def test_names_that_are_no_text(tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    names = [b"caf\xe9", b"\xff\xfe\xfd", b"tab\there", b"line\nbreak", "ünï".encode(), b"sp ace", b"\xc3"]
    for place in (b"", b"in\xe9/"):
        for name in names:
            whole = folder / os.fsdecode(place + name)
            whole.parent.mkdir(parents=True, exist_ok=True)
            whole.write_bytes(name)
    image = virtual_disks.ext(tmp_path / "disk.img", folder)
    with only_volume(image) as view:
        assert contents(view) == expected(folder)
        assert view.read("/in\udce9/caf\udce9", 100) == b"caf\xe9"


def test_xfs_names_that_are_no_text(tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    for place, count in (("", 3), ("block", 40), ("leaves", 900)):
        for number in range(count):
            whole = folder / place / os.fsdecode(b"n\xe9-%d" % number)
            whole.parent.mkdir(parents=True, exist_ok=True)
            whole.write_bytes(b"%d" % number)
    with only_volume(virtual_disks.xfs(tmp_path / "disk.img", folder)) as view:
        assert contents(view) == expected(folder)


def test_hard_links_and_holes(tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "first").write_bytes(b"one file")
    os.link(folder / "first", folder / "second")
    with (folder / "holes").open("wb") as file:
        file.seek(3_000_000)
        file.write(b"here")
        file.seek(7_000_000)
        file.write(b"end")
    with only_volume(virtual_disks.ext(tmp_path / "disk.img", folder)) as view:
        first, second = view.stat("/first"), view.stat("/second")
        assert first is not None
        assert second is not None
        assert (first.inode, first.links) == (second.inode, 2)
        assert view.read("/holes", 10_000_000) == (folder / "holes").read_bytes()


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=60)
TREES = st.dictionaries(
    st.lists(
        NAMES.filter(lambda name: name not in (".", "..") and len(name.encode()) < 250), min_size=1, max_size=5
    ).map("/".join),
    st.binary(max_size=9000),
    min_size=1,
    max_size=25,
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=TREES)
def test_any_tree(tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]) -> None:
    base = tmp_path_factory.mktemp("any")
    folder = base / "tree"
    folder.mkdir()
    for path, content in files.items():
        place = folder / path
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            continue  # a name that is a file in one path and a folder in another
    with only_volume(virtual_disks.ext(base / "disk.img", folder, 8 * 1024**2)) as view:
        assert contents(view) == expected(folder)


def test_fat(tmp_path: Path) -> None:
    files = {"HELLO.TXT": b"hello", "BIG.BIN": RANDOM.randbytes(70_000), "EMPTY": b""}
    image = virtual_disks.fat16(tmp_path / "disk.img", files)
    with only_volume(image) as view:
        assert contents(view) == {f"/{name}": content for name, content in files.items()}
        assert view.read("/hello.txt", 10) == b"hello"


def test_ntfs(tmp_path: Path) -> None:
    files = {"hello.txt": b"hello", "Lärm und Rauch.bin": RANDOM.randbytes(300_000), "empty": b""}
    with only_volume(virtual_disks.ntfs(tmp_path / "disk.img", files)) as view:
        found = contents(view)
        assert {path: found[f"/{path}"] for path in files} == files
        assert view.read("/HELLO.TXT", 10) == b"hello"


@pytest.mark.parametrize(("at", "kind"), [(1024 + 96, "ext"), (0, "xfs")])
def test_a_journal_that_needs_replay_is_told(at: int, kind: str, tree: Tree, tmp_path: Path) -> None:
    folder = tree({"/file": b"old"})
    if kind == "ext":
        image = virtual_disks.ext(tmp_path / "disk.img", folder)
        with image.open("rb") as file:
            file.seek(at)
            flags = int.from_bytes(file.read(4), "little")
        virtual_disks.write(image, at, (flags | 4).to_bytes(4, "little"))
    else:
        image = virtual_disks.xfs(tmp_path / "disk.img", folder)
        virtual_disks.dirty_xfs_log(image)
    with open_files([image]) as machine:
        for _, view in machine.views():
            assert view.read("/file", 10) == b"old"
        coverage = machine.coverage()
    assert coverage.state is Completeness.COMPLETE
    assert "needs replay" in coverage.notes[0]
