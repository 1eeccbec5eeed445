"""Debian's security tracker: one large JSON of source packages, their CVEs and what is so in each release."""

from collections.abc import Iterator
from typing import IO, Any

import ijson

from nephoscope.advisories import severity
from nephoscope.advisories.feeds.reading import cves, table, text, wrong
from nephoscope.model.distributions import CODENAMES
from nephoscope.model.vulnerabilities import Advisory, Affected, Status

_NEVER = "0"
"""As a fixed version: no version was ever affected."""


def read(stream: IO[bytes], name: str) -> Iterator[Advisory]:
    """One advisory per CVE and package; those of one CVE are put together where they are kept."""
    try:
        for package, issues in ijson.kvitems(stream, ""):
            for own, issue in table(issues).items():
                yield _advisory(text(package), text(own), table(issue))
    except (ijson.JSONError, UnicodeDecodeError, ValueError) as error:
        raise wrong(name, f"no JSON ({error})") from None


def _advisory(package: str, own: str, issue: dict[str, Any]) -> Advisory:
    releases = {codename: table(row) for codename, row in table(issue.get("releases")).items()}
    return Advisory(
        id=own,
        source="debian",
        severity=max((severity.of_word(_urgency(row)) for row in releases.values()), default=severity.UNKNOWN),
        title=text(issue.get("description")),
        cves=cves(own),
        affected=tuple(
            _affected(package, f"Debian:{CODENAMES[codename]}", row)
            for codename, row in releases.items()
            if codename in CODENAMES
        ),
    )


def _urgency(row: dict[str, Any]) -> str:
    return text(row.get("urgency")).rstrip("*")


def _affected(package: str, ecosystem: str, row: dict[str, Any]) -> Affected:
    status, fixed = _status(row), text(row.get("fixed_version"))
    return Affected(
        ecosystem=ecosystem,
        package=package,
        status=status,
        fixed=fixed if status is Status.FIXED else "",
        is_source=True,
    )


def _status(row: dict[str, Any]) -> Status:
    word, fixed = row.get("status"), row.get("fixed_version")
    if word == "resolved":
        return Status.NOT_AFFECTED if fixed == _NEVER or not fixed else Status.FIXED
    if word == "undetermined":
        return Status.UNDER_INVESTIGATION
    if _urgency(row) == "end-of-life":
        return Status.END_OF_LIFE
    is_left = _urgency(row) == "unimportant" or row.get("nodsa_reason") == "ignored"
    return Status.WILL_NOT_FIX if is_left else Status.AFFECTED
