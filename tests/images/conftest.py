"""Trees of files, and what a disk gives back of them."""

from collections.abc import Callable
from pathlib import Path

import pytest

Contents = dict[str, bytes | str | None]
"""Path → content, target of a link (text), or None for a folder."""


@pytest.fixture
def tree(tmp_path: Path) -> Callable[[Contents], Path]:
    """`tree({"/etc/x": b"…", "/lib": "usr/lib", "/var": None})`: a folder that holds that."""

    def make(contents: Contents) -> Path:
        root = tmp_path / "tree"
        root.mkdir(exist_ok=True)
        for path, content in contents.items():
            place = root / path.strip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                place.mkdir(exist_ok=True)
            elif isinstance(content, str):
                place.symlink_to(content)
            else:
                place.write_bytes(content)
        return root

    return make
