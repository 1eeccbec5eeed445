"""The operating system's packages, from the databases of three package managers."""

import shutil
import struct
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_view import FakeView, Link
from nephoscope.errors import DiskError
from nephoscope.model.packages import Inventory, Package, PackageKind
from nephoscope.packages import apk, dpkg, os_release, rpm
from nephoscope.packages.collecting import Collecting
from nephoscope.packages.directory import Directory
from nephoscope.packages.files import Files
from nephoscope.packages.rpm_header import Header
from packages.rpm_world import berkeley, build_rpm, ndb, register, run

STATUS = """Package: openssl
Status: install ok installed
Architecture: amd64
Version: 3.0.11-1~deb12u2
Description: tool
 Package: not-a-field
Conffiles:
 /etc/ssl/openssl.cnf 0123

Package: libssl3
Status: install ok installed
Source: openssl (3.0.11-1)
Architecture: amd64
Version: 3.0.11-1~deb12u2

Package: gone
Status: deinstall ok config-files
Version: 1.0

Package: half
Status: install ok half-configured
Version: 2.0
"""
DEBIAN: dict[str, bytes | str | Link] = {
    "/etc/os-release": Link("../usr/lib/os-release"),
    "/usr/lib/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n',
    "/var/lib/dpkg/status": STATUS,
    "/var/lib/dpkg/info/openssl.list": "/.\n/usr/bin/openssl\n/etc/ssl/openssl.cnf\n/lib/libssl.so\n",
    "/boot/vmlinuz-6.1.0-18-amd64": b"",
    "/lib/modules/6.1.0-18-amd64/modules.dep": "",
    "/lib/modules/6.1.0-17-amd64/modules.dep": "",
}
NEEDS_RPM = pytest.mark.skipif(not (shutil.which("rpm") and shutil.which("rpmbuild")), reason="rpm is not installed")


def inventory(files: Files, running: str = "") -> Inventory:
    return Collecting(files, running).finish()


def found(files: Files) -> dict[str, Package]:
    return {package.name: package for package in inventory(files).packages}


def test_dpkg() -> None:
    packages = found(FakeView(DEBIAN))
    assert sorted(packages) == ["half", "libssl3", "openssl"]
    assert packages["libssl3"].source == ("openssl", "3.0.11-1")
    assert packages["openssl"].source == ("openssl", "3.0.11-1~deb12u2")
    assert packages["openssl"].ecosystem == "Debian:12"
    assert packages["openssl"].purl == "pkg:deb/debian/openssl@3.0.11-1~deb12u2?arch=amd64&distro=debian-12"


def test_the_system_says_what_it_is() -> None:
    told = inventory(FakeView(DEBIAN), running="6.1.0-17-amd64")
    assert told.os is not None
    assert (told.os.title, told.os.id, told.os.version) == ("Debian GNU/Linux 12 (bookworm)", "debian", "12")
    assert {kernel.release: kernel.is_running for kernel in told.kernels} == {
        "6.1.0-18-amd64": False,
        "6.1.0-17-amd64": True,
    }
    assert all(kernel.is_running is None for kernel in inventory(FakeView(DEBIAN)).kernels)
    assert all(kernel.is_running is None for kernel in inventory(FakeView(DEBIAN), running="6.12.0").kernels)


def entry(kind: int, line: bytes, own: bytes, user: bytes, host: bytes, *, tail: int = 52) -> bytes:
    """Of a diary of starts and logins; its tail is longer on 64-bit ARM."""
    return struct.pack("<h2xi32s4s32s256s", kind, 7, line, own, user, host) + bytes(tail)


def start(release: bytes, tail: int = 52) -> bytes:
    return entry(2, b"~", b"~~", b"reboot", release, tail=tail)


LOGIN = entry(7, b"pts/0", b"ts/0", b"root", b"10.0.0.1")


@pytest.mark.parametrize(
    ("diaries", "running"),
    [
        ({"wtmp": start(b"6.1.0-18-amd64") + LOGIN + start(b"6.1.0-17-amd64") + LOGIN * 9}, "6.1.0-17-amd64"),
        ({"wtmp": start(b"6.1.0-17-amd64", 68) * 2}, "6.1.0-17-amd64"),
        ({"wtmp": start(b"6.1.0-17-amd64") + LOGIN * 9000}, "6.1.0-17-amd64"),
        ({"wtmp": LOGIN, "wtmp.1": start(b"6.1.0-17-amd64")}, "6.1.0-17-amd64"),
        ({"wtmp-20240101": start(b"6.1.0-17-amd64"), "wtmp-20240201": start(b"6.1.0-18-amd64")}, "6.1.0-18-amd64"),
        ({"wtmp": start(b"6.12.1-no-more")}, None),
        ({"wtmp": entry(7, b"~", b"~~", b"reboot", b"6.1.0-17-amd64")}, None),
        ({"wtmp": start(b"not a release")[60:]}, None),
        ({"wtmp": b""}, None),
    ],
)
def test_the_last_start_says_which_kernel_runs(diaries: dict[str, bytes], running: str | None) -> None:
    """A machine that was updated and not started again runs the older one."""
    told = inventory(FakeView({**DEBIAN, **{f"/var/log/{name}": content for name, content in diaries.items()}}))
    assert [kernel.release for kernel in told.kernels if kernel.is_running] == ([running] if running else [])
    assert told.problems == ()


def test_settings_belong_to_people_and_programs_to_packages() -> None:
    owned = Collecting(FakeView(DEBIAN)).owned
    assert "/usr/bin/openssl" in owned
    assert "/bin/openssl" in owned
    assert "/usr/lib/libssl.so" in owned
    assert "/etc/ssl/openssl.cnf" not in owned
    assert "/usr/bin/other" not in owned


def test_the_packages_alone_cost_a_few_files() -> None:
    view = FakeView(DEBIAN)
    collecting = Collecting(view)
    collecting.finish()
    assert "/var/lib/dpkg/info/openssl.list" not in view.asked
    assert "/usr/bin/openssl" in collecting.owned
    assert view.asked["/var/lib/dpkg/info/openssl.list"] == 1


def test_pieces_of_images_without_a_shell() -> None:
    pieces: dict[str, bytes | str | Link] = {
        "/var/lib/dpkg/status.d/base": "Package: base-files\nVersion: 12.4\nArchitecture: amd64\n",
        "/var/lib/dpkg/status.d/base.md5sums": "0123  usr/share/x\n",
    }
    collecting = Collecting(FakeView(pieces))
    assert [package.full_version for package in collecting.finish().packages] == ["12.4"]
    assert "/usr/share/x" in collecting.owned


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/var/lib/dpkg/status", STATUS + "\nPackage: cut-off\nStatus: install ok installed\nArchi"),
        ("/var/lib/dpkg/status", STATUS + "\n" + "\0" * 4096),
        ("/var/lib/dpkg/status.d/odd", "Version: 1\n"),
        ("/lib/apk/db/installed", "P:musl\nV:1.2.4-r1\n\nP:busybo"),
        ("/lib/apk/db/installed", "P:musl\nV:1.2.4-r1\n\n\0\0\0\0"),
    ],
)
def test_a_list_that_is_cut_off_is_told(path: str, content: str) -> None:
    told = inventory(FakeView({path: content}))
    assert len(told.problems) == 1
    assert f"{path}: damaged: 1 of its paragraphs" in told.problems[0]
    assert len(told.packages) == len(inventory(FakeView({path: content[: content.rfind("\n\n") + 1]})).packages)


def test_apk() -> None:
    content = (
        "P:libcrypto3\nV:3.1.4-r5\nA:x86_64\no:openssl\nF:lib\nR:libcrypto.so.3\n"
        "F:etc/ssl\nR:openssl.cnf\n\nP:musl\nV:1.2\n"
    )
    view = FakeView({"/etc/alpine-release": "3.18.4\n", "/lib/apk/db/installed": content})
    packages = found(view)
    assert packages["libcrypto3"].source == ("openssl", "3.1.4-r5")
    assert packages["musl"].ecosystem == "Alpine:v3.18"
    owned = Collecting(view).owned
    assert ("/lib/libcrypto.so.3" in owned, "/etc/ssl/openssl.cnf" in owned) == (True, False)


@pytest.mark.parametrize(
    ("path", "content", "ecosystem", "title"),
    [
        (
            "/etc/os-release",
            'ID="amzn"\nVERSION_ID="2023"\nPRETTY_NAME="Amazon Linux 2023.6.20241010"\n',
            "Amazon Linux:2023",
            "Amazon Linux 2023.6.20241010",
        ),
        ("/etc/os-release", "ID=ubuntu\nVERSION_ID=22.04\nNAME=Ubuntu\n", "Ubuntu:22.04", "Ubuntu 22.04"),
        ("/etc/os-release", "ID=rocky\nVERSION_ID=9.3\nNAME=Rocky\n", "Rocky Linux:9", "Rocky 9.3"),
        ("/etc/os-release", "ID=debian\nVERSION_CODENAME=trixie\nNAME=Debian\n", "Debian:13", "Debian"),
        (
            "/etc/os-release",
            "ID=sles\nVERSION_ID=15.5\nNAME=SLES\n",
            "SUSE:Linux Enterprise Server 15 SP5",
            "SLES 15.5",
        ),
        ("/etc/os-release", "ID=wolfi\nVERSION_ID=20230201\nNAME=Wolfi\n", "Wolfi", "Wolfi 20230201"),
        ("/etc/os-release", "ID=nixos\nVERSION_ID=23.11\nNAME=NixOS\n", "nixos:23.11", "NixOS 23.11"),
        ("/etc/os-release", "ID=alpine\nVERSION_ID=3.20.0_alpha2\nNAME=A\n", "Alpine:edge", "A 3.20.0_alpha2"),
        ("/etc/redhat-release", "CentOS release 6.10 (Final)\n", "Red Hat:6", "CentOS release 6.10 (Final)"),
        (
            "/etc/system-release",
            "Amazon Linux AMI release 2018.03\n",
            "Amazon Linux:1",
            "Amazon Linux AMI release 2018.03",
        ),
        ("/etc/debian_version", "bookworm/sid\n", "Debian:12", "Debian GNU/Linux bookworm/sid"),
    ],
)
def test_systems_name_themselves(path: str, content: str, ecosystem: str, title: str) -> None:
    told = os_release.parse(path, content.encode())
    assert told is not None
    assert (told.ecosystem, told.title) == (ecosystem, title)


@given(st.binary(max_size=300))
def test_any_bytes_are_some_system_or_none(content: bytes) -> None:
    for path in os_release.PATHS:
        os_release.parse(path, content)
    for parse in (dpkg.parse, apk.parse):
        with suppress(DiskError):
            list(parse("/status", content, ""))


# ---- rpm, with databases that the real tool has written


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a system with two packages, one of them too large for a page."""
    folder = tmp_path_factory.mktemp("rpm")
    large = build_rpm(folder, "tinyssl", "3.0.7", "24.el9", epoch=1, files=300)
    small = build_rpm(folder, "plain", "1.2", "3.el9")
    root = folder / "root"
    register([large, small], root / "var/lib/rpm", "sqlite")
    (root / "etc").mkdir()
    (root / "etc/os-release").write_text("ID=almalinux\nVERSION_ID=9.3\nNAME=AlmaLinux\n")
    return root


def blobs_of(root: Path) -> list[bytes]:
    return list(rpm.blobs(Directory(root), "/var/lib/rpm/rpmdb.sqlite"))


def assert_both(files: Files) -> None:
    packages = found(files)
    assert packages["tinyssl"].full_version == "1:3.0.7-24.el9"
    assert packages["plain"].full_version == "1.2-3.el9"
    assert packages["plain"].kind is PackageKind.RPM
    owned = Collecting(files).owned
    assert "/usr/share/tinyssl/file299.txt" in owned
    assert "/etc/tinyssl.conf" not in owned


@NEEDS_RPM
def test_rpm_in_sqlite(database: Path) -> None:
    assert_both(Directory(database))
    assert (
        found(Directory(database))["plain"].purl == "pkg:rpm/almalinux/plain@1.2-3.el9?arch=noarch&distro=almalinux-9"
    )


@NEEDS_RPM
def test_rpm_in_ndb(database: Path) -> None:
    assert_both(FakeView({"/usr/lib/sysimage/rpm/Packages.db": ndb(blobs_of(database))}))


@NEEDS_RPM
def test_rpm_in_berkeley_db(database: Path, tmp_path: Path) -> None:
    """What stands here for the old database is one that the real tool reads too."""
    content = berkeley(blobs_of(database))
    (tmp_path / "Packages").write_bytes(content)
    told = run("rpm", "--define", "_db_backend bdb_ro", "--dbpath", str(tmp_path), "-qa")
    assert sorted(told.split()) == ["plain-1.2-3.el9.noarch", "tinyssl-3.0.7-24.el9.noarch"]
    assert_both(FakeView({"/var/lib/rpm/Packages": content}))


@NEEDS_RPM
@pytest.mark.parametrize("kind", ["rpmdb.sqlite", "Packages.db", "Packages"])
def test_a_damaged_database_is_told_and_ends(database: Path, kind: str) -> None:
    """Cut off anywhere, or with bytes changed: an error or fewer packages, never a hang or a crash."""
    sqlite = (database / "var/lib/rpm/rpmdb.sqlite").read_bytes()
    content = {
        "rpmdb.sqlite": sqlite,
        "Packages.db": ndb(blobs_of(database)),
        "Packages": berkeley(blobs_of(database)),
    }[kind]
    path = f"/var/lib/rpm/{kind}"
    step = max(1, len(content) // 60)
    for at in range(0, len(content), step):
        cut = inventory(FakeView({path: content[:at]}))
        assert cut.problems or cut.packages
        changed = bytearray(content)
        changed[at : at + 8] = b"\xff" * 8
        inventory(FakeView({path: bytes(changed)}))


@given(st.binary(max_size=600))
def test_any_bytes_are_a_header_or_none(content: bytes) -> None:
    try:
        header = Header(content)
    except ValueError:
        return
    header.package("/x", "")
    list(header.files())


@pytest.mark.parametrize("magic", [b"SQLite format 3\0\x10\0", b"RpmP\0\0\0\0", bytes(12) + b"\x61\x15\x06\0"])
@given(tail=st.binary(max_size=2000))
def test_any_bytes_are_a_database_or_none(magic: bytes, tail: bytes) -> None:
    for name in ("rpmdb.sqlite", "Packages.db", "Packages"):
        assert inventory(FakeView({f"/var/lib/rpm/{name}": magic + tail})).problems


def test_what_cannot_be_read_is_told() -> None:
    view = FakeView(DEBIAN, broken=["/var/lib/dpkg/status"])
    told = inventory(view)
    assert told.packages == ()
    assert any("/var/lib/dpkg/status" in problem for problem in told.problems)


def test_an_empty_volume_has_nothing() -> None:
    assert inventory(FakeView({})) == Inventory()


def test_one_row_a_thousand_times_is_damage() -> None:
    """A page whose places all point to the same row."""
    page = bytearray(4096)
    page[:18] = b"SQLite format 3\0\x10\0"
    page[100], page[103:105] = 0x0D, (1000).to_bytes(2, "big")
    page[108:2108] = (3000).to_bytes(2, "big") * 1000
    page[3000:3005] = bytes([0x40, 1, 2, 0x19, 0])
    with pytest.raises(DiskError, match="more rows"):
        list(rpm.blobs(FakeView({"/var/lib/rpm/rpmdb.sqlite": bytes(page)}), "/var/lib/rpm/rpmdb.sqlite"))


def test_loops_in_sqlite_end() -> None:
    """A page that is its own child."""
    page = bytearray(4096)
    page[:18] = b"SQLite format 3\0\x10\0"
    page[100] = 0x05
    page[108:112] = (1).to_bytes(4, "big")
    with pytest.raises(DiskError, match="used twice"):
        list(rpm.blobs(FakeView({"/var/lib/rpm/rpmdb.sqlite": bytes(page)}), "/var/lib/rpm/rpmdb.sqlite"))
