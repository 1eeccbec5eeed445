"""What controls see of an instance's disks. A count of nothing is only told when everything was looked at: else the
field is missing, with the reason, so that the control is UNKNOWN and never passes."""

from typing import Any

from nephoscope.model.findings import DiskState, ScanState
from nephoscope.resource_types.fields import DISK
from nephoscope.resource_types.table import RESOURCE_TYPES

_CRITICAL = "CRITICAL"


def looks_at_disks(resource_type: str) -> bool:
    row = RESOURCE_TYPES.get(resource_type)
    return row is not None and row.field(DISK) is not None


def on_disk(state: DiskState | None) -> tuple[dict[str, Any], dict[str, str]]:
    """The field, and why parts of it are missing."""
    if state is None:
        return {"isScanned": False}, {}
    told: dict[str, Any] = {"isScanned": True}
    gaps: dict[str, str] = {}
    tallies = state.tallies
    counts = {
        "exploitedVulnerabilities": (tallies.exploited, _about_packages(state)),
        "criticalVulnerabilities": (tallies.critical, _about_packages(state)),
        "vulnerabilities": (tallies.vulnerabilities, _about_packages(state)),
        "secrets": (tallies.secrets, _about_secrets(state)),
        "criticalSecrets": (tallies.secrets_by_severity.get(_CRITICAL, 0), _about_secrets(state)),
        "liveKeys": (tallies.live_keys, _about_secrets(state)),
    }
    for name, (count, gap) in counts.items():
        if count or not gap:
            told[name] = count
        else:
            gaps[name] = gap
    return told, gaps


def _about_disk(state: DiskState) -> str:
    if state.state is ScanState.COMPLETE:
        return ""
    why = state.reasons[0] if state.reasons else "nobody says why"
    if state.scanned_on is None:
        return f"its disks could not be read: {why}"
    how = "could not be read" if state.state is ScanState.FAILED else "were read only in part"
    return f"its disks {how} the last time: {why}"


def _about_packages(state: DiskState) -> str:
    if not state.knowledge:
        return _about_disk(state) or "there were no advisories to compare its packages with"
    if state.unjudged:
        ecosystem, count = state.unjudged[0]
        return _about_disk(state) or f"no feed covers {count} of its packages ({ecosystem or 'an unknown system'})"
    return _about_disk(state)


def _about_secrets(state: DiskState) -> str:
    return _about_disk(state) or ("" if state.has_searched else "its disks were never searched for secrets")
