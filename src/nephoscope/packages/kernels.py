"""Kernels that could be booted: a folder of modules each, or an image in `/boot`."""

from collections.abc import Iterable

from nephoscope.model.packages import Kernel

PATTERNS = ("/boot/vmlinuz-*", "/lib/modules/*/modules.builtin", "/lib/modules/*/modules.dep")


def kernels(paths: Iterable[str], running: str = "") -> tuple[Kernel, ...]:
    """`running`: what `uname -r` says, where that is known. One that is not among them says nothing about them."""
    found: dict[str, str] = {}
    for path in paths:
        release = path.rpartition("vmlinuz-")[2] if "/vmlinuz-" in path else path.split("/")[-2]
        if "rescue" not in release:
            found.setdefault(release, path)
    is_known = running in found
    return tuple(Kernel(release, path, release == running if is_known else None) for release, path in found.items())
