"""What the demo says of what was found: a line for each cloud, a line for each disk that was looked into, and what one
may ask then."""

from collections.abc import Iterable, Iterator

from nephoscope.cli.printing import note
from nephoscope.demo.estates import TITLES
from nephoscope.model.findings import DiskScan, ScanState
from nephoscope.model.runs import Run, RunState
from nephoscope.store import disks, evaluations, resources
from nephoscope.usecases.usecases import UseCases

_TO_TRY = (
    "/cloudview-api/rest/v1/aws/evaluations/123456789012?filter=control.criticality:HIGH",
    "/cloudview-api/rest/v1/resource/EC2_INSTANCE/AWS?filter=vulnerability.severity:5",
    "/cloudview-api/rest/v1/azure/connectors",
    "/api/findings/secrets",
)


def problems(usecases: UseCases, runs: Iterable[Run], scans: Iterable[DiskScan] = ()) -> Iterator[str]:
    """A sentence for each that did not go as it should."""
    for run in runs:
        if run.state is not RunState.FINISHED or run.error:
            title = TITLES[usecases.connectors.get(run.connector_uuid).provider]
            yield f"The scan of the {title} ended as {run.state}: {run.error or 'no reason given'}"
    for scan in scans:
        if scan.state is not ScanState.COMPLETE:
            reason = scan.error or "; ".join(scan.result.reasons) or "no reason given"
            yield f"The scan of the disks of {scan.resource_id} ended as {scan.state}: {reason}"


def tell_run(usecases: UseCases, run: Run) -> None:
    connector = usecases.connectors.get(run.connector_uuid)
    with usecases.store.read() as reader:
        tallies = evaluations.tallies(reader, connector.key)
    failed, passed = sum(row.failed for row in tallies), sum(row.passed for row in tallies)
    note(
        f"{TITLES[connector.provider]} {connector.account_id}: {connector.total_assets} resources, {len(tallies)} "
        f"controls: {failed} evaluations failed, {passed} passed; "
        f"{run.progress.problems} of {run.progress.scopes_total} scopes could not be read."
    )


def tell_scan(usecases: UseCases, scan: DiskScan) -> None:
    with usecases.store.read() as reader:
        resource = resources.get(reader, scan.resource_uuid)
        state = disks.get(reader, resource.key) if resource else None
    if resource is None or state is None:
        return
    found = state.tallies
    note(
        f"Disk of {scan.resource_id} ({resource.name}, {scan.result.os}): {scan.result.packages} packages, "
        f"{found.vulnerabilities} vulnerabilities ({found.exploited} known to be exploited), "
        f"{found.secrets} secrets, {_live(found.live_keys)} among them; {scan.cost.blocks} blocks read."
    )


def _live(keys: int) -> str:
    return f"{keys or 'no'} live access key{'s' if keys > 1 else ''}"


def tell_what_to_try(address: str, credentials: str) -> None:
    """Commands to be pasted into another terminal."""
    note("Try, in another terminal:")
    for path in _TO_TRY:
        note(f"  curl -su {credentials} '{address}{path}'")
    note(f"All routes: {address}/openapi. Ctrl-C ends the demo.")
