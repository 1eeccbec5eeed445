"""A database of the first release, with what it holds, brought to this one."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, inspect, select

from databases import Fresh
from nephoscope.audit import trail
from nephoscope.model.providers import Provider
from nephoscope.model.tags import RuleKind
from nephoscope.store import connectors, tags, upgrading
from nephoscope.store.engines import connect, parse
from nephoscope.store.schema import metadata
from nephoscope.store.session import Store, open_store, upgrade
from nephoscope.store.tables.reports import report_schedules
from nephoscope.tags.tags import RuleDraft, Tags
from store.store_world import BUCKETS, EVERYTHING, START, Account, hours, observed


@contextmanager
def at_revision(url: str, revision: str) -> Iterator[Connection]:
    """An empty database of an older schema, to be filled."""
    engines = connect(parse(url))
    with engines.writers.begin() as connection:
        config = upgrading._config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        yield connection
    engines.dispose()


def test_files_are_named_by_the_revision_they_make() -> None:
    known = ScriptDirectory.from_config(upgrading._config())
    assert upgrading._revisions() == tuple(script.revision for script in known.walk_revisions())


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


def _row(table: Table, **values: object) -> dict[str, object]:
    """With something in every column that must have something."""
    made: dict[str, object] = {}
    for column in table.columns:
        if not column.nullable and column.name not in {*values, "key"}:
            kind = column.type.python_type
            made[column.name] = uuid4().bytes if kind is bytes else uuid4() if kind is UUID else kind()
    return made | values


def test_schedules_of_before_are_of_whoever_made_them(fresh: Fresh) -> None:
    url = fresh(False)  # noqa: FBT003 - empty
    scoped = '{"accounts":["111122223333"],"groups":[],"tags":[]}'
    made_by = {"bob": scoped, "client:siem": scoped, "client:own": "", "gone": scoped, "root": ""}
    with at_revision(url, "0013") as connection:
        old = MetaData()
        old.reflect(connection, only=("users", "api_clients", "report_schedules"))
        users, clients, schedules = (old.tables[name] for name in ("users", "api_clients", "report_schedules"))
        connection.execute(users.insert().values(_row(users, name="bob")))
        for name, owner in (("siem", ""), ("own", "bob")):
            connection.execute(clients.insert().values(_row(clients, name=name, folded=name, owner=owner)))
        siem = connection.execute(select(clients.c.uuid).where(clients.c.name == "siem")).scalar_one()
        for name, reach in made_by.items():
            connection.execute(schedules.insert().values(_row(schedules, created_by=name, reach=reach)))
    upgrade(url)
    with closing(open_store(url)) as store, store.read() as reader:
        own = report_schedules.c
        found = {row[0]: row[1] for row in reader.connection.execute(select(own.created_by, own.owner))}
    assert found == {
        "bob": "user:bob",
        "client:siem": f"client:{siem if isinstance(siem, UUID) else UUID(bytes=siem)}",
        "client:own": "user:bob",
        "gone": "user:",
        "root": "",
    }
