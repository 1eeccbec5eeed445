"""One sweep of an account as small functions: prepare, enter, plan, collect, evaluate, settle. No workflow engine.

The durable workflow makes a checkpointed step of each; `run` calls them in one go, for a scan that nobody has to
resume. Each function commits its own transaction and may be repeated: recording is diff, then write.
"""

from collections.abc import Callable
from datetime import timedelta

import msgspec

from nephoscope.clouds.doors import Collected, Needs, OpenAccount
from nephoscope.clouds.table import open_account
from nephoscope.controls.catalogue import Catalogue
from nephoscope.errors import CloudError
from nephoscope.evaluation.evaluating import Judged
from nephoscope.evaluation.passes import evaluate_type
from nephoscope.inventory import recording
from nephoscope.kit.clock import Clock
from nephoscope.model.connectors import Connector, ConnectorState
from nephoscope.model.providers import Provider
from nephoscope.model.runs import Progress
from nephoscope.model.scopes import Outcome, Scope, ScopeReport, StoredScope
from nephoscope.store import connectors, resources, scopes, upkeep
from nephoscope.store.session import Reader, Store, Writer

_ALIASES = {
    Provider.AWS: ("AWS_ACCOUNT", "accountAlias"),
    Provider.AZURE: ("SUBSCRIPTION", "displayName"),
    Provider.GCP: ("PROJECT", "displayName"),
}
"""Type and field where the name lies that people gave to their account."""


class Sweep(msgspec.Struct, frozen=True):
    """What every part of a sweep works with. `connector` is as it was when the sweep began."""

    store: Store
    catalogue: Catalogue
    clock: Clock
    connector: Connector
    needs: Needs


def never() -> bool:
    return False


def enter(connector: Connector, *, secret: str = "", workers: int) -> OpenAccount:
    """The connector's account, opened. CloudError when it cannot be entered, or when the credentials lead into
    another account than the connector's."""
    account = open_account(
        connector.provider, connector.access, account_id=connector.account_id, secret=secret, workers=workers
    )
    try:
        found = account.account_id
    except CloudError:
        account.close()
        raise
    if found != connector.account_id:
        account.close()
        raise CloudError(f"The credentials lead into account {found}, but the connector is for {connector.account_id}.")
    return account


def prepare(store: Store, catalogue: Catalogue, clock: Clock, connector: Connector, *, with_wire: bool) -> Sweep:
    """`with_wire`: read also what only the API shows."""
    return Sweep(store, catalogue, clock, connector, needs_of(catalogue, connector.provider, with_wire=with_wire))


def needs_of(catalogue: Catalogue, provider: Provider, *, with_wire: bool) -> Needs:
    looked_at = list(map(catalogue.fields_of, catalogue.of_provider(provider)))
    if with_wire:
        kind, field = _ALIASES[provider]
        looked_at.append({kind: frozenset({field})})
    return recording.needs_of(looked_at, provider, with_wire=with_wire)


def plan(sweep: Sweep, account: OpenAccount) -> tuple[Scope, ...]:
    """Every scope of the run, in a stable order. CloudError when the account cannot be entered at all."""
    return account.plan(sweep.needs)


def collect(sweep: Sweep, account: OpenAccount, scope: Scope, is_cancelled: Callable[[], bool] = never) -> ScopeReport:
    """Read one scope and record it. A sweep that was cancelled meanwhile records nothing."""
    collected = account.collect(scope, sweep.needs)
    if not is_cancelled():
        recording.record(sweep.store, sweep.connector.key, collected, sweep.clock())
    return collected.report


def record_unreadable(sweep: Sweep, scope: Scope, reason: str) -> ScopeReport:
    """Close a scope that could not even be tried."""
    report = ScopeReport(scope=scope, outcome=Outcome.FAILED, message=reason)
    recording.record(sweep.store, sweep.connector.key, Collected(report=report, resources=()), sweep.clock())
    return report


def evaluated_types(sweep: Sweep) -> tuple[str, ...]:
    """The types that some control judges, in a stable order."""
    return tuple(sorted({control.resource_type for control in sweep.catalogue.of_provider(sweep.connector.provider)}))


def evaluate(sweep: Sweep, resource_type: str) -> Judged:
    """Judge every resource of a type. Only sound once the whole account is collected: controls look at related ones."""
    return evaluate_type(sweep.store, sweep.catalogue, sweep.connector.key, resource_type, sweep.clock())


def settle(writer: Writer, sweep: Sweep, planned: frozenset[Scope]) -> str:
    """Retire what is no longer planned and say on the connector how the run went. Answers its error, empty when
    healthy: an account of which nothing at all could be read is not."""
    key = sweep.connector.key
    now = sweep.clock()
    scopes.retire_absent(writer, key, planned)
    error = _error_of(scopes.of_connector(writer, key))
    connectors.settle(
        writer,
        key,
        state=ConnectorState.ERROR if error else ConnectorState.SUCCESS,
        error=error,
        total_assets=sum(resources.count_by_type(writer, key).values()),
        account_alias=_alias(writer, sweep.connector),
        last_synced_on=None if error else now,
        next_sync_on=now + timedelta(minutes=sweep.connector.polling_minutes),
    )
    if sweep.connector.last_synced_on is None:
        upkeep.refresh_statistics(writer)
    return error


def settle_failed(writer: Writer, connector: Connector, error: str, clock: Clock) -> None:
    """Say on the connector that the run failed as a whole; its inventory stays as it was."""
    due = clock() + timedelta(minutes=connector.polling_minutes)
    connectors.settle(writer, connector.key, state=ConnectorState.ERROR, error=error, next_sync_on=due)


def _alias(reader: Reader, connector: Connector) -> str | None:
    """None when it is not known: then what was known before stays."""
    kind, field = _ALIASES[connector.provider]
    keys = [row.resource_key for row in resources.candidates(reader, connector.key, kind)]
    for stored in resources.documents(reader, keys).values():
        if field in stored.document:
            return stored.document[field] or ""
    return None


def _error_of(stored: tuple[StoredScope, ...]) -> str:
    reports = [row.report for row in stored]
    if not reports or any(report.outcome is Outcome.COMPLETE for report in reports):
        return ""
    first = reports[0]
    why = f"{first.permission} is missing" if first.outcome is Outcome.DENIED and first.permission else first.message
    return (
        f"None of {len(reports)} scopes could be read; the first, {first.scope.resource_type}: {why or first.outcome}"
    )


def counted(progress: Progress, report: ScopeReport) -> Progress:
    """The progress after one more scope ended."""
    return msgspec.structs.replace(
        progress,
        scopes_done=progress.scopes_done + 1,
        resources=progress.resources + report.resources,
        calls=progress.calls + report.calls,
        problems=progress.problems + (report.outcome is not Outcome.COMPLETE),
    )
