"""`updateinfo.xml` of yum and dnf: Amazon Linux, AlmaLinux, Rocky Linux, Oracle Linux, Red Hat, Fedora."""

import re
from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import Element

from nephoscope.advisories import severity
from nephoscope.advisories.feeds.ecosystems import feed_of
from nephoscope.advisories.feeds.reading import cves
from nephoscope.advisories.feeds.xml import elements
from nephoscope.model.vulnerabilities import Advisory, Affected

_AMAZON = re.compile(r"ALAS(?P<release>2023|2022|2)?(?P<topic>[A-Z][A-Z0-9.+-]*?)?-(?P<year>\d{4})-\d+")
_FAMILIES = {
    "ALSA": "AlmaLinux",
    "ALBA": "AlmaLinux",
    "RLSA": "Rocky Linux",
    "RHSA": "Red Hat",
    "ELSA": "Oracle Linux",
    "FEDORA": "Fedora",
}
_BUILT_FOR = re.compile(r"(?:^|[._+])(?:el|fc)(\d+)")
_STREAM = re.compile(r"(\d+(?:\.\d+)*)$")
_ABOUT = re.compile(r"(?:package update for|updates? for) (\S+)|: (\S+) (?:security|bug fix)")
_LONGEST = 300


def read(stream: IO[bytes], name: str) -> Iterator[Advisory]:
    for update in elements(stream, name, "update"):
        if update.get("type", "security") == "security":
            found = _advisory(update)
            if found.affected:
                yield found


def _advisory(update: Element) -> Advisory:
    own, title = _text(update, "id"), " ".join(_text(update, "title").split())[:_LONGEST]
    affected = tuple(dict.fromkeys(_affected(own, update)))
    about = _ABOUT.search(title)
    issued = update.find("issued")
    return Advisory(
        id=own,
        source=feed_of(affected[0].ecosystem) if affected else "",
        severity=severity.of_word(_text(update, "severity") or title.partition(":")[0]),
        package=(about[1] or about[2]) if about else "",
        title=title,
        cves=cves(*(row.get("id", "") for row in update.iter("reference")), title),
        published=issued.get("date", "") if issued is not None else "",
        affected=affected,
    )


def _affected(own: str, update: Element) -> Iterator[Affected]:
    for collection in update.iter("collection"):
        found = collection.find("module")
        module = f"{found.get('name')}:{found.get('stream')}" if found is not None else ""
        for row in collection.iter("package"):
            name, version, release = row.get("name", ""), row.get("version", ""), row.get("release", "")
            ecosystem = _ecosystem(own, release)
            if not (name and version and ecosystem) or row.get("arch") == "src":
                continue
            epoch = row.get("epoch") or "0"
            fixed = f"{epoch}:{version}-{release}" if epoch != "0" else f"{version}-{release}"
            introduced = _stream_of(own, version)
            yield Affected(ecosystem=ecosystem, package=name, introduced=introduced, fixed=fixed, module=module)


def _ecosystem(own: str, release: str) -> str:
    """By the advisory's name, and by what the package was built for."""
    amazon = _AMAZON.fullmatch(own)
    if amazon:
        return f"Amazon Linux:{amazon['release'] or ('2' if amazon['topic'] else '1')}"
    family, built = _FAMILIES.get(own.partition("-")[0], ""), _BUILT_FOR.search(release)
    return f"{family}:{built[1]}" if family and built else ""


def _stream_of(own: str, version: str) -> str:
    """Amazon's extra topics carry other lines of a package than the system does, under the same name: an advisory
    about kernel 5.10 says nothing about a kernel 4.14, although that is older than what it fixes."""
    amazon = _AMAZON.fullmatch(own)
    line = _STREAM.search(amazon["topic"] or "") if amazon else None
    return line[1] if line and (version == line[1] or version.startswith(f"{line[1]}.")) else ""


def _text(update: Element, name: str) -> str:
    return (update.findtext(name) or "").strip()[:_LONGEST]
