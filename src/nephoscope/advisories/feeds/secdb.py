"""Alpine's secdb: for each package of a branch, which version fixed what."""

from collections.abc import Iterator
from typing import IO, Any

import msgspec

from nephoscope.advisories.feeds.reading import cves, rows, table, text, texts, whole, wrong
from nephoscope.model.vulnerabilities import Advisory, Affected, Status

_NEVER = "0"


def read(stream: IO[bytes], name: str) -> Iterator[Advisory]:
    content = whole(stream, name)
    try:
        document: Any = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise wrong(name, f"no JSON ({error})") from None
    branch = text(table(document).get("distroversion"))
    if not branch:
        raise wrong(name, "a secdb says of which branch it is (distroversion), and this does not")
    for row in rows(document.get("packages")):
        package = table(row.get("pkg"))
        yield from _of_package(f"Alpine:{branch}", text(package.get("name")), table(package.get("secfixes")))


def _of_package(ecosystem: str, package: str, fixes: dict[str, Any]) -> Iterator[Advisory]:
    """A fix is named by one or more names of the same thing: `CVE-2019-1 XSA-2`."""
    for fixed, named in fixes.items():
        status = Status.NOT_AFFECTED if fixed == _NEVER else Status.FIXED
        affected = Affected(
            ecosystem=ecosystem,
            package=package,
            status=status,
            fixed="" if status is Status.NOT_AFFECTED else text(fixed),
            is_source=True,
        )
        for words in texts(named):
            own, *aliases = words.split() or [""]
            if own and package:
                yield Advisory(id=own, source="alpine", cves=cves(words), aliases=tuple(aliases), affected=(affected,))
