"""Short forms in which the tests of reports speak."""

import csv
import io
import json
from typing import Any

from apiworld import World
from nephoscope.model.identities import Identity
from nephoscope.model.reports import Report
from nephoscope.reports.reports import draft_of

ALICE = Identity("alice")


def ask(world: World, asker: Identity = ALICE, **fields: Any) -> Report:
    body = {"reportName": "Weekly", "cloudType": "AWS", **fields}
    return world.usecases.reports.create(draft_of(body), asker)


def made(world: World, asker: Identity = ALICE, **fields: Any) -> Report:
    """Asked for and made."""
    report = ask(world, asker, **fields)
    world.make_reports()
    return world.usecases.reports.get(report.uuid, asker)


def content(world: World, report: Report, asker: Identity = ALICE) -> bytes:
    return b"".join(world.usecases.reports.document(report.uuid, asker).pieces)


def document(world: World, **fields: Any) -> dict[str, Any]:
    """The JSON document of a new report."""
    found: dict[str, Any] = json.loads(content(world, made(world, format="json", **fields)))
    return found


def keys(found: dict[str, Any]) -> list[tuple[str, int, str]]:
    """(resource id, cid, result) of its rows, in order."""
    return [(row["resourceId"], row["controlId"], row["result"]) for row in found["evaluations"]]


def table(world: World, **fields: Any) -> list[dict[str, str]]:
    """The rows of a new CSV report, as a script reads them."""
    text = content(world, made(world, format="csv", **fields)).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))
