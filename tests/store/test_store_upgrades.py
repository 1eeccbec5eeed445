"""A database of the first release, with what it holds, brought to this one."""

from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import inspect, select

from nephoscope.audit import trail
from nephoscope.model.providers import Provider
from nephoscope.model.tags import RuleKind
from nephoscope.store import connectors, tags, upgrading
from nephoscope.store.engines import connect, parse
from nephoscope.store.schema import metadata
from nephoscope.store.session import Store, open_store, upgrade
from nephoscope.tags.tags import RuleDraft, Tags
from store.conftest import Fresh
from store.store_world import BUCKETS, EVERYTHING, START, Account, hours, observed


@pytest.fixture
def first(fresh: Fresh, tmp_path: Path) -> str:
    """At revision 0001, filled from a store of today."""
    url = fresh(False)  # noqa: FBT003 - empty
    engines = connect(parse(url))
    with engines.writers.begin() as connection:
        config = upgrading._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    source = f"sqlite:///{tmp_path / 'source.db'}"
    upgrade(source)
    with closing(open_store(source)) as store:
        account = Account(store)
        account.record(BUCKETS, observed("prod-a", {"stage": "prod"}), observed("b"))
        account.judge({"prod-a": {1: "PASS", 2: "FAIL"}, "b": {2: "because"}})
        with store.read() as reader, engines.writers.begin() as connection:
            present = set(inspect(connection).get_table_names())
            for table in (metadata.tables[name] for name in metadata.tables if name in present and name != "meta"):
                rows = [row._asdict() for row in reader.connection.execute(select(table))]
                if rows:
                    connection.execute(table.insert(), rows)
            counting = "UPDATE meta SET value = 100 WHERE name = 'resource_key'"
            if connection.dialect.name == "postgresql":
                counting = "SELECT setval('resources_key_seq', 100)"
            connection.exec_driver_sql(counting)
    engines.dispose()
    return url


def reopened(store: Store) -> Account:
    """The account that was filled in, without making another."""
    account = Account.__new__(Account)
    with store.read() as reader:
        (account.connector,) = connectors.page(reader, None, (), EVERYTHING).rows
    account.store, account.key = store, account.connector.key
    return account


def test_upgrading_the_first_release_keeps_what_it_holds(first: str) -> None:
    before, _ = upgrade(first)
    assert before == "0001"
    with closing(open_store(first)) as store:
        account = reopened(store)
        assert account.rows() == {("prod-a", 1): "PASS", ("prod-a", 2): "FAIL", ("b", 2): "because"}
        assert account.tallies() == {1: (1, 0, 0), 2: (0, 1, 1)}
        with store.read() as reader:
            assert tags.page(reader, EVERYTHING).rows == ()
            assert trail.verify(reader) is None
            assert trail.head(reader).count == 0


def test_what_was_there_before_tags_can_be_tagged(first: str) -> None:
    upgrade(first)
    with closing(open_store(first)) as store:
        account = reopened(store)
        done = Tags(store, lambda: hours(1)).apply(RuleDraft(Provider.AWS, RuleKind.REGEX, "prod-.*", ("x",)))
        assert (done.rule.matched, done.evaluations, done.control_ids) == (1, 2, (1, 2))
        account.record(BUCKETS, observed("prod-a", {"stage": "test"}), observed("prod-c"), at=START)
        with store.read() as reader:
            assert set(tags.worn(reader, list(account.keys().values()))) == set(account.keys().values())
            assert trail.head(reader).count == 1
