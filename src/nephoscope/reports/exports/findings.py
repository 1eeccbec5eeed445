"""What lies on disks, vulnerabilities and secrets: everything, or of each disk on which something changed since."""

from collections.abc import Iterator, Sequence
from typing import Any

from nephoscope.model.findings import FoundVulnerability, ListedSecret
from nephoscope.qql.matching import matches
from nephoscope.reports.exports.by_resource import ByResource
from nephoscope.reports.exports.context import ExportContext, SplitFilter, place_of, place_of_departed
from nephoscope.reports.exports.records import Change, FindingRecord, Place
from nephoscope.store import disks, found_secrets, vulnerabilities
from nephoscope.store.changelog import changed_since

LASTING = frozenset({
    "kind", "resource_id", "account_id", "resource_uuid", "provider", "resource_type", "qid", "cve", "package",
    "category", "vulnerability_name", "secret_type", "path", "rule",
})  # fmt: skip
"""Fields of a finding that stay as long as it is there."""
_VULNERABILITY, _SECRET = "vulnerability", "secret"


class Findings(ByResource):
    """A `Source`, by the disk that they lie on."""

    def __init__(self, context: ExportContext, split: SplitFilter) -> None:
        super().__init__(context, split, disks.keys_after, changed_since.findings_since)

    def records(self, keys: Sequence[int]) -> Iterator[FindingRecord]:
        yield from self._present(keys)
        for one in self._gone(keys):
            yield FindingRecord(Change.REMOVED, place_of_departed(one), "")

    def _present(self, keys: Sequence[int]) -> Iterator[FindingRecord]:
        reader = self._context.reader
        placed = self._context.placed(keys)
        weak = vulnerabilities.of_resources(reader, list(placed))
        lying = found_secrets.of_resources(reader, list(placed))
        for key, (resource, connector) in placed.items():
            place = place_of(resource, connector)
            for vulnerability in weak[key]:
                yield from self._asked_for(place, _VULNERABILITY, vulnerability, _of_vulnerability(vulnerability))
            for secret in lying[key]:
                yield from self._asked_for(place, _SECRET, secret, _of_secret(secret))

    def _asked_for(self, place: Place, kind: str, found: Any, own: dict[str, Any]) -> Iterator[FindingRecord]:
        row = {**_of_place(place), **own, "kind": kind}
        is_kept = matches(self._filter.passing, row)
        if matches(self._filter.lasting, row) and (is_kept or self._context.since):
            change = Change.CHANGED if self._context.since else Change.STATE
            yield FindingRecord(change if is_kept else Change.LEFT, place, kind, found)


def _of_place(place: Place) -> dict[str, Any]:
    return {
        "resource_id": place.resource_id,
        "account_id": place.account_id,
        "resource_uuid": str(place.uuid),
        "provider": place.provider,
        "resource_type": place.resource_type,
        "region": place.region,
    }


def _of_vulnerability(one: FoundVulnerability) -> dict[str, Any]:
    known = one.vulnerability
    return {
        "status": one.status.value,
        "qid": known.qid,
        "vulnerability_name": known.name,
        "vulnerability_severity": known.severity,
        "type_detected": known.type_detected.value,
        "category": known.category,
        "cve": known.cves,
        "package": tuple(package.name for package in known.packages),
        "patch_available": known.patch_available,
        "exploited": known.kev is not None,
        "first_found": one.first_found,
        "last_found": one.last_found,
    }


def _of_secret(one: ListedSecret) -> dict[str, Any]:
    found = one.secret.found
    return {
        "status": one.secret.state.value,
        "rule": found.rule,
        "secret_type": found.type,
        "secret_severity": found.severity.value,
        "path": found.path,
        "first_found": one.secret.first_found,
        "last_found": one.secret.last_found,
    }
