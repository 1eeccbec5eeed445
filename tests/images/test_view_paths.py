"""Symbolic links and patterns, on a volume in memory."""

import pytest

from fake_view import FakeView, Link
from nephoscope.errors import DiskError, NotFoundError, TooLargeError
from nephoscope.images.view import FileView, Kind

VIEW: FileView = FakeView(
    {
        "/usr/lib/os-release": b"ID=debian\n",
        "/etc/os-release": Link("../usr/lib/os-release"),
        "/etc/up": Link("../../../../../etc/os-release"),
        "/etc/loop": Link("loop"),
        "/lib": Link("usr/lib"),
        "/round/a": Link("/round/b/x"),
        "/round/b": Link("/round/a"),
        "/usr/lib/python3.11/site-packages/a-1.dist-info/METADATA": b"Name: a\n",
        "/usr/lib/python3.12/site-packages/b-2.dist-info/METADATA": b"Name: b\n",
        "/usr/lib/python3.12/site-packages/b-2.dist-info/RECORD": b"",
        "/var/empty/": b"",
    }
)


@pytest.mark.parametrize(
    "path", ["/etc/os-release", "/lib/os-release", "/etc/up", "//etc/./os-release", "lib/os-release"]
)
def test_links_lead_to_the_file_inside_the_root(path: str) -> None:
    found = VIEW.stat(path)
    assert found is not None
    assert found.path == "/usr/lib/os-release"
    assert VIEW.read(path, 100) == b"ID=debian\n"


def test_a_link_itself_is_seen_when_it_is_not_followed() -> None:
    found = VIEW.stat("/etc/os-release", follow=False)
    assert found is not None
    assert (found.kind, found.target) == (Kind.LINK, "../usr/lib/os-release")


@pytest.mark.parametrize("path", ["/etc/loop", "/round/a", "/round/b/x/y"])
def test_circles_end(path: str) -> None:
    with pytest.raises(DiskError, match="40 symbolic links"):
        VIEW.stat(path)


@pytest.mark.parametrize("path", ["/nowhere", "/etc/os-release/below", "/nowhere/../etc"])
def test_what_is_not_there_is_none(path: str) -> None:
    assert VIEW.stat(path) is None
    with pytest.raises(NotFoundError):
        VIEW.open(path)


def test_patterns_look_only_where_they_point() -> None:
    found = [entry.path for entry in VIEW.find("/lib/python3*/site-packages/*.dist-info/METADATA", "/etc/[lo]*")]
    assert found == [
        "/usr/lib/python3.11/site-packages/a-1.dist-info/METADATA",
        "/usr/lib/python3.12/site-packages/b-2.dist-info/METADATA",
        "/usr/lib/os-release",
    ]


@pytest.mark.parametrize(
    ("pattern", "hit"), [("[!a]-*", "b-2.dist-info"), ("?-2*", "b-2.dist-info"), ("a**o", "a-1.dist-info")]
)
def test_what_a_pattern_means(pattern: str, hit: str) -> None:
    found = [entry.name for entry in VIEW.find(f"/usr/lib/python*/site-packages/{pattern}")]
    assert found == [hit]


def test_a_file_over_its_limit_is_refused() -> None:
    with pytest.raises(TooLargeError, match="10 bytes; at most 9"):
        VIEW.read("/etc/os-release", 9)


def test_a_walk_names_everything_once_and_follows_nothing() -> None:
    paths = [entry.path for entry in VIEW.walk(["/etc", "/lib", "/nowhere"], lambda path: "3.11" not in path)]
    assert paths[:4] == ["/etc", "/etc/loop", "/etc/os-release", "/etc/up"]
    assert "/usr/lib/python3.11" in paths
    assert not any("a-1" in path for path in paths)
    assert len(paths) == len(set(paths))
