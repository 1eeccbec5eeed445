"""Which files are opened, on a disk and on this machine."""

import os
from pathlib import Path

import pytest

from nephoscope.secrets.choosing import is_entered, is_wanted
from nephoscope.secrets.local import files_below, opened


@pytest.mark.parametrize(
    ("path", "size", "wanted"),
    [
        ("/etc/app.conf", 10, True),
        ("/etc/empty", 0, False),
        ("/srv/logo.PNG", 10, False),
        ("/srv/dump.sql.gz", 10, True),
        ("/srv/png", 10, True),
        ("/root/.ssh/id_ed25519", 10, True),
        ("/usr/bin/true", 10, False),
    ],
)
def test_files_that_may_hold_something_are_wanted(path: str, size: int, *, wanted: bool) -> None:
    assert is_wanted(path, size, owned=lambda path: path == "/usr/bin/true") is wanted


def test_nothing_is_owned_where_no_package_is_known() -> None:
    assert is_wanted("/usr/bin/true", 10)


@pytest.mark.parametrize(
    ("folder", "entered"),
    [
        ("/etc", True),
        ("/proc", False),
        ("/home/x/proc", True),
        ("/usr/share/doc", False),
        ("/srv/x/.git", True),
        ("/srv/x/.git/objects", False),
        ("/opt/x/site-packages/pyjwt-2.8.0.dist-info", False),
        ("/opt/x/site-packages/pyjwt", True),
    ],
)
def test_folders_of_the_kernel_and_of_histories_are_left_alone(folder: str, *, entered: bool) -> None:
    assert is_entered(folder) is entered


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert list(files_below([tmp_path])) == [tmp_path / "file"]
    with opened(tmp_path / "file") as content:
        assert (content.size, content.read(3, 100)) == (7, b"tent")
    for name in ("pipe", "link", "none"):
        with pytest.raises(OSError), opened(tmp_path / name):  # noqa: PT011 - whatever the system says
            pass


def test_folders_that_cannot_be_listed_are_said(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    (trouble,) = list(files_below([gone]))
    assert isinstance(trouble, FileNotFoundError)
