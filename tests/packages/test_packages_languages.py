"""Packages of languages, as a walk offers them."""

import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_view import FakeView, Link
from nephoscope.images.view import FileView
from nephoscope.model.packages import Inventory, Package, PackageKind
from nephoscope.packages import java
from nephoscope.packages.collecting import Collecting
from nephoscope.packages.directory import Directory
from nephoscope.packages.table import FILE_READERS, TEXT_READERS
from packages.programs import elf, go_program, jar, old_go_program, pom, rust_program

METADATA = "Metadata-Version: 2.1\nName: Typing_Extensions\nVersion: 4.9.0\nSummary: x\n\nName: not-me\n"
GEMSPEC = """# -*- encoding: utf-8 -*-
Gem::Specification.new do |s|
  s.name = "rack".freeze
  s.version = "2.2.8".freeze
end
"""


def collected(files: dict[str, bytes | str | Link]) -> Inventory:
    view = FakeView(files)
    collecting = Collecting(view)
    for entry in view.walk():
        collecting.offer(entry)
    return collecting.finish()


def names(inventory: Inventory) -> list[tuple[str, str, str]]:
    return sorted((str(one.kind), one.name, one.version) for one in inventory.packages)


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("/v/lib/python3/site-packages/t-4.9.0.dist-info/METADATA", METADATA, ("pypi", "typing-extensions", "4.9.0")),
        ("/v/lib/python3/dist-packages/t.egg-info/PKG-INFO", METADATA, ("pypi", "typing-extensions", "4.9.0")),
        ("/v/lib/python2/t-4.9.0-py2.egg-info", METADATA, ("pypi", "typing-extensions", "4.9.0")),
        (
            "/app/node_modules/@babel/core/package.json",
            '{"name":"@babel/core","version":"7.0.1"}',
            ("npm", "@babel/core", "7.0.1"),
        ),
        (
            "/app/node_modules/left-pad/package.json",
            '{"name":"left-pad","version":"1.0.0"}',
            ("npm", "left-pad", "1.0.0"),
        ),
        ("/var/lib/gems/3.0/specifications/rack-2.2.8.gemspec", GEMSPEC, ("gem", "rack", "2.2.8")),
        (
            "/srv/vendor/composer/installed.json",
            '{"packages":[{"name":"Symfony/Http-Kernel","version":"v5.4.1"},{"name":"x"},3]}',
            ("composer", "symfony/http-kernel", "5.4.1"),
        ),
        (
            "/srv/old/vendor/composer/installed.json",
            '[{"name":"a/b","version":"1.0"}]',
            ("composer", "a/b", "1.0"),
        ),
    ],
)
def test_texts(path: str, content: str, expected: tuple[str, str, str]) -> None:
    assert names(collected({path: content})) == [expected]


@pytest.mark.parametrize(
    "path",
    [
        "/app/package.json",
        "/app/node_modules/a/src/package.json",
        "/app/node_modules/.bin/package.json",
        "/srv/composer.json",
        "/usr/share/doc/METADATA",
        "/app/x.gemspec",
    ],
)
def test_what_only_looks_like_one_is_not_asked(path: str) -> None:
    view = FakeView({path: '{"name":"a","version":"1"}'})
    collecting = Collecting(view)
    assert not any(collecting.offer(entry) for entry in view.walk())
    assert collecting.finish().packages == ()
    assert view.asked.get(path, 0) == 0


@pytest.mark.parametrize("content", ["", "{", "[]", '{"name": 3, "version": []}', "\udcff", "[" * 5000])
def test_texts_that_say_nothing(content: str) -> None:
    raw = content.encode("utf-8", "surrogateescape")
    files = {
        "/a/node_modules/b/package.json": raw,
        "/a/composer/installed.json": raw,
        "/a/specifications/b.gemspec": raw,
        "/a/b.dist-info/METADATA": raw,
    }
    assert collected(dict(files)).packages == ()


@pytest.mark.parametrize(
    ("path", "content", "said"),
    [
        ("/a/node_modules/b/package.json", b'{"name": "b", "ver', "it is no JSON"),
        ("/a/vendor/composer/installed.json", b'{"packages": [{', "it is no JSON"),
        ("/a/node_modules/b/package.json", b" " * (1 << 20) + b"{}", "it has more than 1,048,576 bytes"),
        ("/a/b.jar", jar({"c.jar": b"PK\3\4 and no more"}), "such as /a/b.jar!/c.jar"),
        ("/a.exe", elf({".dep-v0": b"no list" * 9000}), "its list of crates is damaged"),
        ("/a.exe", elf({".dep-v0": zlib.compress(b'{"packages": []}')[:-6]}), "its list of crates is cut off"),
    ],
)
def test_what_cannot_be_understood_is_told(path: str, content: bytes, said: str) -> None:
    found = collected({path: content})
    assert found.packages == ()
    assert len(found.problems) == 1
    assert path in found.problems[0]
    assert said in found.problems[0]


def test_a_mark_of_the_order_of_bytes_is_no_damage() -> None:
    path = "/a/node_modules/b/package.json"
    assert names(collected({path: '\ufeff{"name": "b", "version": "1.0.0"}'})) == [("npm", "b", "1.0.0")]


GO = [
    ("golang", "example.com/new", "1.0.1"),
    ("golang", "example.com/tool", "1.2.3"),
    ("golang", "golang.org/x/net", "0.17.0"),
]


def test_go_programs(tmp_path: Path) -> None:
    """On a system with permissions only what may be executed is opened."""
    for name, content, mode in (
        ("new", go_program(), 0o755),
        ("old", old_go_program(), 0o755),
        ("text", go_program(), 0o644),
    ):
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(mode)
    files = Directory(tmp_path)
    collecting = Collecting(files)
    for entry in files.walk():
        collecting.offer(entry)
    found = collecting.finish().packages
    assert {package.path for package in found} == {"/new", "/old"}
    assert sorted((str(one.kind), one.name, one.version) for one in found if one.path == "/new") == sorted(
        [("golang", "stdlib", "1.21.5"), *GO]
    )
    assert sorted((str(one.kind), one.name, one.version) for one in found if one.path == "/old") == sorted(
        [("golang", "stdlib", "1.12"), *GO]
    )


def test_rust_programs() -> None:
    crates: list[dict[str, object]] = [
        {"name": "hyper", "version": "0.14.1", "source": "crates.io"},
        {"name": "cc", "version": "1.0.0", "kind": "build"},
        {"name": "mine", "version": "0.1.0", "root": True},
    ]
    assert names(collected({"/srv/tool.exe": rust_program(crates)})) == [
        ("cargo", "hyper", "0.14.1"),
        ("cargo", "mine", "0.1.0"),
    ]


def test_archives_in_archives() -> None:
    inner = jar(pom("org.apache.logging.log4j", "log4j-core", "2.14.1"))
    unnamed = jar({"META-INF/MANIFEST.MF": "Implementation-Title: x y\n"})
    war = jar({"WEB-INF/lib/log4j-core.jar": inner, "WEB-INF/lib/guava-31.1-jre.jar": unnamed, "index.html": "x"})
    found = collected({"/opt/app.ear": jar({"web.war": war}), "/opt/broken.jar": inner[:200], "/opt/text.jar": "PKno"})
    assert names(found) == [
        ("maven", "guava", "31.1-jre"),
        ("maven", "org.apache.logging.log4j:log4j-core", "2.14.1"),
    ]
    assert found.packages[0].path.startswith("/opt/app.ear!/web.war!/WEB-INF/lib/")
    assert len(found.problems) == 2


def test_archives_that_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that would inflate to a gigabyte of zeros is left alone, and so is a nest without an end."""
    monkeypatch.setattr(java, "_LARGEST_INNER", 1 << 20)
    bomb = jar({"inner.jar": b"PK" + bytes(4 << 20), **pom("a", "b", "1")})
    assert names(collected({"/bomb.jar": bomb})) == [("maven", "a:b", "1")]
    nest = jar(pom("a", "deepest", "1"))
    for _ in range(8):
        nest = jar({"inner.jar": nest})
    found = collected({"/nest.jar": nest})
    assert found.packages == ()
    assert "too deep" in found.problems[0]


def test_a_directory_larger_than_its_archive() -> None:
    lying = bytearray(jar(pom("a", "b", "1")))
    struct.pack_into("<I", lying, len(lying) - 22 + 12, 0x7FFFFFFF)
    found = collected({"/lying.jar": bytes(lying)})
    assert found.packages == ()
    assert len(found.problems) == 1


def test_what_the_system_brought_is_its_vendors() -> None:
    """The same file twice: once in a list of dpkg, once not."""
    files: dict[str, bytes | str | Link] = {
        "/usr/lib/python3/dist-packages/a.egg-info/PKG-INFO": "Name: a\nVersion: 1\n",
        "/usr/local/lib/python3/dist-packages/b.egg-info/PKG-INFO": "Name: b\nVersion: 1\n",
        "/usr/bin/tool.exe": go_program(),
        "/var/lib/dpkg/status": "Package: python3-a\nVersion: 1-1\nStatus: install ok installed\n",
        "/var/lib/dpkg/info/python3-a.list": "/usr/lib/python3/dist-packages/a.egg-info/PKG-INFO\n/usr/bin/tool.exe\n",
    }
    found = {package.name: package for package in collected(files).packages}
    assert set(found) == {"python3-a", "a", "b"}
    assert (found["a"].is_owned, found["b"].is_owned) == (True, False)


@given(st.integers(0, 2000), st.binary(min_size=1, max_size=40))
def test_damaged_programs_end(at: int, change: bytes) -> None:
    content = bytearray(go_program())
    content[at : at + len(change)] = change
    collected({"/tool.exe": bytes(content)})


@given(st.integers(0, 400), st.binary(min_size=1, max_size=20))
def test_damaged_archives_end(at: int, change: bytes) -> None:
    content = bytearray(jar({"a.jar": jar(pom("a", "b", "1")), **pom("c", "d", "2")}))
    content[at : at + len(change)] = change
    collected({"/a.jar": bytes(content)})


def test_programs_without_a_list() -> None:
    assert collected({"/tool.exe": elf({".text": b"x"}), "/other.exe": bytes(90_000)}) == Inventory()


def test_every_reader_has_its_place() -> None:
    assert len({row.name for row in (*TEXT_READERS, *FILE_READERS)}) == len(TEXT_READERS) + len(FILE_READERS)
    assert all(row.endings and row.limit for row in TEXT_READERS)


def test_a_view_of_a_disk_is_what_readers_are_given() -> None:
    view: FileView = FakeView({"/var/lib/dpkg/status": "Package: a\nVersion: 1\n"})
    assert [package.name for package in Collecting(view).finish().packages] == ["a"]


def test_package_urls() -> None:
    package = Package(name="@a/b", version="1", kind=PackageKind.NPM, ecosystem="npm")
    assert package.purl == "pkg:npm/%40a/b@1"
    maven = Package(name="org.x:y", version="1", kind=PackageKind.MAVEN, ecosystem="Maven")
    assert maven.purl == "pkg:maven/org.x/y@1"
    go = Package(name="golang.org/x/net", version="0.1", kind=PackageKind.GOLANG, ecosystem="Go")
    assert go.purl == "pkg:golang/golang.org/x/net@0.1"


def test_a_folder_is_a_volume_that_links_do_not_leave(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("secret")
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/leak").symlink_to(outside)
    (root / "etc/up").symlink_to("../../../../outside")
    (root / "etc/loop").symlink_to("loop")
    (root / "etc/real").write_text("here")
    (root / "etc/inside").symlink_to("/etc/real")
    files = Directory(root)
    assert [entry.path for entry in files.find("/etc/*")] == ["/etc/real"]
    assert [path for path, _ in files.read_many(["/etc/leak", "/etc/up", "/etc/loop", "/etc/inside"], 10)] == [
        "/etc/inside"
    ]
