"""What the demo says of what was found: a line for each cloud."""

from nephoscope.cli.printing import note
from nephoscope.demo.estates import TITLES
from nephoscope.model.runs import Run
from nephoscope.store import evaluations
from nephoscope.usecases.usecases import UseCases


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
