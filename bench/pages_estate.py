"""Fills the store of the pages benchmark: 33,334 resources, 30 controls of the catalogue on each."""

import random
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from nephoscope.app.opening import store_url
from nephoscope.controls.loading import load_catalogue
from nephoscope.kit.chunks import chunks
from nephoscope.model.connectors import Connector
from nephoscope.model.evaluations import Judgement, Status, Verdict
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed
from nephoscope.model.scopes import Outcome, Scope, ScopeReport
from nephoscope.settings import Settings
from nephoscope.store import connectors, evaluations, resources, scopes, upkeep
from nephoscope.store.session import open_store, upgrade

RESOURCES = 33_334
ROWS = 1_000_000
CONTROLS = 30
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def main(folder: Path) -> None:
    fill(store_url(Settings(data=folder)))


def fill(url: str) -> int:
    """Answers the key of the account."""
    upgrade(url)
    store = open_store(url)
    observed = [
        Observed(f"i-{n:017x}", f"web-{n}", f"arn:aws:ec2:eu-west-1:123456789012:instance/i-{n:017x}", {"n": n})
        for n in range(RESOURCES)
    ]
    with store.write() as writer:
        key = connectors.create(writer, Connector(uuid4(), Provider.AWS, "123456789012", "bench", NOW)).key
        report = ScopeReport(Scope("EC2_INSTANCE", "eu-west-1"), Outcome.COMPLETE)
        scope = scopes.close(writer, key, report, NOW)
        resources.record(writer, key, scope, observed, complete=True, now=NOW)
    with store.read() as reader:
        keys = [row.resource_key for row in resources.candidates(reader, key, "EC2_INSTANCE")]
    for part in chunks(_judgements(keys), 5_000):
        with store.write() as writer:
            evaluations.record(writer, key, part, NOW)
    with store.write() as writer:
        upkeep.refresh_statistics(writer)
    store.close()
    return key


def _judgements(keys: list[int]) -> list[Judgement]:
    draw = random.Random(1)
    cids = list(load_catalogue().controls)[:CONTROLS]
    left = ROWS
    rows = []
    for key in keys:
        part = cids[: min(left, CONTROLS)]
        left -= len(part)
        verdicts = tuple(Verdict(cid, Status.FAIL if draw.random() < 0.2 else Status.PASS) for cid in part)
        rows.append(Judgement(key, 1, verdicts))
    return rows


if __name__ == "__main__":
    main(Path(sys.argv[1]))
