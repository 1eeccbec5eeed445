"""What lies on an image file: read once, compared with the advisories of this machine, and printed or kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from nephoscope.cli.options import ListFormat
from nephoscope.cli.printing import note, print_rows
from nephoscope.kit.clock import system_clock

if TYPE_CHECKING:
    from nephoscope.images.machines import Machine
    from nephoscope.model.secrets import FoundSecret
    from nephoscope.settings import Settings
    from nephoscope.snapshots.keeping import Judgement
    from nephoscope.snapshots.knowledge import Knowledge
    from nephoscope.snapshots.reading import MachineReading
    from nephoscope.store.vulnerabilities import SeenVulnerability

_WEAK = ("severity", "type", "exploited", "packages", "fixed_version", "name")
_LYING = ("severity", "type", "path", "line", "preview", "notes")


@dataclass(frozen=True)
class ImageReading:
    reading: "MachineReading"
    judgement: "Judgement"

    @property
    def secrets(self) -> "list[FoundSecret]":
        found = [one for volume in self.reading.volumes for one in volume.secrets]
        return sorted(found, key=lambda one: (one.severity.rank, one.path, one.line, one.rule))

    @property
    def was_read(self) -> bool:
        return self.reading.coverage.state != "FAILED"

    @property
    def was_searched(self) -> bool:
        return self.was_read and self.reading.has_searched


def knowledge_of(settings: "Settings", file: Path | None) -> "Knowledge":
    from nephoscope.snapshots.knowledge import Knowledge, file_of  # noqa: PLC0415 - help does without the readers

    return Knowledge(file or file_of(settings), system_clock)


def read_image(machine: "Machine", key: bytes) -> "MachineReading":
    """Without a key, secrets are not looked for."""
    from nephoscope.snapshots.reading import Wanted, read_machine  # noqa: PLC0415 - as above

    return read_machine(machine, Wanted(key, now=lambda: datetime.now(UTC)))


def judged(reading: "MachineReading", knowledge: "Knowledge") -> ImageReading:
    from nephoscope.snapshots.keeping import judge, merged  # noqa: PLC0415 - as above

    return ImageReading(reading, judge(knowledge, merged((), reading)))


def as_json(read: ImageReading) -> dict[str, Any]:
    """What was not looked at, or not judged, is null: that is not the same as nothing."""
    volumes = read.reading.volumes
    system = next((one.inventory.os for one in volumes if one.inventory.os), None)
    packages = [package for one in volumes for package in one.inventory.packages]
    weak = [msgspec.to_builtins(one.vulnerability) for one in _worst(read)]
    return {
        "os": msgspec.to_builtins(system),
        "packages": len(packages) if read.was_read else None,
        "kernels": [msgspec.to_builtins(kernel) for one in volumes for kernel in one.inventory.kernels],
        "advisories": read.judgement.knowledge or None,
        "unjudged": dict(read.judgement.unjudged),
        "vulnerabilities": weak if read.was_read and read.judgement.knowledge else None,
        "secrets": [msgspec.to_builtins(one) for one in read.secrets] if read.was_searched else None,
    }


def show(read: ImageReading, limit: int) -> None:
    from nephoscope.snapshots.keeping import NO_KNOWLEDGE  # noqa: PLC0415 - as above

    if not read.was_read:
        return
    weak, secrets = _worst(read), read.secrets
    if weak:
        print_rows([_weak(one.vulnerability) for one in weak[:limit]], _WEAK, ListFormat.TABLE, total=len(weak))
    if secrets:
        print_rows([_lying(one) for one in secrets[:limit]], _LYING, ListFormat.TABLE, total=len(secrets))
    volumes = read.reading.volumes
    system = next((one.inventory.os.title or one.inventory.os.id for one in volumes if one.inventory.os), "unknown")
    judged = f"{len(weak)} vulnerabilities" if read.judgement.knowledge else "not judged"
    searched = f"{len(secrets)} secrets" if read.reading.has_searched else "secrets not looked for"
    note(f"System {system}; {read.reading.packages} packages, {judged}; {searched}.")
    if not read.judgement.knowledge:
        note(NO_KNOWLEDGE)
    for ecosystem, count in read.judgement.unjudged:
        note(
            f"{count} packages of {ecosystem or 'an unknown system'} are in no feed that was loaded: nothing is known."
        )


def _worst(read: ImageReading) -> Sequence[Any]:
    """In the order in which matching tells them."""

    def rank(one: "SeenVulnerability") -> tuple[Any, ...]:
        found = one.vulnerability
        return -found.severity, found.kev is None, -(found.epss or 0.0), found.name

    return sorted(read.judgement.seen, key=rank)


def _weak(one: Any) -> dict[str, Any]:
    return {
        "severity": one.severity,
        "type": one.type_detected.value,
        "exploited": "yes" if one.kev else None,
        "packages": " ".join(dict.fromkeys(f"{row.name} {row.version}" for row in one.packages)),
        "fixed_version": one.fixed_version or None,
        "name": one.name,
    }


def _lying(one: "FoundSecret") -> dict[str, Any]:
    shown = {name: getattr(one, name) for name in ("type", "path", "line", "preview")}
    return {**shown, "severity": one.severity.value, "notes": " ".join(one.notes).lower()}
