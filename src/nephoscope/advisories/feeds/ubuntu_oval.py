"""Ubuntu's OVAL: definitions (an USN or a CVE), whose tests name packages and the versions that mend them.

Definitions come before the tests, objects, states and variables that they point to, so their pointers are kept until
the end of the document.
"""

import re
from collections.abc import Iterator
from typing import IO, NamedTuple
from xml.etree.ElementTree import Element

from nephoscope.advisories import severity
from nephoscope.advisories.feeds.reading import cves
from nephoscope.advisories.feeds.xml import elements, local_name
from nephoscope.model.vulnerabilities import Advisory, Affected, Status

_RELEASE = re.compile(r"Ubuntu (\d\d\.\d\d)")
_OWN = re.compile(r"USN-\d+-\d+|CVE-\d{4}-\d{4,12}")
_SPARED = re.compile(r"is not affected|does not exist|no longer|was not vulnerable")
_LEFT = re.compile(r"will not be fixed|is ignored|decided.*not", re.IGNORECASE)
_TAGS = ("definition", "dpkginfo_test", "dpkginfo_object", "dpkginfo_state", "constant_variable")
_LONGEST = 300


class _Definition(NamedTuple):
    bare: Advisory
    ecosystem: str
    tests: tuple[tuple[str, Status], ...]


class _Parts:
    """What tests point to, by id."""

    def __init__(self) -> None:
        self.tests: dict[str, tuple[str, str]] = {}
        self.objects: dict[str, str] = {}
        self.versions: dict[str, str] = {}
        self.names: dict[str, tuple[str, ...]] = {}

    def keep(self, element: Element) -> None:
        own, kind = element.get("id", ""), local_name(element)
        inside = {local_name(one): one for one in element}
        if kind == "dpkginfo_test":
            wanted, state = inside.get("object"), inside.get("state")
            self.tests[own] = (
                wanted.get("object_ref", "") if wanted is not None else "",
                state.get("state_ref", "") if state is not None else "",
            )
        elif kind == "dpkginfo_object" and "name" in inside:
            name = inside["name"]
            self.objects[own] = name.get("var_ref") or (name.text or "").strip()
        elif (
            kind == "dpkginfo_state" and inside.get("evr") is not None and inside["evr"].get("operation") == "less than"
        ):
            self.versions[own] = (inside["evr"].text or "").strip()[:_LONGEST]
        elif kind == "constant_variable":
            self.names[own] = tuple((one.text or "").strip() for one in element if local_name(one) == "value")

    def affected(self, ecosystem: str, test: str, status: Status) -> Iterator[Affected]:
        wanted, state = self.tests.get(test, ("", ""))
        name, fixed = self.objects.get(wanted, ""), self.versions.get(state, "")
        if status is Status.FIXED and not fixed:
            status = Status.AFFECTED
        for package in self.names.get(name, (name,) if name else ()):
            yield Affected(
                ecosystem=ecosystem, package=package, status=status, fixed=fixed if status is Status.FIXED else ""
            )


def read(stream: IO[bytes], name: str) -> Iterator[Advisory]:
    parts, definitions = _Parts(), list[_Definition]()
    for element in elements(stream, name, *_TAGS):
        if local_name(element) != "definition":
            parts.keep(element)
        elif element.get("class") in ("patch", "vulnerability"):
            definitions += _definition(element)
    for one in definitions:
        affected = [row for test, status in one.tests for row in parts.affected(one.ecosystem, test, status)]
        if affected:
            yield _with(one.bare, tuple(dict.fromkeys(affected)))


def _with(bare: Advisory, affected: tuple[Affected, ...]) -> Advisory:
    return Advisory(
        id=bare.id,
        source=bare.source,
        severity=bare.severity,
        title=bare.title,
        cves=bare.cves,
        published=bare.published,
        affected=affected,
    )


def _definition(element: Element) -> Iterator[_Definition]:
    texts = {local_name(one): (one.text or "").strip() for one in element.iter() if one.text}
    title = texts.get("title", "")[:_LONGEST]
    own, release = _OWN.search(title), _RELEASE.search(texts.get("platform", ""))
    if own is None or release is None:
        return
    named = [one for one in element.iter() if local_name(one) in ("cve", "reference")]
    issued = next((one.get("date", "") for one in element.iter() if local_name(one) in ("issued", "public_date")), "")
    bare = Advisory(
        id=own[0],
        source="ubuntu",
        severity=severity.of_word(texts.get("severity", "")),
        title=title.partition(" -- ")[2] or texts.get("description", title)[:_LONGEST],
        cves=cves(own[0], *(one.text or "" for one in named), *(one.get("ref_id", "") for one in named)),
        published=issued or texts.get("public_date", "")[:20],
    )
    criteria = (one for one in element.iter() if local_name(one) == "criterion")
    tests = tuple((one.get("test_ref", ""), _status(one)) for one in criteria)
    yield _Definition(bare, f"Ubuntu:{release[1]}", tests)


def _status(criterion: Element) -> Status:
    """In the words of the comment; most have a version, and what has none is told apart when tests are known."""
    comment = criterion.get("comment", "")
    if criterion.get("negate") == "true" or _SPARED.search(comment):
        return Status.NOT_AFFECTED
    return Status.WILL_NOT_FIX if _LEFT.search(comment) else Status.FIXED
