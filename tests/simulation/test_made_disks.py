"""The disks of the demo: sound to the tools of the system, read back whole, and the same every time."""

import os
import shutil
from pathlib import Path

import pytest

import virtual_disks
from nephoscope.packages.collecting import Collecting
from nephoscope.simulation.disks import machines, made_up
from nephoscope.simulation.disks.ext4 import Tree, write_disk
from nephoscope.simulation.disks.rpm import Rpm, database
from reading_disks import contents, only_volume

MIB = 1024 * 1024
KEY_ID = "AKIA" + "IOSFODNN7NEPHOSC"
MANY: Tree = {
    **{f"many/{number % 3}/{'n' * (number % 200 + 1)}{number}": os.urandom(number * 61) for number in range(400)},
    "empty": b"",
    "etc/os-release": "../usr/lib/os-release",
    "usr/lib/os-release": b"ID=x\n",
    "whole": bytes(range(256)) * 32,
}
TREES = {"many": MANY, "notebook": machines.notebook(KEY_ID), "web server": machines.web_server()}


def made(path: Path, tree: Tree, size: int = 16 * MIB) -> Path:
    return write_disk(path, tree, size=size, label="root", written=1_700_000_000)


@pytest.mark.parametrize("name", TREES)
def test_everything_is_read_back(tmp_path: Path, name: str) -> None:
    tree = TREES[name]
    with only_volume(made(tmp_path / "disk.img", tree, 24 * MIB)) as view:
        found = contents(view)
        assert not view.problems()
    assert {path: content for path, content in found.items() if content is not None} == {
        f"/{path}": content for path, content in tree.items()
    }


@pytest.mark.parametrize("name", TREES)
def test_the_tool_for_damaged_file_systems_finds_nothing(tmp_path: Path, name: str) -> None:
    virtual_disks.needs("e2fsck")
    disk, part = made(tmp_path / "disk.img", TREES[name], 24 * MIB), tmp_path / "part.img"
    with disk.open("rb") as whole, part.open("wb") as one:
        whole.seek(MIB)
        shutil.copyfileobj(whole, one)
    virtual_disks.run("e2fsck", "-f", "-n", part)


def test_the_same_tree_makes_the_same_bytes(tmp_path: Path) -> None:
    first, second = (made(tmp_path / name, machines.web_server()) for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()
    assert first.stat().st_size == 16 * MIB
    assert first.stat().st_blocks * 512 < MIB


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="blocks are needed"):
        made(tmp_path / "large", {"large": bytes(16 * MIB)})
    with pytest.raises(ValueError, match="are the most"):
        made(tmp_path / "huge", {}, 256 * MIB)
    with pytest.raises(ValueError, match="a/link"):
        made(tmp_path / "long", {"a/link": "x" * 60})
    with pytest.raises(ValueError, match="one page"):
        database([Rpm("name", "1", "1")] * 300)


@pytest.mark.parametrize(
    ("tree", "system", "some"),
    [
        ("notebook", "Amazon Linux 2023", {"kernel", "openssl-libs", "jinja2", "org.apache.logging.log4j:log4j-core"}),
        ("web server", "Debian GNU/Linux 12 (bookworm)", {"libc6", "nginx", "lodash"}),
    ],
)
def test_their_packages_are_found(tmp_path: Path, tree: str, system: str, some: set[str]) -> None:
    with only_volume(made(tmp_path / "disk.img", TREES[tree])) as view:
        collecting = Collecting(view)
        for entry in view.walk():
            collecting.offer(entry)
        found = collecting.finish()
    assert found.os is not None
    assert (found.os.title, found.problems) == (system, ())
    assert some <= {package.name for package in found.packages}


def test_no_two_credentials_are_the_same_and_each_is_drawn_again() -> None:
    names = [f"name {number}" for number in range(50)]
    for draw in (made_up.aws_secret, made_up.github_token, made_up.private_key):
        assert [draw(name) for name in names] == [draw(name) for name in names]
        assert len({draw(name) for name in names}) == 50
