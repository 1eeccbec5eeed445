"""Scans of disks as a kind of durable work: one step, which begins anew when its worker died and first deletes what
that one left in the account; then the controls that look at findings judge again."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from nephoscope.access.preferences import Preferences
from nephoscope.controls.catalogue import Catalogue
from nephoscope.evaluation.passes import evaluate_type
from nephoscope.jobs.engine import Steps, StoppedError
from nephoscope.jobs.kinds import Expected
from nephoscope.model.findings import OPEN_SCANS, ScanState
from nephoscope.model.preferences import FOREVER
from nephoscope.snapshots.disks import Disks
from nephoscope.snapshots.scanning import ScanContext, Scanner
from nephoscope.store import disk_scans, disks, resources

KIND = "disk"


class DiskJobs:
    """A job is `disk:<uuid>`."""

    noun = "disk scan"

    def __init__(self, scan_context: ScanContext, catalogue: Catalogue, preferences: Preferences) -> None:
        self._context = scan_context
        self._catalogue = catalogue
        self._preferences = preferences
        self._scanner = Scanner(scan_context)

    async def carry(self, job: str, steps: Steps) -> None:
        uuid = _uuid(job)

        def scan() -> bool:
            """Whether it is to be begun again: by another process, because this one is on its way out."""
            self._scanner.scan(uuid, lambda: steps.is_leaving)
            with self._context.store.read() as reader:
                now = disk_scans.get(reader, uuid)
            return now is not None and now.state in OPEN_SCANS

        def judge() -> None:
            self._judge(uuid)

        try:
            while await steps.run("scan", scan):
                pass
            await steps.run("judge", judge)
        except StoppedError:
            return

    def unfinished(self) -> Sequence[Expected]:
        with self._context.store.read() as reader:
            return [
                Expected(job_of(scan.uuid), scan.state is ScanState.RUNNING) for scan in disk_scans.unfinished(reader)
            ]

    def fail(self, job: str, problem: str) -> None:
        self._scanner.fail(_uuid(job), problem)

    def forget(self) -> None:
        """Scans that ended longer ago than runs are kept. What they found stays."""
        days = self._preferences.tenant().run_days
        if days != FOREVER:
            with self._context.store.write() as writer:
                disk_scans.prune_before(writer, self._context.clock() - timedelta(days=days))

    def _judge(self, uuid: UUID) -> None:
        store = self._context.store
        with store.read() as reader:
            scan = disk_scans.get(reader, uuid)
            found = resources.get(reader, scan.resource_uuid) if scan else None
        if found is not None:
            evaluate_type(store, self._catalogue, found.connector_key, found.resource_type, self._context.clock())


class DiskRounds:
    """What nobody has to ask for."""

    def __init__(self, disks: Disks, catalogue: Catalogue) -> None:
        self._disks = disks
        self._catalogue = catalogue

    def choose(self) -> None:
        """Queue scans of the instances that are due."""
        self._disks.choose()

    def compare(self) -> None:
        """When the advisories or the owners of keys are others now, no disk is needed to say what that means."""
        scan_context = self._disks.context
        touched = self._disks.rematch() + self._disks.relink()
        if touched:
            judge_again(scan_context, self._catalogue)

    def sweep(self) -> None:
        """Delete what dead scans left in the accounts."""
        self._disks.sweep()


def judge_again(scan_context: ScanContext, catalogue: Catalogue) -> None:
    """The types whose controls look at findings, in every account whose disks were read; what did not change costs
    little."""
    with scan_context.store.read() as reader:
        places = disks.places(reader)
    for connector_key, resource_type in places:
        evaluate_type(scan_context.store, catalogue, connector_key, resource_type, scan_context.clock())


def job_of(scan: UUID) -> str:
    return f"{KIND}:{scan}"


def _uuid(job: str) -> UUID:
    return UUID(job.partition(":")[2])
