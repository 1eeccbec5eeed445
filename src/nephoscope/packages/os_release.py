"""What system it is: `/etc/os-release`, and what older systems had before it."""

import re
import shlex

from nephoscope.model.distributions import distribution_of, ecosystem_of
from nephoscope.model.packages import OsRelease

PATHS = (
    "/etc/os-release",
    "/usr/lib/os-release",
    "/etc/system-release",
    "/etc/redhat-release",
    "/etc/centos-release",
    "/etc/alpine-release",
    "/etc/debian_version",
    "/etc/SuSE-release",
)
"""The best first."""
LIMIT = 64 * 1024

_TITLES = (
    ("amazon linux", "amzn"),
    ("red hat enterprise linux", "rhel"),
    ("centos", "centos"),
    ("almalinux", "almalinux"),
    ("rocky linux", "rocky"),
    ("oracle linux", "ol"),
    ("fedora", "fedora"),
    ("suse linux enterprise", "sles"),
)
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_LONGEST = 200


def parse(path: str, content: bytes) -> OsRelease | None:
    """None when it does not say anything."""
    text = content.decode("utf-8", "replace")
    if path.endswith("os-release"):
        return _from_fields(_fields(text))
    if path == "/etc/alpine-release":
        return _made("alpine", text.strip(), f"Alpine Linux {text.strip()}")
    if path == "/etc/debian_version":
        return _from_debian(text.strip())
    return _from_title(text.partition("\n")[0].strip())


def _fields(text: str) -> dict[str, str]:
    pairs = (line.strip().partition("=") for line in text.splitlines() if "=" in line and line.strip()[:1] != "#")
    return {name.strip(): _unquoted(value) for name, _, value in pairs}


def _unquoted(value: str) -> str:
    try:
        return " ".join(shlex.split(value))[:_LONGEST]
    except ValueError:  # a quote without its end
        return value.strip("\"' ")[:_LONGEST]


def _from_fields(fields: dict[str, str]) -> OsRelease | None:
    os_id = fields.get("ID", "").lower()
    if not os_id and not fields.get("NAME"):
        return None
    version = fields.get("VERSION_ID", "")
    title = fields.get("PRETTY_NAME") or f"{fields.get('NAME', os_id)} {version}".strip()
    return _made(_known(os_id), version, title, fields.get("VERSION_CODENAME", ""))


def _known(os_id: str) -> str:
    """A flavour of a distribution is another distribution, unless its name only adds to the name: `sles-basic`."""
    base = os_id.partition("-")[0]
    return os_id if distribution_of(os_id) or not distribution_of(base) else base


def _from_debian(text: str) -> OsRelease:
    codename = text.partition("/")[0] if not text[:1].isdigit() else ""
    return _made("debian", "" if codename else text, f"Debian GNU/Linux {text}", codename)


def _from_title(title: str) -> OsRelease | None:
    os_id = next((name for words, name in _TITLES if title.lower().startswith(words)), "")
    number = _NUMBER.search(title)
    return _made(os_id, number[0] if number else "", title) if os_id else None


def _made(os_id: str, version: str, title: str, codename: str = "") -> OsRelease:
    return OsRelease(os_id, version, title[:_LONGEST], codename, ecosystem_of(os_id, version, codename))
