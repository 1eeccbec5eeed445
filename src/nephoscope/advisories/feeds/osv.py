"""OSV: one document per advisory, any ecosystem; JSON, or the YAML that some databases are kept in."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

import msgspec

from nephoscope.advisories import severity
from nephoscope.advisories.feeds.ecosystems import ecosystem_named, feed_of, names_sources
from nephoscope.advisories.feeds.reading import cves, rows, table, text, texts, whole, wrong
from nephoscope.advisories.judging import holds
from nephoscope.kit import plain_yaml
from nephoscope.model.packages import LANGUAGES, PackageKind, normal_name
from nephoscope.model.vulnerabilities import Advisory, Affected, Status

_LARGEST_YAML = 4 << 20
"""Bytes; the reader of YAML is slow."""
_MIRRORED = re.compile(r"(?:DEBIAN|UBUNTU|ALPINE)-(CVE-.+)")
"""One advisory per CVE, which the vendor's own feeds know by the CVE's name."""
_WORD = re.compile(r"(\w+): ")
"""Errata begin with how bad they are."""
_MALICIOUS = "MAL-"


def read_json(stream: IO[bytes], name: str) -> Iterator[Advisory]:
    content = whole(stream, name)
    try:
        document: Any = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise wrong(name, f"no JSON ({error})") from None
    yield from _from_any(document, name)


def read_yaml(stream: IO[bytes], name: str) -> Iterator[Advisory]:
    content = stream.read(_LARGEST_YAML + 1)
    if len(content) > _LARGEST_YAML:
        raise wrong(name, f"more than {_LARGEST_YAML >> 20} MB of YAML; give it as JSON")
    try:
        document = plain_yaml.read_yaml(content)
    except ValueError as error:
        raise wrong(name, f"no YAML ({error})") from None
    yield from _from_any(document, name)


def _from_any(document: Any, name: str) -> Iterator[Advisory]:
    """One advisory, or a list of them."""
    for row in document if isinstance(document, list) else [document]:
        if not isinstance(row, dict) or not text(row.get("id")):
            raise wrong(name, "an OSV record has an id, and this has none")
        yield advisory(row)


def advisory(document: dict[str, Any]) -> Advisory:
    """What names no package of an ecosystem that we match has no `affected`."""
    affected = tuple(dict.fromkeys(one for row in rows(document.get("affected")) for one in _affected(row)))
    own = text(document["id"])
    mirrored = _MIRRORED.fullmatch(own)
    aliases = texts(document.get("aliases"))
    named = [own, *aliases, *texts(document.get("upstream"))]
    title = text(document.get("summary")) or text(document.get("details")).partition("\n")[0]
    return Advisory(
        id=mirrored[1] if mirrored else own,
        source=feed_of(affected[0].ecosystem) if affected else "osv",
        severity=severity.WORST if own.startswith(_MALICIOUS) else _severity(document, title),
        title=title,
        cves=cves(*named) or cves(*texts(document.get("related"))),
        aliases=tuple(aliases),
        published=_moment(document.get("published")),
        affected=affected,
        is_withdrawn=bool(document.get("withdrawn")),
    )


def _affected(row: dict[str, Any]) -> Iterator[Affected]:
    package = table(row.get("package"))
    ecosystem = ecosystem_named(text(package.get("ecosystem")))
    name = normal_name(ecosystem, text(package.get("name")))
    if not ecosystem or not name:
        return
    usable = [one for one in rows(row.get("ranges")) if one.get("type") in ("ECOSYSTEM", "SEMVER")]
    for is_source in names_sources(ecosystem):
        bare = Affected(ecosystem=ecosystem, package=name, is_source=is_source)
        intervals = [found for one in usable for found in _intervals(bare, rows(one.get("events")))]
        yield from intervals
        versions = _beside(LANGUAGES.get(ecosystem), texts(row.get("versions")), intervals)
        if versions:
            yield msgspec.structs.replace(bare, status=Status.AFFECTED, versions=versions)


def _beside(kind: PackageKind | None, versions: list[str], intervals: list[Affected]) -> tuple[str, ...]:
    """The listed versions that no interval holds. Most records list what their intervals say already; those of
    distributions always do."""
    if kind is None:
        return () if intervals else tuple(versions)
    return tuple(one for one in versions if not any(holds(kind, one, interval) for interval in intervals))


def _intervals(bare: Affected, events: list[dict[str, Any]]) -> Iterator[Affected]:
    """Events are given in the order of versions: `introduced` opens, `fixed` or `last_affected` closes."""
    start: str | None = None
    for event in events:
        if "introduced" in event:
            if start is not None:  # opened twice: the first reaches as far as the second
                continue
            start = _version(event["introduced"])
        elif start is not None and "fixed" in event:
            yield msgspec.structs.replace(bare, introduced=start, fixed=_version(event["fixed"]))
            start = None
        elif start is not None and "last_affected" in event:
            last = _version(event["last_affected"])
            yield msgspec.structs.replace(bare, introduced=start, last_affected=last, status=Status.AFFECTED)
            start = None
    if start is not None:
        yield msgspec.structs.replace(bare, introduced=start, status=Status.AFFECTED)


def _version(value: Any) -> str:
    """YAML makes numbers of some."""
    written = str(value)[:256] if isinstance(value, (str, int, float)) else ""
    return "" if written == "0" else written


def _moment(value: Any) -> str:
    """YAML makes dates of some."""
    return value.isoformat() if isinstance(value, datetime) else text(value)


def _severity(document: dict[str, Any], title: str) -> int:
    word = _WORD.match(title)
    places = [document, *rows(document.get("affected"))]
    words = [text(table(row.get(key)).get("severity")) for row in places for key in _SPECIFIC]
    words += [text(row.get("score")) for row in rows(document.get("severity")) if row.get("type") == "Ubuntu"]
    said = max((severity.of_word(one) for one in (*words, word[1] if word else "")), default=severity.UNKNOWN)
    vectors = [text(row.get("score")) for place in places for row in rows(place.get("severity"))]
    return said or max(map(severity.of_vector, vectors), default=severity.UNKNOWN)


_SPECIFIC = ("database_specific", "ecosystem_specific")
