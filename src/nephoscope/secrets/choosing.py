"""Which files are worth opening. What a package brought is its maker's business, pictures and archives hold no text,
and the kernel's own folders hold no files."""

from collections.abc import Callable

Owned = Callable[[str], bool]
"""Whether a path belongs to a package of the operating system, unchanged since it was installed."""

_NOT_ENTERED = frozenset(
    (
        "/proc", "/sys", "/dev", "/run/udev", "/usr/share/doc", "/usr/share/man", "/usr/share/locale",
        "/usr/share/zoneinfo", "/usr/share/i18n", "/usr/share/icons", "/usr/share/fonts", "/usr/lib/modules",
        "/lib/modules", "/usr/lib/firmware", "/lib/firmware", "/var/lib/dpkg/info", "/var/lib/apt/lists",
        "/var/cache/apt", "/var/cache/dnf", "/var/cache/yum", "/var/lib/rpm", "/var/lib/swcatalog",
    )
)  # fmt: skip
_NOT_ENTERED_ANYWHERE = (
    *("/.git/objects", "/.git/lfs", "/.hg/store", "/.svn/pristine", "/__pycache__"),
    *(".dist-info", ".egg-info"),  # what packages of Python say about themselves, with their makers' examples
)
_NO_TEXT = frozenset(
    (
        "png", "jpg", "jpeg", "gif", "bmp", "ico", "webp", "tif", "tiff", "heic", "psd", "xcf", "mp3", "mp4", "mov",
        "avi", "mkv", "webm", "ogg", "flac", "wav", "woff", "woff2", "ttf", "otf", "eot", "pdf", "zip", "7z", "rar",
        "xz", "bz2", "zst", "lz4", "br", "rpm", "deb", "apk", "iso", "img", "qcow2", "vmdk", "vhd", "squashfs", "pyc",
        "pyo", "class", "o", "a", "ko", "mo", "gmo", "pack", "idx", "swp", "parquet", "orc", "avro", "npy",
    )
)  # fmt: skip


def nobodys(_path: str) -> bool:
    """Where no package is known."""
    return False


def is_entered(folder: str) -> bool:
    """Whether a walk goes into this folder."""
    if folder in _NOT_ENTERED:
        return False
    return not folder.endswith(_NOT_ENTERED_ANYWHERE)


def is_wanted(path: str, size: int, owned: Owned = nobodys) -> bool:
    """Whether this file is searched. The cheap questions come first."""
    if size <= 0:
        return False
    name = path.rpartition("/")[2]
    if "." in name and name.rpartition(".")[2].lower() in _NO_TEXT:
        return False
    return not owned(path)
