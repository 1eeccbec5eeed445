"""A small account in a store, and the short forms in which the tests of the store speak of it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from nephoscope.kit.pages import PageRequest
from nephoscope.model.connectors import Connector
from nephoscope.model.evaluations import EvaluationRow, Judgement, Status, Verdict
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed, Tag
from nephoscope.model.scopes import Outcome, Scope, ScopeReport
from nephoscope.qql.bound import Condition, Operator
from nephoscope.store import connectors, evaluations, resources, scopes
from nephoscope.store.evaluations import Written
from nephoscope.store.resources import Recorded
from nephoscope.store.session import Reader, Store

START = datetime(2026, 1, 1, tzinfo=UTC)
EVERYTHING = PageRequest(0, 1_000_000)
BUCKETS = Scope("BUCKET", "global")
INSTANCES = Scope("EC2_INSTANCE", "eu-west-1")
FAR_INSTANCES = Scope("EC2_INSTANCE", "us-east-1")


def hours(count: float) -> datetime:
    """So long after the start."""
    return START + timedelta(hours=count)


def observed(name: str, tags: Mapping[str, str] | None = None, /, **document: Any) -> Observed:
    worn = tuple(Tag(key, value) for key, value in (tags or {}).items())
    return Observed(name, name.title(), f"arn:aws:::{name}", document, tags=worn)


def equals(field: str, *values: Any) -> Condition:
    return Condition(field, Operator.EQUALS, values)


def contains(field: str, value: str) -> Condition:
    return Condition(field, Operator.CONTAINS, (value,))


def any_of(field: str, *values: Any) -> Condition:
    return Condition(field, Operator.ANY_OF, values)


def between(field: str, low: Any, high: Any) -> Condition:
    return Condition(field, Operator.BETWEEN, (low, high))


class Account:
    """A connector and what is recorded for it; each call is one transaction."""

    def __init__(self, store: Store, name: str = "one", account_id: str = "123456789012") -> None:
        self.store = store
        with store.write() as writer:
            made = Connector(uuid4(), Provider.AWS, account_id, name, START)
            self.connector = connectors.create(writer, made)
        self.key = self.connector.key

    def close(self, scope: Scope, at: datetime, outcome: Outcome = Outcome.COMPLETE, permission: str = "") -> int:
        with self.store.write() as writer:
            return scopes.close(writer, self.key, ScopeReport(scope, outcome, permission), at)

    def record(
        self, scope: Scope, *rows: Observed, at: datetime = START, outcome: Outcome = Outcome.COMPLETE
    ) -> Recorded:
        """As a sweep does it: close the scope, then record."""
        with self.store.write() as writer:
            key = scopes.close(writer, self.key, ScopeReport(scope, outcome, "s3:ListBuckets"), at)
            is_complete = outcome is Outcome.COMPLETE
            return resources.record(writer, self.key, key, rows, complete=is_complete, now=at)

    def judge(self, verdicts: Mapping[str, Mapping[int, str]], at: datetime = START, fingerprint: int = 1) -> Written:
        """{resource id: {cid: "PASS", "FAIL" or the reason why it is unknown}}."""
        keys = self.keys()
        judgements = [
            Judgement(keys[name], fingerprint, tuple(verdict(cid, word) for cid, word in said.items()))
            for name, said in verdicts.items()
        ]
        with self.store.write() as writer:
            return evaluations.record(writer, self.key, judgements, at)

    def keys(self) -> dict[str, int]:
        """By resource id; the ids of a test's account are unique."""
        with self.store.read() as reader:
            types = {row.report.scope.resource_type for row in scopes.of_connector(reader, self.key)}
            found = [row for name in types for row in resources.candidates(reader, self.key, name)]
        return {row.resource_id: row.resource_key for row in found}

    def rows(self, *conditions: Condition, cid: int | None = None) -> dict[tuple[str, int], str]:
        """{(resource id, cid): "PASS", "FAIL" or the reason why it is unknown}, as listings show them."""
        with self.store.read() as reader:
            page = evaluations.page(reader, self.key, cid, conditions, EVERYTHING)
        assert page.total == len(page.rows)
        return {(row.resource.resource_id, row.cid): _told(row) for row in page.rows}

    def tallies(self, *conditions: Condition) -> dict[int, tuple[int, int, int]]:
        """{cid: (passed, failed, unknown)}."""
        with self.store.read() as reader:
            found = evaluations.tallies(reader, self.key, conditions)
        return {row.cid: (row.passed, row.failed, row.unknown) for row in found}

    def dates(self, cid: int, name: str | None = None) -> tuple[datetime | None, ...] | None:
        """(first, last, reopened, fixed)."""
        with self.store.read() as reader:
            found = evaluations.dates(reader, self.key, cid, name)
        return (found.first_evaluated, found.last_evaluated, found.reopened, found.fixed) if found else None

    def version(self) -> int:
        with self.store.read() as reader:
            return evaluations.version(reader)


def verdict(cid: int, word: str) -> Verdict:
    return Verdict(cid, Status(word)) if word in {"PASS", "FAIL"} else Verdict(cid, Status.UNKNOWN, word)


def count_rows(reader: Reader, table: str) -> int:
    count: int = reader.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()  # noqa: S608 - names of our own schema
    return count


def _told(row: EvaluationRow) -> str:
    return row.reason if row.status is Status.UNKNOWN and row.reason else row.status
