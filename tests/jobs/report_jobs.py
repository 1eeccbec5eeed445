"""A store with evaluations enough that a report of them takes a while, and reports asked for in it."""

from datetime import UTC, datetime
from uuid import UUID

from jobs.job_world import add_connector
from nephoscope.controls.loading import load_catalogue
from nephoscope.kit.clock import system_clock
from nephoscope.model.connectors import AwsAccess
from nephoscope.model.evaluations import Judgement, Status, Verdict
from nephoscope.model.identities import Identity
from nephoscope.model.reports import Report
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import Outcome, Scope, ScopeReport
from nephoscope.policies.policies import Policies
from nephoscope.reports.reports import Reports, draft_of
from nephoscope.store import evaluations, resources, scopes, upkeep
from nephoscope.store.session import Store

ASKER = Identity("alice")
CATALOGUE = load_catalogue()
_CIDS = [control.cid for control in CATALOGUE.of_type("EC2_INSTANCE")]
_THEN = datetime(2026, 1, 1, tzinfo=UTC)


def filled(store: Store, count: int) -> int:
    """So many instances, judged; answers how many evaluations there are."""
    connector = add_connector(store, AwsAccess(), "123456789012")
    rows = [Observed(f"i-{number:08}", f"web {number}", "", {"state": "running"}) for number in range(count)]
    with store.write() as writer:
        report = ScopeReport(Scope("EC2_INSTANCE", "us-east-1"), Outcome.COMPLETE)
        scope = scopes.close(writer, connector.key, report, _THEN)
        resources.record(writer, connector.key, scope, rows, complete=True, now=_THEN)
    with store.read() as reader:
        found = resources.candidates(reader, connector.key, "EC2_INSTANCE")
    verdicts = tuple(Verdict(cid, Status.FAIL) for cid in _CIDS)
    with store.write() as writer:
        judgements = [Judgement(row.resource_key, 1, verdicts) for row in found]
        evaluations.record(writer, connector.key, judgements, _THEN)
        upkeep.refresh_statistics(writer)
    return count * len(_CIDS)


def reports_of(store: Store) -> Reports:
    policies = Policies(store, system_clock, CATALOGUE.controls, CATALOGUE.policies)
    return Reports(store, system_clock, CATALOGUE, policies, days=lambda: 7)


def ask(store: Store, form: str = "csv") -> Report:
    body = {"reportName": "Everything", "cloudType": "AWS", "format": form}
    return reports_of(store).create(draft_of(body), ASKER)


def state(store: Store, uuid: UUID) -> Report:
    return reports_of(store).get(uuid, ASKER)


def content(store: Store, uuid: UUID) -> bytes:
    return b"".join(reports_of(store).document(uuid, ASKER).pieces)
