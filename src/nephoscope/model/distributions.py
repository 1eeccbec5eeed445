"""Distributions of Linux: what they are called in `/etc/os-release`, in advisories and in front of people.

One table. A distribution whose advisories nobody here reads is a row too: its packages are listed, and said to be
unjudged instead of clean.
"""

from collections.abc import Callable

import msgspec

Release = Callable[[str], str]


def _whole(version: str) -> str:
    return version


def _major(version: str) -> str:
    return version.partition(".")[0]


def _two(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _with_v(version: str) -> str:
    """Alpine's branches: 3.18.4 → v3.18; the rolling one is `edge`."""
    return f"v{_two(version)}" if version[:1].isdigit() and "_alpha" not in version else "edge"


def _amazon(version: str) -> str:
    """Amazon Linux 1 numbered its releases by date: 2018.03."""
    return (
        "1" if version.startswith(("2011.", "2012.", "2013.", "2014.", "2015.", "2016.", "2017.", "2018.")) else version
    )


def _service_pack(version: str) -> str:
    major, _, pack = version.partition(".")
    return f"Linux Enterprise Server {major} SP{pack}" if pack and pack != "0" else f"Linux Enterprise Server {major}"


def _leap(version: str) -> str:
    return f"Leap {version}"


def _rolling(_version: str) -> str:
    return ""


class Distribution(msgspec.Struct, frozen=True):
    """`ids` as in os-release; `family` the first part of the ecosystem's name; `namespace` as in package URLs."""

    ids: tuple[str, ...]
    family: str
    vendor: str
    """As titles of vulnerabilities name it."""
    category: str
    """The `category` of vulnerabilities."""
    namespace: str
    release: Release

    def ecosystem(self, version: str) -> str:
        release = self.release(version)
        return f"{self.family}:{release}" if release else self.family


DISTRIBUTIONS = (
    Distribution(("amzn",), "Amazon Linux", "Amazon Linux", "Amazon Linux", "amzn", _amazon),
    Distribution(("debian", "raspbian"), "Debian", "Debian", "Debian", "debian", _major),
    Distribution(("ubuntu",), "Ubuntu", "Ubuntu", "Ubuntu", "ubuntu", _two),
    Distribution(("rhel", "centos"), "Red Hat", "Red Hat", "RedHat", "redhat", _major),
    Distribution(("almalinux",), "AlmaLinux", "AlmaLinux", "AlmaLinux", "almalinux", _major),
    Distribution(("rocky",), "Rocky Linux", "Rocky Linux", "Rocky Linux", "rocky-linux", _major),
    Distribution(("alpine",), "Alpine", "Alpine Linux", "Alpine Linux", "alpine", _with_v),
    Distribution(("wolfi",), "Wolfi", "Wolfi", "Wolfi", "wolfi", _rolling),
    Distribution(("chainguard",), "Chainguard", "Chainguard", "Chainguard", "chainguard", _rolling),
    Distribution(("sles", "sled", "sles_sap"), "SUSE", "SUSE", "SUSE", "suse", _service_pack),
    Distribution(("opensuse-leap",), "openSUSE", "openSUSE", "SUSE", "opensuse", _leap),
    Distribution(("opensuse-tumbleweed",), "openSUSE", "openSUSE", "SUSE", "opensuse", lambda _: "Tumbleweed"),
    Distribution(("photon",), "Photon OS", "Photon OS", "Photon OS", "photon", _whole),
    Distribution(("azurelinux", "mariner"), "Azure Linux", "Azure Linux", "Azure Linux", "azurelinux", _major),
    Distribution(("mageia",), "Mageia", "Mageia", "Mageia", "mageia", _whole),
    Distribution(("openeuler",), "openEuler", "openEuler", "openEuler", "openeuler", _whole),
    Distribution(("ol",), "Oracle Linux", "Oracle Linux", "OEL", "oracle", _major),
    Distribution(("fedora",), "Fedora", "Fedora", "Fedora", "fedora", _whole),
)

_BY_ID = {name: row for row in DISTRIBUTIONS for name in row.ids}
_BY_FAMILY = {row.family: row for row in reversed(DISTRIBUTIONS)}

CODENAMES = {
    "wheezy": "7",
    "jessie": "8",
    "stretch": "9",
    "buster": "10",
    "bullseye": "11",
    "bookworm": "12",
    "trixie": "13",
    "forky": "14",
    "duke": "15",
    "trusty": "14.04",
    "xenial": "16.04",
    "bionic": "18.04",
    "focal": "20.04",
    "jammy": "22.04",
    "lunar": "23.04",
    "mantic": "23.10",
    "noble": "24.04",
    "oracular": "24.10",
    "plucky": "25.04",
    "questing": "25.10",
}
"""Debian's and Ubuntu's names of releases, which share no name."""


def distribution_of(os_id: str) -> Distribution | None:
    """By the `ID` of os-release."""
    return _BY_ID.get(os_id)


def distribution_in(ecosystem: str) -> Distribution | None:
    """By the name of an ecosystem, with or without a release."""
    return _BY_FAMILY.get(ecosystem.partition(":")[0])


def ecosystem_of(os_id: str, version: str, codename: str = "") -> str:
    """A distribution that the table does not know goes by its own name."""
    row = distribution_of(os_id)
    if row is None:
        return f"{os_id}:{version}" if os_id and version else os_id
    known = version or CODENAMES.get(codename.lower(), "")
    return row.ecosystem(known) if known or row.release is _rolling else row.family
